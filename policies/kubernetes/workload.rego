# Pods that could take over the machine they run on, or that nobody can tell the contents of.
package mrbot.kubernetes.workload

import data.mrbot.finding
import data.mrbot.kubernetes.objects
import data.mrbot.shape
import rego.v1

privileged := {
	"id": "kubernetes.workload.privileged",
	"title": "A privileged container, or one with a dangerous capability",
	"why": "The container can take over its machine, and with it every other container there.",
	"fix": "Drop `privileged` and dangerous capabilities; add the single capability that is needed.",
	"reference": "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	"controls": ["NIST 800-53 AC-6", "CIS Kubernetes 5.2.2"],
}

dangerous_capabilities := {
	"ALL", "BPF", "DAC_READ_SEARCH", "NET_ADMIN", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE",
	"SYS_RAWIO",
}

deny_privileged contains finding.about(pod.resource, privileged, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	shape.is_on(objects.own_security(container, "privileged"))
	text := sprintf("is privileged: container %s", [container.name])
}

deny_privileged contains finding.about(pod.resource, privileged, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	some added in shape.texts(shape.get(objects.own_security(container, "capabilities"), "add"))
	capability := trim_prefix(upper(added), "CAP_")
	capability in dangerous_capabilities
	text := sprintf("has the capability %s: container %s", [capability, container.name])
}

host_namespace := {
	"id": "kubernetes.workload.host_namespace",
	"title": "A pod in its machine's network, processes or memory",
	"why": "The pod sees and reaches what other pods and the machine do.",
	"fix": "Drop hostNetwork, hostPID and hostIPC.",
	"reference": "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	"controls": ["NIST 800-53 SC-7", "CIS Kubernetes 5.2.3", "CIS Kubernetes 5.2.4", "CIS Kubernetes 5.2.5"],
}

deny_host_namespace contains finding.about(pod.resource, host_namespace, text) if {
	some pod in objects.pods
	some name in ["hostIPC", "hostNetwork", "hostPID"]
	shape.is_on(shape.get(pod.spec, name))
	text := sprintf("shares the machine's own namespaces: %s", [name])
}

host_path := {
	"id": "kubernetes.workload.host_path",
	"title": "A pod that mounts its machine's files",
	"why": "The pod can read the machine's secrets, and with the right directory take it over.",
	"fix": "Use a persistent volume claim, a config map or an empty directory.",
	"reference": "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
	"controls": ["NIST 800-53 AC-6", "CIS Kubernetes 5.2.12"],
}

deny_host_path contains finding.about(pod.resource, host_path, text) if {
	some pod in objects.pods
	some volume in shape.blocks(shape.get(pod.spec, "volumes"))
	mounted := shape.get(volume, "hostPath")
	mounted != null
	text := sprintf("reaches the machine's files: %s", [shape.shown(shape.get(mounted, "path"))])
}

mutable_image := {
	"id": "kubernetes.workload.mutable_image",
	"title": "An image by a name that can move",
	"why": "What runs can change without a change, and differ from pod to pod.",
	"fix": "Name a version, best with its digest: name:1.2.3@sha256:...",
	"reference": "https://kubernetes.io/docs/concepts/containers/images/#image-names",
	"controls": ["NIST 800-53 SI-7", "CICD-SEC-9"],
}

deny_mutable_image contains finding.about(pod.resource, mutable_image, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	image := shape.text(shape.get(container.value, "image"))
	image != ""
	not open_image(pod, container)
	mutable(image)
	text := sprintf("runs whatever is newest: image %s", [shape.shown(image)])
}

warn_mutable_image contains finding.about(pod.resource, mutable_image, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	open_image(pod, container)
	text := sprintf("may run whatever is newest: %s.image is a template", [container.path])
}

open_image(pod, container) if objects.templated(pod.resource, sprintf("%s.image", [container.path]))

# Templates of other tools, in files that nothing says are templates.
open_image(_, container) if contains(shape.text(shape.get(container.value, "image")), "{{")

mutable(image) if endswith(image, ":latest")

mutable(image) if {
	not contains(image, "@sha256:")
	parts := split(image, "/")
	not contains(parts[count(parts) - 1], ":")
}

