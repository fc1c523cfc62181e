# Keys and secrets: that they change, and that they are not lost.
package mrbot.terraform.keys

import data.mrbot.finding
import data.mrbot.terraform.attributes
import data.mrbot.terraform.resources
import rego.v1

no_rotation := {
	"id": "terraform.keys.no_rotation",
	"title": "A key that is never rotated",
	"why": "A key that leaked then opens everything that was ever, and will ever be, encrypted with it.",
	"fix": "Turn rotation on: enable_key_rotation, or a rotation_period of 90 days.",
	"reference": "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
	"controls": ["NIST 800-53 SC-12", "CIS AWS 3.0 3.6"],
}

# Keys that cannot be rotated by themselves are left alone.
no_rotation_checks := [
	{
		"kind": "aws_kms_key",
		"path": ["enable_key_rotation"],
		"bad": "off",
		"unset": "bad",
		"means": "is never rotated",
		"unless": [
			{"path": ["key_usage"], "is": ["SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"]},
			{"path": ["customer_master_key_spec"], "is": ["RSA_2048", "RSA_3072", "RSA_4096", "SM2"]},
			{"path": ["custom_key_store_id"], "is": "set"},
		],
	},
	{
		"kind": "google_kms_crypto_key",
		"path": ["rotation_period"],
		"bad": [""],
		"unset": "bad",
		"means": "is never rotated",
		"unless": [
			{"path": ["purpose"], "is": ["ASYMMETRIC_SIGN", "ASYMMETRIC_DECRYPT", "MAC", "KEY_ENCAPSULATION"]},
			{"path": ["import_only"], "is": "on"},
			{"path": ["rotation_period"], "is": "given"},
		],
	},
]

deny_no_rotation contains finding.about(resource, no_rotation, text) if {
	some check in no_rotation_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_no_rotation contains finding.about(resource, no_rotation, text) if {
	some check in no_rotation_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}

no_recovery := {
	"id": "terraform.keys.no_recovery",
	"title": "A vault or secret that is gone at once when it is deleted",
	"why": "What a lost key encrypted cannot be read again, by nobody and for ever.",
	"fix": "Set purge_protection_enabled to true, and leave a secret its days of recovery.",
	"reference": "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview",
	"controls": ["NIST 800-53 CP-9"],
}

no_recovery_checks := [
	{
		"kind": "azurerm_key_vault",
		"path": ["purge_protection_enabled"],
		"bad": "off",
		"unset": "bad",
		"means": "can be purged with every key in it",
	},
	{
		"kind": "aws_secretsmanager_secret",
		"path": ["recovery_window_in_days"],
		"bad": [0, "0"],
		"means": "cannot be recovered once it is deleted",
	},
]

deny_no_recovery contains finding.about(resource, no_recovery, text) if {
	some check in no_recovery_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_no_recovery contains finding.about(resource, no_recovery, text) if {
	some check in no_recovery_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}
