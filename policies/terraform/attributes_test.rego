package mrbot.terraform.attributes_test

import data.mrbot.fixtures
import data.mrbot.terraform.attributes
import rego.v1

check := {
	"kind": "k",
	"path": ["settings", "network", "tls"],
	"bad": "off",
	"unset": "bad",
	"means": "talks in clear",
	"unless": [{"path": ["private"], "is": "on"}],
}

having(tls) := fixtures.terraform("k", {"settings": [{"network": [{"tls": tls}]}]})

test_a_bad_value_is_wrong_with_its_path if {
	attributes.wrong(having(false), check) == {"talks in clear: settings.0.network.0.tls is false"}
	attributes.wrong(having("false"), check) == {"talks in clear: settings.0.network.0.tls is false"}
	attributes.doubtful(having(false), check) == set()
}

test_a_good_value_is_neither_wrong_nor_doubtful if {
	attributes.wrong(having(true), check) == set()
	attributes.doubtful(having(true), check) == set()
}

test_what_is_left_out_is_told_where_it_is_missing if {
	attributes.wrong(having(null), check) == {"talks in clear: settings.0.network.0.tls is not set"}
	attributes.wrong(fixtures.terraform("k", {"settings": [{}]}), check) == {"talks in clear: settings.0.network is not set"}
	attributes.wrong(fixtures.terraform("k", {}), check) == {"talks in clear: settings is not set"}
}

test_what_is_left_out_may_be_doubtful_or_fine if {
	unsure := object.union(check, {"unset": "doubtful"})
	attributes.wrong(having(null), unsure) == set()
	attributes.doubtful(having(null), unsure) == {"talks in clear, unless a default says otherwise: settings.0.network.0.tls is not set"}
	fine := object.remove(check, ["unset"])
	attributes.wrong(having(null), fine) == set()
	attributes.doubtful(having(null), fine) == set()
}

test_what_cannot_be_known_is_doubtful if {
	expression := fixtures.unknown(having("${var.tls}"), ["settings.0.network.0.tls"])
	attributes.wrong(expression, check) == set()
	attributes.doubtful(expression, check) == {"talks in clear, unless settings.0.network.0.tls says otherwise, which cannot be known yet"}
	dynamic := fixtures.unknown(fixtures.terraform("k", {}), ["settings"])
	attributes.doubtful(dynamic, check) == {"talks in clear, unless settings says otherwise, which cannot be known yet"}
}

test_a_plan_does_not_tell_what_is_computed_from_what_is_left_out if {
	planned := fixtures.planned(fixtures.unknown(having(null), ["settings.0.network.0.tls"]))
	count(attributes.doubtful(planned, check)) == 1
	count(attributes.doubtful(planned, object.union(check, {"computed": true}))) == 0
}

test_every_block_is_looked_at if {
	two := fixtures.terraform("k", {"settings": [{"network": [{"tls": true}, {"tls": false}]}, {"network": {"tls": false}}]})
	attributes.wrong(two, check) == {
		"talks in clear: settings.0.network.1.tls is false",
		"talks in clear: settings.1.network.tls is false",
	}
}

test_a_pointless_check_says_nothing if {
	private := fixtures.terraform("k", {"private": true, "settings": [{"network": [{"tls": false}]}]})
	attributes.wrong(private, check) == set()
	attributes.doubtful(fixtures.unknown(private, ["settings"]), check) == set()
}

test_set_is_anything_but_nothing if {
	unless_set := object.union(check, {"unless": [{"path": ["private"], "is": "set"}]})
	every value in [null, "", false, [], {}] {
		count(attributes.wrong(fixtures.terraform("k", {"private": value}), unless_set)) == 1
	}
	every value in ["x", true, 1, ["x"], {"a": 1}] {
		count(attributes.wrong(fixtures.terraform("k", {"private": value}), unless_set)) == 0
	}
}

test_given_is_also_what_cannot_be_known if {
	keyed := {"kind": "k", "path": ["key"], "bad": [""], "unset": "bad", "means": "has no key", "unless": [{"path": ["key"], "is": "given"}]}
	count(attributes.wrong(fixtures.terraform("k", {}), keyed)) == 1
	count(attributes.wrong(fixtures.terraform("k", {"key": ""}), keyed)) == 1
	count(attributes.wrong(fixtures.terraform("k", {"key": "a"}), keyed)) == 0
	expression := fixtures.unknown(fixtures.terraform("k", {"key": "${var.key}"}), ["key"])
	attributes.wrong(expression, keyed) == set()
	attributes.doubtful(expression, keyed) == set()
	attributes.doubtful(fixtures.planned(fixtures.unknown(fixtures.terraform("k", {}), ["key"])), keyed) == set()
}

test_values_of_a_list_are_compared_as_they_are if {
	listed := {"kind": "k", "path": ["tls"], "bad": ["1.0", 1], "means": "is old"}
	attributes.wrong(fixtures.terraform("k", {"tls": "1.0"}), listed) == {"is old: tls is 1.0"}
	attributes.wrong(fixtures.terraform("k", {"tls": 1}), listed) == {"is old: tls is 1"}
	attributes.wrong(fixtures.terraform("k", {"tls": ["1.0"]}), listed) == set()
}
