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

# Further rules, as tables.

deny_public_account(resource) := count(found) if {
	found := storage.deny_public_account with input as fixtures.change([resource])
}

test_deny_public_account_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("azurerm_storage_account", {"allow_nested_items_to_be_public": true}),
		fixtures.terraform("azurerm_storage_account", {"allow_blob_public_access": true}),
	] {
		deny_public_account(resource) == 1
	}
}

test_deny_public_account_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("azurerm_storage_account", {"allow_nested_items_to_be_public": false}),
		fixtures.terraform("azurerm_storage_account", {"public_network_access_enabled": false}),
		fixtures.terraform("azurerm_storage_account", {}),
		fixtures.unknown(fixtures.terraform("azurerm_storage_account", {"allow_nested_items_to_be_public": "${var.x}"}), ["allow_nested_items_to_be_public"]),
	] {
		deny_public_account(resource) == 0
	}
}

warn_public_account(resource) := count(found) if {
	found := storage.warn_public_account with input as fixtures.change([resource])
}

test_warn_public_account_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("azurerm_storage_account", {}),
		fixtures.unknown(fixtures.terraform("azurerm_storage_account", {"allow_nested_items_to_be_public": "${var.x}"}), ["allow_nested_items_to_be_public"]),
	] {
		warn_public_account(resource) == 1
	}
}

test_warn_public_account_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("azurerm_storage_account", {"allow_nested_items_to_be_public": false}),
		fixtures.terraform("azurerm_storage_account", {"public_network_access_enabled": false}),
		fixtures.terraform("azurerm_storage_account", {"allow_nested_items_to_be_public": true}),
		fixtures.terraform("azurerm_storage_account", {"allow_blob_public_access": true}),
	] {
		warn_public_account(resource) == 0
	}
}

deny_object_acls(resource) := count(found) if {
	found := storage.deny_object_acls with input as fixtures.change([resource])
}

test_deny_object_acls_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("google_storage_bucket", {}),
		fixtures.terraform("google_storage_bucket", {"uniform_bucket_level_access": false}),
		fixtures.terraform("aws_s3_bucket_ownership_controls", {"rule": [{"object_ownership": "ObjectWriter"}]}),
	] {
		deny_object_acls(resource) == 1
	}
}

test_deny_object_acls_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("google_storage_bucket", {"uniform_bucket_level_access": true}),
		fixtures.terraform("aws_s3_bucket_ownership_controls", {"rule": [{"object_ownership": "BucketOwnerEnforced"}]}),
		fixtures.unknown(fixtures.terraform("google_storage_bucket", {"uniform_bucket_level_access": "${var.x}"}), ["uniform_bucket_level_access"]),
	] {
		deny_object_acls(resource) == 0
	}
}

warn_object_acls(resource) := count(found) if {
	found := storage.warn_object_acls with input as fixtures.change([resource])
}

test_warn_object_acls_flags_what_may_be_wrong if {
	every resource in [
		fixtures.unknown(fixtures.terraform("google_storage_bucket", {"uniform_bucket_level_access": "${var.x}"}), ["uniform_bucket_level_access"]),
	] {
		warn_object_acls(resource) == 1
	}
}

test_warn_object_acls_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("google_storage_bucket", {"uniform_bucket_level_access": true}),
		fixtures.terraform("aws_s3_bucket_ownership_controls", {"rule": [{"object_ownership": "BucketOwnerEnforced"}]}),
		fixtures.terraform("google_storage_bucket", {}),
		fixtures.terraform("google_storage_bucket", {"uniform_bucket_level_access": false}),
		fixtures.terraform("aws_s3_bucket_ownership_controls", {"rule": [{"object_ownership": "ObjectWriter"}]}),
	] {
		warn_object_acls(resource) == 0
	}
}

warn_no_versioning(resource) := count(found) if {
	found := storage.warn_no_versioning with input as fixtures.change([resource])
}

test_warn_no_versioning_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("aws_s3_bucket_versioning", {"versioning_configuration": [{"status": "Suspended"}]}),
		fixtures.terraform("aws_s3_bucket", {"versioning": [{"enabled": false}]}),
		fixtures.terraform("google_storage_bucket", {"versioning": [{"enabled": false}]}),
		fixtures.terraform("azurerm_storage_account", {"blob_properties": [{"versioning_enabled": false}]}),
	] {
		warn_no_versioning(resource) == 1
	}
}

test_warn_no_versioning_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_s3_bucket_versioning", {"versioning_configuration": [{"status": "Enabled"}]}),
		fixtures.terraform("aws_s3_bucket", {}),
		fixtures.terraform("google_storage_bucket", {}),
		fixtures.terraform("azurerm_storage_account", {}),
	] {
		warn_no_versioning(resource) == 0
	}
}

test_warn_no_versioning_flags_versioning_that_is_deleted if {
	warn_no_versioning(fixtures.deleted(fixtures.terraform("aws_s3_bucket_versioning", {}))) == 1
}
