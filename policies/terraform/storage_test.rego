package mrbot.terraform.storage_test

import data.mrbot.fixtures
import data.mrbot.terraform.storage
import rego.v1

of(kind, after) := fixtures.change([fixtures.terraform(kind, after)])

test_deny_public_acl_flags_public_acls if {
	every acl in ["public-read", "public-read-write", "authenticated-read"] {
		count(storage.deny_public_acl) == 1 with input as of("aws_s3_bucket_acl", {"acl": acl})
		count(storage.deny_public_acl) == 1 with input as of("aws_s3_bucket", {"acl": acl})
	}
	count(storage.deny_public_acl) == 1 with input as of("google_storage_bucket_acl", {"predefined_acl": "publicRead"})
}

test_deny_public_acl_flags_grants_to_public_groups if {
	uri := "http://acs.amazonaws.com/groups/global/AllUsers"
	grant := {"grantee": [{"type": "Group", "uri": uri}], "permission": "READ"}
	count(storage.deny_public_acl) == 1 with input as of("aws_s3_bucket_acl", {"access_control_policy": [{"grant": [grant]}]})
	count(storage.deny_public_acl) == 1 with input as of("aws_s3_bucket", {"grant": {"uri": uri}})
}

test_deny_public_acl_allows_private_buckets if {
	count(storage.deny_public_acl) == 0 with input as of("aws_s3_bucket_acl", {"acl": "private"})
	count(storage.deny_public_acl) == 0 with input as of("aws_s3_bucket", {})
	count(storage.deny_public_acl) == 0 with input as of("aws_s3_bucket_acl", {"access_control_policy": [{"grant": [{"grantee": [{"id": "1"}]}]}]})
	count(storage.deny_public_acl) == 0 with input as of("aws_s3_bucket", {"grant": [{"uri": "http://acs.amazonaws.com/groups/s3/LogDelivery"}]})
}

test_deny_public_acl_allows_deleting_a_public_bucket if {
	bucket := fixtures.terraform("aws_s3_bucket", {"acl": "public-read"})
	count(storage.deny_public_acl) == 0 with input as fixtures.change([fixtures.deleted(bucket)])
}

test_warn_public_acl_flags_an_unknown_acl if {
	acl := fixtures.unknown(fixtures.terraform("aws_s3_bucket_acl", {"acl": "${var.acl}"}), ["acl"])
	count(storage.warn_public_acl) == 1 with input as fixtures.change([acl])
	count(storage.deny_public_acl) == 0 with input as fixtures.change([acl])
}

test_warn_public_acl_allows_a_known_acl if {
	count(storage.warn_public_acl) == 0 with input as of("aws_s3_bucket_acl", {"acl": "private"})
}

test_deny_public_access_flags_everybody if {
	every member in ["allUsers", "allAuthenticatedUsers"] {
		count(storage.deny_public_access) == 1 with input as of("google_storage_bucket_iam_member", {"member": member})
		count(storage.deny_public_access) == 1 with input as of("google_storage_bucket_iam_binding", {"members": [member]})
	}
	count(storage.deny_public_access) == 1 with input as of("azurerm_storage_container", {"container_access_type": "blob"})
}

test_deny_public_access_allows_named_members if {
	count(storage.deny_public_access) == 0 with input as of("google_storage_bucket_iam_member", {"member": "group:ops@example.com"})
	count(storage.deny_public_access) == 0 with input as of("azurerm_storage_container", {"container_access_type": "private"})
}

closed := {
	"block_public_acls": true, "block_public_policy": true,
	"ignore_public_acls": true, "restrict_public_buckets": true,
}

test_deny_public_access_block_flags_each_setting_that_is_off_or_missing if {
	every name, _ in closed {
		off := object.union(closed, {name: false})
		count(storage.deny_public_access_block) == 1 with input as of("aws_s3_bucket_public_access_block", off)
		missing := object.remove(closed, [name])
		count(storage.deny_public_access_block) == 1 with input as of("aws_s3_bucket_public_access_block", missing)
	}
}

test_deny_public_access_block_allows_a_closed_block if {
	count(storage.deny_public_access_block) == 0 with input as of("aws_s3_bucket_public_access_block", closed)
	count(storage.deny_public_access_block) == 0 with input as of("aws_s3_account_public_access_block", closed)
}

test_warn_public_access_block_flags_an_unknown_setting if {
	open := object.union(closed, {"block_public_acls": "${var.closed}"})
	block := fixtures.unknown(fixtures.terraform("aws_s3_bucket_public_access_block", open), ["block_public_acls"])
	count(storage.warn_public_access_block) == 1 with input as fixtures.change([block])
	count(storage.deny_public_access_block) == 0 with input as fixtures.change([block])
}

test_warn_public_access_block_flags_a_block_that_is_deleted if {
	block := fixtures.deleted(fixtures.terraform("aws_s3_bucket_public_access_block", closed))
	count(storage.warn_public_access_block) == 1 with input as fixtures.change([block])
}

test_warn_public_access_block_allows_a_closed_block if {
	count(storage.warn_public_access_block) == 0 with input as of("aws_s3_bucket_public_access_block", closed)
}
