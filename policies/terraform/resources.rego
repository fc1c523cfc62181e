# The Terraform part of a change: what is there afterwards, what goes, and what nobody can know.
package mrbot.terraform.resources

import rego.v1

gone := {"delete", "forget"}

# Everything that the change leaves in place, judged by its state after the change.
present := [resource |
	some resource in input.resources
	resource.format == "terraform"
	not resource.action in gone
	is_object(resource.after)
]

# Everything that the change takes away or takes away for a moment.
lost := [resource |
	some resource in input.resources
	resource.format == "terraform"
	resource.action in {"delete", "replace"}
]

# Whether the value at a path is an expression, computed by the provider, or sensitive: wholly, as
# part of something that is, or in a part of it.
unknown(resource, path) if {
	some hidden in array.concat(resource.unknown_paths, resource.sensitive_paths)
	overlap(hidden, path)
}

overlap(hidden, _) if hidden == ""

overlap(hidden, path) if hidden == path

overlap(hidden, path) if startswith(path, concat("", [hidden, "."]))

overlap(hidden, path) if startswith(hidden, concat("", [path, "."]))

# Addresses are unique within a directory only.
same_directory(one, other) if directory(one.source.path) == directory(other.source.path)

directory(path) := concat("/", array.slice(parts, 0, count(parts) - 1)) if parts := split(path, "/")
