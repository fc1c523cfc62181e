package mrbot.terraform.transport_test

import data.mrbot.fixtures
import data.mrbot.terraform.transport
import rego.v1

deny_plain_access(resource) := count(found) if {
	found := transport.deny_plain_access with input as fixtures.change([resource])
}

test_deny_plain_access_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("azurerm_storage_account", {"https_traffic_only_enabled": false}),
		fixtures.terraform("azurerm_storage_account", {"enable_https_traffic_only": "false"}),
		fixtures.terraform("azurerm_redis_cache", {"non_ssl_port_enabled": true}),
		fixtures.terraform("azurerm_redis_cache", {"enable_non_ssl_port": true}),
		fixtures.terraform("aws_cloudfront_distribution", {"default_cache_behavior": [{"viewer_protocol_policy": "allow-all"}]}),
		fixtures.terraform("aws_cloudfront_distribution", {"ordered_cache_behavior": [{"viewer_protocol_policy": "https-only"}, {"viewer_protocol_policy": "allow-all"}]}),
		fixtures.terraform("aws_elasticache_replication_group", {"transit_encryption_enabled": false}),
		fixtures.terraform("aws_msk_cluster", {"encryption_info": [{"encryption_in_transit": [{"client_broker": "TLS_PLAINTEXT"}]}]}),
		fixtures.terraform("google_sql_database_instance", {"settings": [{"ip_configuration": [{"ssl_mode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED"}]}]}),
		fixtures.terraform("google_sql_database_instance", {"settings": [{"ip_configuration": [{"require_ssl": false}]}]}),
		fixtures.terraform("azurerm_linux_web_app", {}),
		fixtures.terraform("azurerm_linux_function_app", {}),
		fixtures.terraform("azurerm_windows_web_app", {}),
		fixtures.terraform("azurerm_windows_function_app", {}),
		fixtures.terraform("azurerm_linux_web_app", {"https_only": false}),
		fixtures.terraform("aws_opensearch_domain", {"domain_endpoint_options": [{"enforce_https": false}]}),
		fixtures.terraform("aws_elasticsearch_domain", {"node_to_node_encryption": [{"enabled": false}]}),
	] {
		deny_plain_access(resource) == 1
	}
}

test_deny_plain_access_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("azurerm_storage_account", {}),
		fixtures.terraform("azurerm_redis_cache", {}),
		fixtures.terraform("azurerm_linux_web_app", {"https_only": true}),
		fixtures.terraform("aws_cloudfront_distribution", {"default_cache_behavior": [{"viewer_protocol_policy": "redirect-to-https"}]}),
		fixtures.terraform("aws_elasticache_replication_group", {"transit_encryption_enabled": true}),
		fixtures.terraform("aws_msk_cluster", {}),
		fixtures.terraform("aws_msk_cluster", {"encryption_info": [{"encryption_in_transit": [{"client_broker": "TLS"}]}]}),
		fixtures.terraform("google_sql_database_instance", {"settings": [{"ip_configuration": [{"require_ssl": false, "ssl_mode": "ENCRYPTED_ONLY"}]}]}),
		fixtures.terraform("google_sql_database_instance", {}),
		fixtures.terraform("aws_opensearch_domain", {}),
		fixtures.terraform("aws_elasticache_replication_group", {}),
		fixtures.unknown(fixtures.terraform("azurerm_linux_web_app", {"https_only": "${var.https}"}), ["https_only"]),
	] {
		deny_plain_access(resource) == 0
	}
}

warn_plain_access(resource) := count(found) if {
	found := transport.warn_plain_access with input as fixtures.change([resource])
}

test_warn_plain_access_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("aws_elasticache_replication_group", {}),
		fixtures.unknown(fixtures.terraform("azurerm_linux_web_app", {"https_only": "${var.https}"}), ["https_only"]),
	] {
		warn_plain_access(resource) == 1
	}
}

