package mrbot.kubernetes.objects_test

import data.mrbot.fixtures
import data.mrbot.kubernetes.objects
import rego.v1

container := {"name": "app", "image": "app:1"}

spec := {"containers": [container], "initContainers": [container]}

test_pods_are_found_wherever_they_are_described if {
	found := objects.pods with input as fixtures.change([
		fixtures.manifest("v1/Pod", {"spec": spec}),
		fixtures.manifest("v1/PodTemplate", {"template": {"spec": spec}}),
		fixtures.manifest("apps/v1/Deployment", {"spec": {"template": {"spec": spec}}}),
		fixtures.manifest("batch/v1/CronJob", {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}),
		fixtures.manifest("argoproj.io/v1alpha1/Rollout", {"spec": {"template": {"spec": spec}}}),
	])
	count(found) == 5
	every pod in found { pod.spec == spec }
}

test_a_pod_has_its_own_annotations if {
	inner := {"template": {"metadata": {"annotations": {"a": "b"}}, "spec": spec}}
	found := objects.pods with input as fixtures.change([
		fixtures.manifest("v1/Pod", {"metadata": {"annotations": {"a": "b"}}, "spec": spec}),
		fixtures.manifest("apps/v1/Deployment", {"metadata": {"annotations": {"c": "d"}}, "spec": inner}),
		fixtures.manifest("v1/Pod", {"spec": spec}),
	])
	[pod.annotations | some pod in found] == [{"a": "b"}, {"a": "b"}, null]
}

test_other_objects_describe_no_pod if {
	found := objects.pods with input as fixtures.change([
		fixtures.manifest("v1/Service", {"spec": {"ports": []}}),
		fixtures.manifest("v1/ConfigMap", {"data": {}}),
		fixtures.manifest("apps/v1/Deployment", {"spec": "none"}),
		fixtures.manifest("apps/v1/Deployment", {"spec": {"template": ["none"]}}),
		fixtures.deleted(fixtures.manifest("v1/Pod", {"spec": spec})),
	])
	found == []
}

test_every_container_is_found_with_its_path if {
	found := objects.containers({"path": "spec", "spec": spec})
	[one.path | some one in found] == ["spec.initContainers.0", "spec.containers.0"]
}

test_a_container_has_its_pods_settings_unless_it_has_its_own if {
	pod := {"spec": {"securityContext": {"runAsUser": 5}}}
	objects.security({"value": {}}, pod, "runAsUser") == 5
	objects.security({"value": {"securityContext": {"runAsUser": 0}}}, pod, "runAsUser") == 0
	objects.security({"value": {}}, {"spec": {}}, "runAsUser") == null
}

test_what_is_lost_and_what_is_kept_had_been_there if {
	config := fixtures.manifest("v1/ConfigMap", {"data": {}})
	document := fixtures.change([config, fixtures.updated(config, {"data": null}), fixtures.deleted(config)])
	kept := objects.kept with input as document
	[one.action | some one in kept] == ["update"]
	lost := objects.lost with input as document
	[one.action | some one in lost] == ["delete"]
}

test_a_value_at_a_path_is_null_where_there_is_none if {
	objects.at({"a": {"b": 5}}, ["a", "b"]) == 5
	every side in [null, 5, [], "a", {}, {"a": 5}, {"a": []}] {
		objects.at(side, ["a", "b"]) == null
	}
}
