# Data that would lie on a disk unencrypted.
package mrbot.terraform.encryption

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.attributes
import data.mrbot.terraform.resources
import rego.v1

storage := {
	"id": "terraform.encryption.storage",
	"title": "Disks, databases and file systems without encryption at rest",
	"why": "Whoever gets at the disk, a snapshot or a backup reads the data. Mostly this cannot be changed later without a new resource.",
	"fix": "Turn encryption at rest on. Most services cannot do that later without a new resource.",
	"reference": "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",
	"controls": ["NIST 800-53 SC-28", "CIS AWS 3.0 2.2.1", "CIS AWS 3.0 2.3.1"],
}

# The attribute that turns encryption on, by kind.
attribute_of := {
	"aws_db_instance": "storage_encrypted",
	"aws_docdb_cluster": "storage_encrypted",
	"aws_ebs_volume": "encrypted",
	"aws_efs_file_system": "encrypted",
	"aws_elasticache_replication_group": "at_rest_encryption_enabled",
	"aws_neptune_cluster": "storage_encrypted",
	"aws_rds_cluster": "storage_encrypted",
	"aws_redshift_cluster": "encrypted",
	"azurerm_mssql_database": "transparent_data_encryption_enabled",
}

# Kinds that are not encrypted when nothing is said. For the others it depends on the account, the
# engine or the provider's version.
off_by_default := {"aws_db_instance", "aws_docdb_cluster", "aws_neptune_cluster"}

# With one of these, encryption is what it was where the data comes from.
origins := ["replicate_source_db", "snapshot_identifier", "restore_to_point_in_time", "global_cluster_identifier"]

# Blocks that describe volumes of a machine.
volume_blocks := ["root_block_device", "ebs_block_device"]

deny_storage contains finding.about(resource, storage, text) if {
	some resource in resources.present
	attribute := attribute_of[resource.kind]
	shape.is_off(shape.get(resource.after, attribute))
	text := sprintf("is not encrypted: %s is false", [attribute])
}

deny_storage contains finding.about(resource, storage, text) if {
	some resource in resources.present
	attribute := attribute_of[resource.kind]
	off_unsaid(resource, attribute)
	text := sprintf("is not encrypted: %s is not set", [attribute])
}

deny_storage contains finding.about(resource, storage, text) if {
	some resource in resources.present
	some volume in volumes(resource)
	shape.is_off(shape.get(volume.value, "encrypted"))
	text := sprintf("has a volume that is not encrypted: %s.encrypted is false", [volume.path])
}

warn_storage contains finding.about(resource, storage, text) if {
	some resource in resources.present
	attribute := attribute_of[resource.kind]
	unsettled(resource, attribute)
	text := sprintf("may not be encrypted: what %s will be cannot be known yet", [attribute])
}

warn_storage contains finding.about(resource, storage, text) if {
	some resource in resources.present
	some volume in volumes(resource)
	path := sprintf("%s.encrypted", [volume.path])
	resources.unknown(resource, path)
	not shape.is_off(shape.get(volume.value, "encrypted"))
	not shape.is_on(shape.get(volume.value, "encrypted"))
	text := sprintf("may have a volume that is not encrypted: %s cannot be known yet", [path])
}

service_checks := [
	{
		"kind": "aws_ebs_encryption_by_default",
		"path": ["enabled"],
		"bad": "off",
		"means": "lets new volumes of the whole region be unencrypted",
	},
	{
		"kind": "aws_elasticsearch_domain",
		"path": ["encrypt_at_rest", "enabled"],
		"bad": "off",
		"unset": "doubtful",
		"computed": true,
		"means": "is not encrypted",
	},
	{
		"kind": "aws_opensearch_domain",
		"path": ["encrypt_at_rest", "enabled"],
		"bad": "off",
		"unset": "doubtful",
		"computed": true,
		"means": "is not encrypted",
	},
]

deny_storage contains finding.about(resource, storage, text) if {
	some check in service_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_storage contains finding.about(resource, storage, text) if {
	some check in service_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}

# Neither on nor off, and no default that says which.
unsettled(resource, attribute) if {
	value := shape.get(resource.after, attribute)
	not shape.is_on(value)
	not shape.is_off(value)
	not off_unsaid(resource, attribute)
}

off_unsaid(resource, attribute) if {
	resource.kind in off_by_default
	shape.get(resource.after, attribute) == null
	not resources.unknown(resource, attribute)
	not has_origin(resource)
}

has_origin(resource) if {
	some origin in origins
	shape.get(resource.after, origin) != null
	not shape.get(resource.after, origin) in {"", false}
	shape.get(resource.after, origin) != []
}

has_origin(resource) if {
	some origin in origins
	resources.unknown(resource, origin)
}

volumes(resource) := array.concat(instance_volumes(resource), template_volumes(resource))

instance_volumes(resource) := [{"path": path, "value": volume} |
	resource.kind == "aws_instance"
	some name in volume_blocks
	some number, volume in shape.blocks(shape.get(resource.after, name))
	path := sprintf("%s.%v", [name, number])
]

template_volumes(resource) := [{"path": path, "value": volume} |
	resource.kind == "aws_launch_template"
	some outer, mapping in shape.blocks(shape.get(resource.after, "block_device_mappings"))
	some inner, volume in shape.blocks(shape.get(mapping, "ebs"))
	path := sprintf("block_device_mappings.%v.ebs.%v", [outer, inner])
]

queue := {
	"id": "terraform.encryption.queue",
	"title": "Queues, topics and streams without encryption at rest",
	"why": "Whoever gets at the service's disks reads the messages.",
	"fix": "Name a key, or leave the service's own encryption on.",
	"reference": "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
	"controls": ["NIST 800-53 SC-28"],
}

queue_checks := [
	{
		"kind": "aws_sqs_queue",
		"path": ["sqs_managed_sse_enabled"],
		"bad": "off",
		"computed": true,
		"means": "keeps messages unencrypted",
		"unless": [{"path": ["kms_master_key_id"], "is": "given"}],
	},
	{
		"kind": "aws_sns_topic",
		"path": ["kms_master_key_id"],
		"bad": [""],
		"unset": "doubtful",
		"means": "keeps messages unencrypted",
		"unless": [{"path": ["kms_master_key_id"], "is": "given"}],
	},
	{
		"kind": "aws_kinesis_stream",
		"path": ["encryption_type"],
		"bad": ["NONE"],
		"unset": "bad",
		"means": "keeps records unencrypted",
	},
]

deny_queue contains finding.about(resource, queue, text) if {
	some check in queue_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_queue contains finding.about(resource, queue, text) if {
	some check in queue_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}
