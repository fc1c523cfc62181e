# Records of who did what.
package mrbot.terraform.logging

import data.mrbot.finding
import data.mrbot.terraform.attributes
import data.mrbot.terraform.resources
import rego.v1

incomplete_trail := {
	"id": "terraform.logging.incomplete_trail",
	"title": "A trail that misses regions, stands still or can be changed unseen",
	"why": "What is not recorded, or can be altered, is no evidence when something happened.",
	"fix": "Set is_multi_region_trail and enable_log_file_validation to true, and leave enable_logging on.",
	"reference": "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
	"controls": ["NIST 800-53 AU-12", "CIS AWS 3.0 3.1", "CIS AWS 3.0 3.2"],
}

incomplete_trail_checks := [
	{
		"kind": "aws_cloudtrail",
		"path": ["is_multi_region_trail"],
		"bad": "off",
		"unset": "bad",
		"means": "records one region only",
	},
	{
		"kind": "aws_cloudtrail",
		"path": ["enable_log_file_validation"],
		"bad": "off",
		"unset": "bad",
		"means": "does not show whether its files were changed",
	},
	{"kind": "aws_cloudtrail", "path": ["enable_logging"], "bad": "off", "means": "records nothing"},
]

deny_incomplete_trail contains finding.about(resource, incomplete_trail, text) if {
	some check in incomplete_trail_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_incomplete_trail contains finding.about(resource, incomplete_trail, text) if {
	some check in incomplete_trail_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}

lost_log := {
	"id": "terraform.logging.lost_log",
	"title": "Logging or detection that goes",
	"why": "From then on nobody sees what happens, and attackers take it away first.",
	"fix": "Say in the change's description what takes over from it.",
	"reference": "https://attack.mitre.org/techniques/T1562/008/",
	"controls": ["NIST 800-53 AU-12"],
}

log_kinds := {
	"aws_cloudtrail", "aws_config_configuration_recorder", "aws_flow_log", "aws_guardduty_detector",
	"aws_s3_bucket_logging", "aws_securityhub_account", "aws_wafv2_web_acl_logging_configuration",
	"azurerm_monitor_diagnostic_setting", "azurerm_network_watcher_flow_log", "google_folder_iam_audit_config",
	"google_logging_folder_sink", "google_logging_organization_sink", "google_logging_project_sink",
	"google_project_iam_audit_config",
}

warn_lost_log contains finding.about(resource, lost_log, text) if {
	some resource in resources.lost
	resource.action == "delete"
	resource.kind in log_kinds
	text := "does not record any more"
}
