# Data on its way that others could read.
package mrbot.terraform.transport

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.attributes
import data.mrbot.terraform.resources
import rego.v1

plain_access := {
	"id": "terraform.transport.plain_access",
	"title": "A service that can be talked to without encryption",
	"why": "Whoever is on the way reads the data, and passwords with it.",
	"fix": "Set the attribute that the finding names, so that only encrypted connections are taken.",
	"reference": "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_protect_data_transit_encrypt.html",
	"controls": ["NIST 800-53 SC-8"],
}

azure_sites := [
	"azurerm_linux_function_app", "azurerm_linux_web_app",
	"azurerm_windows_function_app", "azurerm_windows_web_app",
]

search_domains := ["aws_elasticsearch_domain", "aws_opensearch_domain"]

plain_access_checks := array.concat(
	[
		{"kind": "azurerm_storage_account", "path": ["https_traffic_only_enabled"], "bad": "off", "means": "takes plain HTTP"},
		{"kind": "azurerm_storage_account", "path": ["enable_https_traffic_only"], "bad": "off", "means": "takes plain HTTP"},
		{"kind": "azurerm_redis_cache", "path": ["non_ssl_port_enabled"], "bad": "on", "means": "takes plain connections"},
		{"kind": "azurerm_redis_cache", "path": ["enable_non_ssl_port"], "bad": "on", "means": "takes plain connections"},
		{
			"kind": "aws_cloudfront_distribution",
			"path": ["default_cache_behavior", "viewer_protocol_policy"],
			"bad": ["allow-all"],
			"means": "takes plain HTTP",
		},
		{
			"kind": "aws_cloudfront_distribution",
			"path": ["ordered_cache_behavior", "viewer_protocol_policy"],
			"bad": ["allow-all"],
			"means": "takes plain HTTP",
		},
		{
			"kind": "aws_elasticache_replication_group",
			"path": ["transit_encryption_enabled"],
			"bad": "off",
			"unset": "doubtful",
			"computed": true,
			"means": "takes plain connections",
		},
		{
			"kind": "aws_msk_cluster",
			"path": ["encryption_info", "encryption_in_transit", "client_broker"],
			"bad": ["PLAINTEXT", "TLS_PLAINTEXT"],
			"means": "takes plain connections",
		},
		{
			"kind": "google_sql_database_instance",
			"path": ["settings", "ip_configuration", "ssl_mode"],
			"bad": ["ALLOW_UNENCRYPTED_AND_ENCRYPTED"],
			"computed": true,
			"means": "takes plain connections",
		},
		{
			"kind": "google_sql_database_instance",
			"path": ["settings", "ip_configuration", "require_ssl"],
			"bad": "off",
			"computed": true,
			"means": "takes plain connections",
			"unless": [{
				"path": ["settings", "ip_configuration", "ssl_mode"],
				"is": ["ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"],
			}],
		},
	],
	array.concat(
		[check |
			some kind in azure_sites
			check := {"kind": kind, "path": ["https_only"], "bad": "off", "unset": "bad", "means": "takes plain HTTP"}
		],
		[check |
			some kind in search_domains
			some path in [["domain_endpoint_options", "enforce_https"], ["node_to_node_encryption", "enabled"]]
			check := {"kind": kind, "path": path, "bad": "off", "computed": true, "means": "takes plain connections"}
		],
	),
)

