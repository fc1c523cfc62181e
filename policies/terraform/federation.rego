# Pipelines of others that could take a role: trust in an issuer of tokens that everybody may use.
package mrbot.terraform.federation

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.policy_document
import data.mrbot.terraform.resources
import rego.v1

open_trust := {
	"id": "terraform.federation.open_trust",
	"title": "A role that pipelines of others can take",
	"why": "GitHub, GitLab.com and their like give a token to everybody's pipelines: without a condition on `sub`, a stranger's pipeline has the role.",
	"fix": "Compare `sub` with your repository and branch, as in repo:acme/infra:ref:refs/heads/main.",
	"reference": "https://docs.github.com/en/actions/concepts/security/openid-connect",
	"controls": ["NIST 800-53 AC-3", "CICD-SEC-2"],
}

# Issuers that give tokens to whoever has an account there.
shared_issuer := `(token\.actions\.githubusercontent\.com|gitlab\.com|app\.terraform\.io|api\.bitbucket\.org|agent\.buildkite\.com|oidc\.circleci\.com)`

deny_open_trust contains finding.about(resource, open_trust, text) if {
	some [resource, statement] in trusting
	count(subjects(statement)) == 0
	text := "trusts every pipeline of its issuer: no condition is on `sub`"
}

deny_open_trust contains finding.about(resource, open_trust, text) if {
	some [resource, statement] in trusting
	some subject in subjects(statement)
	anybody(subject)
	text := sprintf("trusts pipelines of others: `sub` may be %s", [shape.shown(subject.value)])
}

deny_open_trust contains finding.about(resource, open_trust, text) if {
	some resource in resources.of_kind.google_iam_workload_identity_pool_provider
	some issuer in shape.blocks(shape.get(resource.after, "oidc"))
	regex.match(shared_issuer, shape.text(shape.get(issuer, "issuer_uri")))
	shape.get(resource.after, "attribute_condition") in [null, ""]
	not resources.unknown(resource, "attribute_condition")
	text := "trusts every pipeline of its issuer: it has no attribute_condition"
}

warn_open_trust contains finding.about(resource, open_trust, text) if {
	some [resource, statement] in trusting
	some subject in subjects(statement)
	not anybody(subject)
	company_wide(subject)
	text := sprintf("trusts every repository of a company or group: `sub` may be %s", [shape.shown(subject.value)])
}

warn_open_trust contains finding.about(resource, open_trust, text) if {
	some [resource, statement] in trusting
	some subject in subjects(statement)
	regex.match(`^\$\{[^{}]*\}$`, subject.value)
	text := sprintf("may trust pipelines of others: %s cannot be known yet", [shape.shown(subject.value)])
}

# Statements by which tokens of such an issuer are enough.
trusting contains [resource, statement] if {
	some kind in ["aws_iam_role", policy_document.data_source]
	some resource in resources.of_kind[kind]
	some statement in policy_document.statements(resource)
	statement.allows
	some action in statement.actions
	lower(action) in {"sts:assumerolewithwebidentity", "sts:assumerole*", "sts:*", "*"}
	shared(statement)
}

shared(statement) if {
	some name in statement.federated
	regex.match(sprintf("oidc-provider/%s", [shared_issuer]), name)
}

shared(statement) if {
	some condition in statement.conditions
	regex.match(sprintf("^%s[^:]*:", [shared_issuer]), condition.key)
}

subjects(statement) := [{"value": value, "like": contains(condition.test, "Like")} |
	some condition in statement.conditions
	regex.match(`^(ForAnyValue:)?String(Equals|Like)`, condition.test)
	endswith(lower(condition.key), ":sub")
	some value in condition.values
]

# A star before the repository's owner is named in full.
anybody(subject) if {
	subject.like
	regex.match(`^[^/]*[*?]`, subject.value)
	not regex.match(`^\$\{[^{}]*\}$`, subject.value)
	not regex.match(`^organization:[^:*?]+:`, subject.value)
}

company_wide(subject) if {
	subject.like
	regex.match(`^[^/*?]*/\*`, subject.value)
}
