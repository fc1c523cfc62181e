package mrbot.terraform.federation_test

import data.mrbot.fixtures
import data.mrbot.terraform.federation
import rego.v1

deny_open_trust(resource) := count(found) if {
	found := federation.deny_open_trust with input as fixtures.change([resource])
}

test_deny_open_trust_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringEquals\": {\"token.actions.githubusercontent.com:aud\": \"sts.amazonaws.com\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"${aws_iam_openid_connect_provider.github.arn}\"}, \"Condition\": {\"StringEquals\": {\"token.actions.githubusercontent.com:aud\": \"sts.amazonaws.com\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": \"*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": \"repo:*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": \"repo:acme*/infra:*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": [\"repo:acme/infra:*\", \"repo:*\"]}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/gitlab.com\"}, \"Condition\": {\"StringLike\": {\"gitlab.com:sub\": \"project_path:*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:*\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}}]}"}),
		fixtures.terraform("data.aws_iam_policy_document", {"statement": [{"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"]}], "condition": [{"test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": ["repo:*"]}]}]}),
		fixtures.terraform("google_iam_workload_identity_pool_provider", {"oidc": [{"issuer_uri": "https://token.actions.githubusercontent.com"}]}),
		fixtures.terraform("google_iam_workload_identity_pool_provider", {"oidc": [{"issuer_uri": "https://gitlab.com"}], "attribute_condition": ""}),
	] {
		deny_open_trust(resource) == 1
	}
}

test_deny_open_trust_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": \"repo:acme/infra:*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringEquals\": {\"token.actions.githubusercontent.com:sub\": \"repo:acme/infra:ref:refs/heads/main\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"ForAnyValue:StringLike\": {\"token.actions.githubusercontent.com:sub\": \"repo:acme/infra:*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"cognito-identity.amazonaws.com\"}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}}]}"}),
		fixtures.terraform("data.aws_iam_policy_document", {"statement": [{"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"]}], "condition": [{"test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": ["repo:acme/infra:environment:prod"]}]}]}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/app.terraform.io\"}, \"Condition\": {\"StringLike\": {\"app.terraform.io:sub\": \"organization:acme:project:*:workspace:*\"}}}]}"}),
		fixtures.terraform("google_iam_workload_identity_pool_provider", {"oidc": [{"issuer_uri": "https://token.actions.githubusercontent.com"}], "attribute_condition": "assertion.repository_owner == 'acme'"}),
		fixtures.terraform("google_iam_workload_identity_pool_provider", {"oidc": [{"issuer_uri": "https://login.acme.com"}]}),
		fixtures.unknown(fixtures.terraform("google_iam_workload_identity_pool_provider", {"oidc": [{"issuer_uri": "https://token.actions.githubusercontent.com"}], "attribute_condition": "${var.x}"}), ["attribute_condition"]),
		fixtures.terraform("google_iam_workload_identity_pool_provider", {"aws": [{"account_id": "1"}]}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": \"repo:acme/*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"gitlab.com:sub\": \"project_path:acme/*\"}}}]}"}),
		fixtures.terraform("data.aws_iam_policy_document", {"statement": [{"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"]}], "condition": [{"test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": ["${var.subject}"]}]}]}),
		fixtures.terraform("data.aws_iam_policy_document", {"statement": [{"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"]}], "condition": [{"test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": ["repo:acme/*:ref:refs/heads/main"]}]}]}),
	] {
		deny_open_trust(resource) == 0
	}
}

warn_open_trust(resource) := count(found) if {
	found := federation.warn_open_trust with input as fixtures.change([resource])
}

test_warn_open_trust_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": \"repo:acme/*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"gitlab.com:sub\": \"project_path:acme/*\"}}}]}"}),
		fixtures.terraform("data.aws_iam_policy_document", {"statement": [{"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"]}], "condition": [{"test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": ["${var.subject}"]}]}]}),
		fixtures.terraform("data.aws_iam_policy_document", {"statement": [{"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"]}], "condition": [{"test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": ["repo:acme/*:ref:refs/heads/main"]}]}]}),
	] {
		warn_open_trust(resource) == 1
	}
}

test_warn_open_trust_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": \"repo:acme/infra:*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringEquals\": {\"token.actions.githubusercontent.com:sub\": \"repo:acme/infra:ref:refs/heads/main\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"ForAnyValue:StringLike\": {\"token.actions.githubusercontent.com:sub\": \"repo:acme/infra:*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"cognito-identity.amazonaws.com\"}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}}]}"}),
		fixtures.terraform("data.aws_iam_policy_document", {"statement": [{"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"]}], "condition": [{"test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": ["repo:acme/infra:environment:prod"]}]}]}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/app.terraform.io\"}, \"Condition\": {\"StringLike\": {\"app.terraform.io:sub\": \"organization:acme:project:*:workspace:*\"}}}]}"}),
		fixtures.terraform("google_iam_workload_identity_pool_provider", {"oidc": [{"issuer_uri": "https://token.actions.githubusercontent.com"}], "attribute_condition": "assertion.repository_owner == 'acme'"}),
		fixtures.terraform("google_iam_workload_identity_pool_provider", {"oidc": [{"issuer_uri": "https://login.acme.com"}]}),
		fixtures.unknown(fixtures.terraform("google_iam_workload_identity_pool_provider", {"oidc": [{"issuer_uri": "https://token.actions.githubusercontent.com"}], "attribute_condition": "${var.x}"}), ["attribute_condition"]),
		fixtures.terraform("google_iam_workload_identity_pool_provider", {"aws": [{"account_id": "1"}]}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringEquals\": {\"token.actions.githubusercontent.com:aud\": \"sts.amazonaws.com\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"${aws_iam_openid_connect_provider.github.arn}\"}, \"Condition\": {\"StringEquals\": {\"token.actions.githubusercontent.com:aud\": \"sts.amazonaws.com\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": \"*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": \"repo:*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": \"repo:acme*/infra:*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringLike\": {\"token.actions.githubusercontent.com:sub\": [\"repo:acme/infra:*\", \"repo:*\"]}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/gitlab.com\"}, \"Condition\": {\"StringLike\": {\"gitlab.com:sub\": \"project_path:*\"}}}]}"}),
		fixtures.terraform("aws_iam_role", {"assume_role_policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:*\", \"Principal\": {\"Federated\": \"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com\"}}]}"}),
		fixtures.terraform("data.aws_iam_policy_document", {"statement": [{"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"]}], "condition": [{"test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": ["repo:*"]}]}]}),
		fixtures.terraform("google_iam_workload_identity_pool_provider", {"oidc": [{"issuer_uri": "https://token.actions.githubusercontent.com"}]}),
		fixtures.terraform("google_iam_workload_identity_pool_provider", {"oidc": [{"issuer_uri": "https://gitlab.com"}], "attribute_condition": ""}),
	] {
		warn_open_trust(resource) == 0
	}
}
