package mrbot.ci.runners_test

import data.mrbot.ci.runners
import data.mrbot.fixtures
import rego.v1

running(trigger, label) := fixtures.change([fixtures.workflow({"on": trigger}), fixtures.job({"runs-on": label})])

own := ["self-hosted", ["self-hosted", "linux"], {"group": "a", "labels": ["self-hosted"]}, {"labels": "self-hosted"}]

test_warn_self_hosted_flags_runners_that_run_changes if {
	every label in own {
		count(runners.warn_self_hosted) == 1 with input as running("pull_request", label)
	}
	count(runners.warn_self_hosted) == 1 with input as running({"pull_request_target": null}, "self-hosted")
}

test_warn_self_hosted_allows_other_triggers_and_the_hosts_runners if {
	every label in own {
		count(runners.warn_self_hosted) == 0 with input as running("push", label)
	}
	count(runners.warn_self_hosted) == 0 with input as running("pull_request", "ubuntu-24.04")
	count(runners.warn_self_hosted) == 0 with input as fixtures.change([fixtures.job({"runs-on": "self-hosted"})])
}

with_variables(variables) := fixtures.change([fixtures.gitlab("job", "build", {"variables": variables})])

test_warn_open_docker_flags_certificates_that_are_switched_off if {
	count(runners.warn_open_docker) == 1 with input as with_variables({"DOCKER_TLS_CERTDIR": ""})
	count(runners.warn_open_docker) == 1 with input as with_variables({"DOCKER_TLS_CERTDIR": {"value": ""}})
}

test_warn_open_docker_flags_the_port_without_tls if {
	count(runners.warn_open_docker) == 1 with input as with_variables({"DOCKER_HOST": "tcp://docker:2375"})
}

test_warn_open_docker_allows_tls if {
	count(runners.warn_open_docker) == 0 with input as with_variables({"DOCKER_TLS_CERTDIR": "/certs", "DOCKER_HOST": "tcp://docker:2376"})
	count(runners.warn_open_docker) == 0 with input as with_variables({})
	count(runners.warn_open_docker) == 0 with input as with_variables(null)
}
