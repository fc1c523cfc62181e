# Machines that strangers could get into, or get further from.
package mrbot.terraform.compute

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.attributes
import data.mrbot.terraform.resources
import rego.v1

imds_v1 := {
	"id": "terraform.compute.imds_v1",
	"title": "A machine whose metadata service takes requests without a token",
	"why": "A hole that lets a stranger make the machine fetch an address gives them the machine's credentials.",
	"fix": "Set http_tokens to \"required\" in metadata_options.",
	"reference": "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html",
	"controls": ["NIST 800-53 AC-6", "CIS AWS 3.0 5.6"],
}

imds_v1_checks := array.concat(
	[{
		"kind": "aws_ec2_instance_metadata_defaults",
		"path": ["http_tokens"],
		"bad": ["optional"],
		"means": "answers requests for metadata without a token",
	}],
	[check |
		some kind in ["aws_instance", "aws_launch_template", "aws_launch_configuration"]
		check := {
			"kind": kind,
			"path": ["metadata_options", "http_tokens"],
			"bad": ["optional"],
			"unset": "doubtful",
			"computed": true,
			"means": "answers requests for metadata without a token",
			"unless": [{"path": ["metadata_options", "http_endpoint"], "is": ["disabled"]}],
		}
	],
)

deny_imds_v1 contains finding.about(resource, imds_v1, text) if {
	some check in imds_v1_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_imds_v1 contains finding.about(resource, imds_v1, text) if {
	some check in imds_v1_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}

weak_login := {
	"id": "terraform.compute.weak_login",
	"title": "A machine that lets in by password or serial port",
	"why": "Passwords can be guessed; a serial port and keys in metadata go past the identities that a company can take back.",
	"fix": "Let in by key or identity: no passwords, no serial port, OS Login on.",
	"reference": "https://cloud.google.com/compute/docs/oslogin",
	"controls": ["NIST 800-53 IA-5"],
}

google_machines := ["google_compute_instance", "google_compute_instance_template", "google_compute_region_instance_template"]

weak_login_checks := array.concat(
	[
		{
			"kind": "azurerm_linux_virtual_machine",
			"path": ["disable_password_authentication"],
			"bad": "off",
			"means": "lets in by password",
		},
		{
			"kind": "azurerm_linux_virtual_machine_scale_set",
			"path": ["disable_password_authentication"],
			"bad": "off",
			"means": "lets in by password",
		},
		{
			"kind": "azurerm_virtual_machine",
			"path": ["os_profile_linux_config", "disable_password_authentication"],
			"bad": "off",
			"means": "lets in by password",
		},
		{
			"kind": "google_compute_project_metadata",
			"path": ["metadata", "enable-oslogin"],
			"bad": [false, "false", "FALSE", "False", "0", 0],
			"means": "lets in by keys in metadata",
		},
	],
	array.concat(
		[check |
			some kind in google_machines
			check := {
				"kind": kind,
				"path": ["metadata", "serial-port-enable"],
				"bad": [true, "true", "TRUE", "True", "1", 1],
				"means": "lets in by serial port",
			}
		],
		[check |
			some kind in google_machines
			check := {
				"kind": kind,
				"path": ["metadata", "enable-oslogin"],
				"bad": [false, "false", "FALSE", "False", "0", 0],
				"means": "lets in by keys in metadata",
			}
		],
	),
)

deny_weak_login contains finding.about(resource, weak_login, text) if {
	some check in weak_login_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_weak_login contains finding.about(resource, weak_login, text) if {
	some check in weak_login_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}

default_identity := {
	"id": "terraform.compute.default_identity",
	"title": "A machine that runs as the project's default identity with full access",
	"why": "The default service account mostly may edit the whole project: whoever gets into the machine may too.",
	"fix": "Give the machine a service account of its own, with the roles that it needs.",
	"reference": "https://cloud.google.com/compute/docs/access/service-accounts#default_service_account",
	"controls": ["NIST 800-53 AC-6"],
}

full_scopes := {"cloud-platform", "https://www.googleapis.com/auth/cloud-platform"}

deny_default_identity contains finding.about(resource, default_identity, text) if {
	some kind in google_machines
	some resource in resources.of_kind[kind]
	some number, account in shape.items(shape.get(resource.after, "service_account"))
	default_account(resource, number, shape.get(account, "email"))
	some scope in shape.texts(shape.get(account, "scopes"))
	scope in full_scopes
	text := "runs as the default service account with access to every API"
}

default_account(_, _, email) if regex.match(`^[0-9]+-compute@developer\.gserviceaccount\.com$`, shape.text(email))

default_account(resource, number, email) if {
	email in {null, "", "default"}
	not resources.unknown(resource, sprintf("service_account.%v.email", [number]))
}
