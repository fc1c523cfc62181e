# Images: what they are made from, and what they hold that they should not.
package mrbot.containers.dockerfile

import data.mrbot.finding
import data.mrbot.shape
import rego.v1

stages := [resource |
	some resource in input.resources
	resource.format == "dockerfile"
	resource.kind == "stage"
	resource.action != "delete"
	is_object(resource.after)
]

root := {
	"id": "containers.dockerfile.root",
	"title": "An image that runs as root, or says nothing about it",
	"why": "A way out of the container is a way to root on its machine.",
	"fix": "End the last stage in USER with a user that is not root, best by number.",
	"reference": "https://docs.docker.com/reference/dockerfile/#user",
	"controls": ["CIS Docker 4.1", "NIST 800-53 AC-6"],
}

deny_root contains finding.about(stage, root, "runs as root: its last USER says so") if {
	some stage in stages
	shape.is_on(shape.get(stage.after, "final"))
	is_root(user(stage))
}

warn_root contains finding.about(stage, root, "may run as root, as its base says: it has no USER") if {
	some stage in stages
	shape.is_on(shape.get(stage.after, "final"))
	user(stage) == ""
	all := lineage(stage)
	some first in all
	shape.get(base(first), "stage") == false
	not rootless(base(first))
	every one in all { unchanged(user(one)) }
}

# A stage, and those before it that it is built from, as far as the change shows them.
lineage(stage) := [one |
	some address in graph.reachable(parents, {stage.address})
	some one in by_address[address]
]

by_address[stage.address] contains stage if some stage in stages

# The reachable ones of a graph are only those that it has, so that it has them all.
parents := {address: earlier |
	some address, all in by_address
	earlier := {one | some stage in all; one := parent(stage)}
}

parent(stage) := concat("", [directory, lower(shape.text(shape.get(base(stage), "image")))]) if {
	shape.get(base(stage), "stage") == true
	directory := regex.replace(stage.address, `[^/]*$`, "")
}

# Users that leave root in place.
unchanged("") := true

unchanged(name) if is_root(name)

user(stage) := shape.text(shape.get(stage.after, "user"))

is_root(name) if regex.match(`^(root|0+)(:|$)`, name)

base(stage) := shape.get(stage.after, "from")

# Images that are made for another user say so in their names.
rootless(image) if {
	some part in ["image", "tag"]
	regex.match(`nonroot|rootless|unprivileged`, shape.text(shape.get(image, part)))
}

mutable_base := {
	"id": "containers.dockerfile.mutable_base",
	"title": "A base image without a version, or `latest`",
	"why": "What the image is built from can change without a change.",
	"fix": "Name a version, best with its digest: FROM name:1.2.3@sha256:...",
	"reference": "https://docs.docker.com/build/building/best-practices/",
	"controls": ["NIST 800-53 CM-2"],
}

deny_mutable_base contains finding.about(stage, mutable_base, text) if {
	some stage in stages
	image := base(stage)
	shape.get(image, "stage") == false
	known(stage)
	name := shape.text(shape.get(image, "image"))
	not name in {"", "scratch"}
	shape.get(image, "digest") == null
	shape.get(image, "tag") in {null, "latest"}
	text := sprintf("is built from whatever is newest: FROM %s", [shape.shown(name)])
}

# A variable that stands for the version only is as good as the value that it is given.
warn_mutable_base contains finding.about(stage, mutable_base, text) if {
	some stage in stages
	image := base(stage)
	shape.get(image, "stage") == false
	not known(stage)
	name := shape.text(shape.get(image, "image"))
	not regex.match(`:[^/]*$|@`, regex.replace(name, `\$\{[^}]*\}`, "x"))
	text := sprintf("is built from what is named when it is built: FROM %s", [shape.shown(name)])
}

known(stage) if not "from.image" in stage.unknown_paths

remote_code := {
	"id": "containers.dockerfile.remote_code",
	"title": "A download that is put into the image, or run, without being checked",
	"why": "Whoever has the server, or stands between, decides what is in the image.",
	"fix": "Download a fixed version and check its checksum before it is used: ADD --checksum, sha256sum --check.",
	"reference": "https://docs.docker.com/reference/dockerfile/#add---checksum",
	"controls": ["CIS Docker 4.9", "NIST 800-53 SI-7"],
}

warn_remote_code contains finding.about(stage, remote_code, text) if {
	some stage in stages
	some instruction in instructions(stage, "ADD")
	regex.match(`(^|[\s"])https?://`, instruction)
	not contains(instruction, "--checksum=")
	not pinned_repository(instruction)
	text := sprintf("takes in a download that nobody checks: ADD %s", [shape.shown(instruction)])
}

warn_remote_code contains finding.about(stage, remote_code, text) if {
	some stage in stages
	some instruction in instructions(stage, "RUN")
	piped := regex.find_n(download_run, instruction, 1)
	count(piped) > 0
	text := sprintf("runs a download that nobody checks: %s", [shape.shown(piped[0])])
}

download_run := concat("|", [
	`(curl|wget)\s[^|;&\n]*\|\s*(sudo\s+(-\S+\s+)*)?(/\S*/)?((ba|da|k|z)?sh|node|perl|python[0-9.]*|ruby)(\s|$)`,
	`(ba|da|k|z)?sh\s+(-\S+\s+)*["']?(<\(|\$\()\s*(curl|wget)\s`,
])

pinned_repository(instruction) if regex.match(`\.git(\?\S*)?[#&?]\S*[0-9a-f]{40}`, instruction)

# The texts of a stage's instructions of one name, their continued lines joined.
instructions(stage, name) := [text |
	some entry in shape.items(shape.get(stage.after, "instructions"))
	is_array(entry)
	shape.get(entry, 0) == name
	text := shape.text(shape.get(entry, 1))
]

secret := {
	"id": "containers.dockerfile.secret",
	"title": "A password in ENV or ARG",
	"why": "Whoever has the image reads it: its history and its environment keep it.",
	"fix": "Give it when the image runs, or as a build secret: RUN --mount=type=secret.",
	"reference": "https://docs.docker.com/build/building/secrets/",
	"controls": ["CIS Docker 4.10", "NIST 800-53 IA-5", "CICD-SEC-6"],
}

# What is masked is a secret by its name or its looks, which is a guess: so this only warns.
warn_secret contains finding.about(stage, secret, text) if {
	some stage in stages
	some kind in ["arg", "env"]
	named := shape.get(stage.after, kind)
	is_object(named)
	some name, value in named
	shape.secret(name, value)
	text := sprintf("seems to hold a secret in clear: %s %s", [upper(kind), shape.shown(name)])
}
