package mrbot.kubernetes.workload_test

import data.mrbot.fixtures
import data.mrbot.kubernetes.workload
import rego.v1

good := {
	"name": "app",
	"image": "registry.example.com:5000/app:1.2.3",
	"resources": {"limits": {"memory": "128Mi"}},
	"securityContext": {"runAsNonRoot": true, "allowPrivilegeEscalation": false},
}

deployment(spec) := fixtures.manifest("apps/v1/Deployment", {"spec": {"template": {"spec": spec}}})

of(spec) := fixtures.change([deployment(spec)])

with_context(settings) := of({"containers": [object.union(object.remove(good, ["securityContext"]), {"securityContext": settings})]})

with_image(image) := of({"containers": [object.union(good, {"image": image})]})

harmless := of({"containers": [good], "initContainers": [good], "volumes": [{"emptyDir": {}}]})

test_deny_privileged_flags_containers_of_every_group if {
	bad := object.union(good, {"securityContext": {"privileged": true}})
	every group in ["containers", "initContainers", "ephemeralContainers"] {
		count(workload.deny_privileged) == 1 with input as of({group: [bad]})
	}
}

test_deny_privileged_flags_dangerous_capabilities if {
	every name in ["SYS_ADMIN", "CAP_SYS_ADMIN", "ALL", "sys_admin"] {
		count(workload.deny_privileged) == 1 with input as with_context({"capabilities": {"add": [name]}})
	}
}

