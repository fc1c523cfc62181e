package mrbot.terraform.keys_test

import data.mrbot.fixtures
import data.mrbot.terraform.keys
import rego.v1

deny_no_rotation(resource) := count(found) if {
	found := keys.deny_no_rotation with input as fixtures.change([resource])
}

test_deny_no_rotation_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("aws_kms_key", {}),
		fixtures.terraform("aws_kms_key", {"enable_key_rotation": false}),
		fixtures.terraform("google_kms_crypto_key", {}),
		fixtures.terraform("google_kms_crypto_key", {"purpose": "ENCRYPT_DECRYPT"}),
	] {
		deny_no_rotation(resource) == 1
	}
}

test_deny_no_rotation_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_kms_key", {"enable_key_rotation": true}),
		fixtures.terraform("aws_kms_key", {"key_usage": "SIGN_VERIFY"}),
		fixtures.terraform("aws_kms_key", {"customer_master_key_spec": "RSA_2048"}),
		fixtures.terraform("aws_kms_key", {"custom_key_store_id": "cks-1"}),
		fixtures.terraform("google_kms_crypto_key", {"rotation_period": "7776000s"}),
		fixtures.terraform("google_kms_crypto_key", {"purpose": "ASYMMETRIC_SIGN"}),
		fixtures.terraform("google_kms_crypto_key", {"import_only": true}),
		fixtures.unknown(fixtures.terraform("google_kms_crypto_key", {"rotation_period": "${var.period}"}), ["rotation_period"]),
		fixtures.unknown(fixtures.terraform("aws_kms_key", {"enable_key_rotation": "${var.x}"}), ["enable_key_rotation"]),
	] {
		deny_no_rotation(resource) == 0
	}
}

warn_no_rotation(resource) := count(found) if {
	found := keys.warn_no_rotation with input as fixtures.change([resource])
}

test_warn_no_rotation_flags_what_may_be_wrong if {
	every resource in [
		fixtures.unknown(fixtures.terraform("aws_kms_key", {"enable_key_rotation": "${var.x}"}), ["enable_key_rotation"]),
	] {
		warn_no_rotation(resource) == 1
	}
}

test_warn_no_rotation_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_kms_key", {"enable_key_rotation": true}),
		fixtures.terraform("aws_kms_key", {"key_usage": "SIGN_VERIFY"}),
		fixtures.terraform("aws_kms_key", {"customer_master_key_spec": "RSA_2048"}),
		fixtures.terraform("aws_kms_key", {"custom_key_store_id": "cks-1"}),
		fixtures.terraform("google_kms_crypto_key", {"rotation_period": "7776000s"}),
		fixtures.terraform("google_kms_crypto_key", {"purpose": "ASYMMETRIC_SIGN"}),
		fixtures.terraform("google_kms_crypto_key", {"import_only": true}),
		fixtures.unknown(fixtures.terraform("google_kms_crypto_key", {"rotation_period": "${var.period}"}), ["rotation_period"]),
		fixtures.terraform("aws_kms_key", {}),
		fixtures.terraform("aws_kms_key", {"enable_key_rotation": false}),
		fixtures.terraform("google_kms_crypto_key", {}),
		fixtures.terraform("google_kms_crypto_key", {"purpose": "ENCRYPT_DECRYPT"}),
	] {
		warn_no_rotation(resource) == 0
	}
}

deny_no_recovery(resource) := count(found) if {
	found := keys.deny_no_recovery with input as fixtures.change([resource])
}

test_deny_no_recovery_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("azurerm_key_vault", {}),
		fixtures.terraform("azurerm_key_vault", {"purge_protection_enabled": false}),
		fixtures.terraform("aws_secretsmanager_secret", {"recovery_window_in_days": 0}),
	] {
		deny_no_recovery(resource) == 1
	}
}

test_deny_no_recovery_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("azurerm_key_vault", {"purge_protection_enabled": true}),
		fixtures.terraform("aws_secretsmanager_secret", {}),
		fixtures.terraform("aws_secretsmanager_secret", {"recovery_window_in_days": 7}),
		fixtures.unknown(fixtures.terraform("azurerm_key_vault", {"purge_protection_enabled": "${var.x}"}), ["purge_protection_enabled"]),
	] {
		deny_no_recovery(resource) == 0
	}
}

warn_no_recovery(resource) := count(found) if {
	found := keys.warn_no_recovery with input as fixtures.change([resource])
}

test_warn_no_recovery_flags_what_may_be_wrong if {
	every resource in [
		fixtures.unknown(fixtures.terraform("azurerm_key_vault", {"purge_protection_enabled": "${var.x}"}), ["purge_protection_enabled"]),
	] {
		warn_no_recovery(resource) == 1
	}
}

test_warn_no_recovery_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("azurerm_key_vault", {"purge_protection_enabled": true}),
		fixtures.terraform("aws_secretsmanager_secret", {}),
		fixtures.terraform("aws_secretsmanager_secret", {"recovery_window_in_days": 7}),
		fixtures.terraform("azurerm_key_vault", {}),
		fixtures.terraform("azurerm_key_vault", {"purge_protection_enabled": false}),
		fixtures.terraform("aws_secretsmanager_secret", {"recovery_window_in_days": 0}),
	] {
		warn_no_recovery(resource) == 0
	}
}
