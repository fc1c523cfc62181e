import json

import pytest

from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED, Action, Certainty, Source
from tests.unit.resources.build import faults, only, reading, seen

BUCKET = 'resource "aws_s3_bucket" "logs" {\n  bucket = "x"\n}\n'


def test_nothing_changed_gives_nothing():
    result = reading()

    assert (result.resources, result.not_understood, result.plain) == ((), (), ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(BUCKET, "# why\n\n" + BUCKET, id="comment"),
        pytest.param(BUCKET, BUCKET.replace(" = ", "   =  "), id="spaces"),
        pytest.param("# a\n", "# b\n", id="only comments"),
    ],
)
def test_a_file_whose_blocks_are_the_same_is_plain(before, after):
    result = reading({"main.tf": before}, {"main.tf": after})

    assert (result.resources, result.not_understood, result.plain) == ((), (), ("main.tf",))


def test_a_block_moved_between_files_of_one_directory_is_no_change():
    result = reading({"a.tf": BUCKET, "b.tf": "# b\n"}, {"a.tf": "# a\n", "b.tf": BUCKET})

    assert (result.resources, result.plain) == ((), ("a.tf", "b.tf"))


def test_a_block_moved_to_another_directory_is_destroyed_and_created():
    result = reading({"a/x.tf": BUCKET}, {"b/x.tf": BUCKET}, renamed={"b/x.tf": "a/x.tf"})

    assert seen(result) == [
        ("delete", "aws_s3_bucket", "aws_s3_bucket.logs"),
        ("create", "aws_s3_bucket", "aws_s3_bucket.logs"),
    ]
    assert [c.source.path for c in result.resources] == ["a/x.tf", "b/x.tf"]


def test_two_directories_may_declare_the_same_address():
    result = reading({}, {"a/x.tf": BUCKET, "b/x.tf": BUCKET})

    assert [(c.address, c.source.path) for c in result.resources] == [
        ("aws_s3_bucket.logs", "a/x.tf"),
        ("aws_s3_bucket.logs", "b/x.tf"),
    ]


def test_an_update_has_both_sides_and_its_line_at_the_head():
    after = "\n" + BUCKET.replace('"x"', "var.name")

    change = only(reading({"main.tf": BUCKET}, {"main.tf": after}))

    assert (change.format, change.action) == ("terraform", Action.UPDATE)
    assert change.before == {"bucket": "x"}
    assert change.after == {"bucket": "${var.name}"}
    assert change.unknown_paths == ("bucket",)
    assert change.certainty is Certainty.STATIC
    assert change.source == Source(path="main.tf", line=2)


@pytest.mark.parametrize(
    "path", ["main.tf.bak", "main.txt", "main.tf.disabled"], ids=["backup", "text", "disabled"]
)
def test_a_file_renamed_away_from_terraform_destroys_what_it_declared(path):
    result = reading({"main.tf": BUCKET}, {path: BUCKET}, renamed={path: "main.tf"})

    (change,) = (change for change in result.resources if change.format == "terraform")
    assert (change.action, change.address) == (Action.DELETE, "aws_s3_bucket.logs")
    assert change.source == Source(path="main.tf", line=1)


