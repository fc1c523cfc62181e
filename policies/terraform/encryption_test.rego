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

# Further rules, as tables.

deny_queue(resource) := count(found) if {
	found := encryption.deny_queue with input as fixtures.change([resource])
}

test_deny_queue_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("aws_sqs_queue", {"sqs_managed_sse_enabled": false}),
		fixtures.terraform("aws_sns_topic", {"kms_master_key_id": ""}),
		fixtures.terraform("aws_kinesis_stream", {}),
		fixtures.terraform("aws_kinesis_stream", {"encryption_type": "NONE"}),
	] {
		deny_queue(resource) == 1
	}
}

test_deny_queue_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_sqs_queue", {}),
		fixtures.terraform("aws_sqs_queue", {"sqs_managed_sse_enabled": false, "kms_master_key_id": "alias/a"}),
		fixtures.terraform("aws_sns_topic", {"kms_master_key_id": "alias/a"}),
		fixtures.unknown(fixtures.terraform("aws_sns_topic", {"kms_master_key_id": "${var.key}"}), ["kms_master_key_id"]),
		fixtures.unknown(fixtures.terraform("aws_sqs_queue", {"sqs_managed_sse_enabled": false}), ["kms_master_key_id"]),
		fixtures.terraform("aws_kinesis_stream", {"encryption_type": "KMS"}),
		fixtures.terraform("aws_sns_topic", {}),
		fixtures.unknown(fixtures.terraform("aws_kinesis_stream", {"encryption_type": "${var.x}"}), ["encryption_type"]),
	] {
		deny_queue(resource) == 0
	}
}

warn_queue(resource) := count(found) if {
	found := encryption.warn_queue with input as fixtures.change([resource])
}

test_warn_queue_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("aws_sns_topic", {}),
		fixtures.unknown(fixtures.terraform("aws_kinesis_stream", {"encryption_type": "${var.x}"}), ["encryption_type"]),
	] {
		warn_queue(resource) == 1
	}
}

test_warn_queue_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_sqs_queue", {}),
		fixtures.terraform("aws_sqs_queue", {"sqs_managed_sse_enabled": false, "kms_master_key_id": "alias/a"}),
		fixtures.terraform("aws_sns_topic", {"kms_master_key_id": "alias/a"}),
		fixtures.unknown(fixtures.terraform("aws_sns_topic", {"kms_master_key_id": "${var.key}"}), ["kms_master_key_id"]),
		fixtures.unknown(fixtures.terraform("aws_sqs_queue", {"sqs_managed_sse_enabled": false}), ["kms_master_key_id"]),
		fixtures.terraform("aws_kinesis_stream", {"encryption_type": "KMS"}),
		fixtures.terraform("aws_sqs_queue", {"sqs_managed_sse_enabled": false}),
		fixtures.terraform("aws_sns_topic", {"kms_master_key_id": ""}),
		fixtures.terraform("aws_kinesis_stream", {}),
		fixtures.terraform("aws_kinesis_stream", {"encryption_type": "NONE"}),
	] {
		warn_queue(resource) == 0
	}
}

deny_storage(resource) := count(found) if {
	found := encryption.deny_storage with input as fixtures.change([resource])
}

warn_storage(resource) := count(found) if {
	found := encryption.warn_storage with input as fixtures.change([resource])
}

test_deny_storage_flags_services_without_encryption if {
	deny_storage(fixtures.terraform("aws_ebs_encryption_by_default", {"enabled": false})) == 1
	every kind in ["aws_elasticsearch_domain", "aws_opensearch_domain"] {
		deny_storage(fixtures.terraform(kind, {"encrypt_at_rest": [{"enabled": false}]})) == 1
	}
}

test_deny_storage_allows_services_with_encryption if {
	deny_storage(fixtures.terraform("aws_ebs_encryption_by_default", {})) == 0
	deny_storage(fixtures.terraform("aws_opensearch_domain", {"encrypt_at_rest": [{"enabled": true}]})) == 0
}

test_warn_storage_flags_a_service_that_may_be_unencrypted if {
	warn_storage(fixtures.terraform("aws_opensearch_domain", {})) == 1
}

test_warn_storage_allows_what_a_plan_leaves_to_the_provider if {
	domain := fixtures.unknown(fixtures.terraform("aws_opensearch_domain", {}), ["encrypt_at_rest"])
	warn_storage(fixtures.planned(domain)) == 0
}
