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

# The same by kind, so that a rule looks at its own kinds only.
of_kind := {kind: [present[number] | some number in numbers] | some kind, numbers in numbers_of}

numbers_of[resource.kind] contains number if some number, resource in present

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

# Whether somebody made it so. In a plan, an attribute that the provider computes is unknown also when
# nobody set it, and there is nothing to say of that.
left_unknown(resource, path) if {
	unknown(resource, path)
	not computed(resource, path)
}

computed(resource, path) if {
	resource.certainty == "planned"
	sprintf("%s.%s", [resource.kind, path]) in computed_when_unset
}

computed_when_unset := {
	"aws_kms_key.policy", "aws_s3_bucket.acl", "aws_s3_bucket.policy", "aws_s3_object.acl",
	"aws_secretsmanager_secret.policy", "aws_sns_topic.policy", "aws_sqs_queue.policy",
}

# A resource by its directory, within which addresses are unique, and the expression that names it.
place(resource) := [directory(resource.source.path), sprintf("${%s}", [resource.address])]

directory(path) := concat("/", array.slice(parts, 0, count(parts) - 1)) if parts := split(path, "/")
