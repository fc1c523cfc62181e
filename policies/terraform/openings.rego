# What may come in from where: the inbound rules of AWS, Azure and Google in one form.
#
# An opening has `sources` (addresses), `ranges` (of ports, first and last) and the `paths` at which
# both are written. No range means that the ports cannot be known.
package mrbot.terraform.openings

import data.mrbot.shape
import rego.v1

every_port := [0, 65535]

# Protocols without ports that are harmless to leave open.
portless := {"icmp", "icmpv6", "ipv6-icmp", "1", "58"}

openings(resource) := [opening |
	some written in rules(resource)
	not written.protocol in portless
	opening := {
		"sources": [source | some name in written.sources; some source in shape.texts(shape.get(written.block, name))],
		"source_paths": [concat("", [written.prefix, name]) | some name in written.sources],
		"ranges": ranges(written),
	}
]

rules(resource) := [rule |
	some number, block in shape.blocks(shape.get(resource.after, "ingress"))
	rule := aws(block, sprintf("ingress.%v.", [number]), "protocol", ["cidr_blocks", "ipv6_cidr_blocks"])
] if {
	resource.kind in {"aws_security_group", "aws_default_security_group"}
}

rules(resource) := [aws(resource.after, "", "protocol", ["cidr_blocks", "ipv6_cidr_blocks"])] if {
	resource.kind == "aws_security_group_rule"
	shape.get(resource.after, "type") != "egress"
}

rules(resource) := [aws(resource.after, "", "ip_protocol", ["cidr_ipv4", "cidr_ipv6"])] if {
	resource.kind == "aws_vpc_security_group_ingress_rule"
}

rules(resource) := [rule |
	some block in shape.blocks(shape.get(resource.after, "allow"))
	rule := {
		"block": resource.after,
		"prefix": "",
		"protocol": protocol_of(block, "protocol"),
		"sources": ["source_ranges"],
		"ports": google_ports(block),
	}
] if {
	resource.kind == "google_compute_firewall"
	lower(shape.text(shape.get(resource.after, "direction"))) != "egress"
}

rules(resource) := [azure(resource.after, "")] if {
	resource.kind == "azurerm_network_security_rule"
	azure_allows_in(resource.after)
}

rules(resource) := [azure(block, prefix) |
	some number, block in shape.blocks(shape.get(resource.after, "security_rule"))
	azure_allows_in(block)
	prefix := sprintf("security_rule.%v.", [number])
] if {
	resource.kind == "azurerm_network_security_group"
}

aws(block, prefix, protocol_name, sources) := {
	"block": block,
	"prefix": prefix,
	"protocol": protocol_of(block, protocol_name),
	"sources": sources,
	"ports": aws_ports(block),
}

aws_ports(block) := [[first, last]] if {
	first := shape.number(shape.get(block, "from_port"))
	last := shape.number(shape.get(block, "to_port"))
} else := []

google_ports(block) := port_ranges(shape.get(block, "ports")) if {
	count(shape.items(shape.get(block, "ports"))) > 0
} else := [every_port]

azure(block, prefix) := {
	"block": block,
	"prefix": prefix,
	"protocol": protocol_of(block, "protocol"),
	"sources": ["source_address_prefix", "source_address_prefixes"],
	"ports": array.concat(
		port_ranges(shape.get(block, "destination_port_range")),
		port_ranges(shape.get(block, "destination_port_ranges")),
	),
}

azure_allows_in(block) if {
	lower(shape.text(shape.get(block, "direction"))) != "outbound"
	lower(shape.text(shape.get(block, "access"))) != "deny"
}

# `22`, `20-25`, `*`, alone or in a list; what is none of these is left out.
port_ranges(value) := [found | some item in shape.items(value); found := port_range(item)]

port_range(item) := every_port if item == "*"

port_range(item) := [shape.number(item), shape.number(item)] if item != "*"

port_range(item) := [shape.number(ends[0]), shape.number(ends[1])] if {
	regex.match(`^[0-9]+-[0-9]+$`, shape.text(item))
	ends := split(item, "-")
}

# Ports mean something to few protocols; with any other, everything is open.
ranges(written) := written.ports if ports_matter(written.protocol)

else := [every_port]

ports_matter(protocol) if protocol in {"tcp", "udp", "sctp", "6", "17", "132", "*", ""}

ports_matter(protocol) if startswith(protocol, "${")

protocol_of(block, name) := sprintf("%v", [number]) if {
	number := shape.number(shape.get(block, name))
} else := lower(shape.text(shape.get(block, name)))
