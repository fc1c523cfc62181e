package mrbot.terraform.registry_test

import data.mrbot.fixtures
import data.mrbot.terraform.registry
import rego.v1

warn_mutable_tags(resource) := count(found) if {
	found := registry.warn_mutable_tags with input as fixtures.change([resource])
}

test_warn_mutable_tags_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("aws_ecr_repository", {}),
		fixtures.terraform("aws_ecr_repository", {"image_tag_mutability": "MUTABLE"}),
		fixtures.unknown(fixtures.terraform("aws_ecr_repository", {"image_tag_mutability": "${var.x}"}), ["image_tag_mutability"]),
	] {
		warn_mutable_tags(resource) == 1
	}
}

test_warn_mutable_tags_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_ecr_repository", {"image_tag_mutability": "IMMUTABLE"}),
	] {
		warn_mutable_tags(resource) == 0
	}
}
