package mrbot.terraform.state_test

import data.mrbot.fixtures
import data.mrbot.terraform.state
import rego.v1

deny_unsafe_backend(resource) := count(found) if {
	found := state.deny_unsafe_backend with input as fixtures.change([resource])
}

test_deny_unsafe_backend_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("terraform", {"backend": [{"http": {"address": "http://state.acme.com", "lock_address": "https://a"}}]}),
		fixtures.terraform("terraform", {"backend": [{"http": {"address": "https://a", "lock_address": "http://a"}}]}),
		fixtures.terraform("terraform", {"backend": [{"s3": {"encrypt": false, "use_lockfile": true}}]}),
	] {
		deny_unsafe_backend(resource) == 1
	}
}

test_deny_unsafe_backend_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("terraform", {"backend": [{"s3": {"use_lockfile": true}}]}),
		fixtures.terraform("terraform", {"backend": [{"s3": {"dynamodb_table": "locks", "encrypt": true}}]}),
		fixtures.terraform("terraform", {"backend": [{"http": {"address": "https://a", "lock_address": "https://a"}}]}),
		fixtures.terraform("terraform", {"backend": [{"gcs": {}}]}),
		fixtures.terraform("terraform", {}),
		fixtures.terraform("terraform", {"cloud": [{}]}),
		fixtures.terraform("terraform", {"backend": [{"s3": {"bucket": "b"}}]}),
		fixtures.terraform("terraform", {"backend": [{"s3": {"use_lockfile": false}}]}),
		fixtures.terraform("terraform", {"backend": [{"http": {"address": "https://a"}}]}),
		fixtures.terraform("terraform", {"backend": [{"local": {"path": "a"}}]}),
	] {
		deny_unsafe_backend(resource) == 0
	}
}

warn_unsafe_backend(resource) := count(found) if {
	found := state.warn_unsafe_backend with input as fixtures.change([resource])
}

test_warn_unsafe_backend_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("terraform", {"backend": [{"s3": {"bucket": "b"}}]}),
		fixtures.terraform("terraform", {"backend": [{"s3": {"use_lockfile": false}}]}),
		fixtures.terraform("terraform", {"backend": [{"http": {"address": "https://a"}}]}),
		fixtures.terraform("terraform", {"backend": [{"local": {"path": "a"}}]}),
	] {
		warn_unsafe_backend(resource) == 1
	}
}

test_warn_unsafe_backend_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("terraform", {"backend": [{"s3": {"use_lockfile": true}}]}),
		fixtures.terraform("terraform", {"backend": [{"s3": {"dynamodb_table": "locks", "encrypt": true}}]}),
		fixtures.terraform("terraform", {"backend": [{"http": {"address": "https://a", "lock_address": "https://a"}}]}),
		fixtures.terraform("terraform", {"backend": [{"gcs": {}}]}),
		fixtures.terraform("terraform", {}),
		fixtures.terraform("terraform", {"cloud": [{}]}),
		fixtures.terraform("terraform", {"backend": [{"http": {"address": "http://state.acme.com", "lock_address": "https://a"}}]}),
		fixtures.terraform("terraform", {"backend": [{"http": {"address": "https://a", "lock_address": "http://a"}}]}),
		fixtures.terraform("terraform", {"backend": [{"s3": {"encrypt": false, "use_lockfile": true}}]}),
	] {
		warn_unsafe_backend(resource) == 0
	}
}
