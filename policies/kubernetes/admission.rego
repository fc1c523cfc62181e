# What checks objects before the cluster takes them.
package mrbot.kubernetes.admission

import data.mrbot.finding
import data.mrbot.kubernetes.objects
import data.mrbot.shape
import rego.v1

fails_open := {
	"id": "kubernetes.admission.fails_open",
	"title": "A check of objects that lets everything pass while it does not answer",
	"why": "Whoever stops the webhook, or waits until it is down, is not checked.",
	"fix": "Set failurePolicy: Fail, and leave out the namespaces that the webhook itself needs.",
	"reference": "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
	"controls": ["NIST 800-53 SI-17"],
}

# Only what checks: one that changes objects is not what they are held back by.
warn_fails_open contains finding.about(resource, fails_open, text) if {
	some resource in objects.present
	resource.kind == "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration"
	some webhook in shape.blocks(shape.get(resource.after, "webhooks"))
	shape.get(webhook, "failurePolicy") == "Ignore"
	text := sprintf("checks nothing while it does not answer: webhook %s", [shape.shown(shape.get(webhook, "name"))])
}

warn_fails_open contains finding.about(resource, fails_open, "checks nothing while it fails") if {
	some resource in objects.present
	regex.match(`^(admissionregistration\.k8s\.io/[^/]+/ValidatingAdmissionPolicy|kyverno\.io/[^/]+/(Cluster)?Policy)$`, resource.kind)
	objects.at(resource.after, ["spec", "failurePolicy"]) == "Ignore"
}

lost_check := {
	"id": "kubernetes.admission.lost_check",
	"title": "A check of objects that goes, or only warns from now on",
	"why": "What the cluster refused, it takes.",
	"fix": "Say in the change's description what takes over from the check.",
	"reference": "https://kubernetes.io/docs/concepts/security/pod-security-admission/",
	"controls": ["CIS Kubernetes 5.2.1", "NIST 800-53 CM-3"],
}

checks := concat("|", [
	`^admissionregistration\.k8s\.io/[^/]+/Validating(WebhookConfiguration|AdmissionPolicy|AdmissionPolicyBinding)$`,
	`^kyverno\.io/[^/]+/(Cluster)?Policy$`,
	`^policies\.kyverno\.io/[^/]+/(Namespaced)?(Image)?ValidatingPolicy$`,
	`^constraints\.gatekeeper\.sh/`,
	`^templates\.gatekeeper\.sh/[^/]+/ConstraintTemplate$`,
])

lost_checks := [resource |
	some resource in objects.lost
	regex.match(checks, resource.kind)
]

weakened_checks := [resource |
	some resource in objects.kept
	blocks(resource.kind, resource.before)
	not blocks(resource.kind, resource.after)
]

# Whether a check refuses what it finds, rather than telling somebody.
blocks(kind, side) if {
	regex.match(`^kyverno\.io/[^/]+/(Cluster)?Policy$`, kind)
	lower(shape.text(objects.at(side, ["spec", "validationFailureAction"]))) == "enforce"
}

blocks(kind, side) if {
	regex.match(`^kyverno\.io/[^/]+/(Cluster)?Policy$`, kind)
	some rule in shape.blocks(objects.at(side, ["spec", "rules"]))
	lower(shape.text(objects.at(rule, ["validate", "failureAction"]))) == "enforce"
}

blocks(kind, side) if {
	startswith(kind, "constraints.gatekeeper.sh/")
	objects.at(side, ["spec", "enforcementAction"]) in {null, "deny"}
}

blocks(kind, side) if {
	regex.match(`^admissionregistration\.k8s\.io/[^/]+/ValidatingAdmissionPolicyBinding$`, kind)
	"Deny" in shape.items(objects.at(side, ["spec", "validationActions"]))
}

# How much a namespace asks of its pods.
strictness := {"baseline": 1, "restricted": 2}

level(side) := object.get(strictness, shape.text(objects.at(side, ["metadata", "labels", "pod-security.kubernetes.io/enforce"])), 0)

weakened_namespaces := [resource |
	some resource in objects.kept
	resource.kind == "v1/Namespace"
	level(resource.after) < level(resource.before)
]

warn_lost_check contains finding.about(resource, lost_check, "does not check anything any more: it is deleted") if {
	some resource in lost_checks
}

warn_lost_check contains finding.about(resource, lost_check, "does not refuse any more what it finds") if {
	some resource in weakened_checks
}

warn_lost_check contains finding.about(resource, lost_check, "asks less of its pods: pod-security.kubernetes.io/enforce") if {
	some resource in weakened_namespaces
}

require contains finding.approvals(1, "maintain", text) if {
	all := array.concat(lost_checks, array.concat(weakened_checks, weakened_namespaces))
	weaker := finding.asking(all, lost_check)
	count(weaker) > 0
	text := sprintf("fewer checks of objects without %s", [finding.named(weaker)])
}
