package mrbot.ci.github_test

import data.mrbot.ci.github
import data.mrbot.fixtures
import rego.v1

sha := "0123456789abcdef0123456789abcdef01234567"

using(action) := fixtures.change([fixtures.job({"steps": [{"uses": action}]})])

pinned := sprintf("actions/checkout@%s", [sha])

test_deny_unpinned_action_flags_what_can_move if {
	actions := [
		"actions/checkout@v4",
		"actions/checkout",
		"actions/checkout@main",
		"actions/checkout@0123456",
		"docker://alpine:3",
		"docker://alpine",
		sprintf("docker://alpine@%s", [sha]),
	]
	every action in actions {
		count(github.deny_unpinned_action) == 1 with input as using(action)
	}
	reused := fixtures.job({"uses": "acme/ci/.github/workflows/build.yml@main"})
	count(github.deny_unpinned_action) == 1 with input as fixtures.change([reused])
}

test_deny_unpinned_action_allows_what_cannot_move if {
	digest := concat("", ["docker://alpine@sha256:", sha, "0123456789abcdef01234567"])
	every action in [pinned, sprintf("acme/a/b@%s", [sha]), "./.github/actions/build", digest] {
		count(github.deny_unpinned_action) == 0 with input as using(action)
	}
	count(github.deny_unpinned_action) == 0 with input as fixtures.change([fixtures.job({"steps": [{"run": "make"}]})])
}

checkout(settings) := fixtures.job({"steps": [{"uses": pinned, "with": settings}]})

on(trigger) := fixtures.workflow({"on": trigger, "permissions": {}})

heads := [
	"${{ github.event.pull_request.head.sha }}",
	"${{ github.event['pull_request']['head']['ref'] }}",
	"${{ github.head_ref }}",
	"refs/pull/${{ github.event.number }}/merge",
	"${{ github.event.workflow_run.head_sha }}",
]

test_deny_untrusted_checkout_flags_the_head_under_a_privileged_trigger if {
	every head in heads {
		count(github.deny_untrusted_checkout) == 1 with input as fixtures.change([on("pull_request_target"), checkout({"ref": head})])
	}
	every trigger in [["push", "pull_request_target"], {"pull_request_target": {"types": ["opened"]}}, "workflow_run", "issue_comment"] {
		count(github.deny_untrusted_checkout) == 1 with input as fixtures.change([on(trigger), checkout({"ref": heads[0]})])
	}
	repository := {"repository": "${{ github.event.pull_request.head.repo.full_name }}"}
	count(github.deny_untrusted_checkout) == 1 with input as fixtures.change([on("pull_request_target"), checkout(repository)])
	shell := fixtures.job({"steps": [{"run": "gh pr checkout 5"}]})
	count(github.deny_untrusted_checkout) == 1 with input as fixtures.change([on("pull_request_target"), shell])
}

test_deny_untrusted_checkout_allows_the_base_and_other_triggers if {
	every settings in [{}, {"ref": "main"}, {"ref": "refs/heads/main"}, {"ref": "${{ github.event.pull_request.base.sha }}"}] {
		count(github.deny_untrusted_checkout) == 0 with input as fixtures.change([on("pull_request_target"), checkout(settings)])
	}
	count(github.deny_untrusted_checkout) == 0 with input as fixtures.change([on("pull_request"), checkout({"ref": heads[0]})])
	elsewhere := object.union(on("pull_request_target"), {"source": {"path": ".github/workflows/other.yml", "line": 1}})
	count(github.deny_untrusted_checkout) == 0 with input as fixtures.change([elsewhere, checkout({"ref": heads[0]})])
}

test_warn_untrusted_checkout_flags_what_the_change_does_not_show if {
	count(github.warn_untrusted_checkout) == 1 with input as fixtures.change([checkout({"ref": heads[0]})])
	count(github.warn_untrusted_checkout) == 1 with input as fixtures.change([on(["pull_request_target"])])
}

test_warn_untrusted_checkout_allows_other_triggers if {
	count(github.warn_untrusted_checkout) == 0 with input as fixtures.change([on("pull_request"), checkout({"ref": heads[0]})])
	count(github.warn_untrusted_checkout) == 0 with input as fixtures.change([checkout({})])
}

