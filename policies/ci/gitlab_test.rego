package mrbot.ci.gitlab_test

import data.mrbot.ci.gitlab
import data.mrbot.fixtures
import rego.v1

sha := "0123456789abcdef0123456789abcdef01234567"

include(after) := fixtures.gitlab("include", "include[0]", after)

including(after) := fixtures.change([include(after)])

test_deny_unpinned_include_flags_what_can_move if {
	includes := [
		{"project": "acme/ci", "file": "a.yml"},
		{"project": "acme/ci", "file": "a.yml", "ref": "main"},
		{"project": "acme/ci", "file": "a.yml", "ref": "v1"},
		{"remote": "https://example.com/a.yml"},
		{"remote": "https://example.com/-/raw/main/a.yml"},
		{"component": "gitlab.com/acme/lint"},
		{"component": "gitlab.com/acme/lint@~latest"},
		{"component": "gitlab.com/acme/lint@1"},
	]
	every after in includes {
		count(gitlab.deny_unpinned_include) == 1 with input as including(after)
	}
}

test_deny_unpinned_include_allows_what_cannot_move if {
	includes := [
		{"local": "/ci/a.yml"},
		{"template": "Jobs/SAST.gitlab-ci.yml"},
		{"project": "acme/ci", "file": "a.yml", "ref": sha},
		{"project": "acme/ci", "file": "a.yml", "ref": "v1.2.3"},
		{"remote": sprintf("https://example.com/-/raw/%s/a.yml", [sha])},
		{"remote": "https://example.com/a.yml", "integrity": "sha256-abc="},
		{"component": "gitlab.com/acme/lint@1.2.3"},
		{"component": sprintf("gitlab.com/acme/lint@%s", [sha])},
	]
	every after in includes {
		count(gitlab.deny_unpinned_include) == 0 with input as including(after)
	}
}

test_warn_unpinned_include_flags_what_is_decided_elsewhere if {
	open := fixtures.unknown(include({"project": "acme/ci", "ref": "$[[ inputs.ref ]]"}), ["ref"])
	count(gitlab.warn_unpinned_include) == 1 with input as fixtures.change([open])
	count(gitlab.deny_unpinned_include) == 0 with input as fixtures.change([open])
}

test_warn_unpinned_include_allows_what_is_known if {
	count(gitlab.warn_unpinned_include) == 0 with input as including({"project": "acme/ci", "ref": sha})
	count(gitlab.warn_unpinned_include) == 0 with input as including({"project": "acme/ci", "ref": "main"})
}

test_deny_insecure_include_flags_a_plain_connection if {
	count(gitlab.deny_insecure_include) == 1 with input as including({"remote": "http://example.com/a.yml"})
	count(gitlab.deny_insecure_include) == 1 with input as including({"remote": "HTTP://example.com/v1.2.3/a.yml"})
}

test_deny_insecure_include_allows_what_is_checked if {
	count(gitlab.deny_insecure_include) == 0 with input as including({"remote": "https://example.com/a.yml"})
	count(gitlab.deny_insecure_include) == 0 with input as including({"remote": "http://example.com/a.yml", "integrity": "sha256-abc="})
	count(gitlab.deny_insecure_include) == 0 with input as including({"local": "/http://a.yml"})
}

job(address, after) := fixtures.gitlab("job", address, after)

test_warn_lost_job_flags_removed_jobs if {
	count(gitlab.warn_lost_job) == 1 with input as fixtures.change([fixtures.deleted(job("test", {}))])
	elsewhere := object.union(job("ci/a.yml/test", {}), {"source": {"path": "ci/a.yml", "line": 1}})
	count(gitlab.warn_lost_job) == 1 with input as fixtures.change([fixtures.deleted(elsewhere)])
}

test_warn_lost_job_flags_weakened_jobs if {
	weakened := [
		{"allow_failure": true},
		{"when": "manual"},
		{"when": "never"},
		{"rules": [{"when": "never"}]},
		{"rules": {"when": "never"}},
	]
	every after in weakened {
		count(gitlab.warn_lost_job) == 1 with input as fixtures.change([fixtures.updated(job("test", after), {"script": "make"})])
	}
}

test_warn_lost_job_allows_jobs_that_stay if {
	kept := [
		{"script": "make test"},
		{"allow_failure": false},
		{"rules": [{"if": "$CI_COMMIT_TAG", "when": "never"}, {"when": "on_success"}]},
		{"rules": [{"changes": ["docs/*"], "when": "never"}]},
	]
	every after in kept {
		count(gitlab.warn_lost_job) == 0 with input as fixtures.change([fixtures.updated(job("test", after), {"script": "make"})])
	}
	count(gitlab.warn_lost_job) == 0 with input as fixtures.change([fixtures.updated(job("test", {"when": "manual"}), {"when": "manual"})])
	count(gitlab.warn_lost_job) == 0 with input as fixtures.change([job("deploy", {"when": "manual"})])
}

test_warn_lost_job_allows_removing_hidden_jobs if {
	count(gitlab.warn_lost_job) == 0 with input as fixtures.change([fixtures.deleted(job(".test", {}))])
	elsewhere := object.union(job("ci/a.yml/.test", {}), {"source": {"path": "ci/a.yml", "line": 1}})
	count(gitlab.warn_lost_job) == 0 with input as fixtures.change([fixtures.deleted(elsewhere)])
	count(gitlab.warn_lost_job) == 0 with input as fixtures.change([fixtures.deleted(include({"local": "a.yml"}))])
}

test_require_flags_lost_jobs if {
	demands := gitlab.require with input as fixtures.change([fixtures.deleted(job("test", {}))])
	demands == {{"msg": "fewer checks without test", "count": 1, "roles": ["maintain"]}}
}

test_require_allows_everything_else if {
	count(gitlab.require) == 0 with input as fixtures.change([])
	count(gitlab.require) == 0 with input as fixtures.change([job("test", {})])
}
