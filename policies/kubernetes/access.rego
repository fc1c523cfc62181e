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
		"named": count(shape.items(shape.get(written, "resourceNames"))) > 0,
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

secrets := {
	"id": "kubernetes.access.secrets",
	"title": "A role that reads the secrets of every namespace",
	"why": "Whoever has the role can become every service account and every system whose password the cluster keeps.",
	"fix": "Use a Role in the namespaces that need it, or name the secrets: resourceNames.",
	"reference": "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
	"controls": ["CIS Kubernetes 5.1.2", "NIST 800-53 AC-6"],
}

reading := {"*", "get", "list", "watch"}

warn_secrets contains finding.about(rule.resource, secrets, text) if {
	some rule in rules
	endswith(rule.resource.kind, "/ClusterRole")
	not rule.named
	"secrets" in rule.targets
	verbs := [verb | some verb in rule.verbs; verb in reading]
	count(verbs) > 0
	text := sprintf("reads the secrets of every namespace that it is bound in: %s", [concat(", ", sort(verbs))])
}

escalation := {
	"id": "kubernetes.access.escalation",
	"title": "A role that can give itself more rights: escalate, bind, impersonate",
	"why": "Whoever has the role can have every right in the cluster.",
	"fix": "Leave the verb out, or name the roles and subjects that it holds for: resourceNames.",
	"reference": "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
	"controls": ["CIS Kubernetes 5.1.8", "CIS Kubernetes 5.1.13", "NIST 800-53 AC-6"],
}

deny_escalation contains finding.about(rule.resource, escalation, text) if {
	some rule in rules
	not rule.named
	some verb in ["bind", "escalate", "impersonate"]
	verb in rule.verbs
	text := sprintf("can gain every right: it may %s without a name", [verb])
}

# What controllers of clouds have, and few others should.
warn_escalation contains finding.about(rule.resource, escalation, text) if {
	some rule in rules
	not rule.named
	some target in ["*/token", "serviceaccounts/token"]
	target in rule.targets
	some verb in ["*", "create"]
	verb in rule.verbs
	text := "can become every service account that it reaches: it may create their tokens"
}

exec := {
	"id": "kubernetes.access.exec",
	"title": "A role that runs commands in other pods",
	"why": "Whoever has the role reads what these pods hold, and acts as they do.",
	"fix": "Leave out pods/exec, pods/attach and nodes/proxy, or use a Role in a single namespace.",
	"reference": "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
	"controls": ["NIST 800-53 AC-6"],
}

warn_exec contains finding.about(rule.resource, exec, text) if {
	some rule in rules
	endswith(rule.resource.kind, "/ClusterRole")
	some target in ["*/attach", "*/exec", "*/proxy", "nodes/proxy", "pods/attach", "pods/exec"]
	target in rule.targets
	text := sprintf("runs commands in every pod that it reaches: %s", [target])
}

default_account := {
	"id": "kubernetes.access.default_account",
	"title": "A binding to the default service account, or to every account",
	"why": "Every pod that names no account of its own, or every pod at all, has these rights.",
	"fix": "Give the pod a service account of its own, and bind that.",
	"reference": "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
	"controls": ["CIS Kubernetes 5.1.5"],
}

warn_default_account contains finding.about(resource, default_account, text) if {
	some resource in bindings
	some subject in shape.blocks(shape.get(resource.after, "subjects"))
	shape.get(subject, "kind") == "ServiceAccount"
	shape.get(subject, "name") == "default"
	text := "gives rights to every pod without an account of its own: it binds the default one"
}

warn_default_account contains finding.about(resource, default_account, text) if {
	some resource in bindings
	some subject in shape.blocks(shape.get(resource.after, "subjects"))
	name := shape.text(shape.get(subject, "name"))
	regex.match(`^system:serviceaccounts(:|$)`, name)
	text := sprintf("gives rights to every pod of a namespace, or of all: %s", [shape.shown(name)])
}
