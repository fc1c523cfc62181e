# Compose services that could take over their machine, or that anybody reaches.
package mrbot.containers.compose

import data.mrbot.finding
import data.mrbot.shape
import rego.v1

services := [resource |
	some resource in input.resources
	resource.format == "compose"
	resource.kind == "service"
	resource.action != "delete"
	is_object(resource.after)
]

privileged := {
	"id": "containers.compose.privileged",
	"title": "A service with all rights on its machine, or with a capability that leads there",
	"why": "The container can take over its machine and everything that runs there.",
	"fix": "Drop `privileged` and dangerous capabilities; add the single capability or device that is needed.",
	"reference": "https://docs.docker.com/reference/compose-file/services/#privileged",
	"controls": ["NIST 800-53 AC-6"],
}

dangerous_capabilities := {
	"ALL", "BPF", "DAC_READ_SEARCH", "NET_ADMIN", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE",
	"SYS_RAWIO",
}

deny_privileged contains finding.about(service, privileged, "is privileged") if {
	some service in services
	shape.is_on(shape.get(service.after, "privileged"))
}

deny_privileged contains finding.about(service, privileged, "is built by a privileged container") if {
	some service in services
	shape.is_on(object.get(service.after, ["build", "privileged"], null))
}

deny_privileged contains finding.about(service, privileged, text) if {
	some service in services
	some added in shape.texts(shape.get(service.after, "cap_add"))
	capability := trim_prefix(upper(added), "CAP_")
	capability in dangerous_capabilities
	text := sprintf("has the capability %s", [capability])
}

deny_privileged contains finding.about(service, privileged, text) if {
	some service in services
	some option in shape.texts(shape.get(service.after, "security_opt"))
	regex.match(`^(seccomp|apparmor|systempaths)[:=]unconfined$`, option)
	text := sprintf("switches off what confines its processes: %s", [option])
}

docker_socket := {
	"id": "containers.compose.docker_socket",
	"title": "A service that mounts the socket of Docker, or the whole machine",
	"why": "Whoever speaks with Docker starts a privileged container, also where the socket is read-only.",
	"fix": "Leave it out, or put a proxy between that allows single requests.",
	"reference": "https://docs.docker.com/engine/security/#docker-daemon-attack-surface",
	"controls": ["NIST 800-53 AC-6"],
}

deny_docker_socket contains finding.about(service, docker_socket, text) if {
	some service in services
	some volume in shape.items(shape.get(service.after, "volumes"))
	source := mounted(volume)
	regex.match(powerful, source)
	text := sprintf("has power over its machine: it mounts %s", [shape.shown(source)])
}

deny_docker_socket contains finding.about(service, docker_socket, "has power over its machine: use_api_socket") if {
	some service in services
	shape.is_on(shape.get(service.after, "use_api_socket"))
}

# The machine itself, the directories that hold sockets, and the sockets wherever they are.
powerful := `^/+((var/+)?run/*|var/+lib/+docker/*)?$|/(docker|containerd|podman|crio)\.sock([/}]|$)`

# Where a volume is from: in the short form, what is before the first colon outside of a variable.
mounted(volume) := regex.find_n(`^(\$\{[^{}]*\}|[^:])*`, volume, 1)[0] if {
	is_string(volume)
	contains(volume, ":")
}

mounted(volume) := shape.text(shape.get(volume, "source")) if is_object(volume)

host_namespace := {
	"id": "containers.compose.host_namespace",
	"title": "A service in its machine's network, processes or users",
	"why": "The container sees and reaches what the machine itself does.",
	"fix": "Drop network_mode, pid, ipc and userns_mode; publish the ports that are needed.",
	"reference": "https://docs.docker.com/reference/compose-file/services/#network_mode",
	"controls": ["NIST 800-53 AC-6"],
}