granting(permissions) := fixtures.workflow({"on": "push", "permissions": permissions})

test_deny_wide_permissions_flags_write_all if {
	count(github.deny_wide_permissions) == 1 with input as fixtures.change([granting("write-all")])
	count(github.deny_wide_permissions) == 1 with input as fixtures.change([fixtures.job({"permissions": "write-all"})])
}

test_deny_wide_permissions_allows_single_scopes if {
	every permissions in ["read-all", {}, {"contents": "write"}] {
		count(github.deny_wide_permissions) == 0 with input as fixtures.change([granting(permissions)])
	}
}

test_warn_wide_permissions_flags_an_added_scope if {
	wider := fixtures.updated(granting({"contents": "read", "packages": "write"}), {"permissions": {"packages": "read"}})
	count(github.warn_wide_permissions) == 1 with input as fixtures.change([wider])
	count(github.require) == 1 with input as fixtures.change([wider])
	job := fixtures.job({"permissions": {"id-token": "write"}})
	count(github.warn_wide_permissions) == 1 with input as fixtures.change([job])
}

test_warn_wide_permissions_flags_missing_permissions if {
	count(github.warn_wide_permissions) == 1 with input as fixtures.change([fixtures.workflow({"on": "push"})])
	dropped := fixtures.updated(fixtures.workflow({"on": "push"}), {"permissions": {}})
	count(github.warn_wide_permissions) == 1 with input as fixtures.change([dropped])
	count(github.require) == 1 with input as fixtures.change([dropped])
}

test_warn_wide_permissions_allows_the_same_or_fewer_scopes if {
	fewer := fixtures.updated(granting({"contents": "write"}), {"permissions": {"contents": "write", "packages": "write"}})
	count(github.warn_wide_permissions) == 0 with input as fixtures.change([fewer])
	count(github.warn_wide_permissions) == 0 with input as fixtures.change([granting({"contents": "read"})])
	narrowed := fixtures.updated(granting({"contents": "write"}), {"permissions": "write-all"})
	count(github.warn_wide_permissions) == 0 with input as fixtures.change([narrowed])
	count(github.warn_wide_permissions) == 0 with input as fixtures.change([fixtures.job({"steps": []})])
}

test_warn_lost_job_flags_removed_and_weakened_jobs if {
	count(github.warn_lost_job) == 1 with input as fixtures.change([fixtures.deleted(fixtures.job({}))])
	every after in [{"continue-on-error": true}, {"if": false}, {"if": "${{ false }}"}] {
		count(github.warn_lost_job) == 1 with input as fixtures.change([fixtures.updated(fixtures.job(after), {})])
	}
}

test_warn_lost_job_allows_jobs_that_stay if {
	count(github.warn_lost_job) == 0 with input as fixtures.change([fixtures.updated(fixtures.job({"if": "github.ref == 'main'"}), {})])
	count(github.warn_lost_job) == 0 with input as fixtures.change([fixtures.updated(fixtures.job({"if": false}), {"if": false})])
	count(github.warn_lost_job) == 0 with input as fixtures.change([fixtures.job({"continue-on-error": true})])
	count(github.warn_lost_job) == 0 with input as fixtures.change([fixtures.deleted(on("push"))])
}

test_require_flags_wider_rights if {
	wider := fixtures.updated(granting({"contents": "write"}), {"permissions": {}})
	demands := github.require with input as fixtures.change([wider])
	demands == {{"msg": "more rights for ci.yml", "count": 1, "roles": ["maintain"]}}
}

test_require_flags_lost_jobs if {
	demands := github.require with input as fixtures.change([fixtures.deleted(fixtures.job({}))])
	demands == {{"msg": "fewer checks without ci.yml/build", "count": 1, "roles": ["maintain"]}}
}

test_require_allows_everything_else if {
	count(github.require) == 0 with input as fixtures.change([])
	count(github.require) == 0 with input as fixtures.change([granting({}), fixtures.job({"steps": []})])
}