@pytest.mark.parametrize(
    ("text", "kind", "address", "after"),
    [
        ('data "aws_ami" "a" {}', "data.aws_ami", "data.aws_ami.a", {}),
        ('ephemeral "x" "a" {}', "ephemeral.x", "ephemeral.x.a", {}),
        ('module "m" {\n source = "./m"\n}', "module", "module.m", {"source": "./m"}),
        ('provider "aws" {}', "provider", "provider.aws", {}),
        ('provider "aws" {\n alias = "w"\n}', "provider", "provider.aws.w", {"alias": "w"}),
        ('variable "v" {\n default = 1\n}', "variable", "var.v", {"default": 1}),
        ('output "o" {\n value = 1\n}', "output", "output.o", {"value": 1}),
        ("locals {\n l = 1\n}", "local", "local.l", {"value": 1}),
        ('check "c" {}', "check", "check.c", {}),
        (
            "moved {\n from = aws_x.a\n to = aws_x.b\n}",
            "moved",
            "moved[aws_x.a -> aws_x.b]",
            {"from": "${aws_x.a}", "to": "${aws_x.b}"},
        ),
        (
            'import {\n to = aws_x.a\n id = "i"\n}',
            "import",
            "import[aws_x.a -> i]",
            {"to": "${aws_x.a}", "id": "i"},
        ),
        ("removed {\n from = aws_x.a\n}", "removed", "removed[aws_x.a]", {"from": "${aws_x.a}"}),
        ('quux "a" "b" "c" {}', "quux", "quux.a.b.c", {}),
        (
            'terraform {\n backend "s3" {\n bucket = "b"\n }\n}',
            "terraform",
            "terraform",
            {"backend": [{"s3": {"bucket": "b"}}]},
        ),
    ],
)
def test_every_block_of_the_language_has_a_kind_and_an_address(text, kind, address, after):
    change = only(reading({}, {"main.tf": text}))

    assert (change.kind, change.address, change.after) == (kind, address, after)


def test_nested_blocks_are_lists_and_their_unknown_values_have_paths():
    text = """
resource "aws_sg" "s" {
  count = 2
  ingress {
    port = 22
  }
  ingress {
    port  = var.port
    cidrs = ["10.0.0.0/8", var.cidr]
  }
  provisioner "local-exec" {
    command = "echo ${var.x}"
  }
}
"""
    change = only(reading({}, {"main.tf": text}))

    assert change.after == {
        "count": 2,
        "ingress": [
            {"port": 22},
            {"port": "${var.port}", "cidrs": ["10.0.0.0/8", "${var.cidr}"]},
        ],
        "provisioner": [{"local-exec": {"command": "echo ${var.x}"}}],
    }
    assert change.unknown_paths == (
        "ingress.1.port",
        "ingress.1.cidrs.1",
        "provisioner.0.local-exec.command",
    )


DYNAMIC = """
resource "aws_sg" "s" {
  ingress {
    port = 443
  }
  dynamic "ingress" {
    for_each = var.ports
    content {
      port  = ingress.value
      cidrs = ["0.0.0.0/0"]
    }
  }
}
"""
DYNAMIC_JSON = json.dumps(
    {
        "resource": {
            "aws_sg": {
                "s": {
                    "dynamic": {
                        "ingress": {
                            "for_each": "${var.ports}",
                            "content": {"port": "${ingress.value}", "cidrs": ["0.0.0.0/0"]},
                        }
                    }
                }
            }
        }
    }
)


def test_what_a_dynamic_block_would_open_is_seen_and_its_number_is_unknown():
    change = only(reading({}, {"main.tf": DYNAMIC}))

    assert change.after == {
        "ingress": [{"port": 443}, {"port": "${ingress.value}", "cidrs": ["0.0.0.0/0"]}],
        "dynamic": [
            {
                "ingress": {
                    "for_each": "${var.ports}",
                    "content": [{"port": "${ingress.value}", "cidrs": ["0.0.0.0/0"]}],
                }
            }
        ],
    }
    assert set(change.unknown_paths) == {
        "ingress",
        "ingress.1.port",
        "dynamic.0.ingress.for_each",
        "dynamic.0.ingress.content.0.port",
    }


@pytest.mark.parametrize("listed", [False, True])
def test_a_dynamic_block_in_json_is_the_same(listed):
    document = json.loads(DYNAMIC_JSON)
    block = document["resource"]["aws_sg"]["s"]["dynamic"]["ingress"]
    if listed:
        block["content"] = [block["content"]]

    change = only(reading({}, {"main.tf.json": json.dumps(document)}))

    content = [{"port": "${ingress.value}", "cidrs": ["0.0.0.0/0"]}]
    assert change.after["ingress"] == content
    assert change.after["dynamic"][0]["ingress"]["content"] == content
    assert set(change.unknown_paths) == {
        "ingress",
        "ingress.0.port",
        "dynamic.0.ingress.for_each",
        "dynamic.0.ingress.content.0.port",
    }


