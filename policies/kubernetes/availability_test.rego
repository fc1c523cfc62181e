package mrbot.kubernetes.availability_test

import data.mrbot.fixtures
import data.mrbot.kubernetes.availability
import rego.v1

deployment(replicas) := {"spec": {"replicas": replicas, "template": {}}}

change(before, after) := fixtures.change([fixtures.updated(fixtures.manifest("apps/v1/Deployment", after), before)])

test_warn_stopped_flags_what_had_replicas if {
	count(availability.warn_stopped) == 1 with input as change(deployment(2), deployment(0))
	count(availability.warn_stopped) == 1 with input as change({"spec": {"template": {}}}, deployment(0))
}

test_warn_stopped_allows_what_runs_and_what_never_did if {
	count(availability.warn_stopped) == 0 with input as change(deployment(2), deployment(1))
	count(availability.warn_stopped) == 0 with input as change(deployment(0), deployment(0))
	count(availability.warn_stopped) == 0 with input as change({"spec": {"replicas": 1}}, {"spec": {"replicas": 0}})
	count(availability.warn_stopped) == 0 with input as fixtures.change([fixtures.manifest("apps/v1/Deployment", deployment(0))])
}
