# Rights in the cluster, for everything or for everybody.
package mrbot.kubernetes.access

import data.mrbot.finding
import data.mrbot.kubernetes.objects
import data.mrbot.shape
import rego.v1

wildcard := {
	"id": "kubernetes.access.wildcard",
	"title": "A role that allows everything",
	"why": "Whoever has the role, or steals its token, owns the cluster.",
	"fix": "Name the verbs and the resources that are needed.",
	"reference": "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
	"controls": ["NIST 800-53 AC-6", "CIS Kubernetes 5.1.3"],
}

deny_wildcard contains finding.about(resource, wildcard, "allows every verb on every resource") if {
	some rule in rules
	resource := rule.resource
	"*" in rule.verbs
	"*" in rule.targets
}

warn_wildcard contains finding.about(resource, wildcard, text) if {
	some rule in rules
	resource := rule.resource
	"*" in array.concat(rule.verbs, rule.targets)
	not everything(rule)
	text := "allows every verb on some resources, or some verbs on every resource"
}

everything(rule) if {
	"*" in rule.verbs
	"*" in rule.targets
}

rules := [rule |
	some resource in objects.present
	regex.match(`^rbac\.authorization\.k8s\.io/[^/]+/(Cluster)?Role$`, resource.kind)
	some written in shape.blocks(shape.get(resource.after, "rules"))
	rule := {
		"resource": resource,
		"verbs": shape.texts(shape.get(written, "verbs")),
		"targets": array.concat(
			shape.texts(shape.get(written, "resources")),
			shape.texts(shape.get(written, "nonResourceURLs")),
		),
	}
]

cluster_admin := {
	"id": "kubernetes.access.cluster_admin",
	"title": "A binding to cluster-admin",
	"why": "Whoever is bound, or steals its token, owns the cluster.",
	"fix": "Bind a role with the rights that are needed.",
	"reference": "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
	"controls": ["NIST 800-53 AC-6", "CIS Kubernetes 5.1.1"],
}

deny_cluster_admin contains finding.about(resource, cluster_admin, "gives away the whole cluster: it binds cluster-admin") if {
	some resource in bindings
	shape.get(shape.get(resource.after, "roleRef"), "name") == "cluster-admin"
}

anonymous := {
	"id": "kubernetes.access.anonymous",
	"title": "A binding for everybody",
	"why": "Whoever reaches the API server has the role, without a name.",
	"fix": "Bind named users, groups or service accounts.",
	"reference": "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
	"controls": ["NIST 800-53 AC-3"],
}

deny_anonymous contains finding.about(resource, anonymous, text) if {
	some resource in bindings
	some subject in shape.blocks(shape.get(resource.after, "subjects"))
	name := shape.get(subject, "name")
	name in {"system:anonymous", "system:unauthenticated", "system:authenticated"}
	text := sprintf("gives rights to everybody: its subject is %s", [name])
}

bindings := [resource |
	some resource in objects.present
	regex.match(`^rbac\.authorization\.k8s\.io/[^/]+/(Cluster)?RoleBinding$`, resource.kind)
]