test_warn_plain_access_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("azurerm_storage_account", {}),
		fixtures.terraform("azurerm_redis_cache", {}),
		fixtures.terraform("azurerm_linux_web_app", {"https_only": true}),
		fixtures.terraform("aws_cloudfront_distribution", {"default_cache_behavior": [{"viewer_protocol_policy": "redirect-to-https"}]}),
		fixtures.terraform("aws_elasticache_replication_group", {"transit_encryption_enabled": true}),
		fixtures.terraform("aws_msk_cluster", {}),
		fixtures.terraform("aws_msk_cluster", {"encryption_info": [{"encryption_in_transit": [{"client_broker": "TLS"}]}]}),
		fixtures.terraform("google_sql_database_instance", {"settings": [{"ip_configuration": [{"require_ssl": false, "ssl_mode": "ENCRYPTED_ONLY"}]}]}),
		fixtures.terraform("google_sql_database_instance", {}),
		fixtures.terraform("aws_opensearch_domain", {}),
		fixtures.terraform("azurerm_storage_account", {"https_traffic_only_enabled": false}),
		fixtures.terraform("azurerm_storage_account", {"enable_https_traffic_only": "false"}),
		fixtures.terraform("azurerm_redis_cache", {"non_ssl_port_enabled": true}),
		fixtures.terraform("azurerm_redis_cache", {"enable_non_ssl_port": true}),
		fixtures.terraform("aws_cloudfront_distribution", {"default_cache_behavior": [{"viewer_protocol_policy": "allow-all"}]}),
		fixtures.terraform("aws_cloudfront_distribution", {"ordered_cache_behavior": [{"viewer_protocol_policy": "https-only"}, {"viewer_protocol_policy": "allow-all"}]}),
		fixtures.terraform("aws_elasticache_replication_group", {"transit_encryption_enabled": false}),
		fixtures.terraform("aws_msk_cluster", {"encryption_info": [{"encryption_in_transit": [{"client_broker": "TLS_PLAINTEXT"}]}]}),
		fixtures.terraform("google_sql_database_instance", {"settings": [{"ip_configuration": [{"ssl_mode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED"}]}]}),
		fixtures.terraform("google_sql_database_instance", {"settings": [{"ip_configuration": [{"require_ssl": false}]}]}),
		fixtures.terraform("azurerm_linux_web_app", {}),
		fixtures.terraform("azurerm_linux_function_app", {}),
		fixtures.terraform("azurerm_windows_web_app", {}),
		fixtures.terraform("azurerm_windows_function_app", {}),
		fixtures.terraform("azurerm_linux_web_app", {"https_only": false}),
		fixtures.terraform("aws_opensearch_domain", {"domain_endpoint_options": [{"enforce_https": false}]}),
		fixtures.terraform("aws_elasticsearch_domain", {"node_to_node_encryption": [{"enabled": false}]}),
	] {
		warn_plain_access(resource) == 0
	}
}

deny_old_tls(resource) := count(found) if {
	found := transport.deny_old_tls with input as fixtures.change([resource])
}

test_deny_old_tls_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("aws_cloudfront_distribution", {"viewer_certificate": [{"minimum_protocol_version": "TLSv1.1_2016"}]}),
		fixtures.terraform("azurerm_storage_account", {"min_tls_version": "TLS1_0"}),
		fixtures.terraform("azurerm_mssql_server", {"minimum_tls_version": "Disabled"}),
		fixtures.terraform("azurerm_redis_cache", {"minimum_tls_version": "1.1"}),
		fixtures.terraform("google_compute_ssl_policy", {}),
		fixtures.terraform("google_compute_ssl_policy", {"min_tls_version": "TLS_1_1"}),
		fixtures.terraform("aws_api_gateway_domain_name", {"security_policy": "TLS_1_0"}),
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-2016-08"}),
		fixtures.terraform("aws_alb_listener", {"protocol": "TLS", "ssl_policy": "ELBSecurityPolicy-TLS13-1-0-2021-06"}),
		fixtures.terraform("azurerm_linux_web_app", {"site_config": [{"minimum_tls_version": "1.1"}]}),
		fixtures.terraform("aws_opensearch_domain", {"domain_endpoint_options": [{"tls_security_policy": "Policy-Min-TLS-1-0-2019-07"}]}),
	] {
		deny_old_tls(resource) == 1
	}
}

test_deny_old_tls_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_cloudfront_distribution", {"viewer_certificate": [{"minimum_protocol_version": "TLSv1", "cloudfront_default_certificate": true}]}),
		fixtures.terraform("aws_cloudfront_distribution", {"viewer_certificate": [{"minimum_protocol_version": "TLSv1.2_2021"}]}),
		fixtures.terraform("azurerm_storage_account", {}),
		fixtures.terraform("azurerm_storage_account", {"min_tls_version": "TLS1_2"}),
		fixtures.terraform("azurerm_mssql_server", {}),
		fixtures.terraform("google_compute_ssl_policy", {"min_tls_version": "TLS_1_2"}),
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}),
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTP"}),
		fixtures.terraform("aws_lb_listener", {}),
		fixtures.terraform("azurerm_linux_web_app", {}),
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTPS"}),
		fixtures.unknown(fixtures.terraform("azurerm_storage_account", {"min_tls_version": "${var.tls}"}), ["min_tls_version"]),
	] {
		deny_old_tls(resource) == 0
	}
}