@pytest.mark.parametrize("static", [{"port": 22}, [{"port": 22}]], ids=["an object", "a list"])
def test_what_json_has_beside_a_dynamic_block_is_seen(static):
    document = json.loads(DYNAMIC_JSON)
    document["resource"]["aws_sg"]["s"]["ingress"] = static

    change = only(reading({}, {"main.tf.json": json.dumps(document)}))

    assert change.after["ingress"][0] == {"port": 22}
    assert change.after["ingress"][1]["cidrs"] == ["0.0.0.0/0"]


def group(*blocks):
    return 'resource "aws_sg" "s" {\n' + "\n".join(blocks) + "\n}\n"


def never(cidr):
    return f'dynamic "ingress" {{\n for_each = []\n content {{\n cidr = "{cidr}"\n }}\n}}'


def always(cidr):
    return f'ingress {{\n cidr = "{cidr}"\n}}'


def test_a_block_that_is_never_generated_cannot_take_the_place_of_one_that_is_there():
    before = group(never("0.0.0.0/0"), always("10.0.0.0/8"))
    after = group(always("0.0.0.0/0"), never("10.0.0.0/8"))

    assert only(reading({"a.tf": before}, {"a.tf": after})).action is Action.UPDATE


def test_blocks_in_another_order_by_kind_are_the_same():
    before = group(never("10.0.0.0/8"), "egress {}")
    after = group("egress {}", never("10.0.0.0/8"))

    assert reading({"a.tf": before}, {"a.tf": after}).resources == ()


def test_dynamic_blocks_within_each_other_do_not_multiply():
    depth = 19
    text = group('dynamic "a" {\n content {\n' * depth + 'deep = "x"\n' + "}\n}\n" * depth)

    change = only(reading({}, {"a.tf": text}))

    assert json.dumps(change.after).count('"deep"') == depth + 1


def test_a_policy_written_with_jsonencode_can_be_read_though_parts_are_unknown():
    text = """
resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "*", Resource = aws_s3_bucket.x.arn }]
  })
}
"""
    change = only(reading({}, {"main.tf": text}))

    statement = json.loads(change.after["policy"])["Statement"][0]
    assert statement == {"Effect": "Allow", "Action": "*", "Resource": "${aws_s3_bucket.x.arn}"}
    assert change.unknown_paths == ("policy",)


def test_json_configuration_is_read_like_hcl():
    document = {
        "//": "a comment",
        "resource": {
            "aws_x": {
                "a": {
                    "//": "another",
                    "n": 1,
                    "s": "$${x}",
                    "ref": "${var.x}",
                    "lifecycle": {"prevent_destroy": True},
                }
            }
        },
        "provider": {"aws": [{}, {"alias": "w"}]},
        "locals": {"l": [1]},
        "terraform": {"required_version": ">= 1", "backend": {"s3": {"bucket": "b"}}},
    }
    result = reading({}, {"x.tf.json": json.dumps(document)})

    assert result.not_understood == ()
    after = {c.address: c.after for c in result.resources}
    assert after == {
        "aws_x.a": {
            "n": 1,
            "s": "${x}",
            "ref": "${var.x}",
            "lifecycle": [{"prevent_destroy": True}],
        },
        "provider.aws": {},
        "provider.aws.w": {"alias": "w"},
        "local.l": {"value": [1]},
        "terraform": {"required_version": ">= 1", "backend": [{"s3": {"bucket": "b"}}]},
    }
    assert result.resources[0].unknown_paths == ("ref",)


