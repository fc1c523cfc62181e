package mrbot.terraform.policy_document_test

import data.mrbot.fixtures
import data.mrbot.terraform.policy_document
import rego.v1

statement := {
	"allows": true,
	"actions": ["s3:GetObject"],
	"all_but": false,
	"resources": ["arn:aws:s3:::a/*"],
	"principals": ["*"],
	"federated": [],
	"conditional": false,
	"conditions": [],
}

test_json_and_blocks_give_the_same_statements if {
	written := {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*", "Principal": {"AWS": "*"}}
	text := json.marshal({"Version": "2012-10-17", "Statement": written})
	policy_document.statements(fixtures.terraform("aws_s3_bucket_policy", {"policy": text})) == [statement]
	block := {
		"actions": ["s3:GetObject"],
		"resources": ["arn:aws:s3:::a/*"],
		"principals": [{"type": "AWS", "identifiers": ["*"]}],
	}
	policy_document.statements(fixtures.terraform("data.aws_iam_policy_document", {"statement": [block]})) == [statement]
}

test_conditions_and_issuers_are_the_same_in_json_and_in_blocks if {
	text := json.marshal({"Statement": {
		"Effect": "Allow",
		"Principal": {"Federated": "issuer"},
		"Condition": {"StringLike": {"issuer:sub": "a"}, "Bool": "odd"},
	}})
	from_text := policy_document.statements(fixtures.terraform("aws_iam_role", {"assume_role_policy": text}))
	from_text[0].federated == ["issuer"]
	from_text[0].conditions == [{"test": "StringLike", "key": "issuer:sub", "values": ["a"]}]
	block := {
		"principals": [{"type": "Federated", "identifiers": ["issuer"]}, {"type": "AWS", "identifiers": ["x"]}],
		"condition": [{"test": "StringLike", "variable": "issuer:sub", "values": ["a"]}],
	}
	from_block := policy_document.statements(fixtures.terraform("data.aws_iam_policy_document", {"statement": [block]}))
	from_block[0].federated == ["issuer"]
	from_block[0].conditions == from_text[0].conditions
}

test_all_principals_but_some_are_everybody if {
	text := json.marshal({"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "x"}}]})
	found := policy_document.statements(fixtures.terraform("aws_s3_bucket_policy", {"policy": text}))
	found[0].principals == ["*"]
	block := {"not_principals": [{"type": "AWS", "identifiers": ["x"]}]}
	blocks := policy_document.statements(fixtures.terraform("data.aws_iam_policy_document", {"statement": [block]}))
	blocks[0].principals == ["*"]
}

test_a_plan_says_nothing_of_blocks_that_are_not_there if {
	block := {"principals": [{"type": "Service", "identifiers": ["a"]}], "not_principals": [], "condition": []}
	found := policy_document.statements(fixtures.terraform("data.aws_iam_policy_document", {"statement": [block]}))
	found[0].principals == ["a"]
	found[0].conditional == false
}

test_what_a_document_takes_over_is_read_too if {
	text := json.marshal({"Statement": [{"Effect": "Allow", "Action": "*"}]})
	every name in ["source_policy_documents", "override_policy_documents"] {
		found := policy_document.statements(fixtures.terraform("data.aws_iam_policy_document", {name: [text]}))
		found[0].actions == ["*"]
	}
}

test_inline_policies_of_a_role_are_read_too if {
	text := json.marshal({"Statement": [{"Effect": "Deny", "Action": ["*"]}]})
	role := fixtures.terraform("aws_iam_role", {"inline_policy": [{"name": "a", "policy": text}]})
	found := policy_document.statements(role)
	[one.allows | some one in found] == [false]
}

test_what_is_no_policy_gives_no_statements if {
	every value in [null, "", "{", "[]", 5, {"Statement": []}, "{\"Statement\": 5}"] {
		policy_document.statements(fixtures.terraform("aws_iam_policy", {"policy": value})) == []
	}
}
