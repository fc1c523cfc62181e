package mrbot.terraform.encryption_test

import data.mrbot.fixtures
import data.mrbot.terraform.encryption
import rego.v1

of(kind, after) := fixtures.change([fixtures.terraform(kind, after)])

test_deny_storage_flags_encryption_that_is_off if {
	every kind, attribute in encryption.attribute_of {
		count(encryption.deny_storage) == 1 with input as of(kind, {attribute: false})
		count(encryption.deny_storage) == 1 with input as of(kind, {attribute: "false"})
	}
}

test_deny_storage_flags_a_database_that_says_nothing if {
	count(encryption.deny_storage) == 1 with input as of("aws_db_instance", {})
	count(encryption.deny_storage) == 1 with input as of("aws_db_instance", {"replicate_source_db": ""})
}

test_deny_storage_flags_volumes_of_machines if {
	count(encryption.deny_storage) == 1 with input as of("aws_instance", {"root_block_device": [{"encrypted": false}]})
	mapping := [{"ebs": [{"encrypted": "false"}]}]
	count(encryption.deny_storage) == 1 with input as of("aws_launch_template", {"block_device_mappings": mapping})
}

test_deny_storage_allows_what_is_encrypted if {
	every kind, attribute in encryption.attribute_of {
		count(encryption.deny_storage) == 0 with input as of(kind, {attribute: true})
		count(encryption.deny_storage) == 0 with input as of(kind, {attribute: "true"})
	}
	count(encryption.deny_storage) == 0 with input as of("aws_instance", {"root_block_device": [{"encrypted": true}]})
	count(encryption.deny_storage) == 0 with input as of("aws_instance", {"root_block_device": [{"volume_size": 10}]})
}

test_deny_storage_allows_what_may_be_encrypted if {
	count(encryption.deny_storage) == 0 with input as of("aws_ebs_volume", {})
	count(encryption.deny_storage) == 0 with input as of("aws_db_instance", {"replicate_source_db": "main"})
}

test_warn_storage_flags_what_cannot_be_known if {
	database := fixtures.terraform("aws_db_instance", {"storage_encrypted": "${var.encrypted}"})
	count(encryption.warn_storage) == 1 with input as fixtures.change([fixtures.unknown(database, ["storage_encrypted"])])
	count(encryption.deny_storage) == 0 with input as fixtures.change([fixtures.unknown(database, ["storage_encrypted"])])
	count(encryption.warn_storage) == 1 with input as of("aws_ebs_volume", {})
	count(encryption.warn_storage) == 1 with input as of("aws_db_instance", {"snapshot_identifier": "last"})
	replica := fixtures.planned(fixtures.unknown(fixtures.terraform("aws_db_instance", {}), ["replicate_source_db"]))
	count(encryption.warn_storage) == 1 with input as fixtures.change([replica])
}

test_warn_storage_flags_an_unknown_volume if {
	machine := fixtures.terraform("aws_instance", {"root_block_device": [{"encrypted": "${var.e}"}]})
	unknown := fixtures.unknown(machine, ["root_block_device.0.encrypted"])
	count(encryption.warn_storage) == 1 with input as fixtures.change([unknown])
}

test_warn_storage_allows_what_is_settled if {
	count(encryption.warn_storage) == 0 with input as of("aws_ebs_volume", {"encrypted": true})
	count(encryption.warn_storage) == 0 with input as of("aws_ebs_volume", {"encrypted": false})
	count(encryption.warn_storage) == 0 with input as of("aws_db_instance", {})
	count(encryption.warn_storage) == 0 with input as of("aws_instance", {"root_block_device": [{"encrypted": true}]})
	count(encryption.warn_storage) == 0 with input as of("aws_vpc", {})
}