def test_a_block_rewritten_from_hcl_to_json_is_no_change():
    document = json.dumps({"resource": {"aws_s3_bucket": {"logs": {"bucket": "x"}}}})

    result = reading({"a.tf": BUCKET}, {"a.tf.json": document})

    assert result.resources == ()


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.tf", "\nresource {", 2),
        ("a.tf", 'resource "a" {}', 1),
        ("a.tf", "x = 1", 1),
        ("a.tofu", b"\xff", 1),
        ("a.tf.json", "{", 1),
        ("a.tf.json", "[]", 1),
        ("a.tf.json", '{"resource": {"a": 1}}', 1),
        ("a.tf.json", '{"resource": {}, "resource": {}}', 0),
        ("a.tofu.json", '{"locals": {"a": NaN}}', 0),
        ("a.tfvars", "a {\n}", 1),
        ("a.tfvars", "a = [", 1),
        ("a.tfvars.json", "[]", 1),
        (".terraform.lock.hcl", "provider {", 1),
        (".terraform.lock.hcl", "provider {}", 1),
    ],
)
def test_a_file_that_cannot_be_read_is_relevant_and_the_others_still_are(path, text, line):
    result = reading({}, {path: text, "other.tf": BUCKET})

    assert faults(result) == [(path, line, True)]
    assert ("create", "aws_s3_bucket", "aws_s3_bucket.logs") in seen(result)


def test_nothing_is_said_to_be_destroyed_because_its_file_broke():
    result = reading({"a.tf": BUCKET}, {"a.tf": BUCKET + "{"})

    assert result.resources == ()
    assert faults(result)[0][2] is True


def test_a_repaired_file_stops_nothing_and_does_not_pretend_to_know_what_was_there():
    result = reading({"a.tf": "{"}, {"a.tf": BUCKET})

    assert faults(result) == [("a.tf", 1, False)]
    (change,) = result.resources
    assert (change.action, change.certainty) == (Action.UNKNOWN, Certainty.UNKNOWN)
    assert change.after == {"bucket": "x"}


def test_removing_a_file_that_could_never_be_read_cannot_be_judged():
    assert faults(reading({"a.tf": "{"}, {})) == [("a.tf", 1, True)]


def test_the_same_address_twice_in_a_directory_is_told_with_both_places():
    result = reading({}, {"a.tf": BUCKET, "b.tf": "\n" + BUCKET})

    (fault,) = result.not_understood
    assert (fault.path, fault.line, fault.relevant) == ("b.tf", 2, True)
    assert "a.tf:1" in fault.reason


def test_an_override_file_changes_the_block_it_overrides():
    override = 'resource "aws_s3_bucket" "logs" {\n  acl = "public-read"\n}\n'

    change = only(reading({"main.tf": BUCKET}, {"main.tf": BUCKET, "x_override.tf": override}))

    assert change.action is Action.UPDATE
    assert change.after == {"bucket": "x", "acl": "public-read"}


def test_an_override_file_alone_still_shows_what_it_sets():
    override = 'resource "aws_s3_bucket" "logs" {\n  acl = "public-read"\n}\n'

    assert only(reading({}, {"override.tf": override})).after == {"acl": "public-read"}


OVERRIDE = 'resource "aws_s3_bucket" "logs" {\n  acl = "public-read"\n}\n'


@pytest.mark.parametrize(
    "name", ["override.tf", "x_override.tf", "a.b_override.tf", "x_override.tf.json"]
)
@pytest.mark.parametrize("gone", [False, True], ids=["added", "removed"])
def test_what_an_override_does_to_a_block_that_is_not_read_is_not_known(name, gone):
    text = OVERRIDE
    if name.endswith(".json"):
        text = json.dumps({"resource": {"aws_s3_bucket": {"logs": {"acl": "public-read"}}}})
    trees = ({name: text}, {}) if gone else ({}, {name: text})

    change = only(reading(*trees))

    assert (change.action, change.certainty) == (Action.UNKNOWN, Certainty.UNKNOWN)
    assert change.source.path == name


@pytest.mark.parametrize("name", ["x_override.b.tf", "overrides.tf", "override_x.tf"])
def test_a_name_that_only_sounds_like_an_override_is_none(name):
    assert only(reading({}, {name: OVERRIDE})).action is Action.CREATE


def test_an_override_that_changes_is_an_update():
    after = OVERRIDE.replace("public-read", "private")

    assert only(reading({"override.tf": OVERRIDE}, {"override.tf": after})).action is Action.UPDATE


def test_a_block_that_becomes_an_override_of_nothing_is_seen():
    change = only(reading({"main.tf": BUCKET}, {"main_override.tf": BUCKET}))

    assert (change.action, change.rewritten) == (Action.UNKNOWN, False)


