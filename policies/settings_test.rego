package mrbot.settings_test

import data.mrbot.fixtures
import data.mrbot.settings
import rego.v1

rule := "terraform.network.open_port"

off := {"rule": rule, "reason": "we have a proxy"}

exception := {
	"rule": rule,
	"resource": "aws_security_group.web",
	"file": "prod/*",
	"reason": "the website",
	"expires": "2027-03-31",
}

told(library) := {result.msg | some result in results} if {
	results := settings.deny_unusable with data.library as library with input as fixtures.change([])
}

test_deny_unusable_allows_no_settings if {
	count(settings.deny_unusable) == 0 with input as fixtures.change([])
}

test_deny_unusable_allows_settings_that_can_be_used if {
	count(told({
		"disabled": [off],
		"parameters": {rule: {"ports": [443, 8443]}},
		"exceptions": [exception, object.remove(exception, ["file"]), object.remove(exception, ["resource"])],
	})) == 0
}

test_deny_unusable_allows_an_exception_that_has_ended if {
	count(told({"exceptions": [object.union(exception, {"expires": "2024-02-29"})]})) == 0
}

test_deny_unusable_flags_settings_of_another_shape if {
	told([]) == {"library: it is not an object"}
	told({"turned_off": []}) == {"library.turned_off: there is no such setting: disabled, parameters and exceptions are"}
	told({"disabled": {}}) == {"library.disabled: it is not a list"}
	told({"exceptions": "x"}) == {"library.exceptions: it is not a list"}
	told({"parameters": []}) == {"library.parameters: it is not an object"}
	told({"disabled": ["x"]}) == {
		"library.disabled[0]: it is not an object",
		"library.disabled[0]: it names no rule",
	}
}

test_deny_unusable_flags_an_unknown_rule if {
	told({"disabled": [{"rule": "a.b", "reason": "r"}]}) == {"library.disabled[0]: there is no rule \"a.b\""}
	told({"parameters": {"a.b": {}}}) == {"library.parameters: there is no rule \"a.b\""}
	told({"exceptions": [exception, object.union(exception, {"rule": 5})]}) == {"library.exceptions[1]: it names no rule"}
}

test_deny_unusable_flags_what_has_no_reason if {
	told({"disabled": [{"rule": rule}]}) == {"library.disabled[0]: it gives no reason"}
	told({"disabled": [{"rule": rule, "reason": "  "}]}) == {"library.disabled[0]: it gives no reason"}
	told({"exceptions": [object.union(exception, {"reason": 5})]}) == {"library.exceptions[0]: it gives no reason"}
}

test_deny_unusable_flags_a_date_that_is_none if {
	wrong := [null, "", "2027-3-31", "31.03.2027", "2027-13-01", "2027-02-30", "2027-00-10", "2027-01-00", 20270331]
	every date in wrong {
		count(told({"exceptions": [object.union(exception, {"expires": date})]})) == 1
	}
}

test_deny_unusable_flags_an_exception_from_nothing if {
	told({"exceptions": [object.remove(exception, ["resource", "file"])]}) == {"library.exceptions[0]: it names neither a resource nor a file"}
}

test_deny_unusable_flags_a_place_that_is_none if {
	every place in ["", 5, [], concat("", [character | some _ in numbers.range(1, 301); character := "x"])] {
		count(told({"exceptions": [object.union(exception, {"resource": place})]})) == 1
	}
}

test_deny_unusable_flags_an_unknown_key if {
	told({"disabled": [object.union(off, {"until": "2027-03-31"})]}) == {"library.disabled[0]: it has an unknown key \"until\""}
	told({"exceptions": [object.union(exception, {"resources": []})]}) == {"library.exceptions[0]: it has an unknown key \"resources\""}
}

test_deny_unusable_flags_a_parameter_that_cannot_be_used if {
	told({"parameters": {rule: {"port": [1]}}}) == {"library.parameters[\"terraform.network.open_port\"]: there is no parameter \"port\""}
	every ports in [443, ["443"], [443, null], null] {
		count(told({"parameters": {rule: {"ports": ports}}})) == 1
	}
	told({"parameters": {rule: [443]}}) == {"library.parameters[\"terraform.network.open_port\"]: it is not an object"}
}

test_what_cannot_be_used_sets_nothing if {
	library := {
		"disabled": [{"rule": rule}, {"rule": "a.b", "reason": "r"}],
		"parameters": {rule: {"ports": ["443"]}},
		"exceptions": [object.union(exception, {"expires": "soon"})],
	}
	settings.disabled == {} with data.library as library
	settings.parameters == {rule: {}} with data.library as library
	settings.holding == {} with data.library as library with input as fixtures.change([])
}

test_a_rule_that_is_off_twice_has_both_reasons if {
	library := {"disabled": [off, object.union(off, {"reason": "again"})]}
	settings.disabled == {rule: "again; we have a proxy"} with data.library as library
}
