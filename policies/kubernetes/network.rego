# Who reaches what runs in the cluster.
package mrbot.kubernetes.network

import data.mrbot.finding
import data.mrbot.kubernetes.objects
import data.mrbot.shape
import rego.v1

open_service := {
	"id": "kubernetes.network.open_service",
	"title": "A service that is reached from outside the cluster, from any address",
	"why": "Whoever reaches the load balancer or a machine reaches the pods.",
	"fix": "Use ClusterIP behind an ingress, an internal load balancer, or loadBalancerSourceRanges.",
	"reference": "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",
	"controls": ["NIST 800-53 SC-7"],
}

services := [resource | some resource in objects.present; resource.kind == "v1/Service"]

warn_open_service contains finding.about(resource, open_service, text) if {
	some resource in services
	objects.at(resource.after, ["spec", "type"]) == "LoadBalancer"
	not within(resource)
	ranges := shape.texts(objects.at(resource.after, ["spec", "loadBalancerSourceRanges"]))
	not narrow(ranges)
	text := "may be reached from any address: its load balancer names no source ranges"
}

warn_open_service contains finding.about(resource, open_service, text) if {
	some resource in services
	objects.at(resource.after, ["spec", "type"]) == "NodePort"
	text := "is reached on a port of every machine: NodePort"
}

warn_open_service contains finding.about(resource, open_service, text) if {
	some resource in services
	count(shape.items(objects.at(resource.after, ["spec", "externalIPs"]))) > 0
	text := "takes over addresses outside the cluster: externalIPs"
}

narrow(ranges) if {
	count(ranges) > 0
	every range in ranges { not endswith(range, "/0") }
}

# Each cloud, and each that brings its own load balancers, has annotations of its own.
within(resource) if {
	annotations := objects.at(resource.after, ["metadata", "annotations"])
	is_object(annotations)
	some name, value in annotations
	regex.match(`(?i)load-?balancer`, name)
	regex.match(`(?i)internal`, concat(" ", [name, shape.text(value)]))
	not shape.is_off(value)
}

plain_ingress := {
	"id": "kubernetes.network.plain_ingress",
	"title": "An Ingress without TLS",
	"why": "Passwords and sessions go over the network in clear, unless something before it ends TLS.",
	"fix": "Set spec.tls with the hosts and the secret of their certificate.",
	"reference": "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
	"controls": ["NIST 800-53 SC-8"],
}

warn_plain_ingress contains finding.about(resource, plain_ingress, "answers in clear: it has no TLS") if {
	some resource in objects.present
	resource.kind in {"extensions/v1beta1/Ingress", "networking.k8s.io/v1/Ingress", "networking.k8s.io/v1beta1/Ingress"}
	count(shape.blocks(objects.at(resource.after, ["spec", "rules"]))) > 0
	count(shape.blocks(objects.at(resource.after, ["spec", "tls"]))) == 0
}

lost_isolation := {
	"id": "kubernetes.network.lost_isolation",
	"title": "A network policy that goes, or lets everything in",
	"why": "Pods that were kept apart reach each other.",
	"fix": "Say in the change's description what keeps these pods apart now.",
	"reference": "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
	"controls": ["CIS Kubernetes 5.3.2", "NIST 800-53 SC-7"],
}

is_policy(resource) if regex.match(`/(Cilium)?(Clusterwide|Global)?NetworkPolicy$`, resource.kind)

lost_policies := [resource | some resource in objects.lost; is_policy(resource)]

opened_policies := [resource |
	some resource in objects.present
	resource.kind == "networking.k8s.io/v1/NetworkPolicy"
	lets_all_in(resource.after)
	not lets_all_in(resource.before)
]

# An entry without senders and ports is every sender and every port. So is one of every address.
lets_all_in(side) if {
	some entry in shape.blocks(objects.at(side, ["spec", "ingress"]))
	every name in ["from", "ports"] { count(shape.items(shape.get(entry, name))) == 0 }
}

lets_all_in(side) if {
	some entry in shape.blocks(objects.at(side, ["spec", "ingress"]))
	count(shape.items(shape.get(entry, "ports"))) == 0
	some sender in shape.blocks(shape.get(entry, "from"))
	endswith(shape.text(objects.at(sender, ["ipBlock", "cidr"])), "/0")
}

warn_lost_isolation contains finding.about(resource, lost_isolation, "does not keep pods apart any more: it is deleted") if {
	some resource in lost_policies
}

warn_lost_isolation contains finding.about(resource, lost_isolation, "lets everybody reach the pods that it selects") if {
	some resource in opened_policies
}

require contains finding.approvals(1, "maintain", text) if {
	policies := finding.asking(array.concat(lost_policies, opened_policies), lost_isolation)
	count(policies) > 0
	text := sprintf("fewer walls between pods without %s", [finding.named(policies)])
}
