package mrbot.terraform.credentials_test

import data.mrbot.fixtures
import data.mrbot.terraform.credentials
import rego.v1

warn_environment(resource) := count(found) if {
	found := credentials.warn_environment with input as fixtures.change([resource])
}

test_warn_environment_flags_what_may_be_wrong if {
	every resource in [
		fixtures.unknown(fixtures.terraform("aws_lambda_function", {"environment": [{"variables": {"API_TOKEN": "${var.token}"}}]}), ["environment.0.variables.API_TOKEN"]),
		fixtures.unknown(fixtures.terraform("azurerm_linux_web_app", {"app_settings": {"DbPassword": "${random_password.db.result}"}}), ["app_settings.DbPassword"]),
	] {
		warn_environment(resource) == 1
	}
}

test_warn_environment_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_lambda_function", {"environment": [{"variables": {"STAGE": "prod"}}]}),
		fixtures.unknown(fixtures.terraform("aws_lambda_function", {"environment": [{"variables": {"DB_SECRET_ARN": "${aws_secretsmanager_secret.db.arn}"}}]}), ["environment.0.variables.DB_SECRET_ARN"]),
		fixtures.unknown(fixtures.terraform("aws_lambda_function", {"environment": "${var.x}"}), ["environment"]),
	] {
		warn_environment(resource) == 0
	}
}

deny_environment(resource) := count(found) if {
	found := credentials.deny_environment with input as fixtures.change([resource])
}

deny_provider(resource) := count(found) if {
	found := credentials.deny_provider with input as fixtures.change([resource])
}

# As `resource`, of which these paths are sensitive.
sensitive(resource, paths) := object.union(resource, {"sensitive_paths": paths})

password := sensitive(
	fixtures.terraform("aws_lambda_function", {"environment": [{"variables": {"DB_PASSWORD": "(sensitive)"}}]}),
	["environment.0.variables.DB_PASSWORD"],
)

test_deny_environment_flags_a_secret if {
	deny_environment(password) == 1
	deny_environment(fixtures.planned(password)) == 1
	container := fixtures.terraform("aws_ecs_task_definition", {})
	deny_environment(sensitive(container, ["container_definitions.0.environment.1.value"])) == 1
}

test_deny_environment_allows_what_is_no_secret_or_elsewhere if {
	deny_environment(fixtures.terraform("aws_lambda_function", {"environment": [{"variables": {"STAGE": "prod"}}]})) == 0
	deny_environment(sensitive(fixtures.terraform("aws_lambda_function", {}), ["environment"])) == 0
	deny_environment(sensitive(fixtures.terraform("azurerm_linux_web_app", {}), ["app_settings", "site_credential"])) == 0
	deny_environment(sensitive(fixtures.terraform("aws_db_instance", {}), ["password"])) == 0
}

test_warn_environment_allows_what_is_denied if {
	warn_environment(password) == 0
	warn_environment(fixtures.unknown(password, password.sensitive_paths)) == 0
}

test_deny_provider_flags_a_secret_of_a_provider_or_a_backend if {
	deny_provider(sensitive(fixtures.terraform("provider", {"token": "(sensitive)"}), ["token"])) == 1
	deny_provider(sensitive(fixtures.terraform("terraform", {}), ["backend.0.s3.secret_key"])) == 1
}

test_deny_provider_allows_expressions_and_what_is_no_secret if {
	deny_provider(fixtures.unknown(fixtures.terraform("provider", {"token": "${var.token}"}), ["token"])) == 0
	deny_provider(fixtures.terraform("provider", {"region": "eu-west-1"})) == 0
	deny_provider(sensitive(fixtures.terraform("aws_db_instance", {}), ["password"])) == 0
	deny_provider(fixtures.planned(sensitive(fixtures.terraform("provider", {}), ["token"]))) == 0
}
