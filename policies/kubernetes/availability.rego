# What stops running.
package mrbot.kubernetes.availability

import data.mrbot.finding
import data.mrbot.kubernetes.objects
import data.mrbot.shape
import rego.v1

stopped := {
	"id": "kubernetes.availability.stopped",
	"title": "A workload that is scaled to nothing",
	"why": "Whatever used it gets no answer.",
	"fix": "Keep a replica, or say in the change's description who was told.",
	"reference": "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment",
	"controls": [],
}

warn_stopped contains finding.about(resource, stopped, "stops: it had replicas, and has none any more") if {
	some resource in objects.kept
	none(resource.after)
	not none(resource.before)
}

# Objects of any kind that describe a pod and count it.
none(side) if {
	is_object(objects.at(side, ["spec", "template"]))
	shape.number(objects.at(side, ["spec", "replicas"])) == 0
}
