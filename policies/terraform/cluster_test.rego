package mrbot.terraform.cluster_test

import data.mrbot.fixtures
import data.mrbot.terraform.cluster
import rego.v1

deny_public_endpoint(resource) := count(found) if {
	found := cluster.deny_public_endpoint with input as fixtures.change([resource])
}

test_deny_public_endpoint_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"subnet_ids": []}]}),
		fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": true, "public_access_cidrs": ["0.0.0.0/0"]}]}),
		fixtures.terraform("azurerm_kubernetes_cluster", {}),
		fixtures.terraform("azurerm_kubernetes_cluster", {"api_server_access_profile": [{"authorized_ip_ranges": ["0.0.0.0/0"]}]}),
		fixtures.terraform("google_container_cluster", {}),
		fixtures.terraform("google_container_cluster", {"master_authorized_networks_config": [{"cidr_blocks": [{"cidr_block": "0.0.0.0/0"}]}]}),
		fixtures.terraform("google_container_cluster", {"private_cluster_config": [{"enable_private_endpoint": false}]}),
	] {
		deny_public_endpoint(resource) == 1
	}
}

test_deny_public_endpoint_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": false}]}),
		fixtures.unknown(fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": false, "public_access_cidrs": "${var.cidrs}"}]}), ["vpc_config.0.public_access_cidrs"]),
		fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"public_access_cidrs": ["203.0.113.0/24"]}]}),
		fixtures.terraform("azurerm_kubernetes_cluster", {"private_cluster_enabled": true}),
		fixtures.unknown(fixtures.terraform("azurerm_kubernetes_cluster", {"private_cluster_enabled": true}), ["api_server_access_profile"]),
		fixtures.terraform("azurerm_kubernetes_cluster", {"api_server_access_profile": [{"authorized_ip_ranges": ["203.0.113.0/24"]}]}),
		fixtures.terraform("google_container_cluster", {"master_authorized_networks_config": [{"cidr_blocks": [{"cidr_block": "203.0.113.0/24"}]}]}),
		fixtures.terraform("google_container_cluster", {"private_cluster_config": [{"enable_private_endpoint": true}]}),
		fixtures.unknown(fixtures.terraform("google_container_cluster", {"private_cluster_config": [{"enable_private_endpoint": true}]}), ["master_authorized_networks_config"]),
		fixtures.unknown(fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"public_access_cidrs": "${var.cidrs}"}]}), ["vpc_config.0.public_access_cidrs"]),
		fixtures.unknown(fixtures.terraform("azurerm_kubernetes_cluster", {"private_cluster_enabled": "${var.private}"}), ["private_cluster_enabled"]),
		fixtures.unknown(fixtures.terraform("google_container_cluster", {}), ["master_authorized_networks_config"]),
	] {
		deny_public_endpoint(resource) == 0
	}
}

warn_public_endpoint(resource) := count(found) if {
	found := cluster.warn_public_endpoint with input as fixtures.change([resource])
}

test_warn_public_endpoint_flags_what_may_be_wrong if {
	every resource in [
		fixtures.unknown(fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"public_access_cidrs": "${var.cidrs}"}]}), ["vpc_config.0.public_access_cidrs"]),
		fixtures.unknown(fixtures.terraform("azurerm_kubernetes_cluster", {"private_cluster_enabled": "${var.private}"}), ["private_cluster_enabled"]),
		fixtures.unknown(fixtures.terraform("google_container_cluster", {}), ["master_authorized_networks_config"]),
	] {
		warn_public_endpoint(resource) == 1
	}
}

