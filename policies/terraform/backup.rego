# What is left when data is lost.
package mrbot.terraform.backup

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.attributes
import data.mrbot.terraform.resources
import rego.v1

no_backup := {
	"id": "terraform.backup.no_backup",
	"title": "A database without backups, or with backups for a few days only",
	"why": "What is deleted, changed or encrypted by others cannot be brought back.",
	"fix": "Keep backups for as long as it may take to notice that something is wrong.",
	"reference": "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
	"controls": ["NIST 800-53 CP-9"],
	"parameters": {"days": {"default": 7, "about": "For how many days backups have to be kept; fewer are warned of."}},
}

days := finding.parameter(no_backup, "days")

# The attribute that says for how many days backups are kept.
retention_of := {
	"aws_db_instance": "backup_retention_period",
	"aws_docdb_cluster": "backup_retention_period",
	"aws_neptune_cluster": "backup_retention_period",
	"aws_rds_cluster": "backup_retention_period",
	"azurerm_mysql_flexible_server": "backup_retention_days",
	"azurerm_postgresql_flexible_server": "backup_retention_days",
}

no_backup_checks := [
	{
		"kind": "google_sql_database_instance",
		"path": ["settings", "backup_configuration", "enabled"],
		"bad": "off",
		"unset": "bad",
		"computed": true,
		"means": "has no backups",
		"unless": [{"path": ["master_instance_name"], "is": "set"}],
	},
	{
		"kind": "aws_dynamodb_table",
		"path": ["point_in_time_recovery", "enabled"],
		"bad": "off",
		"computed": true,
		"means": "cannot be brought back to an earlier moment",
	},
]

deny_no_backup contains finding.about(resource, no_backup, text) if {
	some check in no_backup_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_no_backup contains finding.about(resource, no_backup, text) if {
	some check in no_backup_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}

deny_no_backup contains finding.about(resource, no_backup, text) if {
	some kind, attribute in retention_of
	some resource in resources.of_kind[kind]
	shape.number(shape.get(resource.after, attribute)) == 0
	not copied(resource)
	text := sprintf("has no backups: %s is 0", [attribute])
}

warn_no_backup contains finding.about(resource, no_backup, text) if {
	some kind, attribute in retention_of
	some resource in resources.of_kind[kind]
	kept := shape.number(shape.get(resource.after, attribute))
	kept > 0
	kept < days
	text := sprintf("keeps its backups for %v days only: %s", [kept, attribute])
}

warn_no_backup contains finding.about(resource, no_backup, text) if {
	some resource in resources.of_kind.aws_db_instance
	shape.get(resource.after, "backup_retention_period") == null
	not resources.unknown(resource, "backup_retention_period")
	not copied(resource)
	text := "may have no backups: backup_retention_period is not set"
}

# Of a copy, the original has backups; whether it is one may not be known.
copied(resource) if {
	some name in ["replicate_source_db", "snapshot_identifier"]
	not shape.get(resource.after, name) in [null, ""]
}

copied(resource) if resources.unknown(resource, "replicate_source_db")

unprotected := {
	"id": "terraform.backup.unprotected",
	"title": "A database that one change can delete, or delete without a last copy",
	"why": "One mistaken change, or a renaming that nobody noticed, takes the data away.",
	"fix": "Turn deletion protection on, or prevent_destroy; keep a final snapshot.",
	"reference": "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy",
	"controls": ["NIST 800-53 CP-9"],
}

protected := [{"path": ["lifecycle", "prevent_destroy"], "is": "on"}]

unprotected_checks := array.concat(
	[
		{
			"kind": "aws_dynamodb_table",
			"path": ["deletion_protection_enabled"],
			"bad": "off",
			"unset": "bad",
			"means": "can be deleted by one change",
			"unless": protected,
		},
		{
			"kind": "google_sql_database_instance",
			"path": ["deletion_protection"],
			"bad": "off",
			"means": "can be deleted by one change",
			"unless": protected,
		},
		{
			"kind": "google_bigquery_table",
			"path": ["deletion_protection"],
			"bad": "off",
			"means": "can be deleted by one change",
			"unless": protected,
		},
		{
			"kind": "aws_cognito_user_pool",
			"path": ["deletion_protection"],
			"bad": ["INACTIVE", ""],
			"unset": "bad",
			"means": "can be deleted by one change",
			"unless": protected,
		},
	],
	array.concat(
		[check |
			some kind in ["aws_db_instance", "aws_docdb_cluster", "aws_neptune_cluster", "aws_rds_cluster"]
			check := {
				"kind": kind,
				"path": ["deletion_protection"],
				"bad": "off",
				"unset": "bad",
				"means": "can be deleted by one change",
				"unless": array.concat(protected, [{"path": ["replicate_source_db"], "is": "set"}]),
			}
		],
		[check |
			some kind in ["aws_db_instance", "aws_docdb_cluster", "aws_neptune_cluster", "aws_rds_cluster"]
			check := {
				"kind": kind,
				"path": ["skip_final_snapshot"],
				"bad": "on",
				"means": "leaves no last copy when it is deleted",
				"unless": [{"path": ["replicate_source_db"], "is": "set"}],
			}
		],
	),
)

warn_unprotected contains finding.about(resource, unprotected, text) if {
	some check in unprotected_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}
