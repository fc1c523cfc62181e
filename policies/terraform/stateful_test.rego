package mrbot.terraform.stateful_test

import data.mrbot.fixtures
import data.mrbot.terraform.stateful
import rego.v1

database := holding(fixtures.terraform("aws_db_instance", {"identifier": "main"}))

holding(resource) := object.union(resource, {"stateful": true})

server := fixtures.terraform("aws_instance", {})

module := object.union(fixtures.terraform("module", {"source": "./db"}), {"address": "module.db"})

test_warn_lost_data_flags_deletion_and_replacement if {
	count(stateful.warn_lost_data) == 1 with input as fixtures.change([fixtures.deleted(database)])
	count(stateful.warn_lost_data) == 1 with input as fixtures.change([fixtures.replaced(database)])
}

test_warn_lost_data_allows_what_holds_none if {
	count(stateful.warn_lost_data) == 0 with input as fixtures.change([fixtures.deleted(server)])
	count(stateful.warn_lost_data) == 0 with input as fixtures.change([database, fixtures.updated(database, {})])
}

renamed := object.union(database, {"address": "aws_db_instance.new"})

move := fixtures.terraform("moved", {"from": "${aws_db_instance.it}", "to": "${aws_db_instance.new}"})

test_warn_lost_data_allows_a_rename if {
	count(stateful.warn_lost_data) == 0 with input as fixtures.change([fixtures.deleted(database), renamed, move])
	count(stateful.require) == 0 with input as fixtures.change([fixtures.deleted(database), renamed, move])
}

test_warn_lost_data_flags_a_move_that_is_none if {
	gone := fixtures.deleted(database)
	count(stateful.warn_lost_data) == 1 with input as fixtures.change([gone, renamed])
	count(stateful.warn_lost_data) == 1 with input as fixtures.change([gone, move])
	old := fixtures.updated(renamed, {})
	count(stateful.warn_lost_data) == 1 with input as fixtures.change([gone, old, move])
	elsewhere := object.union(move, {"source": {"path": "dev/main.tf", "line": 1}})
	count(stateful.warn_lost_data) == 1 with input as fixtures.change([gone, renamed, elsewhere])
	planned := fixtures.planned(gone)
	count(stateful.warn_lost_data) == 1 with input as fixtures.change([planned, renamed, move])
}

test_warn_lost_module_flags_a_module_that_nobody_planned if {
	count(stateful.warn_lost_module) == 1 with input as fixtures.change([fixtures.deleted(module)])
	other := object.union(fixtures.change([fixtures.deleted(module)]), {"plans": [{"project": "other"}]})
	count(stateful.warn_lost_module) == 1 with input as other
}

test_warn_lost_module_allows_a_module_of_a_planned_project if {
	planned := object.union(fixtures.change([fixtures.deleted(module)]), {"plans": [{"project": "network-prod"}]})
	count(stateful.warn_lost_module) == 0 with input as planned
	count(stateful.require) == 0 with input as planned
	count(stateful.warn_lost_module) == 0 with input as fixtures.change([module])
}

test_warn_lost_protection_flags_each_protection if {
	off := fixtures.updated(database, {"deletion_protection": true})
	count(stateful.warn_lost_protection) == 1 with input as fixtures.change([off])
	unguarded := fixtures.updated(database, {"lifecycle": [{"prevent_destroy": true}]})
	count(stateful.warn_lost_protection) == 1 with input as fixtures.change([unguarded])
	forced := fixtures.updated(holding(fixtures.terraform("aws_s3_bucket", {"force_destroy": true})), {})
	count(stateful.warn_lost_protection) == 1 with input as fixtures.change([forced])
}

test_warn_lost_protection_allows_what_stays_protected if {
	both := {"deletion_protection": true, "lifecycle": [{"prevent_destroy": true}]}
	kept := fixtures.updated(holding(fixtures.terraform("aws_db_instance", both)), both)
	count(stateful.warn_lost_protection) == 0 with input as fixtures.change([kept])
	count(stateful.warn_lost_protection) == 0 with input as fixtures.change([database])
	new := holding(fixtures.terraform("aws_s3_bucket", {"force_destroy": true}))
	count(stateful.warn_lost_protection) == 0 with input as fixtures.change([new])
}

test_require_flags_lost_data_once_with_two_approvals if {
	buckets := [fixtures.deleted(holding(fixtures.terraform(kind, {}))) | some kind in ["aws_s3_bucket", "aws_db_instance"]]
	demands := stateful.require with input as fixtures.change(buckets)
	demands == {{
		"msg": "data is lost with aws_db_instance.it, aws_s3_bucket.it",
		"count": 2,
		"roles": ["write"],
	}}
}

test_require_flags_a_module_that_nobody_planned if {
	count(stateful.require) == 1 with input as fixtures.change([fixtures.deleted(module)])
}

test_require_allows_everything_else if {
	count(stateful.require) == 0 with input as fixtures.change([])
	count(stateful.require) == 0 with input as fixtures.change([database, fixtures.deleted(server)])
}
