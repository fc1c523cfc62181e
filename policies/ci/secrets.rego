# Secrets of a pipeline that others than its jobs can read.
package mrbot.ci.secrets

import data.mrbot.ci.github
import data.mrbot.ci.gitlab
import data.mrbot.finding
import data.mrbot.shape
import rego.v1

plain := {
	"id": "ci.secrets.plain",
	"title": "A password in a pipeline's variables",
	"why": "Everybody who reads the repository reads it, now and in its history.",
	"fix": "Replace the secret, and keep the new one in the host's protected and masked variables or secrets.",
	"reference": "https://docs.gitlab.com/ci/variables/#cicd-variable-security",
	"controls": ["CICD-SEC-6", "NIST 800-53 IA-5"],
}

# What is masked is a secret by its name or its looks, which is a guess: so this only warns. The
# databases that tests are run with have passwords of their own, which protect nothing.
warn_plain contains finding.about(resource, plain, text) if {
	some resource in array.concat(github.present, gitlab.present)
	paths := sort([path |
		some path in resource.sensitive_paths
		shape.secret(path, "(sensitive)")
		not regex.match(`^services\.|(^|\.)(POSTGRES|PG|MYSQL|MARIADB|MONGO|MONGO_INITDB|MSSQL_SA|SA|RABBITMQ|REDIS)_?[A-Z_]*PASS(WORD)?$`, path)
	])
	count(paths) > 0
	text := sprintf("seems to hold a secret in clear: %s", [shape.shown(concat(", ", array.slice(paths, 0, 5)))])
}

inherited := {
	"id": "ci.secrets.inherited",
	"title": "A workflow of another repository that is given every secret",
	"why": "Whoever changes that workflow, or what it calls, has them all.",
	"fix": "Name the secrets that it needs, and pin it to a full commit.",
	"reference": "https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows#passing-inputs-and-secrets-to-a-reusable-workflow",
	"controls": ["CICD-SEC-6", "NIST 800-53 AC-6"],
}

deny_inherited contains finding.about(resource, inherited, text) if {
	some resource in inheriting
	not github.pinned(called(resource))
	text := sprintf("gives every secret to code that can change by itself: %s", [shape.shown(called(resource))])
}

warn_inherited contains finding.about(resource, inherited, text) if {
	some resource in inheriting
	github.pinned(called(resource))
	text := sprintf("gives every secret to another repository's workflow: %s", [shape.shown(called(resource))])
}

inheriting := [resource |
	some resource in github.present
	resource.kind == "job"
	shape.get(resource.after, "secrets") == "inherit"
	not startswith(called(resource), "./")
]

called(resource) := shape.text(shape.get(resource.after, "uses"))

public_plan := {
	"id": "ci.secrets.public_plan",
	"title": "A Terraform plan or state that is kept where others can download it",
	"why": "Plans and states hold passwords in clear; artifacts of a public project are public.",
	"fix": "GitLab: artifacts: {public: false}, or access: developer. GitHub: encrypt it, or keep it elsewhere.",
	"reference": "https://docs.gitlab.com/ci/yaml/#artifactspublic",
	"controls": ["CICD-SEC-6", "NIST 800-53 AC-3"],
}

warn_public_plan contains finding.about(resource, public_plan, text) if {
	some resource in gitlab.present
	kept := shape.get(resource.after, "artifacts")
	not shape.is_off(shape.get(kept, "public"))
	not shape.get(kept, "access") in {"developer", "maintainer", "none"}
	some path in shape.texts(shape.get(kept, "paths"))
	regex.match(plan, path)
	text := sprintf("keeps a plan for everybody who sees its pipeline: %s", [shape.shown(path)])
}

warn_public_plan contains finding.about(resource, public_plan, text) if {
	some resource in github.present
	resource.kind == "job"
	some step in github.steps(resource)
	startswith(shape.text(shape.get(step, "uses")), "actions/upload-artifact@")
	some path in split(shape.text(shape.get(shape.get(step, "with"), "path")), "\n")
	regex.match(plan, path)
	text := sprintf("keeps a plan for everybody who sees its runs: %s", [shape.shown(path)])
}

plan := `(?i)(^|[/._-])(tf-?plan|plan\.(bin|cache|json|out|tfplan)|plan-?(file|output)|tfstate)([/._*-]|$)`
