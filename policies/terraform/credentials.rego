# Secrets where everybody reads them.
package mrbot.terraform.credentials

import data.mrbot.finding
import data.mrbot.terraform.resources
import rego.v1

provider := {
	"id": "terraform.credentials.provider",
	"title": "A provider's or backend's credentials in a file",
	"why": "Everybody who reads the repository has them, for ever, and they mostly may change everything.",
	"fix": "Replace the credentials; let the pipeline take a role, or give them by the environment.",
	"reference": "https://developer.hashicorp.com/terraform/language/providers/configuration",
	"controls": ["NIST 800-53 IA-5", "CICD-SEC-6"],
}

# A secret that stands there as it is: an expression is not sensitive in the files.
deny_provider contains finding.about(resource, provider, text) if {
	some kind in ["provider", "terraform"]
	some resource in resources.of_kind[kind]
	resource.certainty == "static"
	some path in resource.sensitive_paths
	text := sprintf("has credentials in the file: %s", [path])
}

environment := {
	"id": "terraform.credentials.environment",
	"title": "A secret in the environment of a function, container or site",
	"why": "Whoever may read the configuration reads it, in the console, in logs and in Terraform's state.",
	"fix": "Keep it in a secret store, and let the workload fetch it or name it there.",
	"reference": "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",
	"controls": ["NIST 800-53 IA-5"],
}

# Where variables of the environment stand, by kind.
environment_of := {
	"aws_codebuild_project": `^environment\.[0-9]+\.environment_variable\.`,
	"aws_ecs_task_definition": `^container_definitions\.[0-9]+\.environment\.`,
	"aws_lambda_function": `^environment\.[0-9]+\.variables\.`,
	"azurerm_linux_function_app": `^app_settings\.`,
	"azurerm_linux_web_app": `^app_settings\.`,
	"azurerm_windows_function_app": `^app_settings\.`,
	"azurerm_windows_web_app": `^app_settings\.`,
	"google_cloud_run_service": `^template\.[0-9]+\.spec\.[0-9]+\.containers\.[0-9]+\.env\.`,
	"google_cloud_run_v2_service": `^template\.[0-9]+\.containers\.[0-9]+\.env\.`,
	"google_cloudfunctions2_function": `^service_config\.[0-9]+\.environment_variables\.`,
	"google_cloudfunctions_function": `^environment_variables\.`,
}

deny_environment contains finding.about(resource, environment, text) if {
	some kind, place in environment_of
	some resource in resources.of_kind[kind]
	some path in resource.sensitive_paths
	regex.match(place, path)
	text := sprintf("has a secret in its environment: %s", [path])
}

# Named like a secret, by a name that ends with it: a secret's ARN or a token's address is none.
warn_environment contains finding.about(resource, environment, text) if {
	some kind, place in environment_of
	some resource in resources.of_kind[kind]
	some path in resource.unknown_paths
	regex.match(place, path)
	regex.match(`(?i)(password|passwd|secret|token|api_?key|private_?key|secret_?key|access_?key)$`, path)
	not path in resource.sensitive_paths
	text := sprintf("may have a secret in its environment: %s cannot be known yet", [path])
}
