package mrbot.ci.injection_test

import data.mrbot.ci.injection
import data.mrbot.fixtures
import rego.v1

under(trigger, step) := fixtures.change([fixtures.workflow({"on": trigger}), fixtures.job({"steps": [step]})])

echo(expression) := {"run": sprintf("make\necho ${{ %s }}", [expression])}

strangers := [
	"github.event.issue.title",
	"github.event.pull_request.body",
	"github.event['pull_request']['title']",
	"GitHub.Event.comment.body",
	"github.head_ref || github.ref_name",
	"github.event.pull_request.head.ref",
	"format('{0}', github.event.review.body)",
	"format('{0} == ', github.event.issue.title)",
	"github.event.head_commit.message",
	"github.event.commits[0].author.name",
	"github.event.workflow_run.head_branch",
	"toJSON(github.event.pull_request)",
	"toJSON(github.event)",
]

test_deny_expression_flags_a_strangers_text_under_a_strangers_trigger if {
	every expression in strangers {
		count(injection.deny_expression) == 1 with input as under("issues", echo(expression))
	}
	count(injection.deny_expression) == 1 with input as under({"pull_request_target": null}, echo("github.head_ref"))
	script := {"uses": "actions/github-script@v8", "with": {"script": "log(`${{ github.event.comment.body }}`)"}}
	count(injection.deny_expression) == 1 with input as under(["push", "issue_comment"], script)
}

harmless := [
	"github.event.pull_request.number",
	"github.event.pull_request.head.sha",
	"github.event.pull_request.title == 'x'",
	"contains(github.event.comment.body, '/deploy')",
	"!startsWith(github.head_ref, 'renovate/')",
	"github.repository",
	"steps.title.outputs.value",
]

test_deny_expression_allows_what_strangers_do_not_write if {
	every expression in harmless {
		count(injection.deny_expression) == 0 with input as under("issues", echo(expression))
	}
	variable := {"run": "echo \"$TITLE\"", "env": {"TITLE": "${{ github.event.issue.title }}"}}
	count(injection.deny_expression) == 0 with input as under("issues", variable)
	count(injection.deny_expression) == 0 with input as under("pull_request", echo("github.head_ref"))
}

test_warn_expression_flags_a_strangers_text_under_other_triggers if {
	count(injection.warn_expression) == 1 with input as under("pull_request", echo("github.head_ref"))
	count(injection.warn_expression) == 1 with input as fixtures.change([fixtures.job({"steps": [echo("github.head_ref")]})])
}

test_warn_expression_allows_what_is_denied_or_harmless if {
	count(injection.warn_expression) == 0 with input as under("issues", echo("github.head_ref"))
	every expression in harmless {
		count(injection.warn_expression) == 0 with input as under("push", echo(expression))
	}
}

job(script) := fixtures.change([fixtures.gitlab("job", "test", {"script": script})])

test_deny_variable_flags_text_that_another_shell_reads if {
	lines := [
		"eval \"echo $CI_COMMIT_MESSAGE\"",
		"bash -c \"notify ${CI_MERGE_REQUEST_TITLE}\"",
		"cd a && sh -ec \"echo $CI_COMMIT_TITLE\"",
		"ssh deploy@example.com \"log $CI_MERGE_REQUEST_SOURCE_BRANCH_NAME\"",
	]
	every line in lines {
		count(injection.deny_variable) == 1 with input as job(["make", line])
		count(injection.deny_variable) == 1 with input as job([["make", line]])
		count(injection.deny_variable) == 1 with input as job(line)
	}
	settings := fixtures.gitlab("settings", "settings", {"default": {"before_script": [lines[0]]}})
	count(injection.deny_variable) == 1 with input as fixtures.change([settings])
}

test_deny_variable_allows_text_in_quotes if {
	lines := [
		"echo \"$CI_COMMIT_MESSAGE\"",
		"bash -c 'echo \"$CI_COMMIT_MESSAGE\"'",
		"eval \"$(ssh-agent -s)\"",
		"bash -c \"make $CI_COMMIT_SHA\"",
		"evaluate $CI_COMMIT_MESSAGE",
	]
	every line in lines {
		count(injection.deny_variable) == 0 with input as job([line])
	}
}
