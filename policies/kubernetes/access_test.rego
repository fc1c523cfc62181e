package mrbot.kubernetes.access_test

import data.mrbot.fixtures
import data.mrbot.kubernetes.access
import rego.v1

role(rule) := fixtures.change([fixtures.manifest("rbac.authorization.k8s.io/v1/ClusterRole", {"rules": [rule]})])

binding(role_name, subject) := fixtures.change([fixtures.manifest("rbac.authorization.k8s.io/v1/ClusterRoleBinding", {
	"roleRef": {"kind": "ClusterRole", "name": role_name},
	"subjects": [{"kind": "Group", "name": subject}],
})])

narrow := {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}

test_deny_wildcard_flags_everything if {
	count(access.deny_wildcard) == 1 with input as role({"resources": ["*"], "verbs": ["*"]})
	count(access.deny_wildcard) == 1 with input as role({"nonResourceURLs": ["*"], "verbs": ["*"]})
}

test_deny_wildcard_allows_narrow_roles if {
	count(access.deny_wildcard) == 0 with input as role(narrow)
	count(access.deny_wildcard) == 0 with input as role(object.union(narrow, {"verbs": ["*"]}))
	other := fixtures.manifest("example.com/v1/Role", {"rules": [{"resources": ["*"], "verbs": ["*"]}]})
	count(access.deny_wildcard) == 0 with input as fixtures.change([other])
}

test_warn_wildcard_flags_one_wildcard if {
	count(access.warn_wildcard) == 1 with input as role(object.union(narrow, {"verbs": ["*"]}))
	count(access.warn_wildcard) == 1 with input as role(object.union(narrow, {"resources": ["*"]}))
}

test_warn_wildcard_allows_narrow_roles if {
	count(access.warn_wildcard) == 0 with input as role(narrow)
	count(access.warn_wildcard) == 0 with input as role({"resources": ["*"], "verbs": ["*"]})
}

test_deny_cluster_admin_flags_its_binding if {
	count(access.deny_cluster_admin) == 1 with input as binding("cluster-admin", "ops")
}

test_deny_cluster_admin_allows_other_roles if {
	count(access.deny_cluster_admin) == 0 with input as binding("view", "ops")
}

test_deny_anonymous_flags_everybody if {
	every name in ["system:anonymous", "system:unauthenticated", "system:authenticated"] {
		count(access.deny_anonymous) == 1 with input as binding("view", name)
	}
}

test_deny_anonymous_allows_named_groups if {
	count(access.deny_anonymous) == 0 with input as binding("view", "ops")
}