deny_plain_access contains finding.about(resource, plain_access, text) if {
	some check in plain_access_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_plain_access contains finding.about(resource, plain_access, text) if {
	some check in plain_access_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}

old_tls := {
	"id": "terraform.transport.old_tls",
	"title": "TLS older than version 1.2",
	"why": "TLS 1.0 and 1.1 have known holes; browsers and auditors refuse them.",
	"fix": "Ask for TLS 1.2 or newer.",
	"reference": "https://datatracker.ietf.org/doc/html/rfc8996",
	"controls": ["NIST 800-53 SC-8"],
}

listeners := ["aws_lb_listener", "aws_alb_listener"]

# Of Amazon's, those with TLS 1.0 or 1.1.
old_listener_policies := [
	"ELBSecurityPolicy-2015-05", "ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-FS-1-1-2019-08",
	"ELBSecurityPolicy-FS-2018-06", "ELBSecurityPolicy-TLS-1-0-2015-04", "ELBSecurityPolicy-TLS-1-1-2017-01",
	"ELBSecurityPolicy-TLS13-1-0-2021-06", "ELBSecurityPolicy-TLS13-1-1-2021-06",
]

old_tls_checks := array.concat(
	[
		{
			"kind": "aws_cloudfront_distribution",
			"path": ["viewer_certificate", "minimum_protocol_version"],
			"bad": ["SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016"],
			"means": "takes old TLS",
			"unless": [{"path": ["viewer_certificate", "cloudfront_default_certificate"], "is": "on"}],
		},
		{"kind": "azurerm_storage_account", "path": ["min_tls_version"], "bad": ["TLS1_0", "TLS1_1"], "means": "takes old TLS"},
		{
			"kind": "azurerm_mssql_server",
			"path": ["minimum_tls_version"],
			"bad": ["1.0", "1.1", "Disabled"],
			"means": "takes old TLS",
		},
		{"kind": "azurerm_redis_cache", "path": ["minimum_tls_version"], "bad": ["1.0", "1.1"], "means": "takes old TLS"},
		{
			"kind": "google_compute_ssl_policy",
			"path": ["min_tls_version"],
			"bad": ["TLS_1_0", "TLS_1_1"],
			"unset": "bad",
			"means": "takes old TLS",
		},
		{
			"kind": "aws_api_gateway_domain_name",
			"path": ["security_policy"],
			"bad": ["TLS_1_0"],
			"computed": true,
			"means": "takes old TLS",
		},
	],
	array.concat(
		[check |
			some kind in listeners
			check := {
				"kind": kind,
				"path": ["ssl_policy"],
				"bad": old_listener_policies,
				"unset": "doubtful",
				"computed": true,
				"means": "takes old TLS",
				"unless": [{
					"path": ["protocol"],
					"is": [null, "HTTP", "TCP", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"],
				}],
			}
		],
		array.concat(
			[check |
				some kind in azure_sites
				check := {
					"kind": kind,
					"path": ["site_config", "minimum_tls_version"],
					"bad": ["1.0", "1.1"],
					"means": "takes old TLS",
				}
			],
			[check |
				some kind in search_domains
				check := {
					"kind": kind,
					"path": ["domain_endpoint_options", "tls_security_policy"],
					"bad": ["Policy-Min-TLS-1-0-2019-07"],
					"computed": true,
					"means": "takes old TLS",
				}
			],
		),
	),
)

deny_old_tls contains finding.about(resource, old_tls, text) if {
	some check in old_tls_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_old_tls contains finding.about(resource, old_tls, text) if {
	some check in old_tls_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}

plain_listener := {
	"id": "terraform.transport.plain_listener",
	"title": "A load balancer that forwards plain HTTP",
	"why": "Whoever is on the way to the load balancer reads what people send, and can change it.",
	"fix": "Listen with HTTPS, and let the listener for HTTP redirect to it.",
	"reference": "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html",
	"controls": ["NIST 800-53 SC-8"],
}

deny_plain_listener contains finding.about(resource, plain_listener, text) if {
	some kind in listeners
	some resource in resources.of_kind[kind]
	shape.get(resource.after, "protocol") == "HTTP"
	some action in shape.blocks(shape.get(resource.after, "default_action"))
	shape.get(action, "type") == "forward"
	text := "forwards plain HTTP"
}

warn_plain_listener contains finding.about(resource, plain_listener, text) if {
	some kind in listeners
	some resource in resources.of_kind[kind]
	resources.unknown(resource, "protocol")
	shape.get(resource.after, "protocol") != null
	some action in shape.blocks(shape.get(resource.after, "default_action"))
	shape.get(action, "type") == "forward"
	text := "may forward plain HTTP: its protocol cannot be known yet"
}
