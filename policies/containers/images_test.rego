package mrbot.containers.images_test

import data.mrbot.containers.images
import data.mrbot.fixtures
import rego.v1

ours := {"parameters": {"containers.images.foreign_registry": {"registries": ["registry.example.com/", "docker.io/library/"]}}}

pod(image) := fixtures.manifest("v1/Pod", {"spec": {"containers": [{"name": "app", "image": image}]}})

service(image) := fixtures.service({"image": image})

stage(image) := fixtures.stage({"from": {"image": image, "stage": false}})

elsewhere := ["quay.io/app", "acme/app", "registry.example.com.evil.example/app", "localhost/app"]

test_deny_foreign_registry_flags_what_is_not_listed if {
	every image in elsewhere {
		count(images.deny_foreign_registry) == 1 with input as fixtures.change([pod(image)]) with data.library as ours
		count(images.deny_foreign_registry) == 1 with input as fixtures.change([service(image)]) with data.library as ours
		count(images.deny_foreign_registry) == 1 with input as fixtures.change([stage(image)]) with data.library as ours
	}
}

test_deny_foreign_registry_allows_what_is_listed if {
	every image in ["registry.example.com/team/app", "alpine", "docker.io/library/alpine"] {
		document := fixtures.change([pod(image), service(image), stage(image)])
		count(images.deny_foreign_registry) == 0 with input as document with data.library as ours
	}
	others := [
		stage("scratch"),
		fixtures.stage({"from": {"image": "build", "stage": true}}),
		fixtures.service({"image": "acme/app", "build": "."}),
		fixtures.unknown(service("${IMAGE}"), ["image"]),
	]
	count(images.deny_foreign_registry) == 0 with input as fixtures.change(others) with data.library as ours
}

test_deny_foreign_registry_allows_everything_without_a_list if {
	every image in elsewhere {
		count(images.deny_foreign_registry) == 0 with input as fixtures.change([pod(image), service(image), stage(image)])
	}
}

open_ones := [
	pod("{{ app_image }}"),
	fixtures.unknown(pod("${IMAGE}"), ["spec.containers.0.image"]),
	fixtures.unknown(service("${IMAGE}"), ["image"]),
	fixtures.unknown(stage("${BASE}"), ["from.image"]),
]

test_warn_foreign_registry_flags_what_is_decided_elsewhere if {
	every resource in open_ones {
		count(images.warn_foreign_registry) == 1 with input as fixtures.change([resource]) with data.library as ours
	}
}

test_warn_foreign_registry_allows_what_is_known_or_begins_as_listed if {
	begun := fixtures.unknown(service("registry.example.com/app:${TAG}"), ["image"])
	count(images.warn_foreign_registry) == 0 with input as fixtures.change([begun, pod("quay.io/app")]) with data.library as ours
	count(images.warn_foreign_registry) == 0 with input as fixtures.change(open_ones)
}
