# Storage that everybody on the internet could read.
package mrbot.terraform.storage

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.attributes
import data.mrbot.terraform.resources
import rego.v1

public_acl := {
	"id": "terraform.storage.public_acl",
	"title": "An ACL that opens a bucket or object to everybody",
	"why": "Everybody on the internet can read what is stored, some ACLs let them write.",
	"fix": "Use a private ACL, or none, and give access by policy to those who need it.",
	"reference": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html",
	"controls": ["NIST 800-53 AC-3", "CIS AWS 3.0 2.1.4"],
}

acl_attribute := {
	"aws_s3_bucket": "acl",
	"aws_s3_bucket_acl": "acl",
	"aws_s3_object": "acl",
	"google_storage_bucket_acl": "predefined_acl",
	"google_storage_object_acl": "predefined_acl",
}

public_acls := {
	"public-read", "public-read-write", "authenticated-read",
	"publicRead", "publicReadWrite", "authenticatedRead",
}

deny_public_acl contains finding.about(resource, public_acl, text) if {
	some resource in resources.present
	acl := shape.get(resource.after, acl_attribute[resource.kind])
	acl in public_acls
	text := sprintf("is open to everybody: its ACL is %q", [acl])
}

deny_public_acl contains finding.about(resource, public_acl, text) if {
	some resource in resources.present
	some grant in grants(resource)
	some grantee in shape.blocks(shape.get(grant, "grantee"))
	public_group(shape.get(grantee, "uri"))
	text := "is open to everybody: its ACL grants to a public group"
}

deny_public_acl contains finding.about(resource, public_acl, text) if {
	some resource in resources.present
	resource.kind == "aws_s3_bucket"
	some grant in shape.blocks(shape.get(resource.after, "grant"))
	public_group(shape.get(grant, "uri"))
	text := "is open to everybody: its ACL grants to a public group"
}

warn_public_acl contains finding.about(resource, public_acl, text) if {
	some resource in resources.present
	attribute := acl_attribute[resource.kind]
	resources.left_unknown(resource, attribute)
	not shape.get(resource.after, attribute) in public_acls
	text := "may be open to everybody: its ACL cannot be known yet"
}

grants(resource) := [grant |
	resource.kind == "aws_s3_bucket_acl"
	some policy in shape.blocks(shape.get(resource.after, "access_control_policy"))
	some grant in shape.blocks(shape.get(policy, "grant"))
]

public_group(uri) if regex.match(`/groups/global/(AllUsers|AuthenticatedUsers)$`, shape.text(uri))

public_access := {
	"id": "terraform.storage.public_access",
	"title": "A role on a bucket, or a container, for everybody",
	"why": "Everybody on the internet can read what is stored.",
	"fix": "Give access to named identities; keep containers private.",
	"reference": "https://cloud.google.com/storage/docs/public-access-prevention",
	"controls": ["NIST 800-53 AC-3"],
}

everybody := {"allUsers", "allAuthenticatedUsers"}

deny_public_access contains finding.about(resource, public_access, text) if {
	some resource in resources.present
	resource.kind in {"google_storage_bucket_iam_member", "google_storage_bucket_iam_binding"}
	some attribute in ["member", "members"]
	some member in shape.texts(shape.get(resource.after, attribute))
	member in everybody
	text := sprintf("is open to everybody: it gives a role to %s", [member])
}

deny_public_access contains finding.about(resource, public_access, text) if {
	some resource in resources.present
	resource.kind == "azurerm_storage_container"
	access := shape.get(resource.after, "container_access_type")
	access in {"blob", "container"}
	text := sprintf("is open to everybody: its access type is %q", [access])
}

public_access_block := {
	"id": "terraform.storage.public_access_block",
	"title": "A public access block that blocks in part, or goes",
	"why": "A later ACL or policy could open the bucket, and nothing would stop it.",
	"fix": "Set block_public_acls, block_public_policy, ignore_public_acls and restrict_public_buckets to true.",
	"reference": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
	"controls": ["NIST 800-53 AC-3", "CIS AWS 3.0 2.1.4"],
}

public_access_blocks := {"aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"}

block_settings := [
	"block_public_acls", "block_public_policy",
	"ignore_public_acls", "restrict_public_buckets",
]

deny_public_access_block contains finding.about(resource, public_access_block, text) if {
	some resource in resources.present
	resource.kind in public_access_blocks
	off := [name |
		some name in block_settings
		not shape.is_on(shape.get(resource.after, name))
		not resources.unknown(resource, name)
	]
	count(off) > 0
	text := sprintf("does not keep the public out: %s is not true", [concat(", ", off)])
}