test_deny_privileged_allows_harmless_pods if {
	count(workload.deny_privileged) == 0 with input as harmless
	count(workload.deny_privileged) == 0 with input as with_context({"privileged": false, "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}})
}

test_deny_host_namespace_flags_each if {
	every name in ["hostNetwork", "hostPID", "hostIPC"] {
		count(workload.deny_host_namespace) == 1 with input as of({name: true})
	}
}

test_deny_host_namespace_allows_harmless_pods if {
	count(workload.deny_host_namespace) == 0 with input as harmless
	count(workload.deny_host_namespace) == 0 with input as of({"hostNetwork": false})
}

test_deny_host_path_flags_a_mounted_path if {
	count(workload.deny_host_path) == 1 with input as of({"volumes": [{"name": "a", "hostPath": {"path": "/"}}]})
}

test_deny_host_path_allows_harmless_pods if {
	count(workload.deny_host_path) == 0 with input as harmless
}

test_deny_mutable_image_flags_latest_and_untagged if {
	every image in ["nginx", "nginx:latest", "registry.example.com:5000/nginx", "docker.io/library/nginx"] {
		count(workload.deny_mutable_image) == 1 with input as with_image(image)
	}
}

digest := "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

test_deny_mutable_image_allows_versions_and_digests if {
	count(workload.deny_mutable_image) == 0 with input as harmless
	count(workload.deny_mutable_image) == 0 with input as with_image(sprintf("nginx@%s", [digest]))
	count(workload.deny_mutable_image) == 0 with input as with_image("nginx:1.27")
	count(workload.deny_mutable_image) == 0 with input as of({"containers": [{"name": "patched"}]})
}

templated := fixtures.unknown(
	deployment({"containers": [{"name": "app", "image": "{{ .Values.image }}"}]}),
	["spec.template.spec.containers.0.image"],
)

test_warn_mutable_image_flags_a_template if {
	count(workload.warn_mutable_image) == 1 with input as fixtures.change([templated])
	count(workload.deny_mutable_image) == 0 with input as fixtures.change([templated])
}

test_warn_mutable_image_allows_a_version if {
	count(workload.warn_mutable_image) == 0 with input as harmless
}

test_warn_no_memory_limit_flags_a_container_without if {
	count(workload.warn_no_memory_limit) == 1 with input as of({"containers": [{"name": "app", "resources": {"limits": {"cpu": 1}}}]})
}

test_warn_no_memory_limit_allows_a_limit if {
	count(workload.warn_no_memory_limit) == 0 with input as harmless
	count(workload.warn_no_memory_limit) == 0 with input as of({"ephemeralContainers": [{"name": "debug"}]})
}

test_deny_root_flags_root if {
	count(workload.deny_root) == 1 with input as with_context({"runAsUser": 0})
	count(workload.deny_root) == 1 with input as with_context({"runAsNonRoot": false})
	count(workload.deny_root) == 1 with input as of({"securityContext": {"runAsUser": 0}, "containers": [{"name": "app"}]})
}

test_deny_root_allows_others if {
	count(workload.deny_root) == 0 with input as harmless
	count(workload.deny_root) == 0 with input as with_context({})
	count(workload.deny_root) == 0 with input as of({"securityContext": {"runAsUser": 0}, "containers": [object.union(good, {"securityContext": {"runAsUser": 5}})]})
}

test_warn_root_flags_what_the_image_decides if {
	count(workload.warn_root) == 1 with input as with_context({})
}

test_warn_root_allows_others if {
	count(workload.warn_root) == 0 with input as harmless
	count(workload.warn_root) == 0 with input as with_context({"runAsUser": 1000})
	count(workload.warn_root) == 0 with input as with_context({"runAsUser": 0})
	count(workload.warn_root) == 0 with input as of({"securityContext": {"runAsNonRoot": true}, "containers": [{"name": "app"}]})
}

test_deny_privilege_escalation_flags_true if {
	count(workload.deny_privilege_escalation) == 1 with input as with_context({"allowPrivilegeEscalation": true})
}

test_deny_privilege_escalation_allows_false_and_unset if {
	count(workload.deny_privilege_escalation) == 0 with input as harmless
	count(workload.deny_privilege_escalation) == 0 with input as with_context({})
}

test_warn_privilege_escalation_flags_unset if {
	count(workload.warn_privilege_escalation) == 1 with input as with_context({})
}

test_warn_privilege_escalation_allows_false if {
	count(workload.warn_privilege_escalation) == 0 with input as harmless
	count(workload.warn_privilege_escalation) == 0 with input as with_context({"allowPrivilegeEscalation": true})
}

test_warn_mutable_image_flags_a_template_of_another_tool if {
	count(workload.warn_mutable_image) == 1 with input as with_image("{{ app_image }}")
	count(workload.deny_mutable_image) == 0 with input as with_image("{{ app_image }}")
}

test_deny_unconfined_flags_profiles_of_containers_and_pods if {
	every name in ["seccompProfile", "appArmorProfile"] {
		count(workload.deny_unconfined) == 1 with input as with_context({name: {"type": "Unconfined"}})
		count(workload.deny_unconfined) == 1 with input as of({"securityContext": {name: {"type": "Unconfined"}}, "containers": [good]})
	}
}

with_annotation(name, value) := fixtures.change([fixtures.manifest("v1/Pod", {
	"metadata": {"annotations": {name: value}},
	"spec": {"containers": [good]},
})])

test_deny_unconfined_flags_annotations if {
	every name in ["container.apparmor.security.beta.kubernetes.io/app", "seccomp.security.alpha.kubernetes.io/pod"] {
		count(workload.deny_unconfined) == 1 with input as with_annotation(name, "unconfined")
		count(workload.deny_unconfined) == 0 with input as with_annotation(name, "runtime/default")
	}
}

test_deny_unconfined_flags_an_unmasked_proc if {
	count(workload.deny_unconfined) == 1 with input as with_context({"procMount": "Unmasked"})
}

test_deny_unconfined_allows_profiles_and_none if {
	count(workload.deny_unconfined) == 0 with input as harmless
	count(workload.deny_unconfined) == 0 with input as with_context({"seccompProfile": {"type": "RuntimeDefault"}, "procMount": "Default"})
	own := object.union(good, {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}})
	count(workload.deny_unconfined) == 0 with input as of({"securityContext": {"seccompProfile": {"type": "Unconfined"}}, "containers": [own]})
}