def test_overrides_of_one_block_are_merged_in_order():
    other = OVERRIDE.replace("public-read", "private")

    result = reading({}, {"a_override.tf": OVERRIDE, "b_override.tf": other})

    assert only(result).after == {"acl": "private"}


def test_opentofus_version_of_a_file_is_read_beside_terraforms():
    other = BUCKET.replace('"x"', '"y"')

    result = reading({"main.tf": BUCKET}, {"main.tf": BUCKET, "main.tofu": other})

    assert [(c.action, c.after) for c in result.resources] == [(Action.CREATE, {"bucket": "y"})]


@pytest.mark.parametrize(
    ("old", "new"),
    [("main.tf", "main.tofu"), ("main.tofu", "main.tf"), ("main.tf", "db.tofu")],
    ids=["to OpenTofu", "to Terraform", "to OpenTofu by another name"],
)
def test_renaming_a_file_for_the_other_tool_destroys_for_one_and_creates_for_the_other(old, new):
    result = reading({old: BUCKET}, {new: BUCKET}, renamed={new: old})

    assert {(c.action, c.source.path) for c in result.resources} == {
        (Action.DELETE, old),
        (Action.CREATE, new),
    }


def test_renaming_a_file_for_the_same_tool_is_no_change():
    tofu = reading({"a.tofu": BUCKET}, {"b.tofu": BUCKET}, renamed={"b.tofu": "a.tofu"})

    assert (tofu.resources, tofu.not_understood) == ((), ())


def test_what_terraform_ignores_declares_nothing():
    hidden = reading({"db.tf": BUCKET}, {".db.tf": BUCKET}, renamed={".db.tf": "db.tf"})
    back = reading({".db.tf": BUCKET}, {"db.tf": BUCKET}, renamed={"db.tf": ".db.tf"})
    variables = reading({}, {".x.auto.tfvars": "a = 1\n"})

    assert seen(hidden) == [("delete", "aws_s3_bucket", "aws_s3_bucket.logs")]
    assert seen(back) == [("create", "aws_s3_bucket", "aws_s3_bucket.logs")]
    assert [c.kind for c in variables.resources] == ["variables"]


def test_settings_blocks_of_a_directory_are_one():
    result = reading(
        {},
        {
            "a.tf": 'terraform {\n required_version = ">= 1"\n}',
            "b.tf": 'terraform {\n required_version = ">= 2"\n backend "s3" {}\n}',
        },
    )

    (change,) = result.resources
    assert change.after == {"required_version": ">= 1", "backend": [{"s3": {}}]}
    assert faults(result) == [("b.tf", 1, False)]


def test_variable_files_and_locks_are_resources():
    result = reading(
        {},
        {
            "env/prod.tfvars": 'size = 3\nname = "x"\n',
            "env/b.auto.tfvars.json": '{"literal": "${not.a.reference}"}',
            ".terraform.lock.hcl": 'provider "registry.terraform.io/a/b" {\n version = "1.0"\n}',
        },
    )

    assert [(c.kind, c.address, c.after) for c in result.resources] == [
        ("lock", "lock.registry.terraform.io/a/b", {"version": "1.0"}),
        ("variables", "b.auto.tfvars.json", {"literal": "${not.a.reference}"}),
        ("variables", "prod.tfvars", {"size": 3, "name": "x"}),
    ]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('resource "db" "d" {\n master_password = "hunter2"\n}', "master_password"),
        ('resource "db" "d" {\n auth {\n  token = "hunter2"\n }\n}', "auth.0.token"),
        ('resource "db" "d" {\n tags = { apiKey = "hunter2" }\n}', "tags.apiKey"),
        ('resource "db" "d" {\n password = "hunter2${var.x}"\n}', "password"),
        ('variable "db_password" {\n default = "hunter2"\n}', "default"),
        ('variable "v" {\n sensitive = true\n default = { a = "hunter2" }\n}', "default"),
        ('locals {\n api_token = "hunter2"\n}', "value"),
        ('output "secret" {\n value = "hunter2"\n}', "value"),
        (
            'resource "x" "x" {\n user_data = "-----BEGIN PRIVATE KEY-----\\nhunter2"\n}',
            "user_data",
        ),
        (
            """resource "ecs" "t" {
              defs = jsonencode([{ e = [{ name = "DB_PASSWORD", value = "hunter2" }] }])
            }""",
            "defs.0.e.0.value",
        ),
    ],
)
def test_a_literal_under_a_telling_name_is_not_shown(text, path):
    change = only(reading({}, {"main.tf": text}))

    assert change.sensitive_paths == (path,)
    assert "hunter2" not in repr(change)
    assert SENSITIVE in repr(change.after)


