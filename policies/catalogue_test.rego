package mrbot.catalogue_test

import data.mrbot.catalogue
import data.mrbot.terraform.network
import rego.v1

test_a_rule_is_there_with_the_defaults_of_its_parameters if {
	catalogue.rules[network.open_port.id] == {"ports": network.open_port.parameters.ports["default"]}
}

test_a_rule_without_parameters_is_there if {
	catalogue.rules[network.open_admin_port.id] == {}
}
