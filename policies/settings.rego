# What a team set about the library, as data: rules that are disabled, parameters and exceptions. An
# entry that cannot be used changes nothing, and blocks until it is mended.
package mrbot.settings

import data.mrbot.catalogue
import data.mrbot.shape
import rego.v1

default given := {}

given := data.library

unusable := {
	"id": "settings.unusable",
	"title": "An entry of `data.library` that cannot be used",
	"why": "What it was meant to set is not set, and nobody would notice.",
	"fix": "Mend the entry, or take it out.",
	"reference": "https://www.openpolicyagent.org/docs/management-bundles/#bundle-file-format",
	"controls": ["NIST 800-53 CM-3"],
}

deny_unusable contains {
	"id": unusable.id,
	"fix": unusable.fix,
	"reference": unusable.reference,
	"controls": unusable.controls,
	"msg": sprintf("%s: %s", [problem.entry, problem.why]),
} if {
	some problem in problems
}

# Rules that are switched off, with the reason.
disabled := {rule: concat("; ", reasons) |
	some rule in {entry.rule | some entry in good_disabled}
	reasons := sort({entry.reason | some entry in good_disabled; entry.rule == rule})
}

good_disabled := [entry | some entry in entries("disabled"); count(disabled_problems(entry)) == 0]

# Parameters that differ from their defaults, by rule and name.
parameters := {rule: values |
	some rule, names in object_at(given, "parameters")
	is_object(names)
	values := {name: value | some name, value in names; not parameter_problem(rule, name, value)}
}

# Exceptions that hold on the day of the change, and those that have ended, by rule.
holding := by_rule([entry | some entry in good_exceptions; today <= entry.expires])

past := by_rule([entry | some entry in good_exceptions; today > entry.expires])

good_exceptions := [exception |
	some entry in entries("exceptions")
	count(exception_problems(entry)) == 0
	exception := object.union(entry, {
		"resource": pattern(entry, "resource"),
		"file": pattern(entry, "file"),
	})
]

by_rule(exceptions) := {rule: mine |
	some rule in {entry.rule | some entry in exceptions}
	mine := [entry | some entry in exceptions; entry.rule == rule]
}

# Without the moment of judgement, no exception is known to hold.
today := substring(input.now, 0, 10) if regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T`, shape.text(input.now))

# A regular expression for a text in which `*` stands for anything.
pattern(entry, key) := `` if {
	shape.get(entry, key) == null
} else := sprintf("^%s$", [replace(escaped, "*", `[\s\S]*`)]) if {
	escaped := regex.replace(shape.text(entry[key]), `[\[\]\\.^$|?+(){}]`, `\$0`)
}

problems contains {"entry": "library", "why": "it is not an object"} if not is_object(given)

problems contains {"entry": sprintf("library.%s", [shape.shown(key)]), "why": why} if {
	is_object(given)
	some key, value in given
	why := section_problem(key, value)
}

problems contains {"entry": sprintf("library.disabled[%v]", [number]), "why": why} if {
	some number, entry in entries("disabled")
	some why in disabled_problems(entry)
}

problems contains {"entry": sprintf("library.exceptions[%v]", [number]), "why": why} if {
	some number, entry in entries("exceptions")
	some why in exception_problems(entry)
}

problems contains {"entry": "library.parameters", "why": rule_problem(rule)} if {
	some rule, _ in object_at(given, "parameters")
}

problems contains {"entry": sprintf("library.parameters[%q]", [shape.shown(rule)]), "why": "it is not an object"} if {
	some rule, names in object_at(given, "parameters")
	not is_object(names)
}

problems contains {"entry": sprintf("library.parameters[%q]", [shape.shown(rule)]), "why": why} if {
	some rule, names in object_at(given, "parameters")
	is_object(names)
	not rule_problem(rule)
	some name, value in names
	why := parameter_problem(rule, name, value)
}

section_problem(key, _) := "there is no such setting: disabled, parameters and exceptions are" if {
	not key in {"disabled", "parameters", "exceptions"}
}

section_problem(key, value) := "it is not a list" if {
	key in {"disabled", "exceptions"}
	not is_array(value)
}

section_problem("parameters", value) := "it is not an object" if not is_object(value)

disabled_problems(entry) := {why |
	some why in array.concat(key_problems(entry, {"rule", "reason"}), [why |
		why := rule_problem(shape.get(entry, "rule"))
	])
}

exception_problems(entry) := {why |
	some why in array.concat(
		key_problems(entry, {"rule", "reason", "resource", "file", "expires"}),
		array.concat(
			[why | why := rule_problem(shape.get(entry, "rule"))],
			array.concat(place_problems(entry), [why | why := date_problem(shape.get(entry, "expires"))]),
		),
	)
}

key_problems(entry, _) := ["it is not an object"] if not is_object(entry)

key_problems(entry, keys) := array.concat(unknown, unreasoned) if {
	is_object(entry)
	unknown := [sprintf("it has an unknown key %q", [shape.shown(key)]) | some key, _ in entry; not key in keys]
	unreasoned := ["it gives no reason" | trim_space(shape.text(shape.get(entry, "reason"))) == ""]
}

rule_problem(rule) := "it names no rule" if shape.text(rule) == ""

rule_problem(rule) := sprintf("there is no rule %q", [shape.shown(rule)]) if {
	shape.text(rule) != ""
	not catalogue.rules[rule]
}

place_problems(entry) := ["it names neither a resource nor a file"] if {
	shape.get(entry, "resource") == null
	shape.get(entry, "file") == null
} else := [sprintf("its %s is not a text of 1 to %v characters", [key, longest_pattern]) |
	some key in ["resource", "file"]
	value := shape.get(entry, key)
	value != null
	not count(shape.text(value)) in numbers.range(1, longest_pattern)
]

longest_pattern := 300

days := {
	"01": 31, "02": 29, "03": 31, "04": 30, "05": 31, "06": 30,
	"07": 31, "08": 31, "09": 30, "10": 31, "11": 30, "12": 31,
}

date_problem(value) := "it does not say when it ends: expires is a date such as \"2027-03-31\"" if {
	not is_date(value)
}

is_date(value) if {
	regex.match(`^2[0-9]{3}-[0-9]{2}-(0[1-9]|[12][0-9]|3[01])$`, shape.text(value))
	parts := split(value, "-")
	day := to_number(trim_left(parts[2], "0"))
	day <= days[parts[1]]
}

parameter_problem(rule, name, _) := sprintf("there is no parameter %q", [shape.shown(name)]) if {
	not name in object.keys(shape.get(catalogue.rules, rule))
}

parameter_problem(rule, name, value) := sprintf("%s must be of the kind of %v", [name, usual]) if {
	usual := catalogue.rules[rule][name]
	not like(value, usual)
}

# Of the same kind, in a list each of them.
like(value, usual) if {
	type_name(value) == type_name(usual)
	not is_array(usual)
}

like(value, usual) if {
	is_array(value)
	is_array(usual)
	every item in value { type_name(item) == type_name(usual[0]) }
}

entries(key) := found if {
	found := shape.get(given, key)
	is_array(found)
} else := []

object_at(value, key) := found if {
	found := shape.get(value, key)
	is_object(found)
} else := {}
