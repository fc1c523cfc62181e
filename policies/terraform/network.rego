# Ways in from the internet.
package mrbot.terraform.network

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.attributes
import data.mrbot.terraform.openings
import data.mrbot.terraform.resources
import rego.v1

open_admin_port := {
	"id": "terraform.network.open_admin_port",
	"title": "Shells, databases and control planes open to the internet",
	"why": "Strangers can try passwords and known holes on them, and scanners do so within minutes.",
	"fix": "Name the addresses that need it, or go through a bastion, a VPN or a session manager.",
	"reference": "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
	"controls": ["NIST 800-53 SC-7", "CIS AWS 3.0 5.2", "CIS AWS 3.0 5.3"],
}

open_port := {
	"id": "terraform.network.open_port",
	"title": "Other ports open to the internet",
	"why": "Each open port is a way in that nobody may have thought of.",
	"fix": "Open only ports meant for everybody (80 and 443) to them; name the addresses that need anything else.",
	"reference": "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
	"controls": ["NIST 800-53 SC-7"],
	"parameters": {"ports": {"default": [80, 443], "about": "Ports that may be open to everybody."}},
}

# Remote shells and desktops, databases, and the control planes of machines.
admin_ports := {
	21, 22, 23, 135, 139, 445, 1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5601,
	5900, 5985, 5986, 6379, 6443, 8200, 8500, 9042, 9200, 10250, 11211, 27017,
}

web_ports := {port | some port in finding.parameter(open_port, "ports")}

deny_open_admin_port contains finding.about(resource, open_admin_port, text) if {
	some resource in resources.present
	some opening in openings.openings(resource)
	some source in opening.sources
	public(source)
	ports := admin_ports_in(opening)
	count(ports) > 0
	text := sprintf("opens %s to everybody (%s)", [some_ports(ports), source])
}

deny_open_port contains finding.about(resource, open_port, text) if {
	some resource in resources.present
	some opening in openings.openings(resource)
	some source in opening.sources
	public(source)
	count(admin_ports_in(opening)) == 0
	some span in opening.ranges
	not only_web(span)
	text := sprintf("opens %s to everybody (%s)", [as_ports(span), source])
}

warn_open_port contains finding.about(resource, open_port, text) if {
	some resource in resources.present
	some opening in openings.openings(resource)
	opening.ranges == []
	some source in opening.sources
	public(source)
	text := sprintf("opens to everybody (%s), on ports that cannot be known yet", [source])
}

warn_open_port contains finding.about(resource, open_port, text) if {
	some resource in resources.present
	some opening in openings.openings(resource)
	more_than_web(opening)
	doubtful(resource, opening)
	text := "may open ports to everybody: its source addresses cannot be known yet"
}

# A plan says the same of a group whose rules are resources of their own.
warn_open_port contains finding.about(resource, open_port, text) if {
	some resource in resources.present
	resource.kind in {"aws_security_group", "aws_default_security_group"}
	count(shape.blocks(shape.get(resource.after, "ingress"))) == 0
	resources.unknown(resource, "ingress")
	text := "may open ports to everybody: its ingress cannot be known yet"
}

# The whole internet, or a large part of it: two halves are as open as the whole.
public(source) if regex.match(`^[0-9.]+/0*[0-7]$`, source)

public(source) if regex.match(`^[0-9a-fA-F.]*:[0-9a-fA-F:.]*/0*[0-3]$`, source)

public(source) if lower(source) in {"*", "internet", "any"}

admin_ports_in(opening) := {port |
	some span in opening.ranges
	some port in admin_ports
	span[0] <= port
	port <= span[1]
}

some_ports(ports) := sprintf("port %v", [min(ports)]) if count(ports) == 1

some_ports(ports) := sprintf("port %v and %v more administrative ports", [min(ports), count(ports) - 1]) if {
	count(ports) > 1
}

as_ports(span) := sprintf("port %v", [span[0]]) if span[0] == span[1]

as_ports(span) := sprintf("ports %v to %v", span) if span[0] != span[1]

only_web(span) if {
	span[0] == span[1]
	span[0] in web_ports
}

more_than_web(opening) if opening.ranges == []

more_than_web(opening) if {
	some span in opening.ranges
	not only_web(span)
}

# Some source is an expression that could be any address.
doubtful(_, opening) if {
	some source in opening.sources
	not settled(source)
}

doubtful(resource, opening) if {
	count(opening.sources) == 0
	some path in opening.source_paths
	resources.unknown(resource, path)
}

