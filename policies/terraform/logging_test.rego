package mrbot.terraform.logging_test

import data.mrbot.fixtures
import data.mrbot.terraform.logging
import rego.v1

deny_incomplete_trail(resource) := count(found) if {
	found := logging.deny_incomplete_trail with input as fixtures.change([resource])
}

test_deny_incomplete_trail_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("aws_cloudtrail", {"enable_log_file_validation": true}),
		fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": false, "enable_log_file_validation": true}),
		fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": true}),
		fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": true, "enable_log_file_validation": true, "enable_logging": false}),
	] {
		deny_incomplete_trail(resource) == 1
	}
}

test_deny_incomplete_trail_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": true, "enable_log_file_validation": true}),
		fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": true, "enable_log_file_validation": true, "enable_logging": true}),
		fixtures.unknown(fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": true, "enable_log_file_validation": true, "enable_logging": "${var.x}"}), ["enable_logging"]),
	] {
		deny_incomplete_trail(resource) == 0
	}
}

warn_incomplete_trail(resource) := count(found) if {
	found := logging.warn_incomplete_trail with input as fixtures.change([resource])
}

test_warn_incomplete_trail_flags_what_may_be_wrong if {
	every resource in [
		fixtures.unknown(fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": true, "enable_log_file_validation": true, "enable_logging": "${var.x}"}), ["enable_logging"]),
	] {
		warn_incomplete_trail(resource) == 1
	}
}

test_warn_incomplete_trail_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": true, "enable_log_file_validation": true}),
		fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": true, "enable_log_file_validation": true, "enable_logging": true}),
		fixtures.terraform("aws_cloudtrail", {"enable_log_file_validation": true}),
		fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": false, "enable_log_file_validation": true}),
		fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": true}),
		fixtures.terraform("aws_cloudtrail", {"is_multi_region_trail": true, "enable_log_file_validation": true, "enable_logging": false}),
	] {
		warn_incomplete_trail(resource) == 0
	}
}

warn_lost_log(resource) := count(found) if {
	found := logging.warn_lost_log with input as fixtures.change([resource])
}

test_warn_lost_log_flags_what_is_deleted if {
	every kind in logging.log_kinds {
		warn_lost_log(fixtures.deleted(fixtures.terraform(kind, {}))) == 1
	}
}

test_warn_lost_log_allows_what_stays_or_is_replaced if {
	warn_lost_log(fixtures.terraform("aws_cloudtrail", {})) == 0
	warn_lost_log(fixtures.replaced(fixtures.terraform("aws_cloudtrail", {}))) == 0
	warn_lost_log(fixtures.deleted(fixtures.terraform("aws_s3_bucket", {}))) == 0
}