warn_old_tls(resource) := count(found) if {
	found := transport.warn_old_tls with input as fixtures.change([resource])
}

test_warn_old_tls_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTPS"}),
		fixtures.unknown(fixtures.terraform("azurerm_storage_account", {"min_tls_version": "${var.tls}"}), ["min_tls_version"]),
	] {
		warn_old_tls(resource) == 1
	}
}

test_warn_old_tls_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_cloudfront_distribution", {"viewer_certificate": [{"minimum_protocol_version": "TLSv1", "cloudfront_default_certificate": true}]}),
		fixtures.terraform("aws_cloudfront_distribution", {"viewer_certificate": [{"minimum_protocol_version": "TLSv1.2_2021"}]}),
		fixtures.terraform("azurerm_storage_account", {}),
		fixtures.terraform("azurerm_storage_account", {"min_tls_version": "TLS1_2"}),
		fixtures.terraform("azurerm_mssql_server", {}),
		fixtures.terraform("google_compute_ssl_policy", {"min_tls_version": "TLS_1_2"}),
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}),
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTP"}),
		fixtures.terraform("aws_lb_listener", {}),
		fixtures.terraform("azurerm_linux_web_app", {}),
		fixtures.terraform("aws_cloudfront_distribution", {"viewer_certificate": [{"minimum_protocol_version": "TLSv1.1_2016"}]}),
		fixtures.terraform("azurerm_storage_account", {"min_tls_version": "TLS1_0"}),
		fixtures.terraform("azurerm_mssql_server", {"minimum_tls_version": "Disabled"}),
		fixtures.terraform("azurerm_redis_cache", {"minimum_tls_version": "1.1"}),
		fixtures.terraform("google_compute_ssl_policy", {}),
		fixtures.terraform("google_compute_ssl_policy", {"min_tls_version": "TLS_1_1"}),
		fixtures.terraform("aws_api_gateway_domain_name", {"security_policy": "TLS_1_0"}),
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-2016-08"}),
		fixtures.terraform("aws_alb_listener", {"protocol": "TLS", "ssl_policy": "ELBSecurityPolicy-TLS13-1-0-2021-06"}),
		fixtures.terraform("azurerm_linux_web_app", {"site_config": [{"minimum_tls_version": "1.1"}]}),
		fixtures.terraform("aws_opensearch_domain", {"domain_endpoint_options": [{"tls_security_policy": "Policy-Min-TLS-1-0-2019-07"}]}),
	] {
		warn_old_tls(resource) == 0
	}
}

deny_plain_listener(resource) := count(found) if {
	found := transport.deny_plain_listener with input as fixtures.change([resource])
}

test_deny_plain_listener_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTP", "default_action": [{"type": "forward"}]}),
		fixtures.terraform("aws_alb_listener", {"protocol": "HTTP", "default_action": [{"type": "forward"}]}),
	] {
		deny_plain_listener(resource) == 1
	}
}

test_deny_plain_listener_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTP", "default_action": [{"type": "redirect"}]}),
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTPS", "default_action": [{"type": "forward"}]}),
		fixtures.unknown(fixtures.terraform("aws_lb_listener", {"default_action": [{"type": "forward"}]}), ["protocol"]),
		fixtures.unknown(fixtures.terraform("aws_lb_listener", {"protocol": "${var.protocol}", "default_action": [{"type": "forward"}]}), ["protocol"]),
	] {
		deny_plain_listener(resource) == 0
	}
}

warn_plain_listener(resource) := count(found) if {
	found := transport.warn_plain_listener with input as fixtures.change([resource])
}

test_warn_plain_listener_flags_what_may_be_wrong if {
	every resource in [
		fixtures.unknown(fixtures.terraform("aws_lb_listener", {"protocol": "${var.protocol}", "default_action": [{"type": "forward"}]}), ["protocol"]),
	] {
		warn_plain_listener(resource) == 1
	}
}

test_warn_plain_listener_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTP", "default_action": [{"type": "redirect"}]}),
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTPS", "default_action": [{"type": "forward"}]}),
		fixtures.unknown(fixtures.terraform("aws_lb_listener", {"default_action": [{"type": "forward"}]}), ["protocol"]),
		fixtures.terraform("aws_lb_listener", {"protocol": "HTTP", "default_action": [{"type": "forward"}]}),
		fixtures.terraform("aws_alb_listener", {"protocol": "HTTP", "default_action": [{"type": "forward"}]}),
	] {
		warn_plain_listener(resource) == 0
	}
}