doubtful(resource, opening) if {
	resource.certainty == "planned"
	some path in opening.source_paths
	resources.unknown(resource, path)
}

settled(source) if not contains(source, "${")

settled(source) if regex.match(`^\$\{(data\.)?aws_(vpc|subnet)\.[^{}"]+\.cidr_block\}$`, source)

public_database := {
	"id": "terraform.network.public_database",
	"title": "A database that can be reached from the internet",
	"why": "Only a password is between strangers and the data.",
	"fix": "Set publicly_accessible to false and reach the database through a private network.",
	"reference": "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
	"controls": ["NIST 800-53 SC-7", "CIS AWS 3.0 2.3.3"],
}

database_kinds := {
	"aws_db_instance", "aws_dms_replication_instance", "aws_docdb_cluster_instance",
	"aws_neptune_cluster_instance", "aws_rds_cluster_instance", "aws_redshift_cluster",
}

deny_public_database contains finding.about(resource, public_database, text) if {
	some resource in resources.present
	resource.kind in database_kinds
	shape.is_on(shape.get(resource.after, "publicly_accessible"))
	text := "can be reached from the internet: publicly_accessible is true"
}

deny_public_database contains finding.about(resource, public_database, text) if {
	some resource in resources.present
	resource.kind == "google_sql_database_instance"
	some settings in shape.blocks(shape.get(resource.after, "settings"))
	some configuration in shape.blocks(shape.get(settings, "ip_configuration"))
	some network in shape.blocks(shape.get(configuration, "authorized_networks"))
	source := shape.text(shape.get(network, "value"))
	public(source)
	text := sprintf("can be reached from the internet: it lets in %s", [source])
}

public_server_checks := [check |
	some kind, unset in {
		"azurerm_cosmosdb_account": "good",
		"azurerm_mssql_server": "doubtful",
		"azurerm_mysql_server": "good",
		"azurerm_postgresql_server": "good",
	}
	check := {
		"kind": kind,
		"path": ["public_network_access_enabled"],
		"bad": "on",
		"unset": unset,
		"means": "can be reached from the internet",
	}
]

deny_public_database contains finding.about(resource, public_database, text) if {
	some check in public_server_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_public_database contains finding.about(resource, public_database, text) if {
	some check in public_server_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}

firewall_rules := {
	"azurerm_mssql_firewall_rule", "azurerm_mysql_flexible_server_firewall_rule",
	"azurerm_postgresql_flexible_server_firewall_rule", "azurerm_redis_firewall_rule",
}

deny_public_database contains finding.about(resource, public_database, text) if {
	some kind in firewall_rules
	some resource in resources.of_kind[kind]
	some first in ["start_ip_address", "start_ip"]
	some last in ["end_ip_address", "end_ip"]
	shape.get(resource.after, first) == "0.0.0.0"
	shape.get(resource.after, last) == "255.255.255.255"
	text := "lets everybody in: it takes in every address"
}

# Zero to zero is Azure's word for its own services, those of other customers among them.
warn_public_database contains finding.about(resource, public_database, text) if {
	some kind in firewall_rules
	some resource in resources.of_kind[kind]
	some first in ["start_ip_address", "start_ip"]
	some last in ["end_ip_address", "end_ip"]
	shape.get(resource.after, first) == "0.0.0.0"
	shape.get(resource.after, last) == "0.0.0.0"
	text := "lets in everything that runs in Azure, also of others"
}

default_network := {
	"id": "terraform.network.default_network",
	"title": "The network that every account has",
	"why": "The default network is open inside, and what is started without a thought lands in it.",
	"fix": "Make a network for the purpose, and do without the default one.",
	"reference": "https://cloud.google.com/vpc/docs/vpc#default-network",
	"controls": ["NIST 800-53 SC-7"],
}

default_network_checks := array.concat(
	[{
		"kind": "google_project",
		"path": ["auto_create_network"],
		"bad": "on",
		"unset": "bad",
		"means": "comes with a default network",
	}],
	[{
		"kind": kind,
		"path": ["network_interface", "network"],
		"bad": ["default"],
		"means": "is in the default network",
	} |
		some kind in ["google_compute_instance", "google_compute_instance_template"]
	],
)

warn_default_network contains finding.about(resource, default_network, text) if {
	some check in default_network_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_default_network contains finding.about(resource, default_network, "is the default network") if {
	some kind in ["aws_default_subnet", "aws_default_vpc"]
	some resource in resources.of_kind[kind]
}
