# Kubernetes clusters that strangers could reach, or get into the old way.
package mrbot.terraform.cluster

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.attributes
import data.mrbot.terraform.network
import data.mrbot.terraform.resources
import rego.v1

public_endpoint := {
	"id": "terraform.cluster.public_endpoint",
	"title": "A cluster whose API everybody on the internet can reach",
	"why": "A stolen token, or a hole in the API server, is then enough to take the cluster over from anywhere.",
	"fix": "Make the endpoint private, or name the addresses that may reach it.",
	"reference": "https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
	"controls": ["NIST 800-53 SC-7"],
}

deny_public_endpoint contains finding.about(resource, public_endpoint, text) if {
	some resource in resources.of_kind.aws_eks_cluster
	some number, endpoint in shape.items(shape.get(resource.after, "vpc_config"))
	is_object(endpoint)
	not shape.is_off(shape.get(endpoint, "endpoint_public_access"))
	not resources.unknown(resource, sprintf("vpc_config.%v.endpoint_public_access", [number]))
	path := sprintf("vpc_config.%v.public_access_cidrs", [number])
	some source in sources(resource, path, shape.get(endpoint, "public_access_cidrs"))
	network.public(source)
	text := sprintf("can be reached by everybody (%s)", [source])
}

deny_public_endpoint contains finding.about(resource, public_endpoint, text) if {
	some resource in resources.of_kind.azurerm_kubernetes_cluster
	not shape.is_on(shape.get(resource.after, "private_cluster_enabled"))
	not resources.unknown(resource, "private_cluster_enabled")
	some source in azure_sources(resource)
	network.public(source)
	text := sprintf("can be reached by everybody (%s)", [source])
}

deny_public_endpoint contains finding.about(resource, public_endpoint, text) if {
	some resource in resources.of_kind.google_container_cluster
	some source in google_sources(resource)
	network.public(source)
	not google_private(resource)
	text := sprintf("can be reached by everybody (%s)", [source])
}

warn_public_endpoint contains finding.about(resource, public_endpoint, text) if {
	some kind, paths in endpoint_paths
	some resource in resources.of_kind[kind]
	some path in paths
	resources.unknown(resource, path)
	resource.certainty != "planned"
	not private(resource)
	text := sprintf("may be reached by everybody: %s cannot be known yet", [path])
}

endpoint_paths := {
	"aws_eks_cluster": ["vpc_config.0.endpoint_public_access", "vpc_config.0.public_access_cidrs"],
	"azurerm_kubernetes_cluster": ["private_cluster_enabled", "api_server_access_profile.0.authorized_ip_ranges"],
	"google_container_cluster": ["master_authorized_networks_config"],
}

# Nothing named is everything, unless nobody can know what is named.
sources(resource, path, _) := [] if resources.unknown(resource, path)

sources(resource, path, named) := shape.texts(named) if {
	not resources.unknown(resource, path)
	count(shape.items(named)) > 0
}

sources(resource, path, named) := ["0.0.0.0/0"] if {
	not resources.unknown(resource, path)
	count(shape.items(named)) == 0
}

azure_sources(resource) := [source |
	some found in attributes.values(resource, ["api_server_access_profile", "authorized_ip_ranges"])
	some source in sources(resource, found.path, found.value)
]

google_sources(resource) := ["0.0.0.0/0"] if {
	count(shape.items(shape.get(resource.after, "master_authorized_networks_config"))) == 0
	not resources.unknown(resource, "master_authorized_networks_config")
} else := [source |
	some networks in shape.blocks(shape.get(resource.after, "master_authorized_networks_config"))
	some block in shape.blocks(shape.get(networks, "cidr_blocks"))
	source := shape.text(shape.get(block, "cidr_block"))
]

google_private(resource) if {
	some found in attributes.values(resource, ["private_cluster_config", "enable_private_endpoint"])
	shape.is_on(found.value)
}

google_private(resource) if resources.unknown(resource, "private_cluster_config")

private(resource) if {
	some path in [
		["private_cluster_config", "enable_private_endpoint"],
		["private_cluster_enabled"],
	]
	some found in attributes.values(resource, path)
	shape.is_on(found.value)
}

private(resource) if {
	some found in attributes.values(resource, ["vpc_config", "endpoint_public_access"])
	shape.is_off(found.value)
}

legacy_access := {
	"id": "terraform.cluster.legacy_access",
	"title": "A cluster that lets in, or allows, the old way",
	"why": "Old ways of access go past roles and identities: a certificate or a node's metadata is enough, and cannot be taken back.",
	"fix": "Use RBAC and the cloud's identities; switch the old ways off.",
	"reference": "https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster",
	"controls": ["NIST 800-53 AC-3"],
}

legacy_access_checks := [
	{
		"kind": "google_container_cluster",
		"path": ["enable_legacy_abac"],
		"bad": "on",
		"means": "lets attributes decide who may do what, and not roles",
	},
	{
		"kind": "google_container_cluster",
		"path": ["master_auth", "client_certificate_config", "issue_client_certificate"],
		"bad": "on",
		"computed": true,
		"means": "gives out a client certificate",
	},
	{
		"kind": "google_container_cluster",
		"path": ["enable_shielded_nodes"],
		"bad": "off",
		"means": "takes nodes that cannot prove who they are",
	},
	{
		"kind": "google_container_node_pool",
		"path": ["node_config", "workload_metadata_config", "mode"],
		"bad": ["GCE_METADATA", "UNSPECIFIED"],
		"computed": true,
		"means": "gives pods the identity of their node",
	},
	{
		"kind": "azurerm_kubernetes_cluster",
		"path": ["role_based_access_control_enabled"],
		"bad": "off",
		"means": "has no roles",
	},
]

deny_legacy_access contains finding.about(resource, legacy_access, text) if {
	some check in legacy_access_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_legacy_access contains finding.about(resource, legacy_access, text) if {
	some check in legacy_access_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}