no_memory_limit := {
	"id": "kubernetes.workload.no_memory_limit",
	"title": "A container without a memory limit",
	"why": "One container can starve its machine, and the kernel then ends others.",
	"fix": "Set resources.limits.memory to what the container may use at most.",
	"reference": "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
	"controls": ["NIST 800-53 SC-6"],
}

warn_no_memory_limit contains finding.about(pod.resource, no_memory_limit, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	not contains(container.path, ".ephemeralContainers.")
	limits := shape.get(shape.get(container.value, "resources"), "limits")
	shape.get(limits, "memory") == null
	text := sprintf("may take all memory of its machine: container %s has no limit", [container.name])
}

root := {
	"id": "kubernetes.workload.root",
	"title": "A container that runs as root",
	"why": "A way out of the container is a way to root on its machine.",
	"fix": "Set runAsNonRoot: true and a runAsUser above 0.",
	"reference": "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	"controls": ["NIST 800-53 AC-6", "CIS Kubernetes 5.2.7"],
}

deny_root contains finding.about(pod.resource, root, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	runs_as_root(container, pod)
	text := sprintf("runs as root: container %s", [container.name])
}

warn_root contains finding.about(pod.resource, root, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	not runs_as_root(container, pod)
	not shape.is_on(objects.security(container, pod, "runAsNonRoot"))
	not runs_as_somebody(container, pod)
	text := sprintf("may run as root, as its image says: container %s", [container.name])
}

runs_as_root(container, pod) if shape.number(objects.security(container, pod, "runAsUser")) == 0

runs_as_root(container, pod) if {
	shape.is_off(objects.security(container, pod, "runAsNonRoot"))
	not runs_as_somebody(container, pod)
}

runs_as_somebody(container, pod) if shape.number(objects.security(container, pod, "runAsUser")) > 0

privilege_escalation := {
	"id": "kubernetes.workload.privilege_escalation",
	"title": "A container whose processes may gain rights",
	"why": "A hole in one program is enough to become root in the container.",
	"fix": "Set allowPrivilegeEscalation: false.",
	"reference": "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	"controls": ["NIST 800-53 AC-6", "CIS Kubernetes 5.2.6"],
}

deny_privilege_escalation contains finding.about(pod.resource, privilege_escalation, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	shape.is_on(objects.own_security(container, "allowPrivilegeEscalation"))
	text := sprintf("lets its processes gain rights: container %s", [container.name])
}

warn_privilege_escalation contains finding.about(pod.resource, privilege_escalation, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	allowed := objects.own_security(container, "allowPrivilegeEscalation")
	not shape.is_on(allowed)
	not shape.is_off(allowed)
	text := sprintf("does not keep its processes from gaining rights: container %s", [container.name])
}

unconfined := {
	"id": "kubernetes.workload.unconfined",
	"title": "A container whose system calls or files are not filtered any more",
	"why": "A hole in the kernel that the filter would have closed is open to the container.",
	"fix": "Set seccompProfile.type and appArmorProfile.type to RuntimeDefault, or to a profile of your own.",
	"reference": "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	"controls": ["NIST 800-53 AC-6"],
}

deny_unconfined contains finding.about(pod.resource, unconfined, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	some name in ["appArmorProfile", "seccompProfile"]
	shape.get(objects.security(container, pod, name), "type") == "Unconfined"
	text := sprintf("switches off what confines its processes: %s of container %s", [name, container.name])
}

# As it was said before there were fields for it.
deny_unconfined contains finding.about(pod.resource, unconfined, text) if {
	some pod in objects.pods
	is_object(pod.annotations)
	some name, value in pod.annotations
	value == "unconfined"
	regex.match(`^(container\.)?(apparmor|seccomp)\.security\.(alpha|beta)\.kubernetes\.io/`, name)
	text := sprintf("switches off what confines its processes: annotation %s", [shape.shown(name)])
}

deny_unconfined contains finding.about(pod.resource, unconfined, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	objects.own_security(container, "procMount") == "Unmasked"
	text := sprintf("shows its processes all of the kernel's files: procMount of container %s", [container.name])
}
