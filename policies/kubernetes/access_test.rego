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

in_namespace(rule) := fixtures.change([fixtures.manifest("rbac.authorization.k8s.io/v1/Role", {"rules": [rule]})])

test_warn_secrets_flags_reading_them_everywhere if {
	every verb in ["get", "list", "watch", "*"] {
		count(access.warn_secrets) == 1 with input as role({"resources": ["secrets"], "verbs": [verb]})
	}
}

test_warn_secrets_allows_a_namespace_and_names if {
	count(access.warn_secrets) == 0 with input as in_namespace({"resources": ["secrets"], "verbs": ["get"]})
	count(access.warn_secrets) == 0 with input as role({"resources": ["secrets"], "verbs": ["get"], "resourceNames": ["ca"]})
	count(access.warn_secrets) == 0 with input as role({"resources": ["secrets"], "verbs": ["create"]})
	count(access.warn_secrets) == 0 with input as role(narrow)
}

test_deny_escalation_flags_verbs_without_names if {
	every verb in ["bind", "escalate", "impersonate"] {
		count(access.deny_escalation) == 1 with input as role({"resources": ["clusterroles"], "verbs": ["get", verb]})
		count(access.deny_escalation) == 1 with input as in_namespace({"resources": ["roles"], "verbs": [verb]})
	}
}

test_deny_escalation_allows_names_and_other_verbs if {
	count(access.deny_escalation) == 0 with input as role({"resources": ["clusterroles"], "verbs": ["bind"], "resourceNames": ["view"]})
	count(access.deny_escalation) == 0 with input as role({"resources": ["clusterroles"], "verbs": ["create", "update"]})
}

test_warn_escalation_flags_creating_tokens if {
	every verb in ["*", "create"] {
		count(access.warn_escalation) == 1 with input as role({"resources": ["serviceaccounts/token"], "verbs": [verb]})
		count(access.warn_escalation) == 1 with input as role({"resources": ["*/token"], "verbs": [verb]})
	}
}

test_warn_escalation_allows_names_and_other_verbs if {
	named := {"resources": ["serviceaccounts/token"], "verbs": ["create"], "resourceNames": ["app"]}
	count(access.warn_escalation) == 0 with input as role(named)
	count(access.warn_escalation) == 0 with input as role({"resources": ["serviceaccounts"], "verbs": ["create"]})
	count(access.warn_escalation) == 0 with input as role({"resources": ["serviceaccounts/token"], "verbs": ["get"]})
}

test_warn_exec_flags_commands_in_other_pods if {
	every target in ["nodes/proxy", "pods/attach", "pods/exec", "*/exec"] {
		count(access.warn_exec) == 1 with input as role({"resources": ["pods", target], "verbs": ["get"]})
	}
}

test_warn_exec_allows_pods_and_single_namespaces if {
	count(access.warn_exec) == 0 with input as role(narrow)
	count(access.warn_exec) == 0 with input as in_namespace({"resources": ["pods/exec"], "verbs": ["create"]})
}

bound(subject) := fixtures.change([fixtures.manifest("rbac.authorization.k8s.io/v1/RoleBinding", {
	"roleRef": {"kind": "Role", "name": "view"},
	"subjects": [subject],
})])

test_warn_default_account_flags_its_binding if {
	count(access.warn_default_account) == 1 with input as bound({"kind": "ServiceAccount", "name": "default", "namespace": "prod"})
}

test_warn_default_account_flags_every_account if {
	every name in ["system:serviceaccounts", "system:serviceaccounts:prod"] {
		count(access.warn_default_account) == 1 with input as bound({"kind": "Group", "name": name})
	}
}

test_warn_default_account_allows_others if {
	count(access.warn_default_account) == 0 with input as bound({"kind": "ServiceAccount", "name": "app", "namespace": "prod"})
	count(access.warn_default_account) == 0 with input as bound({"kind": "User", "name": "default"})
}