def block(kind, body):
    return f'resource "{kind}" "x" {{\n{body}\n}}\n'


OBJECT = '{ kind = "Secret", data = { a = "hunter2" } }'
YAML_SECRET = "kind: Secret\nstringData:\n  a: hunter2\n"


@pytest.mark.parametrize(
    ("kind", "body", "path"),
    [
        ("kubernetes_secret", 'data = { a = "hunter2", b = var.b }', "data.a"),
        ("kubernetes_secret_v1", 'binary_data = { a = base64encode("hunter2") }', "binary_data.a"),
        ("kubernetes_manifest", f"manifest = {OBJECT}", "manifest.data.a"),
        ("kubernetes_manifest", f"manifest = yamldecode(<<E\n{YAML_SECRET}E\n)", "manifest"),
        ("kubectl_manifest", f"yaml_body = <<E\n{YAML_SECRET}E\n", "yaml_body"),
        ("kubectl_manifest", f"yaml_body = yamlencode({OBJECT})", "yaml_body"),
        ("kubectl_manifest", f"yaml_body = jsonencode({OBJECT})", "yaml_body.data.a"),
        ("aws_ssm_parameter", 'type = "SecureString"\nvalue = "hunter2"', "value"),
        ("aws_ssm_parameter", 'type = var.type\nvalue = "hunter2"', "value"),
        ("aws_secretsmanager_secret_version", 'secret_string = jsonencode(["hunter2"])', "secret_string"),
        ("google_secret_manager_secret_version", 'secret_data = "hunter2"', "secret_data"),
        ("azurerm_key_vault_secret", 'value = "hunter2"', "value"),
        ("github_actions_secret", 'plaintext_value = "hunter2"', "plaintext_value"),
        ("gitlab_project_variable", 'value = "hunter2${var.x}"', "value"),
        ("vault_kv_secret_v2", 'data_json = jsonencode({ a = "hunter2" })', "data_json"),
        ("local_sensitive_file", 'content = "hunter2"', "content"),
        ("helm_release", 'set_sensitive {\n name = "a"\n value = "hunter2"\n}', "set_sensitive.0.value"),
        ("helm_release", 'set_sensitive = [{ name = "a", value = "hunter2" }]', "set_sensitive.0.value"),
        ("x", 'a = { b = sensitive("hunter2") }', "a.b"),
        ("x", 'a = "b ${upper(sensitive("hunter2"))}"', "a"),
        ("x", 'a = "${var.x["}"]} ${"${sensitive("hunter2")}"}"', "a"),
        ("x", 'a = jsonencode({ b = sensitive("hunter2"), c = 1 })', "a.b"),
    ],
)  # fmt: skip
def test_what_a_type_keeps_secret_is_not_shown(kind, body, path):
    change = only(reading({}, {"main.tf": block(kind, body)}))

    assert change.sensitive_paths == (path,)
    assert "hunter2" not in repr(change)
    assert SENSITIVE in repr(change.after)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("kubernetes_secret", "data = { a = var.a, b = random_password.b[0].result }"),
        ("kubernetes_config_map", 'data = { a = "evil" }'),
        ("kubernetes_manifest", 'manifest = { kind = "ConfigMap", data = { a = "evil" } }'),
        ("kubectl_manifest", "yaml_body = <<E\nkind: Pod\nrun: evil # kind: Secret\nE\n"),
        ("kubectl_manifest", "yaml_body = <<E\nkind: Pod\nrun: evil\n---\nkind: Secret\nE\n"),
        ("aws_ssm_parameter", 'type = "String"\nvalue = "evil"'),
        ("aws_instance", 'value = "evil"\ncontent = "evil"'),
        ("helm_release", 'set {\n name = "a"\n value = "evil"\n}'),
        ("x", 'a = "evil # sensitive("'),
        ("x", 'a = "evil $${sensitive(1)}"'),
        ("x", "a = nonsensitive(var.x)"),
        ("x", 'a = "evil # sensitive( ${var.x}"'),
        ("x", 'a = "${var.x["{"]} evil # sensitive("'),
        ("x", 'a = "${"${"{"}"} evil # sensitive("'),
        ("x", 'a = "${"}"} $${ ${upper("sensitive(")}"'),
        ("x", 'a = jsonencode({ run = "evil # sensitive(", b = var.b })'),
    ],
)
def test_what_no_type_keeps_secret_stays_readable(kind, body):
    assert only(reading({}, {"main.tf": block(kind, body)})).sensitive_paths == ()