warn_public_access_block contains finding.about(resource, public_access_block, text) if {
	some resource in resources.present
	resource.kind in public_access_blocks
	unknown := [name |
		some name in block_settings
		not shape.is_on(shape.get(resource.after, name))
		resources.unknown(resource, name)
	]
	count(unknown) > 0
	text := sprintf("may let the public in: %s cannot be known yet", [concat(", ", unknown)])
}

warn_public_access_block contains finding.about(resource, public_access_block, text) if {
	some resource in resources.lost
	resource.action == "delete"
	resource.kind in public_access_blocks
	text := "is deleted: what it held back may become public"
}

public_account := {
	"id": "terraform.storage.public_account",
	"title": "A storage account whose containers may be made public",
	"why": "One setting of a container then opens it to everybody on the internet.",
	"fix": "Set allow_nested_items_to_be_public to false.",
	"reference": "https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent",
	"controls": ["NIST 800-53 AC-3"],
}

public_account_checks := [
	{
		"kind": "azurerm_storage_account",
		"path": ["allow_nested_items_to_be_public"],
		"bad": "on",
		"unset": "doubtful",
		"means": "lets its containers be made public",
		"unless": [
			{"path": ["public_network_access_enabled"], "is": "off"},
			{"path": ["allow_blob_public_access"], "is": "set"},
		],
	},
	{
		"kind": "azurerm_storage_account",
		"path": ["allow_blob_public_access"],
		"bad": "on",
		"means": "lets its containers be made public",
	},
]

deny_public_account contains finding.about(resource, public_account, text) if {
	some check in public_account_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_public_account contains finding.about(resource, public_account, text) if {
	some check in public_account_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}

object_acls := {
	"id": "terraform.storage.object_acls",
	"title": "A bucket in which each object has an ACL of its own",
	"why": "Whoever uploads an object can open it to everybody, whatever the bucket's policy says.",
	"fix": "Set uniform_bucket_level_access to true, or object_ownership to BucketOwnerEnforced.",
	"reference": "https://cloud.google.com/storage/docs/uniform-bucket-level-access",
	"controls": ["NIST 800-53 AC-3"],
}

object_acls_checks := [
	{
		"kind": "google_storage_bucket",
		"path": ["uniform_bucket_level_access"],
		"bad": "off",
		"unset": "bad",
		"computed": true,
		"means": "leaves access to the ACL of each object",
	},
	{
		"kind": "aws_s3_bucket_ownership_controls",
		"path": ["rule", "object_ownership"],
		"bad": ["ObjectWriter"],
		"means": "leaves access to the ACL of each object",
	},
]

deny_object_acls contains finding.about(resource, object_acls, text) if {
	some check in object_acls_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_object_acls contains finding.about(resource, object_acls, text) if {
	some check in object_acls_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.doubtful(resource, check)
}

no_versioning := {
	"id": "terraform.storage.no_versioning",
	"title": "A bucket that keeps no older versions",
	"why": "What is overwritten or deleted, by mistake or by blackmailers, is gone.",
	"fix": "Keep versioning on, and let a lifecycle rule end old versions.",
	"reference": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
	"controls": ["NIST 800-53 CP-9"],
}

no_versioning_checks := [
	{
		"kind": "aws_s3_bucket_versioning",
		"path": ["versioning_configuration", "status"],
		"bad": ["Suspended", "Disabled"],
		"means": "keeps no older versions",
	},
	{"kind": "aws_s3_bucket", "path": ["versioning", "enabled"], "bad": "off", "computed": true, "means": "keeps no older versions"},
	{"kind": "google_storage_bucket", "path": ["versioning", "enabled"], "bad": "off", "means": "keeps no older versions"},
	{
		"kind": "azurerm_storage_account",
		"path": ["blob_properties", "versioning_enabled"],
		"bad": "off",
		"means": "keeps no older versions",
	},
]

warn_no_versioning contains finding.about(resource, no_versioning, text) if {
	some check in no_versioning_checks
	some resource in resources.of_kind[check.kind]
	some text in attributes.wrong(resource, check)
}

warn_no_versioning contains finding.about(resource, no_versioning, text) if {
	some resource in resources.lost
	resource.action == "delete"
	resource.kind == "aws_s3_bucket_versioning"
	text := "is deleted: its bucket may keep no older versions any more"
}
