# The machines that a pipeline runs on.
package mrbot.ci.runners

import data.mrbot.ci.github
import data.mrbot.ci.gitlab
import data.mrbot.finding
import data.mrbot.shape
import rego.v1

self_hosted := {
	"id": "ci.runners.self_hosted",
	"title": "A runner of your own that runs the code of changes",
	"why": "In a public repository anybody runs code in your network, and what they leave there meets the next job.",
	"fix": "Run changes on the host's runners, or on machines that are made for one job and reach nothing.",
	"reference": "https://docs.github.com/en/actions/reference/security/secure-use#hardening-for-self-hosted-runners",
	"controls": ["CICD-SEC-7", "CICD-SEC-4"],
}

warn_self_hosted contains finding.about(resource, self_hosted, text) if {
	some resource in github.present
	resource.kind == "job"
	on_own_runner(shape.get(resource.after, "runs-on"))
	some trigger in github.triggers_of[resource.source.path]
	trigger in {"pull_request", "pull_request_target"}
	text := sprintf("runs the code of changes on a runner of your own: %s", [trigger])
}

on_own_runner(label) if "self-hosted" in shape.items(label)

on_own_runner(label) if "self-hosted" in shape.items(shape.get(label, "labels"))

open_docker := {
	"id": "ci.runners.open_docker",
	"title": "Docker in a job without TLS",
	"why": "Every other container of the job's network can command the privileged Docker.",
	"fix": "Set DOCKER_TLS_CERTDIR to /certs, and DOCKER_HOST to port 2376.",
	"reference": "https://docs.gitlab.com/ci/docker/using_docker_build/#use-docker-in-docker",
	"controls": ["CICD-SEC-7"],
}

warn_open_docker contains finding.about(resource, open_docker, "lets Docker answer without TLS: DOCKER_TLS_CERTDIR is empty") if {
	some resource in gitlab.present
	given(shape.get(resource.after, "variables"), "DOCKER_TLS_CERTDIR") == ""
}

warn_open_docker contains finding.about(resource, open_docker, "speaks with Docker without TLS: DOCKER_HOST") if {
	some resource in gitlab.present
	host := given(shape.get(resource.after, "variables"), "DOCKER_HOST")
	regex.match(`^tcp://[^/]*:2375/?$`, shape.text(host))
}

# A variable as it is, or with a description.
given(variables, name) := value if {
	value := shape.get(shape.get(variables, name), "value")
	value != null
} else := shape.get(variables, name)