@pytest.mark.parametrize("path", ["m/prod.tfvars", "m/x.auto.tfvars.json"])
def test_what_is_given_to_a_sensitive_variable_is_not_shown(path):
    variables = 'variable "who" {\n sensitive = true\n}\nvariable "size" {}\n'
    text = (
        '{"who": "hunter2", "size": 3}' if path.endswith("json") else 'who = "hunter2"\nsize = 3\n'
    )

    result = reading(
        {"m/v.tf": variables}, {"m/v.tf": variables, path: text, "n/a.tfvars": 'who = "me"'}
    )

    here, elsewhere = result.resources
    assert here.after == {"who": SENSITIVE, "size": 3}
    assert elsewhere.after == {"who": "me"}


def test_what_stands_beside_a_secret_in_json_text_stays_readable():
    text = (
        'resource "ecs" "t" {\n defs = jsonencode([{ privileged = true, password = "hunter2" }])\n}'
    )
    change = only(reading({}, {"main.tf": text}))

    assert json.loads(change.after["defs"]) == [{"password": SENSITIVE, "privileged": True}]


@pytest.mark.parametrize(
    "text",
    [
        'resource "db" "d" {\n password = var.password\n}',
        'resource "db" "d" {\n manage_master_user_password = true\n}',
        'resource "db" "d" {\n password = ""\n}',
        'resource "db" "d" {\n metadata_options {\n  http_tokens = "required"\n }\n}',
        'resource "db" "d" {\n secret_arn = "arn:aws:x"\n}',
        'variable "db_password" {\n type = string\n description = "the password"\n}',
        'output "password" {\n value = random_password.x.result\n}',
    ],
    ids=["reference", "boolean", "empty", "plural", "arn", "variable", "output"],
)
def test_what_only_sounds_secret_stays_readable(text):
    assert only(reading({}, {"main.tf": text})).sensitive_paths == ()


def test_a_secret_that_changed_is_seen_to_have_changed():
    before = 'resource "db" "d" {\n password = "hunter2"\n size = 1\n}'

    rotated = only(reading({"a.tf": before}, {"a.tf": before.replace("hunter2", "hunter3")}))
    resized = only(reading({"a.tf": before}, {"a.tf": before.replace("1", "2")}))

    assert rotated.before == rotated.after == {"password": SENSITIVE_CHANGED, "size": 1}
    assert resized.before == {"password": SENSITIVE, "size": 1}
    assert resized.after == {"password": SENSITIVE, "size": 2}


def test_a_secret_that_changed_within_json_text_is_seen_to_have_changed():
    before = 'resource "x" "d" {\n policy = jsonencode({ password = "hunter2" })\n}'

    change = only(reading({"a.tf": before}, {"a.tf": before.replace("hunter2", "hunter3")}))

    assert change.before == change.after == {"policy": f'{{"password":"{SENSITIVE_CHANGED}"}}'}


def test_true_is_not_one():
    before = 'resource "x" "d" {\n a = 1\n}'

    assert only(reading({"a.tf": before}, {"a.tf": before.replace("1", "true")})).before == {"a": 1}
