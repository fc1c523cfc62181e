# The Kubernetes part of a change, and the pods in it.
package mrbot.kubernetes.objects

import data.mrbot.shape
import rego.v1

# Every object that the change leaves in place.
present := [resource |
	some resource in input.resources
	resource.format == "kubernetes"
	not resource.action in {"delete", "forget"}
	is_object(resource.after)
]

# Every object that the change takes away.
lost := [resource |
	some resource in input.resources
	resource.format == "kubernetes"
	resource.action in {"delete", "replace"}
	is_object(resource.before)
]

# Every object that there was and still is.
kept := [resource | some resource in present; is_object(resource.before)]

# The value at a path, null where there is none.
at(side, path) := object.get(side, path, null) if is_object(side)

at(side, _) := null if not is_object(side)

# Where pods are described, in objects of any kind: a pod, what runs pods, what runs jobs.
pod_paths := [
	["spec"],
	["template", "spec"],
	["spec", "template", "spec"],
	["spec", "jobTemplate", "spec", "template", "spec"],
]

# Every description of a pod, with the object it is in and its path there.
pods := [{"resource": resource, "path": concat(".", path), "spec": spec, "annotations": annotations} |
	some resource in present
	some path in pod_paths
	describes_pod(resource, path)
	spec := at(resource.after, path)
	is_object(spec)
	above := array.slice(path, 0, count(path) - 1)
	annotations := at(resource.after, array.concat(above, ["metadata", "annotations"]))
]

describes_pod(_, path) if count(path) > 1

describes_pod(resource, ["spec"]) if resource.kind == "v1/Pod"

# Every container of a pod, with its path in the object.
containers(pod) := [{"path": path, "name": name, "value": container} |
	some group in ["initContainers", "containers", "ephemeralContainers"]
	some number, container in shape.blocks(shape.get(pod.spec, group))
	name := shape.shown(shape.get(container, "name"))
	path := sprintf("%s.%s.%v", [pod.path, group, number])
]

# A setting of a container's or its pod's security context, null where neither has it.
security(container, pod, name) := own if {
	own := own_security(container, name)
	own != null
} else := shape.get(shape.get(pod.spec, "securityContext"), name)

own_security(container, name) := shape.get(shape.get(container.value, "securityContext"), name)

# A placeholder that something fills in before the cluster sees it.
templated(resource, path) if {
	some hidden in resource.unknown_paths
	hidden == path
}