test_warn_public_endpoint_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": false}]}),
		fixtures.unknown(fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": false, "public_access_cidrs": "${var.cidrs}"}]}), ["vpc_config.0.public_access_cidrs"]),
		fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"public_access_cidrs": ["203.0.113.0/24"]}]}),
		fixtures.terraform("azurerm_kubernetes_cluster", {"private_cluster_enabled": true}),
		fixtures.unknown(fixtures.terraform("azurerm_kubernetes_cluster", {"private_cluster_enabled": true}), ["api_server_access_profile"]),
		fixtures.terraform("azurerm_kubernetes_cluster", {"api_server_access_profile": [{"authorized_ip_ranges": ["203.0.113.0/24"]}]}),
		fixtures.terraform("google_container_cluster", {"master_authorized_networks_config": [{"cidr_blocks": [{"cidr_block": "203.0.113.0/24"}]}]}),
		fixtures.terraform("google_container_cluster", {"private_cluster_config": [{"enable_private_endpoint": true}]}),
		fixtures.unknown(fixtures.terraform("google_container_cluster", {"private_cluster_config": [{"enable_private_endpoint": true}]}), ["master_authorized_networks_config"]),
		fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"subnet_ids": []}]}),
		fixtures.terraform("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": true, "public_access_cidrs": ["0.0.0.0/0"]}]}),
		fixtures.terraform("azurerm_kubernetes_cluster", {}),
		fixtures.terraform("azurerm_kubernetes_cluster", {"api_server_access_profile": [{"authorized_ip_ranges": ["0.0.0.0/0"]}]}),
		fixtures.terraform("google_container_cluster", {}),
		fixtures.terraform("google_container_cluster", {"master_authorized_networks_config": [{"cidr_blocks": [{"cidr_block": "0.0.0.0/0"}]}]}),
		fixtures.terraform("google_container_cluster", {"private_cluster_config": [{"enable_private_endpoint": false}]}),
	] {
		warn_public_endpoint(resource) == 0
	}
}

deny_legacy_access(resource) := count(found) if {
	found := cluster.deny_legacy_access with input as fixtures.change([resource])
}

test_deny_legacy_access_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("google_container_cluster", {"enable_legacy_abac": true}),
		fixtures.terraform("google_container_cluster", {"master_auth": [{"client_certificate_config": [{"issue_client_certificate": true}]}]}),
		fixtures.terraform("google_container_cluster", {"enable_shielded_nodes": false}),
		fixtures.terraform("google_container_node_pool", {"node_config": [{"workload_metadata_config": [{"mode": "GCE_METADATA"}]}]}),
		fixtures.terraform("azurerm_kubernetes_cluster", {"role_based_access_control_enabled": false}),
	] {
		deny_legacy_access(resource) == 1
	}
}

test_deny_legacy_access_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("google_container_cluster", {}),
		fixtures.terraform("azurerm_kubernetes_cluster", {}),
		fixtures.terraform("google_container_node_pool", {"node_config": [{"workload_metadata_config": [{"mode": "GKE_METADATA"}]}]}),
		fixtures.unknown(fixtures.terraform("google_container_cluster", {"enable_legacy_abac": "${var.abac}"}), ["enable_legacy_abac"]),
	] {
		deny_legacy_access(resource) == 0
	}
}

warn_legacy_access(resource) := count(found) if {
	found := cluster.warn_legacy_access with input as fixtures.change([resource])
}

test_warn_legacy_access_flags_what_may_be_wrong if {
	every resource in [
		fixtures.unknown(fixtures.terraform("google_container_cluster", {"enable_legacy_abac": "${var.abac}"}), ["enable_legacy_abac"]),
	] {
		warn_legacy_access(resource) == 1
	}
}

test_warn_legacy_access_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("google_container_cluster", {}),
		fixtures.terraform("azurerm_kubernetes_cluster", {}),
		fixtures.terraform("google_container_node_pool", {"node_config": [{"workload_metadata_config": [{"mode": "GKE_METADATA"}]}]}),
		fixtures.terraform("google_container_cluster", {"enable_legacy_abac": true}),
		fixtures.terraform("google_container_cluster", {"master_auth": [{"client_certificate_config": [{"issue_client_certificate": true}]}]}),
		fixtures.terraform("google_container_cluster", {"enable_shielded_nodes": false}),
		fixtures.terraform("google_container_node_pool", {"node_config": [{"workload_metadata_config": [{"mode": "GCE_METADATA"}]}]}),
		fixtures.terraform("azurerm_kubernetes_cluster", {"role_based_access_control_enabled": false}),
	] {
		warn_legacy_access(resource) == 0
	}
}

test_warn_public_endpoint_allows_what_a_plan_leaves_to_the_provider if {
	cluster := fixtures.unknown(fixtures.terraform("google_container_cluster", {}), ["master_authorized_networks_config"])
	warn_public_endpoint(fixtures.planned(cluster)) == 0
	deny_public_endpoint(fixtures.planned(cluster)) == 0
}
