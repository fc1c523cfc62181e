# Code that could change without a change.
package mrbot.terraform.versions

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.resources
import rego.v1

unpinned_provider := {
	"id": "terraform.versions.unpinned_provider",
	"title": "A provider without an upper bound of its version",
	"why": "The next `init -upgrade` may take any version, with other defaults.",
	"fix": "Give required_providers a version with an upper bound, such as \"~> 6.0\".",
	"reference": "https://developer.hashicorp.com/terraform/language/providers/requirements#best-practices-for-provider-versions",
	"controls": ["NIST 800-53 SR-3"],
}

# The lock file still holds the version that is used, so that this warns.
warn_unpinned_provider contains finding.about(resource, unpinned_provider, text) if {
	some resource in resources.present
	resource.kind == "terraform"
	some block in shape.blocks(shape.get(resource.after, "required_providers"))
	some name, wanted in block
	not built_in(wanted)
	not bounded(provider_version(wanted))
	text := sprintf("lets the provider %s be any new version", [shape.shown(name)])
}

built_in(wanted) if startswith(shape.text(shape.get(wanted, "source")), "terraform.io/builtin/")

# Before Terraform 0.13 the version stood alone.
provider_version(wanted) := wanted if is_string(wanted)

provider_version(wanted) := shape.get(wanted, "version") if not is_string(wanted)

unpinned_module := {
	"id": "terraform.versions.unpinned_module",
	"title": "A module that is not pinned",
	"why": "The module's code can change without a change here, and what it builds with it.",
	"fix": "Pin a registry module with `version`, a git source with ?ref= and a full version tag or commit.",
	"reference": "https://developer.hashicorp.com/terraform/language/modules/sources",
	"controls": ["NIST 800-53 SR-3", "CICD-SEC-3"],
}

# No lock file holds a module's version.
deny_unpinned_module contains finding.about(resource, unpinned_module, text) if {
	some resource in resources.present
	resource.kind == "module"
	from := shape.get(resource.after, "source")
	registry(from)
	not bounded(shape.get(resource.after, "version"))
	not resources.unknown(resource, "version")
	text := sprintf("can change by itself: %s has no version with an upper bound", [shape.shown(from)])
}

deny_unpinned_module contains finding.about(resource, unpinned_module, text) if {
	some resource in resources.present
	resource.kind == "module"
	from := shape.text(shape.get(resource.after, "source"))
	remote(from)
	not fixed(from)
	not resources.unknown(resource, "source")
	text := sprintf("can change by itself: %s names no full version tag, commit or checksum", [shape.shown(from)])
}

warn_unpinned_module contains finding.about(resource, unpinned_module, text) if {
	some resource in resources.present
	resource.kind == "module"
	some name in ["source", "version"]
	resources.unknown(resource, name)
	text := sprintf("may change by itself: its %s cannot be known yet", [name])
}

# `[host/]namespace/name/provider`, as a registry has them.
registry(from) if {
	not regex.match(`^(github\.com|bitbucket\.org)/`, shape.text(from))
	regex.match(`^([A-Za-z0-9.-]+\.[A-Za-z0-9-]+(:[0-9]+)?/)?[A-Za-z0-9_-]+/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+(//.*)?$`, shape.text(from))
}

local_path(from) if regex.match(`^\.\.?(/|$)`, from)

remote(from) if {
	from != ""
	not registry(from)
	not local_path(from)
}

fixed(from) if regex.match(`[?&]ref=([0-9a-f]{40}|[0-9a-f]{64})(&|$)`, from)

fixed(from) if regex.match(`[?&]ref=([A-Za-z0-9_.%-]+(/|%2F|-))*v?[0-9]+\.[0-9]+\.[0-9]+([-+][A-Za-z0-9.+-]+)?(&|$)`, from)

fixed(from) if regex.match(`[?&]checksum=(md5|sha1|sha256|sha512):[0-9a-f]+(&|$)`, from)

# Some part of the constraint says where it ends.
bounded(constraint) if {
	some part in split(shape.text(constraint), ",")
	regex.match(`^[ \t]*(=|~>|<|[0-9])`, part)
}
