# How the library says what it found: conftest's objects, with what a reader needs to act.
package mrbot.finding

import rego.v1

# One result about one resource. `rule` says what holds for every result of the rule: its `id`, how
# to `fix` it and a `reference`.
about(resource, rule, text) := object.union(rule, object.union(location(resource), {
	"msg": sprintf("%s %s", [resource.address, text]),
	"resource": resource.address,
}))

location(resource) := {"_loc": {"file": source.path, "line": source.line}} if {
	source := resource.source
	source != null
} else := {}

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
