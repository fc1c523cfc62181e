import json

import pytest

from mrbot.resources.cloudformation import reader as cloudformation
from mrbot.resources.declared import TextFile
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED, Action
from tests.unit.resources.build import changes_by, encoded

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: An archive
Transform: AWS::Serverless-2016-10-31
Metadata:
  AWS::CloudFormation::Interface: {ParameterGroups: []}
Globals:
  Function: {Timeout: 3}
Parameters:
  Stage:
    Type: String
    Default: dev
Mappings:
  Sizes:
    dev: {Memory: 128}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Rules:
  OnlyKnown:
    Assertions:
      - Assert: !Contains [[dev, prod], !Ref Stage]
Hooks:
  Green: {Type: "AWS::CodeDeploy::BlueGreen"}
Resources:
  Archive:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties:
      BucketName: !Sub "${Stage}-archive"
      AccessControl: Private
  Worker:
    Type: AWS::Serverless::Function
    DependsOn: Archive
    Properties:
      Role: !GetAtt Role.Arn
Outputs:
  Name:
    Value: !Ref Archive
Constants: {Region: eu-west-1}
"""


def created(text, path="stack.yaml"):
    """What a new template declares, by address after its path; without faults."""
    changes, faults = changes_by(cloudformation, {}, {path: text})
    assert faults == []
    return {change.address.removeprefix(path).removeprefix("/"): change for change in changes}


def resource(body):
    """The one resource `Thing` of a template, as it is created."""
    return created(f"Resources:\n  Thing: {json.dumps(body)}\n")["Thing"]


def changed(before, after, path="stack.yaml"):
    """The changes between two versions of a template, without faults."""
    changes, faults = changes_by(cloudformation, {path: before}, {path: after})
    assert faults == []
    return changes


def faults_of(text, path="stack.yaml"):
    """Each fault of a new template as (line, relevant), and what they say."""
    faults = changes_by(cloudformation, {}, {path: text})[1]
    return [(f.line, f.relevant) for f in faults], " | ".join(f.reason for f in faults)


def test_a_template_is_the_entries_of_its_sections_and_the_rest_of_it():
    found = created(TEMPLATE)

    assert {at: (change.kind, change.source.line) for at, change in found.items()} == {
        "": ("template", 1),
        "Transform/macros": ("transform", 3),
        "Metadata/AWS::CloudFormation::Interface": ("metadata", 5),
        "Globals/Function": ("globals", 7),
        "Parameters/Stage": ("parameter", 9),
        "Mappings/Sizes": ("mapping", 13),
        "Conditions/IsProd": ("condition", 16),
        "Rules/OnlyKnown": ("rule", 18),
        "Hooks/Green": ("hook", 22),
        "Archive": ("AWS::S3::Bucket", 24),
        "Worker": ("AWS::Serverless::Function", 30),
        "Outputs/Name": ("output", 36),
    }
    assert found[""].after == {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "An archive",
        "Constants": {"Region": "eu-west-1"},
    }
    assert found["Transform/macros"].after == {"Transform": ["AWS::Serverless-2016-10-31"]}
    assert found["Worker"].after == {
        "Type": "AWS::Serverless::Function",
        "DependsOn": "Archive",
        "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
    }
    assert {at: change.unknown_paths for at, change in found.items() if change.unknown_paths} == {
        "Conditions/IsProd": ("",),
        "Rules/OnlyKnown": ("Assertions.0.Assert",),
        "Archive": ("Properties.BucketName",),
        "Worker": ("Properties.Role",),
        "Outputs/Name": ("Value",),
    }


@pytest.mark.parametrize(
    ("old", "new", "address"),
    [
        ("AccessControl: Private", "AccessControl: PublicRead", "Archive"),
        ("DeletionPolicy: Retain", "DeletionPolicy: Delete", "Archive"),
        ("    DeletionPolicy: Retain\n", "", "Archive"),
        ("${Stage}-archive", "${Stage}-other", "Archive"),
        ("Role.Arn", "Admin.Arn", "Worker"),
        ("DependsOn: Archive", "Condition: IsProd", "Worker"),
        ("Default: dev", "Default: prod", "Parameters/Stage"),
        ("Memory: 128", "Memory: 256", "Mappings/Sizes"),
        ("!Equals [!Ref Stage, prod]", "!Equals [prod, prod]", "Conditions/IsProd"),
        ("[dev, prod]", "[dev]", "Rules/OnlyKnown"),
        ("BlueGreen", "Other", "Hooks/Green"),
        ("Timeout: 3", "Timeout: 900", "Globals/Function"),
        ("ParameterGroups: []", "ParameterGroups: [x]", "Metadata/AWS::CloudFormation::Interface"),
        ("!Ref Archive", "!GetAtt Archive.Arn", "Outputs/Name"),
        ("Transform: AWS", "Transform: [Mine, AWS", "Transform/macros"),
        ("eu-west-1", "us-east-1", ""),
        ("An archive", "Another", ""),
    ],
)
def test_a_change_anywhere_is_a_change_of_its_entry_alone(old, new, address):
    after = TEMPLATE.replace(old, new, 1).replace("Mine, AWS::Serverless-2016-10-31", "AWS::X]")
    assert after != TEMPLATE

    (change,) = changed(TEMPLATE, after)

    assert (change.action, change.address) == (
        Action.UPDATE,
        f"stack.yaml/{address}".removesuffix("/"),
    )


def test_a_resource_that_is_gone_is_deleted():
    after = TEMPLATE[: TEMPLATE.index("  Worker:")] + TEMPLATE[TEMPLATE.index("Outputs:") :]

    assert [(c.action, c.address) for c in changed(TEMPLATE, after)] == [
        (Action.DELETE, "stack.yaml/Worker")
    ]


def test_a_resource_in_another_file_is_one_of_another_stack():
    text = "Resources: {Data: {Type: AWS::S3::Bucket}}"

    changes, faults = changes_by(cloudformation, {"a.yaml": text}, {"b.yaml": text})

    assert faults == []
    assert sorted((str(c.action), c.address) for c in changes) == [
        ("create", "b.yaml/Data"),
        ("delete", "a.yaml/Data"),
    ]


SHORT = """\
Resources:
  A:
    Type: AWS::X::Y
    Properties:
      a: !Ref B
      b: !Sub "${C}"
      c: !GetAtt D.Outputs.E
      d: !If [X, !Ref "AWS::NoValue", !Join ["", [a, !ImportValue x]]]
      e: !Transform {Name: AWS::Include, Parameters: {Location: s3://x}}
      f: [!Select [0, !GetAZs ""], !FindInMap [M, a, b], !Base64 x]
      g: !Sub [a, {b: !Split [",", x]}]
Conditions:
  X: !And [!Condition Y, !Not [!Condition Z]]
"""
LONG = {
    "Resources": {
        "A": {
            "Type": "AWS::X::Y",
            "Properties": {
                "a": {"Ref": "B"},
                "b": {"Fn::Sub": "${C}"},
                "c": {"Fn::GetAtt": ["D", "Outputs.E"]},
                "d": {
                    "Fn::If": [
                        "X",
                        {"Ref": "AWS::NoValue"},
                        {"Fn::Join": ["", ["a", {"Fn::ImportValue": "x"}]]},
                    ]
                },
                "e": {
                    "Fn::Transform": {
                        "Name": "AWS::Include",
                        "Parameters": {"Location": "s3://x"},
                    }
                },
                "f": [
                    {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
                    {"Fn::FindInMap": ["M", "a", "b"]},
                    {"Fn::Base64": "x"},
                ],
                "g": {"Fn::Sub": ["a", {"b": {"Fn::Split": [",", "x"]}}]},
            },
        }
    },
    "Conditions": {"X": {"Fn::And": [{"Condition": "Y"}, {"Fn::Not": [{"Condition": "Z"}]}]}},
}


@pytest.mark.parametrize("written", [json.dumps(LONG), json.dumps(LONG, indent="\t")])
@pytest.mark.parametrize("path", ["a.yaml", "a.json", "a.template"])
def test_the_long_form_of_a_function_is_no_change(written, path):
    assert changed(SHORT, written, path) == []
    assert changed(written, SHORT, path) == []
    assert changed(SHORT, written.replace("Outputs.E", "Outputs.F"), path) != []


def test_an_attribute_in_one_word_is_the_same_in_either_form():
    text = "Resources: {A: {Type: AWS::X::Y, Properties: {a: %s}}}"

    assert changed(text % "!GetAtt B.C", text % "{'Fn::GetAtt': B.C}") == []
    assert changed(text % "!GetAtt B.C", text % "!GetAtt [B, C]") == []


def test_reading_a_template_leaves_the_shared_parse_alone():
    file = TextFile(path="a.yaml", text=encoded(SHORT))

    cloudformation.declare([file])

    properties = file.documents()[0].value["Resources"]["A"]["Properties"]
    assert (properties["a"], properties["c"]) == ({"!Ref": "B"}, {"!GetAtt": "D.Outputs.E"})


@pytest.mark.parametrize(
    ("properties", "unknown"),
    [
        ({"a": "x", "b": [1, True, None, {}]}, ()),
        ({"a": {"Ref": "Stage"}}, ("Properties.a",)),
        ({"a": {"Ref": "x", "b": 1}}, ()),
        ({"a": [{"b": {"Fn::Sub": "x"}}]}, ("Properties.a.0.b",)),
        ({"a": {"Fn::If": ["C", {"b": {"Ref": "D"}}, 1]}}, ("Properties.a",)),
        ({"a": "x{{resolve:ssm:/a/b:1}}"}, ("Properties.a",)),
        ({"a": {"Fn::Transform": {"Name": "AWS::Include"}, "b": 1}}, ("Properties.a",)),
        ({"a": {"Transform": {"Name": "Macro"}, "b": 1}}, ("Properties.a",)),
        ({"a": {"Transform": "x"}}, ()),
        ({"a": {"Fn::ForEach::L": ["x", [1], {}], "b": 1}}, ("Properties.a",)),
        ({"Fn::Transform": {"Name": "Macro"}}, ("Properties",)),
        ({"Statement": {"Condition": {"Bool": {"a": "b"}}}}, ()),
    ],
)
def test_what_only_cloudformation_knows_is_unknown(properties, unknown):
    assert resource({"Type": "AWS::X::Y", "Properties": properties}).unknown_paths == unknown


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("AWS::CloudFormation::Stack", "TemplateURL"),
        ("AWS::CloudFormation::StackSet", "TemplateURL"),
        ("AWS::Serverless::Application", "Location"),
    ],
)
def test_a_template_elsewhere_is_shown_and_unknown(kind, key):
    change = resource({"Type": kind, "Properties": {key: "./other.yaml", "a": 1}})

    assert change.after["Properties"][key] == "./other.yaml"
    assert change.unknown_paths == (f"Properties.{key}",)
    assert change.stateful


LOOP = """\
Transform: AWS::LanguageExtensions
Resources:
  Other: {Type: AWS::SNS::Topic}
  Fn::ForEach::Each:
    - Name
    - [A, B]
    - Thing${Name}: {Type: "%s", DeletionPolicy: %s, UpdateReplacePolicy: Retain}
Outputs:
  Fn::ForEach::Each: [Name, [A, B], {"Out${Name}": {Value: x}}]
"""


@pytest.mark.parametrize(
    ("kind", "policy", "stateful"),
    [
        ("AWS::S3::Bucket", "Delete", True),
        ("AWS::S3::Bucket", "Retain", False),
        ("AWS::SNS::Topic", "Delete", False),
        ("AWS::S3::${Name}", "Delete", True),
    ],
)
def test_a_loop_is_unknown_as_a_whole(kind, policy, stateful):
    found = created(LOOP % (kind, policy))

    loop = found["Resources/Fn::ForEach::Each"]
    assert (loop.kind, loop.unknown_paths, loop.stateful) == ("Fn::ForEach", ("",), stateful)
    assert loop.after["value"][1] == ["A", "B"]
    assert loop.source.line == 4
    assert found["Outputs/Fn::ForEach::Each"].unknown_paths == ("",)
    assert found["Other"].unknown_paths == ()


KEPT = "{Type: AWS::S3::Bucket, DeletionPolicy: Retain, UpdateReplacePolicy: Retain}"


@pytest.mark.parametrize(
    ("head", "rewritten"),
    [
        ("Transform: AWS::Serverless-2016-10-31", False),
        ("Transform: [AWS::LanguageExtensions, AWS::CodeDeployBlueGreen]", False),
        ("Transform: Mine", True),
        ("Transform: [AWS::LanguageExtensions, {Name: Mine}]", True),
        ("Transform: {Name: AWS::Include, Parameters: {Location: s3://x}}", True),
        ("Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://x}}", True),
        ("Transform: [12]", True),
    ],
)
def test_what_a_macro_may_rewrite_is_unknown(head, rewritten):
    found = created(f"{head}\nResources:\n  Data: {KEPT}\n")

    whole = ("",) if rewritten else ()
    assert {at: c.unknown_paths for at, c in found.items()} == {
        "Data": whole,
        "Transform/macros": whole,
    }
    assert [found[at].stateful for at in ("Data", "Transform/macros")] == [rewritten, rewritten]


def test_a_macro_among_resources_may_rewrite_those_beside_it():
    text = """
Resources:
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://x}}
  Data: {Type: AWS::SNS::Topic}
Mappings:
  M: {a: {b: c}}
Rules:
  Fn::Transform: {Name: Mine}
Conditions:
  Same: {Condition: Other}
"""
    found = created(text)

    macro = found["Resources/Fn::Transform"]
    assert (macro.kind, macro.unknown_paths, macro.stateful) == ("transform", ("",), True)
    assert macro.after["Name"] == "AWS::Include"
    assert (found["Data"].unknown_paths, found["Mappings/M"].unknown_paths) == (("",), ())
    assert not found["Rules/Fn::Transform"].stateful
    assert found["Conditions/Same"].unknown_paths == ("",)


def test_a_resource_that_a_macro_makes_is_unknown():
    text = """
Resources:
  Made: !Transform {Name: Mine}
  Data: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, UpdateReplacePolicy: Retain}
  Altered: {Fn::Transform: {Name: Mine}, Type: AWS::S3::Bucket, DeletionPolicy: Retain,
            UpdateReplacePolicy: Retain}
"""
    found = created(text)

    assert {at: (c.kind, c.unknown_paths, c.stateful) for at, c in found.items()} == {
        "Resources/Made": ("transform", ("",), True),
        "Data": ("AWS::S3::Bucket", (), False),
        "Altered": ("AWS::S3::Bucket", ("",), True),
    }


@pytest.mark.parametrize(
    ("kind", "deletion", "replacement", "stateful"),
    [
        ("AWS::S3::Bucket", None, None, True),
        ("AWS::S3::Bucket", "Retain", None, True),
        ("AWS::S3::Bucket", None, "Retain", True),
        ("AWS::S3::Bucket", "Retain", "Retain", False),
        ("AWS::S3::Bucket", "RetainExceptOnCreate", "Retain", False),
        ("AWS::S3::Bucket", "Retain", "Delete", True),
        ("AWS::S3::Bucket", "Snapshot", "Snapshot", True),
        ("AWS::S3::Bucket", {"Ref": "Policy"}, "Retain", True),
        ("AWS::S3::Bucket", ["Retain"], "Retain", True),
        ("AWS::RDS::DBInstance", "Snapshot", "Snapshot", False),
        ("AWS::RDS::DBInstance", "Snapshot", None, True),
        ("AWS::RDS::DBCluster", None, None, True),
        ("AWS::DynamoDB::GlobalTable", None, None, True),
        ("AWS::KMS::Key", None, None, True),
        ("Org::Service::Thing::MODULE", None, None, True),
        ("AWS::SNS::Topic", None, None, False),
        ("AWS::S3::BucketPolicy", None, None, False),
    ],
)
def test_data_is_kept_only_where_both_policies_keep_it(kind, deletion, replacement, stateful):
    policies = {"DeletionPolicy": deletion, "UpdateReplacePolicy": replacement}
    body = {"Type": kind} | {key: value for key, value in policies.items() if value}

    assert resource(body).stateful is stateful


def test_letting_the_data_of_a_kept_resource_go_is_a_change_of_a_stateful_one():
    before = f"Resources: {{Data: {KEPT}}}"

    (change,) = changed(before, before.replace("DeletionPolicy: Retain, ", ""))

    assert (change.action, change.stateful) == (Action.UPDATE, True)
    assert "DeletionPolicy" not in change.after


def test_a_bucket_that_becomes_a_topic_takes_its_data_along():
    before = "Resources: {Data: {Type: AWS::S3::Bucket}}"

    (change,) = changed(before, before.replace("S3::Bucket", "SNS::Topic"))

    assert (change.kind, change.stateful) == ("AWS::SNS::Topic", True)


RESOLVED = "{{resolve:secretsmanager:db:SecretString:password}}"


@pytest.mark.parametrize(
    ("properties", "hidden"),
    [
        ({"MasterUserPassword": "hunter2"}, "MasterUserPassword"),
        ({"MasterUserPassword": "$hunter2"}, "MasterUserPassword"),
        ({"MasterUserPassword": 123456}, "MasterUserPassword"),
        ({"MasterUserPassword": f"{RESOLVED}hunter2"}, "MasterUserPassword"),
        ({"SecretString": '{"user": "a", "password": "hunter2"}'}, "SecretString"),
        ({"SecretString": {"Fn::Sub": '{"password": "hunter2"}'}}, "SecretString"),
        ({"Password": {"Fn::If": ["C", "hunter2", {"Ref": "P"}]}}, "Password"),
        ({"Password": {"Fn::Join": ["", ["hunter2", {"Ref": "P"}]]}}, "Password"),
        ({"Password": {"Fn::Sub": "${!hunter2}"}}, "Password"),
        ({"Password": {"Fn::FindInMap": ["a", "b", "c", {"DefaultValue": "h"}]}}, "Password"),
        ({"Users": [{"Password": "hunter2"}]}, "Users.0.Password"),
        ({"Environment": [{"Name": "DB_PASSWORD", "Value": "hunter2"}]}, "Environment.0.Value"),
        (
            {"OptionSettings": [{"OptionName": "DB_PASSWORD", "Value": "h"}]},
            "OptionSettings.0.Value",
        ),
        ({"Tags": [{"Key": "api-token", "Value": "h"}]}, "Tags.0.Value"),
        ({"P": [{"ParameterKey": "Password", "ParameterValue": "h"}]}, "P.0.ParameterValue"),
        ({"Environment": {"Variables": {"API_TOKEN": "h"}}}, "Environment.Variables.API_TOKEN"),
        ({"Definition": '{"password": "hunter2"}'}, "Definition.password"),
        ({"UserData": "-----BEGIN RSA PRIVATE KEY-----\nMII"}, "UserData"),
    ],
    ids=str,
)
def test_a_literal_secret_is_hidden(properties, hidden):
    change = resource({"Type": "AWS::X::Y", "Properties": properties})

    assert change.sensitive_paths == (f"Properties.{hidden}",)
    assert "hunter2" not in str(change.after)


@pytest.mark.parametrize(
    "properties",
    [
        {"MasterUserPassword": RESOLVED},
        {"MasterUserPassword": "{{resolve:ssm-secure:/db/password:1}}"},
        {"MasterUserPassword": {"Ref": "Password"}},
        {"MasterUserPassword": {"Fn::GetAtt": ["Db", "Password"]}},
        {"MasterUserPassword": {"Fn::Sub": RESOLVED.replace(":db:", ":${Secret}:")}},
        {
            "MasterUserPassword": {
                "Fn::Join": [
                    ":",
                    ["{{resolve:secretsmanager", {"Ref": "S"}, "SecretString:password}}"],
                ]
            }
        },
        {"MasterUserPassword": {"Fn::If": ["C", RESOLVED, {"Ref": "AWS::NoValue"}]}},
        {"Secrets": [{"Name": "DB_PASSWORD", "ValueFrom": "arn:aws:ssm:x"}]},
        {"Credentials": "arn:aws:iam::123456789012:role/gateway"},
        {"Password": "", "PasswordResetRequired": True},
        {"GenerateSecretString": {"PasswordLength": 32}},
    ],
    ids=str,
)
def test_a_reference_to_a_secret_is_readable(properties):
    change = resource({"Type": "AWS::X::Y", "Properties": properties})

    assert change.sensitive_paths == ()
    assert change.after["Properties"] == properties


@pytest.mark.parametrize(
    ("name", "parameter", "after"),
    [
        ("Word", {"NoEcho": True, "Default": "h", "Type": "String"}, [SENSITIVE]),
        ("Word", {"NoEcho": "true", "Default": "h", "AllowedValues": ["h"]}, [SENSITIVE] * 2),
        ("Word", {"NoEcho": False, "Default": "h"}, ["h"]),
        ("Word", {"NoEcho": "false", "Default": "h"}, ["h"]),
        ("Word", {"Default": "h"}, ["h"]),
        ("DbPassword", {"Default": "h", "AllowedValues": ["h", "i"]}, [SENSITIVE, [SENSITIVE] * 2]),
        ("DbPassword", {"Default": RESOLVED}, [RESOLVED]),
        ("DbPassword", {"Default": "/db", "Type": "AWS::SSM::Parameter::Value<String>"}, ["/db"]),
    ],
)
def test_what_a_secret_parameter_may_be_is_hidden(name, parameter, after):
    text = json.dumps({"AWSTemplateFormatVersion": "x", "Parameters": {name: parameter}})

    found = created(text)[f"Parameters/{name}"].after

    assert [found[key] for key in ("Default", "AllowedValues") if key in found] == after


def test_a_changed_default_of_a_secret_parameter_shows_as_changed():
    text = "Resources: {A: {Type: AWS::X::Y}}\nParameters: {P: {NoEcho: true, Default: %s}}"

    (change,) = changed(text % "one", text % "two")

    assert (change.before["Default"], change.after["Default"]) == (SENSITIVE_CHANGED,) * 2


def test_a_default_stays_hidden_when_it_is_no_secret_any_more():
    text = "Resources: {A: {Type: AWS::X::Y}}\nParameters: {P: {NoEcho: %s, Default: hunter2}}"

    (change,) = changed(text % "true", text % "false")

    assert "hunter2" not in str((change.before, change.after))


@pytest.mark.parametrize(
    ("value", "after"), [("hunter2", SENSITIVE), ("!Ref A", {"Ref": "A"})], ids=["literal", "ref"]
)
def test_a_literal_in_a_secret_output_is_hidden(value, after):
    text = f"Resources: {{A: {{Type: AWS::X::Y}}}}\nOutputs: {{AdminPassword: {{Value: {value}}}}}"

    assert created(text)["Outputs/AdminPassword"].after == {"Value": after}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TEMPLATE, True),
        ("Resources: {A: {Type: AWS::X::Y}}", True),
        ("Resources: {A: {Type: Custom::Thing}}", True),
        ("Resources: {A: {Type: Alexa::ASK::Skill}}", True),
        ("Resources: {'Fn::ForEach::L': [x, [a], {}]}", True),
        ("Resources: {A: {'Fn::Transform': {Name: Mine}}}", True),
        ("Resources: !Transform {Name: Mine}", True),
        ("Fn::Transform: {Name: Mine}", True),
        ("Transform: AWS::Serverless-2016-10-31", True),
        ("Transform: [Mine]\nResources: [anything]", True),
        ('{"\\u0052esources": {"A": {"Type": "\\u0041WS::X::Y"}}}', True),
        ('"\\x52esources": {A: {Type: AWS::X::Y}}', True),
        ("\ufeff" + json.dumps(LONG), True),
        ("!Any\nResources: {A: {Type: AWS::X::Y}}", True),
        ("a: 1\n---\nResources: {A: {Type: AWS::X::Y}}", True),
        ("Resources: {A: {Type: AWS::X::Y}", True),
        ('{"Resources": {"A": {"Type": "AWS::X::Y"},}}', True),
        ('{"\\u0052esources": 1, "a": 1, "a": 2}', True),
        ("Resources: {A: {Type: Deployment}}", False),
        ("Resources: {A: [AWS::X::Y]}", False),
        ("Resources: AWS::X::Y", False),
        ("apiVersion: v1\nkind: Pod\nspec: {Resources: {A: {Type: AWS::X::Y}}}", False),
        ("- Resources", False),
        ("Resources: [", False),
        ("", False),
        ("\\", False),
        ("server { location ~ \\.php$ {} }", False),
        (b"\xff\x00\\ Resources", False),
        ("{" * 100_000 + "Resources", False),
    ],
    ids=range(29),
)
def test_a_template_is_told_by_its_content(text, told):
    assert cloudformation.looks_like(TextFile(path="x.yaml", text=encoded(text))) is told


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("a/b.template", True),
        ("a.cfn.yaml", True),
        ("a.cfn.yml", True),
        ("a.cfn.json", True),
        ("a.yaml", False),
        ("a.template.md", False),
    ],
)
def test_some_names_are_those_of_templates(path, read):
    assert cloudformation.reads(path) is read


def test_an_empty_template_declares_nothing():
    assert created("", "a.template") == created("---\n", "a.cfn.yaml") == {}
    assert created("Resources: {A: {Type: AWS::X::Y}}\nOutputs:\n---\n").keys() == {"A"}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("Resources:\n  A: {Type: AWS::X::Y\n", 3, "not YAML"),
        ("AWSTemplateFormatVersion: x\nResources: []", 2, "Resources is not a mapping"),
        ("AWSTemplateFormatVersion: x\nResources:", 2, "Resources is not a mapping"),
        ("Resources:\n  A: {Type: AWS::X::Y}\n  B: {}", 3, '"B" has no Type'),
        ("Resources:\n  A: {Type: AWS::X::Y}\n  B: {Type: [x]}", 3, '"B" has no Type'),
        ("Resources:\n  A: {Type: AWS::X::Y}\n  B: {Type: metadata}", 3, '"B" has no Type'),
        ("Resources:\n  A: {Type: AWS::X::Y}\n  B: x", 3, '"B" is not a mapping'),
        ("Resources:\n  A: {Type: AWS::X::Y}\n  A: {Type: AWS::X::Z}", 3, "here again"),
        ("Resources:\n  A: {Type: AWS::X::Y}\n  a/b: {Type: AWS::X::Y}", 3, "not a logical id"),
        ("Resources:\n  A: {Type: AWS::X::Y}\nOutputs: x", 3, "Outputs is not a mapping"),
        ("Resources:\n  A: {Type: AWS::X::Y}\nOutputs:\n  X: 1", 4, '"X" in Outputs'),
        ("Resources:\n  A: {Type: AWS::X::Y}\n---\na: 1", 4, "a second document"),
        ("Resources:\n  A: {Type: AWS::X::Y, Properties: !Vault x}", 2, "the tag !Vault"),
        ("Resources: !Ref\n  A: {Type: AWS::X::Y}\nTransform: AWS::X", 1, "no Type"),
        ("!Ref\nResources:\n  A: {Type: AWS::X::Y}", 1, "a tag on the whole"),
        ('Resources:\n  A: {Type: AWS::X::Y, Properties: {"!Ref": x}}', 2, "for a tag"),
    ],
)
def test_a_template_of_the_wrong_shape_is_relevant(text, line, says):
    where, reasons = faults_of(text)

    assert (line, True) in where
    assert says in reasons


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"Resources": {"A": {"Type": "AWS::X::Y"} "B": {}}}', "not JSON"),
        ('{"Resources": {"A": {"Type": "AWS::X::Y"}, "A": {}}}', "twice"),
        ('{"Resources": {"A": {"Type": "AWS::X::Y", "Properties": {"!Ref": 1}}}}', "begins with !"),
        ('{"AWSTemplateFormatVersion": ' + "[" * 200 + "]" * 200 + "}", "nested deeper"),
        ('{"AWSTemplateFormatVersion": "' + "x" * 2**22 + '"}', "larger than"),
    ],
    ids=["syntax", "duplicate", "tag", "deep", "huge"],
)
def test_a_json_template_of_the_wrong_shape_is_relevant(text, says):
    where, reasons = faults_of(text, "a.json")

    assert {relevant for _, relevant in where} == {True}
    assert says in reasons


@pytest.mark.parametrize(
    ("path", "text", "relevant"),
    [
        ("nginx.conf.template", "server { location ~ \\.php$ {} }", False),
        ("config.json.template", '{"a": {{ .Values.x }}}', False),
        ("config.yaml.template", "a: 1", False),
        ("stack.template", "AWSTemplateFormatVersion: [", True),
        ("stack.template", "Resources: []", True),
        ("a.cfn.yaml", "a: 1", True),
        ("a.cfn.yaml", "a: [", True),
    ],
)
def test_a_file_that_is_no_template_is_told(path, text, relevant):
    assert [r for _, r in faults_of(text, path)[0]] == [relevant]


def test_a_tagged_value_that_is_repeated_is_no_fault():
    text = """
Resources:
  A: {Type: AWS::X::Y, Properties: &p {a: !Ref B, b: &r !Sub x}}
  B: {Type: AWS::X::Y, Properties: *p}
  C: {Type: AWS::X::Y, Properties: {c: *r, d: [*r, *r]}}
"""
    assert created(text)["B"].unknown_paths == ("Properties.a", "Properties.b")


def test_a_resource_is_not_said_to_be_deleted_where_its_template_cannot_be_read():
    before = {"a.yaml": "Resources: {A: {Type: AWS::X::Y}}"}

    changes, faults = changes_by(
        cloudformation, before, {"a.yaml": "Resources: {A: {Type: AWS::X::Y}"}
    )

    assert changes == []
    assert [fault.relevant for fault in faults] == [True]


def test_bytes_of_a_path_that_are_not_text_are_shown():
    changes, _ = changes_by(
        cloudformation, {}, {"\udcff.yaml": "Resources: {A: {Type: AWS::X::Y}}"}
    )

    assert [change.address for change in changes] == ["\\xff.yaml/A"]
