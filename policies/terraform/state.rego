# Where Terraform keeps what it knows.
package mrbot.terraform.state

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.resources
import rego.v1

unsafe_backend := {
	"id": "terraform.state.unsafe_backend",
	"title": "A state that others can read, or that two can write at once",
	"why": "A state holds secrets in clear; two applies at once leave it, and what it describes, in pieces.",
	"fix": "Use a backend with encryption and locking: use_lockfile for S3, lock_address for HTTP.",
	"reference": "https://developer.hashicorp.com/terraform/language/backend",
	"controls": ["NIST 800-53 SC-28"],
}

deny_unsafe_backend contains finding.about(resource, unsafe_backend, text) if {
	some [resource, backend] in backends
	backend.type == "http"
	some name in ["address", "lock_address", "unlock_address"]
	startswith(shape.text(shape.get(backend.settings, name)), "http://")
	text := sprintf("sends the state in clear: %s begins with http://", [name])
}

deny_unsafe_backend contains finding.about(resource, unsafe_backend, text) if {
	some [resource, backend] in backends
	backend.type == "s3"
	shape.is_off(shape.get(backend.settings, "encrypt"))
	text := "keeps the state unencrypted: encrypt is false"
}

# Settings may also be given on the command line.
warn_unsafe_backend contains finding.about(resource, unsafe_backend, text) if {
	some [resource, backend] in backends
	backend.type == "s3"
	not shape.is_on(shape.get(backend.settings, "use_lockfile"))
	shape.text(shape.get(backend.settings, "dynamodb_table")) == ""
	text := "lets two applies write the state at once: neither use_lockfile nor dynamodb_table is set"
}

warn_unsafe_backend contains finding.about(resource, unsafe_backend, text) if {
	some [resource, backend] in backends
	backend.type == "http"
	shape.text(shape.get(backend.settings, "lock_address")) == ""
	text := "lets two applies write the state at once: lock_address is not set"
}

warn_unsafe_backend contains finding.about(resource, unsafe_backend, text) if {
	some [resource, backend] in backends
	backend.type == "local"
	text := "keeps the state in a file: others do not have it"
}

backends contains [resource, {"type": type, "settings": settings}] if {
	some resource in resources.of_kind.terraform
	some block in shape.blocks(shape.get(resource.after, "backend"))
	some type, written in block
	some settings in shape.blocks(written)
}
