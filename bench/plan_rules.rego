# Twenty rules over Terraform's plan JSON, written as teams write them for conftest. Only `bench` uses them.
package main

import rego.v1

changes contains change if {
	some change in input.resource_changes
	change.mode == "managed"
	some action in change.change.actions
	action in {"create", "update"}
}

of_type(type) := {change | some change in changes; change.type == type}

destroyed contains change if {
	some change in input.resource_changes
	"delete" in change.change.actions
}

any_address(cidr) if cidr in {"0.0.0.0/0", "::/0"}

# 1
deny contains msg if {
	some bucket in of_type("aws_s3_bucket")
	bucket.change.after.acl in {"public-read", "public-read-write"}
	msg := sprintf("%s: the bucket is public", [bucket.address])
}

# 2
deny contains msg if {
	some bucket in of_type("aws_s3_bucket")
	not bucket.change.after.versioning[0].enabled
	msg := sprintf("%s: the bucket keeps no versions", [bucket.address])
}

# 3
deny contains msg if {
	some group in of_type("aws_security_group")
	some rule in group.change.after.ingress
	some cidr in rule.cidr_blocks
	any_address(cidr)
	rule.from_port <= 22
	rule.to_port >= 22
	msg := sprintf("%s: SSH is open to %s", [group.address, cidr])
}

# 4
deny contains msg if {
	some group in of_type("aws_security_group")
	some rule in group.change.after.ingress
	rule.protocol == "-1"
	msg := sprintf("%s: every protocol is let in", [group.address])
}

# 5
deny contains msg if {
	some database in of_type("aws_db_instance")
	not database.change.after.storage_encrypted
	msg := sprintf("%s: the storage is not encrypted", [database.address])
}

# 6
deny contains msg if {
	some database in of_type("aws_db_instance")
	database.change.after.publicly_accessible
	msg := sprintf("%s: the database is reachable from the internet", [database.address])
}

# 7
deny contains msg if {
	some database in of_type("aws_db_instance")
	database.change.after.backup_retention_period < 7
	msg := sprintf("%s: backups go after %d days", [database.address, database.change.after.backup_retention_period])
}

# 8
deny contains msg if {
	some change in destroyed
	change.type in {"aws_db_instance", "aws_s3_bucket", "aws_kms_key"}
	msg := sprintf("%s: what holds data is destroyed", [change.address])
}

# 9
deny_tags contains msg if {
	some change in changes
	tags := object.get(change.change.after, "tags", {})
	missing := {"owner", "cost-centre", "environment"} - object.keys(tags)
	count(missing) > 0
	msg := sprintf("%s: tags are missing: %s", [change.address, concat(", ", sort(missing))])
}

# 10
deny_names contains msg if {
	some change in changes
	not regex.match(`^[a-z][a-z0-9_]{2,40}$`, change.name)
	msg := sprintf("%s: the name breaks the convention", [change.address])
}

# 11
deny_iam contains msg if {
	some policy in of_type("aws_iam_policy")
	document := json.unmarshal(policy.change.after.policy)
	some statement in document.Statement
	statement.Effect == "Allow"
	statement.Action == "*"
	statement.Resource == "*"
	msg := sprintf("%s: everything is allowed on everything", [policy.address])
}

# 12
deny_iam contains msg if {
	some role in of_type("aws_iam_role")
	contains(role.change.after.assume_role_policy, `"AWS":"*"`)
	msg := sprintf("%s: anybody may take this role", [role.address])
}

# 13
violation_instance contains {"msg": msg, "severity": "high"} if {
	some instance in of_type("aws_instance")
	not startswith(instance.change.after.instance_type, "t3.")
	not startswith(instance.change.after.instance_type, "m5.")
	msg := sprintf("%s: %s is not an approved size", [instance.address, instance.change.after.instance_type])
}

# 14
violation_instance contains {"msg": msg, "severity": "high"} if {
	some instance in of_type("aws_instance")
	object.get(instance.change.after, ["metadata_options", 0, "http_tokens"], "optional") != "required"
	msg := sprintf("%s: metadata is served without a token", [instance.address])
}

# 15
violation_disk contains {"msg": msg} if {
	some instance in of_type("aws_instance")
	some disk in instance.change.after.root_block_device
	not disk.encrypted
	msg := sprintf("%s: the disk is not encrypted", [instance.address])
}

# 16
warn contains msg if {
	some type in {change.type | some change in changes}
	number := count(of_type(type))
	number > 10000
	msg := sprintf("%d resources of type %s change at once", [number, type])
}

# 17
warn contains msg if {
	total := sum([1 | some change in destroyed])
	total > 20
	msg := sprintf("%d resources are destroyed", [total])
}

# 18
warn_provider contains msg if {
	some change in input.resource_changes
	not startswith(change.provider_name, "registry.terraform.io/hashicorp/")
	msg := sprintf("%s: the provider %s is not hashicorp's", [change.address, change.provider_name])
}

# 19
warn_version contains msg if {
	not regex.match(`^1\.([5-9]|1[0-9])\.`, input.terraform_version)
	msg := sprintf("terraform %s is old", [input.terraform_version])
}

# 20
warn_module contains msg if {
	some name, call in input.configuration.root_module.module_calls
	startswith(call.source, "git::")
	not contains(call.source, "?ref=")
	msg := sprintf("module %s is not pinned", [name])
}
