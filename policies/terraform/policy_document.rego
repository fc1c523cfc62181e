# The statements of AWS policies, however they are written: as JSON text in an attribute, or as an
# `aws_iam_policy_document` data source.
package mrbot.terraform.policy_document

import data.mrbot.shape
import data.mrbot.terraform.resources
import rego.v1

# The attribute that holds a policy's JSON, by kind. Policies that only narrow what others allow
# (service control policies, VPC endpoints) are not here.
policy_attribute := {
	"aws_ecr_repository_policy": "policy",
	"aws_iam_group_policy": "policy",
	"aws_iam_policy": "policy",
	"aws_iam_role": "assume_role_policy",
	"aws_iam_role_policy": "policy",
	"aws_iam_user_policy": "policy",
	"aws_kms_key": "policy",
	"aws_kms_key_policy": "policy",
	"aws_s3_bucket": "policy",
	"aws_s3_bucket_policy": "policy",
	"aws_secretsmanager_secret": "policy",
	"aws_secretsmanager_secret_policy": "policy",
	"aws_sns_topic": "policy",
	"aws_sns_topic_policy": "policy",
	"aws_sqs_queue": "policy",
	"aws_sqs_queue_policy": "policy",
	"aws_ssoadmin_permission_set_inline_policy": "inline_policy",
}

data_source := "data.aws_iam_policy_document"

# Every policy in a resource, with the path at which it stands.
policies(resource) := array.concat(
	attribute_policy(resource),
	array.concat(inline_policies(resource), merged_policies(resource)),
)

attribute_policy(resource) := [{"path": path, "value": value} |
	path := policy_attribute[resource.kind]
	value := shape.get(resource.after, path)
]

inline_policies(resource) := [{"path": path, "value": value} |
	resource.kind == "aws_iam_role"
	some number, block in shape.blocks(shape.get(resource.after, "inline_policy"))
	path := sprintf("inline_policy.%v.policy", [number])
	value := shape.get(block, "policy")
]

# What a document takes over from others.
merged_policies(resource) := [{"path": path, "value": value} |
	resource.kind == data_source
	some name in ["source_policy_documents", "override_policy_documents", "source_json", "override_json"]
	some value in shape.items(shape.get(resource.after, name))
	path := name
]

# A policy's content; undefined when it is not readable as JSON.
content(policy) := document if {
	is_string(policy.value)
	json.is_valid(policy.value)
	document := json.unmarshal(policy.value)
	is_object(document)
}

# Every statement that can be read, in one form. An effect that cannot be known counts as Allow.
statements(resource) := array.concat(json_statements(resource), block_statements(resource))

json_statements(resource) := [statement |
	some policy in policies(resource)
	some written in shape.blocks(shape.get(content(policy), "Statement"))
	statement := {
		"allows": shape.get(written, "Effect") != "Deny",
		"actions": shape.texts(shape.get(written, "Action")),
		"all_but": count(shape.texts(shape.get(written, "NotAction"))) > 0,
		"resources": shape.texts(shape.get(written, "Resource")),
		"principals": principals(written),
		"federated": shape.texts(shape.get(shape.get(written, "Principal"), "Federated")),
		"conditional": has_content(shape.get(written, "Condition")),
		"conditions": conditions(shape.get(written, "Condition")),
	}
]

block_statements(resource) := [statement |
	resource.kind == data_source
	some written in shape.blocks(shape.get(resource.after, "statement"))
	statement := {
		"allows": shape.get(written, "effect") != "Deny",
		"actions": shape.texts(shape.get(written, "actions")),
		"all_but": count(shape.texts(shape.get(written, "not_actions"))) > 0,
		"resources": shape.texts(shape.get(written, "resources")),
		"principals": block_principals(written),
		"federated": [name |
			some block in shape.blocks(shape.get(written, "principals"))
			shape.get(block, "type") == "Federated"
			some name in shape.texts(shape.get(block, "identifiers"))
		],
		"conditional": has_content(shape.get(written, "condition")),
		"conditions": [condition |
			some block in shape.blocks(shape.get(written, "condition"))
			condition := {
				"test": shape.text(shape.get(block, "test")),
				"key": shape.text(shape.get(block, "variable")),
				"values": shape.texts(shape.get(block, "values")),
			}
		],
	}
]

# What has to hold: a test, the key that it is of, and the values of which one has to fit.
conditions(written) := [condition |
	is_object(written)
	some test, wanted in written
	is_object(wanted)
	some key, values in wanted
	condition := {"test": test, "key": key, "values": shape.texts(values)}
]

# Whoever is named, of whatever type. All but some is everybody.
principals(written) := ["*"] if shape.get(written, "NotPrincipal") != null

principals(written) := named if {
	shape.get(written, "NotPrincipal") == null
	principal := shape.get(written, "Principal")
	is_object(principal)
	named := [name | some value in principal; some name in shape.texts(value)]
}

principals(written) := shape.texts(principal) if {
	shape.get(written, "NotPrincipal") == null
	principal := shape.get(written, "Principal")
	not is_object(principal)
}

block_principals(written) := ["*"] if count(shape.blocks(shape.get(written, "not_principals"))) > 0

block_principals(written) := [name |
	some block in shape.blocks(shape.get(written, "principals"))
	some name in shape.texts(shape.get(block, "identifiers"))
] if {
	count(shape.blocks(shape.get(written, "not_principals"))) == 0
}

has_content(value) := count(value) > 0 if is_object(value)

has_content(value) := count(value) > 0 if is_array(value)

has_content(value) := false if {
	not is_object(value)
	not is_array(value)
}

# Why a policy, or a part of it that matters, cannot be judged.
unjudged contains {"resource": resource, "why": why} if {
	some resource in resources.present
	some policy in policies(resource)
	not content(policy)
	not judged_as_document(resource, policy)
	why := unreadable(resource, policy)
}

unjudged contains {"resource": resource, "why": why} if {
	some resource in resources.present
	uncertain(resource)
	some statement in statements(resource)
	statement.allows
	some key in ["actions", "resources", "principals"]
	some name in statement[key]
	opaque(name)
	why := sprintf("%s in its %s cannot be known yet", [shape.shown(name), key])
}

unreadable(resource, policy) := "cannot be known yet" if {
	resources.left_unknown(resource, policy.path)
} else := "is not the JSON of a policy" if {
	policy.value != null
	policy.value != ""
}

uncertain(resource) if {
	some policy in policies(resource)
	resources.unknown(resource, policy.path)
}

uncertain(resource) if {
	resource.kind == data_source
	resources.unknown(resource, "statement")
}

# An expression that could be a `*`. The ARN or id of a resource cannot.
opaque(name) if {
	regex.match(`^\$\{.*\}$`, name)
	not regex.match(`^\$\{(data\.)?aws_[a-z0-9_]+\.[^{}"]+\.(arn|id|account_id)\}$`, name)
}

# The policy is a data source's, which is part of the same change and judged there.
judged_as_document(resource, policy) if {
	[resources.directory(resource.source.path), policy.value] in document_texts
}

document_texts := {[directory, text] |
	some document in resources.present
	document.kind == data_source
	directory := resources.directory(document.source.path)
	text := sprintf("${%s.json}", [document.address])
}
