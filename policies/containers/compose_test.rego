package mrbot.containers.compose_test

import data.mrbot.containers.compose
import data.mrbot.fixtures
import rego.v1

of(after) := fixtures.change([fixtures.service(after)])

harmless := of({
	"image": "registry.example.com:5000/app:1.2.3",
	"cap_add": ["NET_BIND_SERVICE"],
	"environment": {"MODE": "fast", "DB_PASSWORD": "${DB_PASSWORD}"},
	"network_mode": "bridge",
	"ports": ["443:8443", "127.0.0.1:5432:5432", 9200, {"target": 3306, "published": "3306", "host_ip": "127.0.0.1"}],
	"security_opt": ["no-new-privileges:true"],
	"use_api_socket": false,
	"volumes": ["data:/var/run/docker.sock", "./run:/run", "/srv/docker.sock.d:/x", "${DATA:-./data}:/data", {"type": "volume", "source": "data", "target": "/"}, "/data"],
})

test_deny_privileged_flags_the_setting if {
	count(compose.deny_privileged) == 1 with input as of({"privileged": true})
}

test_deny_privileged_flags_a_privileged_build if {
	count(compose.deny_privileged) == 1 with input as of({"build": {"context": ".", "privileged": true}})
}

test_deny_privileged_flags_dangerous_capabilities if {
	every name in ["SYS_ADMIN", "CAP_SYS_ADMIN", "all"] {
		count(compose.deny_privileged) == 1 with input as of({"cap_add": [name]})
	}
}

test_deny_privileged_flags_what_is_not_confined if {
	every option in ["seccomp:unconfined", "seccomp=unconfined", "apparmor:unconfined", "systempaths=unconfined"] {
		count(compose.deny_privileged) == 1 with input as of({"security_opt": [option]})
	}
}

test_deny_privileged_allows_harmless_services if {
	count(compose.deny_privileged) == 0 with input as harmless
	count(compose.deny_privileged) == 0 with input as of({"privileged": false})
}

test_deny_docker_socket_flags_both_forms if {
	sources := [
		"/var/run/docker.sock", "/run/docker.sock", "/", "/var/run", "/run/containerd/containerd.sock", "//run/",
		"/run/user/1000/podman/podman.sock", "${SOCKET:-/var/run/docker.sock}", "${XDG_RUNTIME_DIR}/docker.sock",
	]
	every source in sources {
		count(compose.deny_docker_socket) == 1 with input as of({"volumes": [sprintf("%s:/x:ro", [source])]})
		count(compose.deny_docker_socket) == 1 with input as of({"volumes": [{"type": "bind", "source": source, "target": "/x"}]})
	}
}

test_deny_docker_socket_flags_the_setting if {
	count(compose.deny_docker_socket) == 1 with input as of({"use_api_socket": true})
}

test_deny_docker_socket_allows_harmless_services if {
	count(compose.deny_docker_socket) == 0 with input as harmless
}

test_deny_host_namespace_flags_each if {
	every name in ["ipc", "network_mode", "pid", "userns_mode", "uts"] {
		count(compose.deny_host_namespace) == 1 with input as of({name: "host"})
	}
}

test_deny_host_namespace_allows_harmless_services if {
	count(compose.deny_host_namespace) == 0 with input as harmless
}

test_deny_mutable_image_flags_latest_and_untagged if {
	every image in ["redis", "redis:latest", "registry.example.com:5000/redis"] {
		count(compose.deny_mutable_image) == 1 with input as of({"image": image})
	}
}

test_deny_mutable_image_allows_versions_and_what_is_built if {
	count(compose.deny_mutable_image) == 0 with input as harmless
	count(compose.deny_mutable_image) == 0 with input as of({"image": "redis@sha256:0123"})
	count(compose.deny_mutable_image) == 0 with input as of({"image": "app", "build": "."})
	count(compose.deny_mutable_image) == 0 with input as variable("${IMAGE}")
}

variable(image) := fixtures.change([fixtures.unknown(fixtures.service({"image": image}), ["image"])])

test_warn_mutable_image_flags_latest_by_default if {
	count(compose.warn_mutable_image) == 1 with input as variable("redis:${TAG:-latest}")
	count(compose.warn_mutable_image) == 1 with input as variable("${REGISTRY}/redis:latest")
}

test_warn_mutable_image_allows_other_variables if {
	every image in ["redis:${TAG}", "redis:${TAG:-8.2}", "${IMAGE}"] {
		count(compose.warn_mutable_image) == 0 with input as variable(image)
	}
	count(compose.warn_mutable_image) == 0 with input as of({"image": "redis:latest"})
}

test_warn_open_database_flags_ports_on_every_address if {
	published := [
		"5432:5432",
		"15432:5432/tcp",
		"0.0.0.0:5432:5432",
		"[::]:5432:5432",
		"${PORT}:5432",
		{"target": 5432, "published": "5432"},
		{"target": 5432, "published": 5432, "host_ip": "0.0.0.0"},
	]
	every port in published {
		count(compose.warn_open_database) == 1 with input as of({"ports": [port]})
	}
}

test_warn_open_database_allows_one_address_and_other_ports if {
	count(compose.warn_open_database) == 0 with input as harmless
	count(compose.warn_open_database) == 0 with input as of({"ports": ["5432:80", "5432", {"target": 5432}]})
}

test_warn_secret_flags_what_is_masked if {
	count(compose.warn_secret) == 1 with input as of({"environment": {"DB_PASSWORD": "(sensitive)"}})
	count(compose.warn_secret) == 1 with input as of({"build": {"args": {"NPM_TOKEN": "(sensitive)"}}})
}

test_warn_secret_allows_variables if {
	count(compose.warn_secret) == 0 with input as harmless
}
