package mrbot.terraform.openings_test

import data.mrbot.fixtures
import data.mrbot.terraform.openings
import rego.v1

of(kind, after) := openings.openings(fixtures.terraform(kind, after))

test_every_kind_gives_the_same_opening if {
	aws := {"type": "ingress", "from_port": 22, "to_port": "22", "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}
	found := [
		of("aws_security_group", {"ingress": [aws]}),
		of("aws_security_group", {"ingress": aws}),
		of("aws_security_group_rule", aws),
		of("aws_vpc_security_group_ingress_rule", {"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0"}),
		of("google_compute_firewall", {"source_ranges": ["0.0.0.0/0"], "allow": [{"protocol": "tcp", "ports": ["22"]}]}),
		of("azurerm_network_security_rule", {
			"direction": "Inbound", "access": "Allow", "protocol": "Tcp",
			"source_address_prefix": "0.0.0.0/0", "destination_port_range": "22",
		}),
	]
	every opening in found {
		opening[0].sources == ["0.0.0.0/0"]
		opening[0].ranges == [[22, 22]]
		count(opening) == 1
	}
}

test_nothing_comes_in_by_rules_for_what_goes_out if {
	of("aws_security_group_rule", {"type": "egress"}) == []
	of("google_compute_firewall", {"direction": "EGRESS", "allow": [{"protocol": "all"}]}) == []
	of("azurerm_network_security_rule", {"direction": "Outbound"}) == []
	of("azurerm_network_security_group", {"security_rule": [{"direction": "Inbound", "access": "Deny"}]}) == []
	of("aws_security_group", {"egress": [{"cidr_blocks": ["0.0.0.0/0"]}]}) == []
	of("aws_s3_bucket", {}) == []
}

test_protocols_without_ports_open_everything_or_nothing if {
	every written in ["-1", "all", "esp", 50] {
		found := of("aws_security_group_rule", {"protocol": written, "from_port": 0, "to_port": 0})
		found[0].ranges == [[0, 65535]]
	}
	of("aws_security_group_rule", {"protocol": "icmp", "from_port": -1, "to_port": -1}) == []
	google := of("google_compute_firewall", {"allow": [{"protocol": "tcp"}]})
	google[0].ranges == [[0, 65535]]
}

test_ports_that_cannot_be_read_are_no_range if {
	found := of("aws_security_group_rule", {"protocol": "tcp", "from_port": "${var.port}", "to_port": "${var.port}"})
	found[0].ranges == []
	google := of("google_compute_firewall", {"allow": [{"protocol": "tcp", "ports": ["${var.port}"]}]})
	google[0].ranges == []
}

test_ranges_are_read_as_they_are_written if {
	found := of("azurerm_network_security_group", {"security_rule": [{"protocol": "*", "destination_port_ranges": ["20-25", "80", "*"]}]})
	found[0].ranges == [[20, 25], [80, 80], [0, 65535]]
}
