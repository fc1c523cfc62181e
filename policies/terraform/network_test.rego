package mrbot.terraform.network_test

import data.mrbot.fixtures
import data.mrbot.terraform.network
import rego.v1

of(kind, after) := fixtures.change([fixtures.terraform(kind, after)])

rule(port, source) := {"type": "ingress", "protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": [source]}

opened(port, source) := of("aws_security_group_rule", rule(port, source))

test_deny_open_admin_port_flags_the_internet if {
	every source in ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "2000::/3"] {
		count(network.deny_open_admin_port) == 1 with input as opened(22, source)
	}
	count(network.deny_open_admin_port) == 1 with input as of("aws_security_group", {"ingress": [rule(3389, "0.0.0.0/0")]})
	count(network.deny_open_admin_port) == 1 with input as of("azurerm_network_security_rule", {"source_address_prefix": "Internet", "destination_port_range": "20-25"})
}

test_deny_open_admin_port_flags_a_range_around_it if {
	wide := object.union(rule(0, "0.0.0.0/0"), {"to_port": 65535})
	count(network.deny_open_admin_port) == 1 with input as of("aws_security_group_rule", wide)
	all := object.union(rule(0, "0.0.0.0/0"), {"protocol": "-1"})
	count(network.deny_open_admin_port) == 1 with input as of("aws_security_group_rule", all)
	count(network.deny_open_port) == 0 with input as of("aws_security_group_rule", all)
}

test_deny_open_admin_port_flags_a_known_source_in_a_repeated_block if {
	group := fixtures.terraform("aws_security_group", {"ingress": [rule(22, "0.0.0.0/0")]})
	count(network.deny_open_admin_port) == 1 with input as fixtures.change([fixtures.unknown(group, ["ingress"])])
}

test_deny_open_admin_port_allows_named_sources if {
	every source in ["10.0.0.0/8", "192.0.2.1/32", "fc00::/7", "${var.office}"] {
		count(network.deny_open_admin_port) == 0 with input as opened(22, source)
	}
	count(network.deny_open_admin_port) == 0 with input as opened(443, "0.0.0.0/0")
	ping := object.union(rule(8, "0.0.0.0/0"), {"protocol": "icmp"})
	count(network.deny_open_admin_port) == 0 with input as of("aws_security_group_rule", ping)
}

test_deny_open_port_flags_other_ports if {
	count(network.deny_open_port) == 1 with input as opened(8080, "0.0.0.0/0")
	web := object.union(rule(80, "0.0.0.0/0"), {"to_port": 443})
	count(network.deny_open_port) == 0 with input as of("aws_security_group_rule", web)
	count(network.deny_open_admin_port) == 1 with input as of("aws_security_group_rule", web)
}

test_deny_open_port_flags_ranges_by_their_ends if {
	span := object.union(rule(8080, "::/0"), {"to_port": 8090})
	messages := {found.msg | some found in network.deny_open_port} with input as of("aws_security_group_rule", span)
	messages == {"aws_security_group_rule.it opens ports 8080 to 8090 to everybody (::/0)"}
}

test_deny_open_port_allows_the_web if {
	every port in [80, 443, "443"] {
		count(network.deny_open_port) == 0 with input as opened(port, "0.0.0.0/0")
		count(network.deny_open_port) == 0 with input as opened(port, "::/0")
	}
	count(network.deny_open_port) == 0 with input as opened(8080, "10.0.0.0/8")
}

unknown_source := fixtures.unknown(fixtures.terraform("aws_security_group_rule", rule(22, "${var.office}")), ["cidr_blocks.0"])

test_warn_open_port_flags_what_cannot_be_known if {
	count(network.warn_open_port) == 1 with input as fixtures.change([unknown_source])
	count(network.warn_open_port) == 1 with input as opened("${var.port}", "0.0.0.0/0")
	planned := fixtures.planned(fixtures.unknown(fixtures.terraform("aws_security_group_rule", object.union(rule(22, "10.0.0.0/8"), {"cidr_blocks": ["10.0.0.0/8", null]})), ["cidr_blocks.1"]))
	count(network.warn_open_port) == 1 with input as fixtures.change([planned])
	single := fixtures.unknown(fixtures.terraform("aws_vpc_security_group_ingress_rule", {"ip_protocol": "tcp", "from_port": 22, "to_port": 22}), ["cidr_ipv4"])
	count(network.warn_open_port) == 1 with input as fixtures.change([single])
	group := fixtures.unknown(fixtures.terraform("aws_security_group", {}), ["ingress"])
	count(network.warn_open_port) == 1 with input as fixtures.change([group])
}

test_warn_open_port_allows_what_is_known if {
	count(network.warn_open_port) == 0 with input as opened(22, "10.0.0.0/8")
	count(network.warn_open_port) == 0 with input as opened(22, "${aws_vpc.main.cidr_block}")
	count(network.warn_open_port) == 0 with input as opened(443, "${var.anywhere}")
	count(network.warn_open_port) == 0 with input as of("aws_security_group", {"egress": []})
	repeated := fixtures.terraform("aws_security_group", {"ingress": [rule(22, "10.0.0.0/8")]})
	count(network.warn_open_port) == 0 with input as fixtures.change([fixtures.unknown(repeated, ["ingress"])])
}

