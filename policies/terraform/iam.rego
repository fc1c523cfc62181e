# Permissions for everything, or for everybody.
package mrbot.terraform.iam

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.policy_document
import data.mrbot.terraform.resources
import rego.v1

wildcard := {
	"id": "terraform.iam.wildcard",
	"title": "A policy that allows every action on every resource",
	"why": "Whoever has the policy, or steals its credentials, can do everything.",
	"fix": "Name the actions that are needed, and the resources they are needed on.",
	"reference": "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
	"controls": ["NIST 800-53 AC-6", "CIS AWS 3.0 1.16"],
}

deny_wildcard contains finding.about(resource, wildcard, text) if {
	some resource in resources.present
	some statement in policy_document.statements(resource)
	statement.allows
	some action in statement.actions
	every_action(action)
	some target in statement.resources
	every_resource(target)
	text := "allows every action on every resource"
}

warn_wildcard contains finding.about(resource, wildcard, text) if {
	some resource in resources.present
	some statement in policy_document.statements(resource)
	statement.allows
	statement.all_but
	some target in statement.resources
	every_resource(target)
	text := "allows every action but a few on every resource"
}

warn_wildcard contains finding.about(unjudged.resource, wildcard, text) if {
	some unjudged in policy_document.unjudged
	text := sprintf("has a policy that is not judged: it %s", [unjudged.why])
}

every_action(action) if regex.match(`^[*?:]*\*[*?:]*$`, action)

every_resource(target) if regex.match(`^(arn:(aws[a-z-]*:)?)?[*?:]*\*[*?:]*$`, target)

public_principal := {
	"id": "terraform.iam.public_principal",
	"title": "A policy that allows everybody",
	"why": "Everybody, in any account, may do what the policy allows.",
	"fix": "Name the accounts, roles or services that need access in place of \"*\".",
	"reference": "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous",
	"controls": ["NIST 800-53 AC-3"],
}

deny_public_principal contains finding.about(resource, public_principal, text) if {
	some resource in resources.present
	some statement in policy_document.statements(resource)
	open_to_everybody(statement)
	not statement.conditional
	text := "allows everybody: its policy names the principal \"*\" without a condition"
}

deny_public_principal contains finding.about(resource, public_principal, text) if {
	some resource in resources.present
	resource.kind == "aws_lambda_permission"
	shape.get(resource.after, "principal") == "*"
	text := "allows everybody: its principal is \"*\""
}

warn_public_principal contains finding.about(resource, public_principal, text) if {
	some resource in resources.present
	some statement in policy_document.statements(resource)
	open_to_everybody(statement)
	statement.conditional
	text := "allows everybody who meets a condition; whether the condition keeps others out is not judged"
}

open_to_everybody(statement) if {
	statement.allows
	some principal in statement.principals
	regex.match(`^[*?]*\*[*?]*$`, principal)
}

administrator := {
	"id": "terraform.iam.administrator",
	"title": "A ready-made role with power over everything",
	"why": "Whoever has the role, or steals its credentials, can do everything.",
	"fix": "Give a role with the permissions that are needed.",
	"reference": "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
	"controls": ["NIST 800-53 AC-6", "CIS AWS 3.0 1.16"],
}

# Attributes that name a ready-made role or policy, by kind.
grant_attribute := {
	"aws_iam_group_policy_attachment": "policy_arn",
	"aws_iam_policy_attachment": "policy_arn",
	"aws_iam_role": "managed_policy_arns",
	"aws_iam_role_policy_attachment": "policy_arn",
	"aws_iam_user_policy_attachment": "policy_arn",
	"aws_ssoadmin_managed_policy_attachment": "managed_policy_arn",
	"azurerm_role_assignment": "role_definition_name",
	"google_folder_iam_member": "role",
	"google_organization_iam_member": "role",
	"google_project_iam_binding": "role",
	"google_project_iam_member": "role",
}

deny_administrator contains finding.about(resource, administrator, text) if {
	some resource in resources.present
	some granted in shape.texts(shape.get(resource.after, grant_attribute[resource.kind]))
	over_everything(granted)
	text := sprintf("gives power over everything: %s", [shape.shown(granted)])
}

over_everything(granted) if granted in {"Owner", "roles/owner", "roles/editor"}

over_everything(granted) if regex.match(`^arn:aws[a-z-]*:iam::aws:policy/AdministratorAccess$`, granted)

long_lived_key := {
	"id": "terraform.iam.long_lived_key",
	"title": "A key that is valid until somebody takes it away",
	"why": "Such keys are copied, committed and forgotten; Terraform keeps them in its state as well.",
	"fix": "Let the workload take a role: of its machine, its cluster or its pipeline (OIDC).",
	"reference": "https://cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys",
	"controls": ["NIST 800-53 IA-5"],
}

key_kinds := {
	"aws_iam_access_key", "azuread_application_password", "azuread_service_principal_password",
	"google_service_account_key",
}

warn_long_lived_key contains finding.about(resource, long_lived_key, "is a key without an end") if {
	some kind in key_kinds
	some resource in resources.of_kind[kind]
}

public_member := {
	"id": "terraform.iam.public_member",
	"title": "A role in Google Cloud for everybody",
	"why": "Everybody on the internet, or everybody with any Google account, may do what the role allows.",
	"fix": "Give the role to named identities.",
	"reference": "https://cloud.google.com/iam/docs/overview#all-users",
	"controls": ["NIST 800-53 AC-3"],
}

everybody := {"allUsers", "allAuthenticatedUsers"}

# What is often meant for everybody: a website.
web_services := `^google_(cloud_run|cloudfunctions)`

deny_public_member contains finding.about(resource, public_member, text) if {
	some [resource, member] in public_members
	not regex.match(web_services, resource.kind)
	text := sprintf("gives a role to %s", [member])
}

warn_public_member contains finding.about(resource, public_member, text) if {
	some [resource, member] in public_members
	regex.match(web_services, resource.kind)
	text := sprintf("lets %s call the service", [member])
}

# Buckets have a rule of their own.
public_members := {[resource, member] |
	some kind, found in resources.of_kind
	regex.match(`^google_[a-z0-9_]+_iam_(member|binding)$`, kind)
	not startswith(kind, "google_storage_bucket_iam_")
	some resource in found
	given := [name | some key in ["member", "members"]; some name in shape.texts(shape.get(resource.after, key))]
	member := concat(" and ", sort({name | some name in given; name in everybody}))
	member != ""
}

password_policy := {
	"id": "terraform.iam.password_policy",
	"title": "Passwords of an account that may be short",
	"why": "Short passwords are guessed.",
	"fix": "Set minimum_password_length to 14 or more.",
	"reference": "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html",
	"controls": ["NIST 800-53 IA-5", "CIS AWS 3.0 1.8"],
	"parameters": {"length": {"default": 14, "about": "The least length that is asked for."}},
}

least_length := finding.parameter(password_policy, "length")

deny_password_policy contains finding.about(resource, password_policy, text) if {
	some resource in resources.of_kind.aws_iam_account_password_policy
	length := shape.number(shape.get(resource.after, "minimum_password_length"))
	length < least_length
	text := sprintf("lets passwords be of %v characters", [length])
}

warn_password_policy contains finding.about(resource, password_policy, text) if {
	some resource in resources.of_kind.aws_iam_account_password_policy
	shape.get(resource.after, "minimum_password_length") == null
	not resources.unknown(resource, "minimum_password_length")
	text := "does not say how long passwords have to be"
}
