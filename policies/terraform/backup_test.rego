package mrbot.terraform.backup_test

import data.mrbot.fixtures
import data.mrbot.terraform.backup
import rego.v1

deny_no_backup(resource) := count(found) if {
	found := backup.deny_no_backup with input as fixtures.change([resource])
}

test_deny_no_backup_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("google_sql_database_instance", {}),
		fixtures.terraform("google_sql_database_instance", {"settings": [{"backup_configuration": [{"enabled": false}]}]}),
		fixtures.terraform("aws_dynamodb_table", {"point_in_time_recovery": [{"enabled": false}]}),
		fixtures.terraform("aws_db_instance", {"backup_retention_period": 0}),
		fixtures.terraform("azurerm_postgresql_flexible_server", {"backup_retention_days": "0"}),
	] {
		deny_no_backup(resource) == 1
	}
}

test_deny_no_backup_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("google_sql_database_instance", {"settings": [{"backup_configuration": [{"enabled": true}]}]}),
		fixtures.terraform("google_sql_database_instance", {"master_instance_name": "main"}),
		fixtures.terraform("aws_dynamodb_table", {}),
		fixtures.terraform("aws_db_instance", {"backup_retention_period": 7}),
		fixtures.terraform("aws_db_instance", {"replicate_source_db": "main"}),
		fixtures.terraform("aws_db_instance", {"backup_retention_period": 0, "replicate_source_db": "main"}),
		fixtures.unknown(fixtures.terraform("aws_db_instance", {}), ["backup_retention_period"]),
		fixtures.unknown(fixtures.terraform("aws_db_instance", {}), ["replicate_source_db"]),
		fixtures.terraform("aws_rds_cluster", {}),
		fixtures.terraform("aws_db_instance", {}),
		fixtures.terraform("aws_rds_cluster", {"backup_retention_period": 1}),
		fixtures.terraform("aws_docdb_cluster", {"backup_retention_period": "6"}),
		fixtures.unknown(fixtures.terraform("aws_dynamodb_table", {"point_in_time_recovery": [{"enabled": "${var.x}"}]}), ["point_in_time_recovery.0.enabled"]),
	] {
		deny_no_backup(resource) == 0
	}
}

warn_no_backup(resource) := count(found) if {
	found := backup.warn_no_backup with input as fixtures.change([resource])
}

test_warn_no_backup_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("aws_db_instance", {}),
		fixtures.terraform("aws_rds_cluster", {"backup_retention_period": 1}),
		fixtures.terraform("aws_docdb_cluster", {"backup_retention_period": "6"}),
		fixtures.unknown(fixtures.terraform("aws_dynamodb_table", {"point_in_time_recovery": [{"enabled": "${var.x}"}]}), ["point_in_time_recovery.0.enabled"]),
	] {
		warn_no_backup(resource) == 1
	}
}

test_warn_no_backup_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("google_sql_database_instance", {"settings": [{"backup_configuration": [{"enabled": true}]}]}),
		fixtures.terraform("google_sql_database_instance", {"master_instance_name": "main"}),
		fixtures.terraform("aws_dynamodb_table", {}),
		fixtures.terraform("aws_db_instance", {"backup_retention_period": 7}),
		fixtures.terraform("aws_db_instance", {"replicate_source_db": "main"}),
		fixtures.terraform("aws_db_instance", {"backup_retention_period": 0, "replicate_source_db": "main"}),
		fixtures.unknown(fixtures.terraform("aws_db_instance", {}), ["backup_retention_period"]),
		fixtures.unknown(fixtures.terraform("aws_db_instance", {}), ["replicate_source_db"]),
		fixtures.terraform("aws_rds_cluster", {}),
		fixtures.terraform("google_sql_database_instance", {}),
		fixtures.terraform("google_sql_database_instance", {"settings": [{"backup_configuration": [{"enabled": false}]}]}),
		fixtures.terraform("aws_dynamodb_table", {"point_in_time_recovery": [{"enabled": false}]}),
		fixtures.terraform("aws_db_instance", {"backup_retention_period": 0}),
		fixtures.terraform("azurerm_postgresql_flexible_server", {"backup_retention_days": "0"}),
	] {
		warn_no_backup(resource) == 0
	}
}

warn_unprotected(resource) := count(found) if {
	found := backup.warn_unprotected with input as fixtures.change([resource])
}

test_warn_unprotected_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("aws_db_instance", {}),
		fixtures.terraform("aws_docdb_cluster", {}),
		fixtures.terraform("aws_neptune_cluster", {}),
		fixtures.terraform("aws_rds_cluster", {}),
		fixtures.terraform("aws_dynamodb_table", {}),
		fixtures.terraform("aws_cognito_user_pool", {}),
		fixtures.terraform("aws_rds_cluster", {"deletion_protection": false}),
		fixtures.terraform("google_sql_database_instance", {"deletion_protection": false}),
		fixtures.terraform("google_bigquery_table", {"deletion_protection": false}),
		fixtures.terraform("aws_db_instance", {"deletion_protection": true, "skip_final_snapshot": true}),
		fixtures.terraform("aws_cognito_user_pool", {"deletion_protection": "INACTIVE"}),
	] {
		warn_unprotected(resource) == 1
	}
}

test_warn_unprotected_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_db_instance", {"deletion_protection": true}),
		fixtures.terraform("aws_db_instance", {"lifecycle": [{"prevent_destroy": true}]}),
		fixtures.terraform("aws_db_instance", {"replicate_source_db": "main", "skip_final_snapshot": true}),
		fixtures.terraform("aws_dynamodb_table", {"deletion_protection_enabled": true}),
		fixtures.terraform("google_sql_database_instance", {}),
		fixtures.terraform("google_bigquery_table", {}),
		fixtures.terraform("aws_cognito_user_pool", {"deletion_protection": "ACTIVE"}),
		fixtures.unknown(fixtures.terraform("aws_db_instance", {"deletion_protection": "${var.x}"}), ["deletion_protection"]),
	] {
		warn_unprotected(resource) == 0
	}
}

test_warn_no_backup_flags_fewer_days_than_the_team_asks_for if {
	week := fixtures.terraform("aws_db_instance", {"backup_retention_period": 7})
	month := {"parameters": {"terraform.backup.no_backup": {"days": 30}}}
	found := backup.warn_no_backup with input as fixtures.change([week]) with data.library as month
	count(found) == 1
}