test_deny_public_database_flags_public_databases if {
	count(network.deny_public_database) == 1 with input as of("aws_db_instance", {"publicly_accessible": true})
	open := {"settings": [{"ip_configuration": [{"authorized_networks": [{"value": "0.0.0.0/0"}]}]}]}
	count(network.deny_public_database) == 1 with input as of("google_sql_database_instance", open)
}

test_deny_public_database_allows_private_databases if {
	count(network.deny_public_database) == 0 with input as of("aws_db_instance", {"publicly_accessible": false})
	count(network.deny_public_database) == 0 with input as of("aws_db_instance", {})
	closed := {"settings": [{"ip_configuration": [{"authorized_networks": [{"value": "192.0.2.1/32"}]}]}]}
	count(network.deny_public_database) == 0 with input as of("google_sql_database_instance", closed)
}

# Further rules, as tables.

warn_default_network(resource) := count(found) if {
	found := network.warn_default_network with input as fixtures.change([resource])
}

test_warn_default_network_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("google_project", {}),
		fixtures.terraform("google_project", {"auto_create_network": true}),
		fixtures.terraform("google_compute_instance", {"network_interface": [{"network": "default"}]}),
		fixtures.terraform("google_compute_instance_template", {"network_interface": [{"network": "default"}]}),
		fixtures.terraform("aws_default_vpc", {}),
		fixtures.terraform("aws_default_subnet", {}),
	] {
		warn_default_network(resource) == 1
	}
}

test_warn_default_network_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("google_project", {"auto_create_network": false}),
		fixtures.terraform("google_compute_instance", {"network_interface": [{"network": "prod"}]}),
		fixtures.terraform("google_compute_instance", {"network_interface": [{"subnetwork": "prod"}]}),
		fixtures.terraform("aws_vpc", {}),
	] {
		warn_default_network(resource) == 0
	}
}

deny_public_database(resource) := count(found) if {
	found := network.deny_public_database with input as fixtures.change([resource])
}

warn_public_database(resource) := count(found) if {
	found := network.warn_public_database with input as fixtures.change([resource])
}

everywhere := {"start_ip_address": "0.0.0.0", "end_ip_address": "255.255.255.255"}

azure := {"start_ip_address": "0.0.0.0", "end_ip_address": "0.0.0.0"}

office := {"start_ip_address": "203.0.113.1", "end_ip_address": "203.0.113.1"}

test_deny_public_database_flags_a_server_that_is_open if {
	every kind in ["azurerm_cosmosdb_account", "azurerm_mssql_server", "azurerm_mysql_server", "azurerm_postgresql_server"] {
		deny_public_database(fixtures.terraform(kind, {"public_network_access_enabled": true})) == 1
	}
}

test_deny_public_database_flags_a_firewall_that_lets_everybody_in if {
	every kind in network.firewall_rules {
		deny_public_database(fixtures.terraform(kind, everywhere)) == 1
	}
	deny_public_database(fixtures.terraform("azurerm_redis_firewall_rule", {"start_ip": "0.0.0.0", "end_ip": "255.255.255.255"})) == 1
}

test_deny_public_database_allows_closed_servers_and_firewalls if {
	deny_public_database(fixtures.terraform("azurerm_mssql_server", {"public_network_access_enabled": false})) == 0
	deny_public_database(fixtures.terraform("azurerm_mssql_server", {})) == 0
	deny_public_database(fixtures.terraform("azurerm_mssql_firewall_rule", office)) == 0
	deny_public_database(fixtures.terraform("azurerm_mssql_firewall_rule", azure)) == 0
}

test_warn_public_database_flags_a_server_that_may_be_open if {
	warn_public_database(fixtures.terraform("azurerm_mssql_server", {})) == 1
	every kind in ["azurerm_cosmosdb_account", "azurerm_mssql_server"] {
		server := fixtures.terraform(kind, {"public_network_access_enabled": "${var.open}"})
		warn_public_database(fixtures.unknown(server, ["public_network_access_enabled"])) == 1
	}
}

test_warn_public_database_flags_a_firewall_that_lets_all_of_azure_in if {
	every kind in network.firewall_rules {
		warn_public_database(fixtures.terraform(kind, azure)) == 1
	}
}

test_warn_public_database_allows_closed_servers_and_firewalls if {
	warn_public_database(fixtures.terraform("azurerm_mssql_server", {"public_network_access_enabled": false})) == 0
	warn_public_database(fixtures.terraform("azurerm_cosmosdb_account", {})) == 0
	warn_public_database(fixtures.terraform("azurerm_mssql_firewall_rule", office)) == 0
	warn_public_database(fixtures.terraform("azurerm_mssql_firewall_rule", everywhere)) == 0
}
