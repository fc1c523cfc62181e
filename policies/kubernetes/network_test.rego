package mrbot.kubernetes.network_test

import data.mrbot.fixtures
import data.mrbot.kubernetes.network
import rego.v1

service(spec) := fixtures.change([fixtures.manifest("v1/Service", {"spec": spec})])

annotated(annotations) := fixtures.change([fixtures.manifest("v1/Service", {
	"metadata": {"annotations": annotations},
	"spec": {"type": "LoadBalancer"},
})])

test_warn_open_service_flags_load_balancers_for_every_address if {
	count(network.warn_open_service) == 1 with input as service({"type": "LoadBalancer"})
	every ranges in [[], ["0.0.0.0/0"], ["10.0.0.0/8", "::/0"]] {
		count(network.warn_open_service) == 1 with input as service({"type": "LoadBalancer", "loadBalancerSourceRanges": ranges})
	}
	count(network.warn_open_service) == 1 with input as annotated({"service.beta.kubernetes.io/aws-load-balancer-internal": "false"})
	count(network.warn_open_service) == 1 with input as annotated({"team": "internal"})
}

test_warn_open_service_flags_ports_of_machines if {
	count(network.warn_open_service) == 1 with input as service({"type": "NodePort"})
}

test_warn_open_service_flags_foreign_addresses if {
	count(network.warn_open_service) == 1 with input as service({"externalIPs": ["192.0.2.1"]})
}

test_warn_open_service_allows_services_of_the_cluster_and_narrow_ones if {
	count(network.warn_open_service) == 0 with input as service({})
	count(network.warn_open_service) == 0 with input as service({"type": "ClusterIP", "externalIPs": []})
	count(network.warn_open_service) == 0 with input as service({"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.0/8"]})
	internal_ones := [
		{"service.beta.kubernetes.io/aws-load-balancer-internal": "true"},
		{"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"},
		{"service.beta.kubernetes.io/azure-load-balancer-internal": "true"},
		{"networking.gke.io/load-balancer-type": "Internal"},
	]
	every annotations in internal_ones {
		count(network.warn_open_service) == 0 with input as annotated(annotations)
	}
}

ingress(spec) := fixtures.change([fixtures.manifest("networking.k8s.io/v1/Ingress", {"spec": spec})])

test_warn_plain_ingress_flags_an_ingress_without_tls if {
	count(network.warn_plain_ingress) == 1 with input as ingress({"rules": [{"host": "a.example.com"}]})
	count(network.warn_plain_ingress) == 1 with input as ingress({"rules": [{"host": "a.example.com"}], "tls": []})
}

test_warn_plain_ingress_allows_tls_and_patches if {
	count(network.warn_plain_ingress) == 0 with input as ingress({"rules": [{"host": "a.example.com"}], "tls": [{"secretName": "a"}]})
	count(network.warn_plain_ingress) == 0 with input as ingress({"ingressClassName": "nginx"})
}

policy(entries) := fixtures.manifest("networking.k8s.io/v1/NetworkPolicy", {"spec": {"ingress": entries}})

narrow := [{"from": [{"podSelector": {}}]}]

test_warn_lost_isolation_flags_deleted_policies if {
	count(network.warn_lost_isolation) == 1 with input as fixtures.change([fixtures.deleted(policy(narrow))])
	every kind in ["cilium.io/v2/CiliumNetworkPolicy", "cilium.io/v2/CiliumClusterwideNetworkPolicy", "projectcalico.org/v3/GlobalNetworkPolicy"] {
		count(network.warn_lost_isolation) == 1 with input as fixtures.change([fixtures.deleted(fixtures.manifest(kind, {}))])
	}
}

test_warn_lost_isolation_flags_opened_policies if {
	every entries in [[{}], [{"from": []}], [{"from": [], "ports": []}], [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]] {
		count(network.warn_lost_isolation) == 1 with input as fixtures.change([policy(entries)])
		count(network.warn_lost_isolation) == 1 with input as fixtures.change([fixtures.updated(policy(entries), policy(narrow).after)])
	}
}

test_warn_lost_isolation_allows_narrow_policies_and_what_was_open if {
	every entries in [narrow, [], [{"ports": [{"port": 80}]}], [{"ports": [{"port": 443}], "from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]] {
		count(network.warn_lost_isolation) == 0 with input as fixtures.change([policy(entries)])
	}
	count(network.warn_lost_isolation) == 0 with input as fixtures.change([fixtures.updated(policy([{}]), policy([{}]).after)])
	count(network.warn_lost_isolation) == 0 with input as fixtures.change([fixtures.deleted(fixtures.manifest("v1/Service", {}))])
}

test_require_flags_lost_isolation if {
	demands := network.require with input as fixtures.change([fixtures.deleted(policy(narrow))])
	demands == {{"msg": "fewer walls between pods without prod/it", "count": 1, "roles": ["maintain"]}}
}

test_require_allows_everything_else if {
	count(network.require) == 0 with input as fixtures.change([policy(narrow)])
}
