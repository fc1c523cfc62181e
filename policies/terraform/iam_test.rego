package mrbot.terraform.iam_test

import data.mrbot.fixtures
import data.mrbot.terraform.iam
import rego.v1

of(kind, after) := fixtures.change([fixtures.terraform(kind, after)])

policy(statement) := fixtures.terraform("aws_iam_policy", {"policy": json.marshal({"Statement": [statement]})})

bucket_policy(statement) := fixtures.terraform("aws_s3_bucket_policy", {"policy": json.marshal({"Statement": [statement]})})

document(block) := fixtures.terraform("data.aws_iam_policy_document", {"statement": [block]})

everything := {"Effect": "Allow", "Action": "*", "Resource": "*"}

narrow := {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::a/*"]}

test_deny_wildcard_flags_every_action_on_every_resource if {
	count(iam.deny_wildcard) == 1 with input as fixtures.change([policy(everything)])
	every action in ["*:*", "**", "?*"] {
		count(iam.deny_wildcard) == 1 with input as fixtures.change([policy(object.union(everything, {"Action": ["s3:GetObject", action]}))])
	}
	every target in ["arn:aws:*:*:*:*", "arn:*", "**"] {
		count(iam.deny_wildcard) == 1 with input as fixtures.change([policy(object.union(everything, {"Resource": [target]}))])
	}
	count(iam.deny_wildcard) == 1 with input as fixtures.change([document({"actions": ["*"], "resources": ["*"]})])
}

test_deny_wildcard_flags_what_is_known_of_an_unknown_policy if {
	written := json.marshal({"Statement": [everything, {"Effect": "Allow", "Action": "s3:*", "Resource": "${var.a}"}]})
	resource := fixtures.unknown(fixtures.terraform("aws_iam_policy", {"policy": written}), ["policy"])
	count(iam.deny_wildcard) == 1 with input as fixtures.change([resource])
}

test_deny_wildcard_allows_narrow_policies if {
	count(iam.deny_wildcard) == 0 with input as fixtures.change([policy(narrow)])
	count(iam.deny_wildcard) == 0 with input as fixtures.change([policy(object.union(everything, {"Effect": "Deny"}))])
	count(iam.deny_wildcard) == 0 with input as fixtures.change([policy(object.union(everything, {"Action": "s3:*"}))])
	count(iam.deny_wildcard) == 0 with input as fixtures.change([policy(object.union(everything, {"Resource": "arn:aws:s3:::*"}))])
	count(iam.deny_wildcard) == 0 with input as fixtures.change([document({"effect": "Deny", "actions": ["*"], "resources": ["*"]})])
}

test_warn_wildcard_flags_all_but_some_actions if {
	all_but := {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
	count(iam.warn_wildcard) == 1 with input as fixtures.change([policy(all_but)])
	count(iam.warn_wildcard) == 1 with input as fixtures.change([document({"not_actions": ["iam:*"], "resources": ["*"]})])
}

test_warn_wildcard_flags_policies_that_cannot_be_judged if {
	resource := fixtures.terraform("aws_iam_policy", {"policy": "${file(\"policy.json\")}"})
	count(iam.warn_wildcard) == 1 with input as fixtures.change([fixtures.unknown(resource, ["policy"])])
	count(iam.warn_wildcard) == 1 with input as of("aws_iam_policy", {"policy": "not json"})
	planned := fixtures.planned(fixtures.unknown(fixtures.terraform("aws_iam_policy", {}), ["policy"]))
	count(iam.warn_wildcard) == 1 with input as fixtures.change([planned])
}

test_warn_wildcard_flags_actions_that_cannot_be_known if {
	open := policy(object.union(narrow, {"Action": ["${var.action}"]}))
	count(iam.warn_wildcard) == 1 with input as fixtures.change([fixtures.unknown(open, ["policy"])])
	block := document({"actions": "${var.actions}", "resources": ["a"]})
	count(iam.warn_wildcard) == 1 with input as fixtures.change([fixtures.unknown(block, ["statement.0.actions"])])
}

test_warn_wildcard_allows_references_to_resources if {
	precise := policy(object.union(narrow, {"Resource": "${aws_s3_bucket.logs.arn}"}))
	count(iam.warn_wildcard) == 0 with input as fixtures.change([fixtures.unknown(precise, ["policy"])])
	count(iam.warn_wildcard) == 0 with input as fixtures.change([policy(narrow)])
}

test_warn_wildcard_allows_a_document_that_is_judged_itself if {
	attached := fixtures.terraform("aws_iam_policy", {"policy": "${data.aws_iam_policy_document.it.json}"})
	unknown := fixtures.unknown(attached, ["policy"])
	count(iam.warn_wildcard) == 0 with input as fixtures.change([unknown, document({"actions": ["s3:GetObject"], "resources": ["a"]})])
	count(iam.warn_wildcard) == 1 with input as fixtures.change([unknown])
	elsewhere := object.union(document({}), {"source": {"path": "dev/main.tf", "line": 1}})
	count(iam.warn_wildcard) == 1 with input as fixtures.change([unknown, elsewhere])
}

test_deny_public_principal_flags_everybody if {
	every principal in ["*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::1:root", "*"]}] {
		open := object.union(narrow, {"Principal": principal})
		count(iam.deny_public_principal) == 1 with input as fixtures.change([bucket_policy(open)])
	}
	trust := json.marshal({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}})
	count(iam.deny_public_principal) == 1 with input as of("aws_iam_role", {"assume_role_policy": trust})
	count(iam.deny_public_principal) == 1 with input as of("aws_lambda_permission", {"principal": "*"})
	open := {"actions": ["s3:GetObject"], "principals": [{"type": "*", "identifiers": ["*"]}]}
	count(iam.deny_public_principal) == 1 with input as fixtures.change([document(open)])
}

test_deny_public_principal_allows_named_principals if {
	every principal in [{"AWS": "arn:aws:iam::1:root"}, {"Service": "ec2.amazonaws.com"}] {
		closed := object.union(narrow, {"Principal": principal})
		count(iam.deny_public_principal) == 0 with input as fixtures.change([bucket_policy(closed)])
	}
	denied := {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*"}
	count(iam.deny_public_principal) == 0 with input as fixtures.change([bucket_policy(denied)])
	count(iam.deny_public_principal) == 0 with input as of("aws_lambda_permission", {"principal": "s3.amazonaws.com"})
}

conditional := object.union(narrow, {"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}})

test_warn_public_principal_flags_a_condition if {
	count(iam.warn_public_principal) == 1 with input as fixtures.change([bucket_policy(conditional)])
	count(iam.deny_public_principal) == 0 with input as fixtures.change([bucket_policy(conditional)])
}

test_warn_public_principal_allows_named_principals if {
	closed := object.union(conditional, {"Principal": {"AWS": "arn:aws:iam::1:root"}})
	count(iam.warn_public_principal) == 0 with input as fixtures.change([bucket_policy(closed)])
	empty := object.union(narrow, {"Principal": "*", "Condition": {}})
	count(iam.warn_public_principal) == 0 with input as fixtures.change([bucket_policy(empty)])
	count(iam.deny_public_principal) == 1 with input as fixtures.change([bucket_policy(empty)])
}

test_deny_administrator_flags_ready_made_power if {
	arn := "arn:aws:iam::aws:policy/AdministratorAccess"
	count(iam.deny_administrator) == 1 with input as of("aws_iam_role_policy_attachment", {"policy_arn": arn})
	count(iam.deny_administrator) == 1 with input as of("aws_iam_role", {"managed_policy_arns": [arn]})
	count(iam.deny_administrator) == 1 with input as of("google_project_iam_member", {"role": "roles/owner"})
	count(iam.deny_administrator) == 1 with input as of("azurerm_role_assignment", {"role_definition_name": "Owner"})
}

test_deny_administrator_allows_other_roles if {
	count(iam.deny_administrator) == 0 with input as of("aws_iam_role_policy_attachment", {"policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
	count(iam.deny_administrator) == 0 with input as of("google_project_iam_member", {"role": "roles/viewer"})
}

# Further rules, as tables.

warn_long_lived_key(resource) := count(found) if {
	found := iam.warn_long_lived_key with input as fixtures.change([resource])
}

test_warn_long_lived_key_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("aws_iam_access_key", {}),
		fixtures.terraform("google_service_account_key", {}),
		fixtures.terraform("azuread_application_password", {}),
		fixtures.terraform("azuread_service_principal_password", {}),
	] {
		warn_long_lived_key(resource) == 1
	}
}

test_warn_long_lived_key_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_iam_role", {}),
		fixtures.terraform("google_service_account", {}),
	] {
		warn_long_lived_key(resource) == 0
	}
}

deny_public_member(resource) := count(found) if {
	found := iam.deny_public_member with input as fixtures.change([resource])
}

test_deny_public_member_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("google_project_iam_member", {"role": "roles/viewer", "member": "allUsers"}),
		fixtures.terraform("google_pubsub_topic_iam_binding", {"members": ["user:a@acme.com", "allAuthenticatedUsers"]}),
	] {
		deny_public_member(resource) == 1
	}
}

test_deny_public_member_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("google_project_iam_member", {"member": "user:a@acme.com"}),
		fixtures.terraform("google_storage_bucket_iam_member", {"member": "allUsers"}),
		fixtures.terraform("google_cloud_run_service_iam_member", {"member": "serviceAccount:a@b"}),
		fixtures.terraform("google_cloud_run_service_iam_member", {"member": "allUsers"}),
		fixtures.terraform("google_cloud_run_v2_service_iam_binding", {"members": ["allUsers"]}),
		fixtures.terraform("google_cloudfunctions_function_iam_member", {"member": "allUsers"}),
	] {
		deny_public_member(resource) == 0
	}
}

warn_public_member(resource) := count(found) if {
	found := iam.warn_public_member with input as fixtures.change([resource])
}

test_warn_public_member_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("google_cloud_run_service_iam_member", {"member": "allUsers"}),
		fixtures.terraform("google_cloud_run_v2_service_iam_binding", {"members": ["allUsers"]}),
		fixtures.terraform("google_cloudfunctions_function_iam_member", {"member": "allUsers"}),
	] {
		warn_public_member(resource) == 1
	}
}

test_warn_public_member_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("google_project_iam_member", {"member": "user:a@acme.com"}),
		fixtures.terraform("google_storage_bucket_iam_member", {"member": "allUsers"}),
		fixtures.terraform("google_cloud_run_service_iam_member", {"member": "serviceAccount:a@b"}),
		fixtures.terraform("google_project_iam_member", {"role": "roles/viewer", "member": "allUsers"}),
		fixtures.terraform("google_pubsub_topic_iam_binding", {"members": ["user:a@acme.com", "allAuthenticatedUsers"]}),
	] {
		warn_public_member(resource) == 0
	}
}

deny_password_policy(resource) := count(found) if {
	found := iam.deny_password_policy with input as fixtures.change([resource])
}

test_deny_password_policy_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("aws_iam_account_password_policy", {"minimum_password_length": 8}),
		fixtures.terraform("aws_iam_account_password_policy", {"minimum_password_length": "13"}),
	] {
		deny_password_policy(resource) == 1
	}
}

test_deny_password_policy_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_iam_account_password_policy", {"minimum_password_length": 14}),
		fixtures.unknown(fixtures.terraform("aws_iam_account_password_policy", {}), ["minimum_password_length"]),
		fixtures.terraform("aws_iam_account_password_policy", {}),
	] {
		deny_password_policy(resource) == 0
	}
}

warn_password_policy(resource) := count(found) if {
	found := iam.warn_password_policy with input as fixtures.change([resource])
}

test_warn_password_policy_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("aws_iam_account_password_policy", {}),
	] {
		warn_password_policy(resource) == 1
	}
}

test_warn_password_policy_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_iam_account_password_policy", {"minimum_password_length": 14}),
		fixtures.unknown(fixtures.terraform("aws_iam_account_password_policy", {}), ["minimum_password_length"]),
		fixtures.terraform("aws_iam_account_password_policy", {"minimum_password_length": 8}),
		fixtures.terraform("aws_iam_account_password_policy", {"minimum_password_length": "13"}),
	] {
		warn_password_policy(resource) == 0
	}
}
