package mrbot.ci.deployment_test

import data.mrbot.ci.deployment
import data.mrbot.fixtures
import rego.v1

github_job(before, after) := fixtures.change([fixtures.updated(fixtures.job(after), before)])

gitlab_job(before, after) := fixtures.change([fixtures.updated(fixtures.gitlab("job", "deploy", after), before)])

named := {"environment": "production"}

long := {"environment": {"name": "production", "url": "https://example.com"}}

test_warn_lost_environment_flags_jobs_that_leave_it if {
	every before in [named, long] {
		every after in [{}, {"environment": null}, {"environment": "elsewhere"}, {"environment": {"name": "elsewhere"}}] {
			count(deployment.warn_lost_environment) == 1 with input as github_job(before, after)
			count(deployment.warn_lost_environment) == 1 with input as gitlab_job(before, after)
		}
	}
}

test_warn_lost_environment_allows_jobs_that_stay if {
	every before in [named, long] {
		every after in [named, long] {
			count(deployment.warn_lost_environment) == 0 with input as github_job(before, after)
			count(deployment.warn_lost_environment) == 0 with input as gitlab_job(before, after)
		}
	}
	count(deployment.warn_lost_environment) == 0 with input as github_job({}, named)
	count(deployment.warn_lost_environment) == 0 with input as fixtures.change([fixtures.job({}), fixtures.deleted(fixtures.job(named))])
}

manual := [{"when": "manual"}, {"rules": [{"if": "$CI_COMMIT_TAG"}, {"when": "manual"}]}]

test_warn_automatic_flags_deployments_that_were_started_by_hand if {
	every before in manual {
		every after in [{}, {"when": "on_success"}, {"rules": [{"if": "$CI_COMMIT_TAG"}]}] {
			count(deployment.warn_automatic) == 1 with input as gitlab_job(object.union(named, before), object.union(named, after))
		}
	}
}

test_warn_automatic_allows_what_is_still_started_by_hand_or_deploys_nothing if {
	every before in manual {
		every after in manual {
			count(deployment.warn_automatic) == 0 with input as gitlab_job(object.union(named, before), object.union(named, after))
		}
		count(deployment.warn_automatic) == 0 with input as gitlab_job(before, {})
		count(deployment.warn_automatic) == 0 with input as gitlab_job(object.union(named, before), object.union(named, {"when": "never"}))
		count(deployment.warn_automatic) == 0 with input as github_job(object.union(named, before), named)
	}
	count(deployment.warn_automatic) == 0 with input as gitlab_job(named, named)
}

test_require_flags_both if {
	demands := deployment.require with input as gitlab_job(object.union(named, {"when": "manual"}), {"environment": "elsewhere"})
	demands == {{"msg": "deployments are held back less: deploy", "count": 1, "roles": ["maintain"]}}
}

test_require_allows_everything_else if {
	count(deployment.require) == 0 with input as gitlab_job(named, named)
}
