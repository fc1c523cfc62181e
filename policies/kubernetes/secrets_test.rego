package mrbot.kubernetes.secrets_test

import data.mrbot.fixtures
import data.mrbot.kubernetes.secrets
import rego.v1

secret(after) := fixtures.manifest("v1/Secret", after)

test_deny_plain_flags_committed_values if {
	count(secrets.deny_plain) == 1 with input as fixtures.change([secret({"data": {"password": "(sensitive)"}})])
	count(secrets.deny_plain) == 1 with input as fixtures.change([secret({"stringData": {"password": "(sensitive)"}})])
	count(secrets.deny_plain) == 1 with input as fixtures.change([secret({"data": "(sensitive)"})])
}

test_deny_plain_flags_a_pretended_encryption if {
	pretended := secret({"data": {"password": "(sensitive)"}, "sops": {}})
	count(secrets.deny_plain) == 1 with input as fixtures.change([pretended])
}

test_deny_plain_flags_one_value_beside_templates if {
	mixed := secret({"data": {"a": "(sensitive)", "b": "(sensitive)"}})
	count(secrets.deny_plain) == 1 with input as fixtures.change([fixtures.unknown(mixed, ["data.a"])])
}

test_deny_plain_allows_secrets_without_values if {
	count(secrets.deny_plain) == 0 with input as fixtures.change([secret({"type": "kubernetes.io/service-account-token"})])
	count(secrets.deny_plain) == 0 with input as fixtures.change([secret({"data": {}})])
	count(secrets.deny_plain) == 0 with input as fixtures.change([secret({"data": null})])
}

test_deny_plain_allows_encrypted_and_templated_values if {
	encrypted := secret({"data": {"password": "(sensitive)"}, "sops": {"mac": "ENC[AES256_GCM,data:x]"}})
	count(secrets.deny_plain) == 0 with input as fixtures.change([encrypted])
	templated := fixtures.unknown(secret({"data": {"password": "(sensitive)"}}), ["data.password"])
	count(secrets.deny_plain) == 0 with input as fixtures.change([templated])
	sealed := fixtures.manifest("bitnami.com/v1alpha1/SealedSecret", {"spec": {"encryptedData": {"a": "x"}}})
	count(secrets.deny_plain) == 0 with input as fixtures.change([sealed])
}

test_deny_plain_allows_deleting_a_secret if {
	gone := fixtures.deleted(secret({"data": {"password": "(sensitive)"}}))
	count(secrets.deny_plain) == 0 with input as fixtures.change([gone])
}

with_variable(variable) := fixtures.change([fixtures.manifest("v1/Pod", {"spec": {"containers": [{"name": "app", "env": [variable]}]}})])

config_map(after) := fixtures.manifest("v1/ConfigMap", after)

test_warn_literal_flags_variables_that_are_masked if {
	count(secrets.warn_literal) == 1 with input as with_variable({"name": "DB_PASSWORD", "value": "(sensitive)"})
	count(secrets.warn_literal) == 1 with input as with_variable({"name": "URL", "value": "postgres://u:(sensitive)@db"})
}

test_warn_literal_flags_a_config_map_once if {
	several := config_map({"data": {"a": "(sensitive)", "b": "password=(sensitive)"}})
	count(secrets.warn_literal) == 1 with input as fixtures.change([several])
}

test_warn_literal_allows_references_and_encrypted_values if {
	reference := {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
	count(secrets.warn_literal) == 0 with input as with_variable(reference)
	count(secrets.warn_literal) == 0 with input as with_variable({"name": "MODE", "value": "fast"})
	count(secrets.warn_literal) == 0 with input as fixtures.change([config_map({"data": {"mode": "fast"}})])
	encrypted := config_map({"data": {"a": "(sensitive)"}, "sops": {"mac": "ENC[AES256_GCM,data:x]"}})
	count(secrets.warn_literal) == 0 with input as fixtures.change([encrypted])
	count(secrets.warn_literal) == 0 with input as fixtures.change([secret({"data": {"a": "(sensitive)"}})])
}
