# Rules that are a table: of this kind, at this path, these values are wrong.
#
# A check has a `kind`, a `path` (through blocks to an attribute), the `bad` values ("on", "off" or a
# list), and what it `means` when the attribute has one. `unset` says what it is to leave it out: "bad",
# "doubtful", or nothing to say when the key is missing. `computed` is true where a plan does not tell
# an attribute that is left out from one that cannot be known. `unless` lists what makes the
# check pointless: a path, and the values that it `is` ("on", "off", "set" or a list); "given" is set,
# or set to what cannot be known.
package mrbot.terraform.attributes

import data.mrbot.shape
import data.mrbot.terraform.resources
import rego.v1

# What is wrong with a resource by a check, in words that follow its address.
wrong(resource, check) := {text |
	not pointless(resource, check)
	some found in values(resource, check.path)
	is_wrong(resource, check, found)
	text := sprintf("%s: %s is %s", [check.means, found.path, as_text(found.value)])
}

# What may be wrong with it.
doubtful(resource, check) := {text |
	not pointless(resource, check)
	some found in values(resource, check.path)
	not is_wrong(resource, check, found)
	text := sprintf("%s, %s", [check.means, doubt(resource, check, found)])
}

is_wrong(_, check, found) if is_one_of(found.value, check.bad)

is_wrong(resource, check, found) if {
	check.unset == "bad"
	found.value == null
	not resources.unknown(resource, found.path)
}

doubt(resource, check, found) := sprintf("unless %s says otherwise, which cannot be known yet", [found.path]) if {
	resources.unknown(resource, found.path)
	not left_out(resource, check, found)
} else := sprintf("unless a default says otherwise: %s is not set", [found.path]) if {
	check.unset == "doubtful"
	found.value == null
	not resources.unknown(resource, found.path)
}

# In a plan, as good as any: nobody set it, or it is computed.
left_out(resource, check, found) if {
	check.computed
	resource.certainty == "planned"
	found.value == null
}

is_one_of(value, "on") if shape.is_on(value)

is_one_of(value, "off") if shape.is_off(value)

is_one_of(value, "set") if not value in [null, "", false, [], {}]

is_one_of(value, values) if {
	is_array(values)
	value in values
}

pointless(resource, check) if {
	some condition in check.unless
	some found in values(resource, condition.path)
	is_one_of(found.value, condition.is)
}

pointless(resource, check) if {
	some condition in check.unless
	condition.is == "given"
	some found in values(resource, condition.path)
	given(resource, found)
}

given(_, found) if is_one_of(found.value, "set")

given(resource, found) if resources.unknown(resource, found.path)

# The values at a path: one for each block that it leads through. Where there is no such block, null at
# the path of the block.
values(resource, path) := [{"path": path[0], "value": shape.get(resource.after, path[0])}] if count(path) == 1

values(resource, path) := [found |
	some block in blocks(resource.after, "", path[0])
	found := attribute(block, path[1])
] if {
	count(path) == 2
}

values(resource, path) := [found |
	some outer in blocks(resource.after, "", path[0])
	some found in further(outer, path)
] if {
	count(path) == 3
}

further(outer, _) := [outer] if outer.value == null

further(outer, path) := [attribute(inner, path[2]) |
	some inner in blocks(outer.value, sprintf("%s.", [outer.path]), path[1])
] if {
	outer.value != null
}

attribute(block, _) := block if block.value == null

attribute(block, name) := {"path": sprintf("%s.%s", [block.path, name]), "value": shape.get(block.value, name)} if {
	block.value != null
}

# A map has no number in its path.
blocks(value, prefix, name) := [{"path": path, "value": inner}] if {
	inner := shape.get(value, name)
	is_object(inner)
	path := sprintf("%s%s", [prefix, name])
} else := found if {
	found := [{"path": path, "value": block} |
		some number, block in shape.items(shape.get(value, name))
		is_object(block)
		path := sprintf("%s%s.%v", [prefix, name, number])
	]
	count(found) > 0
} else := [{"path": sprintf("%s%s", [prefix, name]), "value": null}]

as_text(null) := "not set"

as_text(value) := sprintf("%v", [value]) if value != null
