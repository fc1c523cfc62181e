package mrbot.containers.dockerfile_test

import data.mrbot.containers.dockerfile
import data.mrbot.fixtures
import rego.v1

image := {"image": "alpine", "tag": "3.22", "digest": null, "stage": false, "platform": null}

from(parts) := fixtures.stage({"from": object.union(image, parts), "final": true, "user": "10001", "instructions": []})

running_as(user) := fixtures.change([fixtures.stage({"from": image, "final": true, "user": user, "instructions": []})])

silent(parts) := fixtures.stage({"from": object.union(image, parts), "final": true, "instructions": []})

test_deny_root_flags_the_last_user if {
	every user in ["root", "0", "root:root", "0:0"] {
		count(dockerfile.deny_root) == 1 with input as running_as(user)
	}
}

test_deny_root_allows_others_and_earlier_stages if {
	every user in ["app", "1000", "1000:0", "rooty"] {
		count(dockerfile.deny_root) == 0 with input as running_as(user)
	}
	count(dockerfile.deny_root) == 0 with input as fixtures.change([silent({})])
	count(dockerfile.deny_root) == 0 with input as fixtures.change([fixtures.stage({"from": image, "final": false, "user": "root"})])
}

first(user) := object.union(
	fixtures.stage({"from": image, "final": false, "user": user, "instructions": []}),
	{"address": "Dockerfile/build"},
)

last := silent({"image": "build", "tag": null, "stage": true})

test_warn_root_flags_what_the_base_decides if {
	count(dockerfile.warn_root) == 1 with input as fixtures.change([silent({})])
	count(dockerfile.warn_root) == 1 with input as fixtures.change([first(""), last])
	count(dockerfile.warn_root) == 1 with input as fixtures.change([first("root"), last])
}

test_warn_root_allows_users_and_bases_made_for_them if {
	count(dockerfile.warn_root) == 0 with input as running_as("1000")
	count(dockerfile.warn_root) == 0 with input as running_as("root")
	count(dockerfile.warn_root) == 0 with input as fixtures.change([silent({"tag": "nonroot"})])
	count(dockerfile.warn_root) == 0 with input as fixtures.change([silent({"image": "nginxinc/nginx-unprivileged"})])
	count(dockerfile.warn_root) == 0 with input as fixtures.change([first("1000"), last])
	count(dockerfile.warn_root) == 0 with input as fixtures.change([last])
}

test_deny_mutable_base_flags_latest_and_untagged if {
	every tag in [null, "latest"] {
		count(dockerfile.deny_mutable_base) == 1 with input as fixtures.change([from({"tag": tag})])
	}
}

test_deny_mutable_base_allows_versions_digests_and_stages if {
	count(dockerfile.deny_mutable_base) == 0 with input as fixtures.change([from({})])
	count(dockerfile.deny_mutable_base) == 0 with input as fixtures.change([from({"tag": null, "digest": "sha256:0123"})])
	count(dockerfile.deny_mutable_base) == 0 with input as fixtures.change([from({"image": "scratch", "tag": null})])
	count(dockerfile.deny_mutable_base) == 0 with input as fixtures.change([from({"image": "build", "tag": null, "stage": true})])
	count(dockerfile.deny_mutable_base) == 0 with input as fixtures.change([fixtures.unknown(from({"tag": null}), ["from.image"])])
}

variable(name) := fixtures.change([fixtures.unknown(from({"image": name, "tag": null}), ["from.image", "from.tag", "from.digest"])])

test_warn_mutable_base_flags_a_variable_for_all_of_it if {
	every name in ["${BASE}", "registry.example.com:5000/${NAME}", "$BASE", "${BASE:-alpine:3}"] {
		count(dockerfile.warn_mutable_base) == 1 with input as variable(name)
	}
}

test_warn_mutable_base_allows_a_variable_for_the_version if {
	every name in ["alpine:${VERSION}", "${REGISTRY}/alpine:3.22", "alpine@${DIGEST}"] {
		count(dockerfile.warn_mutable_base) == 0 with input as variable(name)
	}
	count(dockerfile.warn_mutable_base) == 0 with input as fixtures.change([from({"tag": null})])
}

doing(name, text) := fixtures.change([fixtures.stage({"from": image, "final": false, "instructions": [["FROM", "alpine"], [name, text]]})])

test_warn_remote_code_flags_downloads_that_are_added if {
	every text in ["https://example.com/a.tgz /a", "--chown=1 http://example.com/a /a", "[\"https://example.com/a\", \"/a\"]", "https://example.com/a.git#main /a"] {
		count(dockerfile.warn_remote_code) == 1 with input as doing("ADD", text)
	}
}

test_warn_remote_code_flags_downloads_that_are_run if {
	scripts := [
		"curl -fsSL https://example.com/i.sh | sh",
		"wget -qO- https://example.com/i.sh | sudo -E bash -",
		"apt-get update && curl https://example.com/i |/bin/bash",
		"curl https://example.com/i.py | python3 -",
		"bash -c \"$(curl -fsSL https://example.com/i.sh)\"",
		"bash <(curl -s https://example.com/i.sh)",
		"<<EOF\ncurl https://example.com/i.sh | sh\nEOF",
	]
	every text in scripts {
		count(dockerfile.warn_remote_code) == 1 with input as doing("RUN", text)
	}
}

test_warn_remote_code_allows_what_is_checked_and_what_is_local if {
	every text in ["a.tgz /a", "--checksum=sha256:01 https://example.com/a /a", "https://example.com/a.git#0123456789abcdef0123456789abcdef01234567 /a"] {
		count(dockerfile.warn_remote_code) == 0 with input as doing("ADD", text)
	}
	every text in ["curl -o a https://example.com/a && sha256sum -c a.sum", "curl https://example.com/a | tar xz", "curl -s https://example.com/a | shasum -c", "make | sh"] {
		count(dockerfile.warn_remote_code) == 0 with input as doing("RUN", text)
	}
	count(dockerfile.warn_remote_code) == 0 with input as doing("LABEL", "x=\"curl https://example.com | sh\"")
}

test_warn_secret_flags_what_is_masked if {
	every kind in ["arg", "env"] {
		count(dockerfile.warn_secret) == 1 with input as fixtures.change([fixtures.stage({kind: {"DB_PASSWORD": "(sensitive)"}})])
	}
}

test_warn_secret_allows_other_values_and_none if {
	every kind in ["arg", "env"] {
		count(dockerfile.warn_secret) == 0 with input as fixtures.change([fixtures.stage({kind: {"TOKEN": null, "MODE": "fast"}})])
	}
}
