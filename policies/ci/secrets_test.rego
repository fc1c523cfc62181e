package mrbot.ci.secrets_test

import data.mrbot.ci.secrets
import data.mrbot.fixtures
import rego.v1

sha := "0123456789abcdef0123456789abcdef01234567"

gitlab_job(after) := fixtures.gitlab("job", "test", after)

test_warn_plain_flags_what_is_masked_on_both_hosts if {
	job := fixtures.sensitive(fixtures.job({"env": {"API_TOKEN": "(sensitive)"}}), ["env.API_TOKEN"])
	count(secrets.warn_plain) == 1 with input as fixtures.change([job])
	settings := fixtures.gitlab("settings", "settings", {"variables": {"API_TOKEN": "(sensitive)"}})
	count(secrets.warn_plain) == 1 with input as fixtures.change([fixtures.sensitive(settings, ["variables.API_TOKEN"])])
}

test_warn_plain_allows_references_and_the_databases_of_tests if {
	count(secrets.warn_plain) == 0 with input as fixtures.change([fixtures.job({"env": {"API_TOKEN": "${{ secrets.A }}"}})])
	service := fixtures.sensitive(fixtures.job({}), ["services.db.env.DB_PASSWORD"])
	count(secrets.warn_plain) == 0 with input as fixtures.change([service])
	every name in ["POSTGRES_PASSWORD", "MYSQL_ROOT_PASSWORD", "PGPASSWORD"] {
		database := fixtures.sensitive(gitlab_job({}), [sprintf("variables.%s", [name])])
		count(secrets.warn_plain) == 0 with input as fixtures.change([database])
	}
}

calling(workflow, given) := fixtures.change([fixtures.job({"uses": workflow, "secrets": given})])

pinned := sprintf("acme/ci/.github/workflows/build.yml@%s", [sha])

test_deny_inherited_flags_code_that_can_change if {
	count(secrets.deny_inherited) == 1 with input as calling("acme/ci/.github/workflows/build.yml@main", "inherit")
}

test_deny_inherited_allows_pinned_code_and_named_secrets if {
	count(secrets.deny_inherited) == 0 with input as calling(pinned, "inherit")
	count(secrets.deny_inherited) == 0 with input as calling("./.github/workflows/build.yml", "inherit")
	count(secrets.deny_inherited) == 0 with input as calling("acme/ci/.github/workflows/build.yml@main", {"a": "${{ secrets.A }}"})
}

test_warn_inherited_flags_pinned_code if {
	count(secrets.warn_inherited) == 1 with input as calling(pinned, "inherit")
}

test_warn_inherited_allows_the_repository_itself_and_named_secrets if {
	count(secrets.warn_inherited) == 0 with input as calling("./.github/workflows/build.yml", "inherit")
	count(secrets.warn_inherited) == 0 with input as calling(pinned, {"a": "${{ secrets.A }}"})
	count(secrets.warn_inherited) == 0 with input as calling("acme/ci/.github/workflows/build.yml@main", "inherit")
}

plans := ["plan.json", "plan.cache", "infra/prod.tfplan", "tfplan", "terraform.tfstate", "infra/*.tfstate", "plan-output.txt"]

keeping(path, settings) := fixtures.change([gitlab_job({"artifacts": object.union({"paths": [path]}, settings)})])

test_warn_public_plan_flags_artifacts_of_gitlab if {
	every path in plans {
		count(secrets.warn_public_plan) == 1 with input as keeping(path, {})
	}
	count(secrets.warn_public_plan) == 1 with input as keeping("plan.json", {"public": true})
	count(secrets.warn_public_plan) == 1 with input as keeping("plan.json", {"access": "all"})
}

uploading(path) := fixtures.change([fixtures.job({"steps": [{"uses": "actions/upload-artifact@v4", "with": {"path": path}}]})])

test_warn_public_plan_flags_artifacts_of_github if {
	every path in plans {
		count(secrets.warn_public_plan) == 1 with input as uploading(path)
	}
	count(secrets.warn_public_plan) == 1 with input as uploading("report.txt\nplan.json\n")
}

test_warn_public_plan_allows_private_artifacts_and_others if {
	count(secrets.warn_public_plan) == 0 with input as keeping("plan.json", {"public": false})
	count(secrets.warn_public_plan) == 0 with input as keeping("plan.json", {"access": "developer"})
	every path in ["report.json", "explanation.txt", "docs/plan.md", "planets.json", "dist/"] {
		count(secrets.warn_public_plan) == 0 with input as keeping(path, {})
		count(secrets.warn_public_plan) == 0 with input as uploading(path)
	}
	download := fixtures.job({"steps": [{"uses": "actions/download-artifact@v4", "with": {"path": "plan.json"}}]})
	count(secrets.warn_public_plan) == 0 with input as fixtures.change([download])
}
