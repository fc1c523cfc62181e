# Images that could change under a name.
package mrbot.terraform.registry

import data.mrbot.finding
import data.mrbot.terraform.attributes
import data.mrbot.terraform.resources
import rego.v1

mutable_tags := {
	"id": "terraform.registry.mutable_tags",
	"title": "A registry in which a tag can be moved to another image",
	"why": "Whoever may push can replace what runs, under the name that was looked at.",
	"fix": "Set image_tag_mutability to IMMUTABLE.",
	"reference": "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
	"controls": ["NIST 800-53 SI-7", "CICD-SEC-9"],
}

mutable_tags_checks := [{
	"kind": "aws_ecr_repository",
	"path": ["image_tag_mutability"],
	"bad": ["MUTABLE", "MUTABLE_WITH_EXCLUSION"],
	"unset": "bad",
	"means": "lets a tag be moved to another image",
}]

warn_mutable_tags contains finding.about(resource, mutable_tags, text) if {
	some check in mutable_tags_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_mutable_tags contains finding.about(resource, mutable_tags, text) if {
	some check in mutable_tags_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}
