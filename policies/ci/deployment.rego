# What holds a deployment back: the environment that a job deploys to, and somebody who starts it.
package mrbot.ci.deployment

import data.mrbot.ci.github
import data.mrbot.ci.gitlab
import data.mrbot.finding
import data.mrbot.shape
import rego.v1

lost_environment := {
	"id": "ci.deployment.lost_environment",
	"title": "A job that leaves its environment",
	"why": "The environment's reviewers, protection and secrets count for it no longer.",
	"fix": "Keep `environment`, or say in the change's description what protects the deployment now.",
	"reference": "https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/control-deployments",
	"controls": ["CICD-SEC-1", "NIST 800-53 CM-3"],
}

warn_lost_environment contains finding.about(resource, lost_environment, text) if {
	some resource in leaving
	text := sprintf("is not held back by the protection of its environment any more: %s", [shape.shown(environment(resource.before))])
}

jobs := [resource |
	some resource in array.concat(github.present, gitlab.present)
	resource.kind == "job"
	is_object(resource.before)
]

leaving := [resource |
	some resource in jobs
	environment(resource.before) != ""
	environment(resource.after) != environment(resource.before)
]

# The name of a job's environment, in the short and in the long form; empty where it has none.
environment(job) := name if {
	given := shape.get(job, "environment")
	name := concat("", [shape.text(given), shape.text(shape.get(given, "name"))])
}

automatic := {
	"id": "ci.deployment.automatic",
	"title": "A deployment that somebody had to start, and that starts by itself from now on",
	"why": "What is merged is deployed, whoever looks or not.",
	"fix": "Keep `when: manual`, or say in the change's description what holds the deployment back now.",
	"reference": "https://docs.gitlab.com/ci/environments/deployment_safety/",
	"controls": ["CICD-SEC-1", "NIST 800-53 CM-3"],
}

warn_automatic contains finding.about(resource, automatic, "deploys by itself from now on: it was started by hand") if {
	some resource in freed
}

freed := [resource |
	some resource in jobs
	resource.format == "gitlab-ci"
	environment(resource.after) != ""
	by_hand(resource.before)
	not by_hand(resource.after)
	not shape.get(resource.after, "when") == "never"
]

by_hand(job) if shape.get(job, "when") == "manual"

by_hand(job) if {
	some rule in shape.blocks(shape.get(job, "rules"))
	shape.get(rule, "when") == "manual"
}

require contains finding.approvals(1, "maintain", text) if {
	less := array.concat(finding.asking(leaving, lost_environment), finding.asking(freed, automatic))
	count(less) > 0
	text := sprintf("deployments are held back less: %s", [finding.named(less)])
}