deny_host_namespace contains finding.about(service, host_namespace, text) if {
	some service in services
	some name in ["ipc", "network_mode", "pid", "userns_mode", "uts"]
	shape.get(service.after, name) == "host"
	text := sprintf("shares the machine's own namespaces: %s", [name])
}

mutable_image := {
	"id": "containers.compose.mutable_image",
	"title": "An image without a version, or `latest`",
	"why": "What runs can change without a change.",
	"fix": "Name a version, best with its digest: name:1.2.3@sha256:...",
	"reference": "https://docs.docker.com/reference/compose-file/services/#image",
	"controls": ["NIST 800-53 CM-2"],
}

# What a service builds itself has a name only.
deny_mutable_image contains finding.about(service, mutable_image, text) if {
	some service in services
	shape.get(service.after, "build") == null
	image := shape.text(shape.get(service.after, "image"))
	image != ""
	not "image" in service.unknown_paths
	mutable(image)
	text := sprintf("runs whatever is newest: image %s", [shape.shown(image)])
}

warn_mutable_image contains finding.about(service, mutable_image, text) if {
	some service in services
	shape.get(service.after, "build") == null
	image := shape.text(shape.get(service.after, "image"))
	"image" in service.unknown_paths
	mutable(regex.replace(image, `\$\{[^{}]*:-latest\}`, "latest"))
	text := sprintf("may run whatever is newest: image %s", [shape.shown(image)])
}

mutable(image) if endswith(image, ":latest")

mutable(image) if {
	not contains(image, "@sha256:")
	not contains(image, "${")
	parts := split(image, "/")
	not contains(parts[count(parts) - 1], ":")
}

open_database := {
	"id": "containers.compose.open_database",
	"title": "A database's port that is published on every address of the machine",
	"why": "Whoever reaches the machine reaches the database: Docker passes the machine's firewall by.",
	"fix": "Leave the port out, since services of one network reach each other, or publish it on 127.0.0.1.",
	"reference": "https://docs.docker.com/engine/network/port-publishing/",
	"controls": ["NIST 800-53 SC-7"],
}

databases := {
	1433, 1521, 2375, 2379, 3306, 5432, 5672, 5984, 6379, 7474, 8086, 9042, 9092, 9200, 9300,
	11211, 26257, 27017, 50000,
}

warn_open_database contains finding.about(service, open_database, text) if {
	some service in services
	some written in shape.items(shape.get(service.after, "ports"))
	port := published(written)
	port in databases
	text := sprintf("publishes the port of a database on every address: %v", [port])
}

# The container's port of an entry that names no address, or all of them: `5432:5432`,
# `0.0.0.0:5432:5432/tcp`. Without a port of the machine's, Docker takes any.
published(written) := to_number(target) if {
	is_string(written)
	found := regex.find_all_string_submatch_n(`^((0\.0\.0\.0|\[::\]):)?([0-9]{1,5}|\$\{[^{}]*\}):([0-9]{1,5})(/tcp)?$`, written, 1)
	target := found[0][4]
}

published(written) := shape.number(shape.get(written, "target")) if {
	is_object(written)
	shape.get(written, "published") != null
	shape.get(written, "host_ip") in {null, "", "0.0.0.0", "::"}
}

secret := {
	"id": "containers.compose.secret",
	"title": "A password in a service's environment or build arguments",
	"why": "Everybody who reads the repository, or looks at the container, reads it.",
	"fix": "Use `secrets`, or a variable of the environment that Compose is run in.",
	"reference": "https://docs.docker.com/compose/how-tos/use-secrets/",
	"controls": ["NIST 800-53 IA-5"],
}

# What is masked is a secret by its name or its looks, which is a guess: so this only warns.
warn_secret contains finding.about(service, secret, text) if {
	some service in services
	some place in [["environment"], ["build", "args"]]
	named := object.get(service.after, place, null)
	is_object(named)
	some name, value in named
	shape.secret(name, value)
	text := sprintf("seems to hold a secret in clear: %s", [shape.shown(name)])
}
