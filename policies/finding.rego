# How the library says what it found: conftest's objects, with what a reader needs to act.
package mrbot.finding

import data.mrbot.settings
import data.mrbot.shape
import rego.v1

# One result about one resource. `rule` says what holds for every result of the rule. A rule that is
# switched off gives one note in place of all its results; a result that is excepted says so.
about(resource, rule, text) := object.union(named_only(rule), {
	"msg": sprintf("%s would say something here, and is switched off", [rule.id]),
	"_excepted": sprintf("switched off: %s", [settings.disabled[rule.id]]),
}) if {
	settings.disabled[rule.id]
} else := object.union_n([
	object.union(named_only(rule), {"fix": rule.fix}),
	location(resource),
	{
		"msg": sprintf("%s %s%s", [resource.address, text, ended(resource, rule)]),
		"resource": resource.address,
	},
	taken_back(resource, rule),
])

named_only(rule) := {"id": rule.id, "reference": rule.reference, "controls": rule.controls}

location(resource) := {"_loc": {"file": source.path, "line": source.line}} if {
	source := resource.source
	source != null
} else := {}

# The resources of which a rule's findings are not taken back: those it asks approvals for.
asking(resources, rule) := [resource | some resource in resources; not excepted(resource, rule)]

excepted(_, rule) if settings.disabled[rule.id]

excepted(resource, rule) if count(matching(resource, rule, settings.holding)) > 0

taken_back(resource, rule) := {"_excepted": concat("; ", sort(texts))} if {
	texts := {sprintf("%s (until %s)", [entry.reason, entry.expires]) |
		some entry in matching(resource, rule, settings.holding)
	}
	count(texts) > 0
} else := {}

# That an exception has ended, where none holds.
ended(resource, rule) := sprintf(" (its exception ended on %s)", [max(dates)]) if {
	count(matching(resource, rule, settings.holding)) == 0
	dates := {entry.expires | some entry in matching(resource, rule, settings.past)}
	count(dates) > 0
} else := ""

matching(resource, rule, exceptions) := [entry |
	some entry in exceptions[rule.id]
	regex.match(entry.resource, resource.address)
	regex.match(entry.file, shape.text(shape.get(resource.source, "path")))
]

# A parameter of a rule: as the team set it, else its default.
parameter(rule, name) := value if {
	value := settings.parameters[rule.id][name]
} else := rule.parameters[name]["default"]

# So many approvals by people with at least this role.
approvals(count, role, msg) := {"msg": msg, "count": count, "roles": [role]}

shown_at_most := 5

# The addresses of resources as words: the first few, and how many more.
named(resources) := concat("", [concat(", ", first), more]) if {
	all := sort({resource.address | some resource in resources})
	first := array.slice(all, 0, shown_at_most)
	more := and_more(count(all) - count(first))
}

and_more(left) := "" if left == 0

and_more(left) := sprintf(" and %v more", [left]) if left > 0
