import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrbot.resources import read as module
from mrbot.resources.model import SENSITIVE, Action, FileVersions, NotUnderstood
from mrbot.resources.read import read
from tests.unit.resources.build import faults, only, reading, seen


@pytest.mark.parametrize("path", ["README.md", "docs/a.MD", "LICENSE", ".gitignore"])
def test_prose_is_plain_whatever_is_in_it(path):
    result = reading({}, {path: b"a: b: \xff"})

    assert (result.resources, result.not_understood, result.plain) == ((), (), (path,))


@pytest.mark.parametrize("path", ["requirements.txt", "docs/a.TXT", "chart/templates/NOTES.txt"])
def test_any_txt_is_text_for_some_program_reads_it(path):
    (change,) = reading({path: "requests==1\n"}, {path: "evil==1\n"}).resources

    assert (change.format, change.after["lines"]) == ("text", ["evil==1"])


@pytest.mark.parametrize("path", ["README.md", "LICENSE", "logo.png", "noname", "_helpers.tpl"])
def test_nothing_below_templates_is_prose_or_of_no_kind(path):
    result = reading({}, {f"chart/templates/{path}": "words\n", f"chart/{path}": "words\n"})

    templates = [c for c in result.resources if c.source.path.startswith("chart/templates/")]
    assert [(c.format, c.after["lines"]) for c in templates] == [("text", ["words"])]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: yes\n", "a: true\n"),
        ("v: 1.10\n", "v: 1.1\n"),
        ("n: 010\n", "n: 8\n"),
        ("a: 1\n", "#cloud-config\na: 1\n"),
        ("releases: []\n", '# {{ readFile "x" }}\nreleases: []\n'),
        ("a: 1\n---\nb: yes\n", "a: 1\n---\nb: true\n"),
    ],
    ids=["word", "version", "octal", "header", "template", "second document"],
)
def test_settings_that_are_written_otherwise_differ_for_their_program_may_tell(before, after):
    change = only(reading({"a.yaml": before}, {"a.yaml": after}))

    assert (change.action, change.rewritten, change.address) == (Action.UPDATE, True, "a.yaml")
    assert change.before == change.after


@pytest.mark.parametrize(
    ("before", "after"),
    [("a: 1\n", "a: 1\n"), ("# a\n", "# b\n")],
    ids=["nothing", "no document"],
)
def test_settings_that_are_the_same_do_not_differ(before, after):
    assert reading({"a.yaml": before}, {"a.yaml": after}).resources == ()


def test_settings_with_another_value_are_not_said_to_be_rewritten_only():
    change = only(reading({"a.yaml": "a: 1\n"}, {"a.yaml": "a: 2 # why\n"}))

    assert (change.action, change.rewritten) == (Action.UPDATE, False)


@pytest.mark.parametrize(("path", "format_"), [("a.tf", "terraform"), ("k.yaml", "kubernetes")])
def test_what_its_program_reads_the_same_is_no_change(path, format_):
    text = {"terraform": "locals {\n a = 1\n}\n", "kubernetes": "{apiVersion: v1, kind: A}\n"}
    before = text[format_]

    assert reading({path: before}, {path: "# why\n" + before}).resources == ()


def test_a_secret_in_settings_that_are_written_otherwise_is_not_shown():
    change = only(reading({"a.yaml": "password: hunter2\n"}, {"a.yaml": "password: 'hunter2'\n"}))

    assert change.rewritten
    assert "hunter2" not in repr(change)


def test_settings_that_are_nothing_before_they_are_rendered_are_text():
    before, after = "releases: []\n", '# {{ "\\nreleases: [evil]" }}\n'

    result = reading({"helmfile.yaml": before}, {"helmfile.yaml": after})

    assert {(c.format, str(c.action)) for c in result.resources} == {
        ("data", "delete"), ("text", "create"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "text", "format_", "after"),
    [
        ("a.json", "a: 1\n", "data", {"a": 1}),
        ("a.json", '{"a": 1}', "data", {"a": 1}),
        ("a.json", '{ // why\n "a": 1 }', "text", None),
        ("a.json", '{"a": 1,}', "text", None),
    ],
    ids=["YAML", "JSON", "with comments", "with a comma too many"],
)
def test_json_that_is_none_is_what_it_is(path, text, format_, after):
    (change,) = reading({}, {path: text}).resources

    assert change.format == format_
    assert after is None or change.after == after


@pytest.mark.parametrize("path", ["a.bin", "a.tf.bak", "logo.png", "noname"])
def test_a_file_of_an_unknown_kind_is_listed(path):
    result = reading({}, {path: b"\0\xff"})

    assert result.not_understood == (
        NotUnderstood(path=path, line=0, reason="no reader for this kind of file", relevant=False),
    )
    assert result.plain == ()


@pytest.mark.parametrize(
    ("path", "text", "format_"),
    [
        ("a.tf", 'variable "a" {}', "terraform"),
        (".gitlab-ci.yml", "a: {script: x}", "gitlab-ci"),
        (".github/workflows/a.yml", "jobs: {a: {}}", "github-workflow"),
        ("compose.yaml", "services: {a: {image: b}}", "compose"),
        ("Dockerfile", "FROM a", "dockerfile"),
        ("charts/a/Chart.yaml", "name: a", "helm"),
        ("k/kustomization.yaml", "namespace: a", "kustomize"),
        ("site.yml", "- hosts: all\n  roles: [a]", "ansible"),
        ("stack.yml", "Resources: {A: {Type: 'AWS::S3::Bucket'}}", "cloudformation"),
        (".mrbot.yml", "version: 1", "mrbot"),
        ("CODEOWNERS", "* @a", "mrbot"),
        ("policy/a.rego", "package a", "mrbot"),
        ("a.yaml", "{apiVersion: v1, kind: A}", "kubernetes"),
        ("renovate.json", '{"a": 1}', "data"),
        ("settings.yaml", "a: 1", "data"),
        ("app.service", "[Unit]", "text"),
        ("chart/templates/a.yaml", "{{- if x }}", "text"),
    ],
)
def test_every_format_has_its_reader(path, text, format_):
    assert {c.format for c in reading({}, {path: text}).resources} == {format_}


POD = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostNetwork: true}}\n"


@pytest.mark.parametrize(
    "path",
    [
        "compose.yaml", "b.gitlab-ci.yml", ".gitlab/ci/a.yml", ".github/workflows/a.yml",
        "charts/a/Chart.yaml", "values.yaml", "k/kustomization.yaml", "roles/a/tasks/main.yml",
        "group_vars/all.yml", "inventory/hosts.yml", ".mrbot.yml", "a.cfn.yaml", "requirements.yml",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "text",
    [POD, POD + "---\nservices: {a: {image: b}}\n", POD.replace("kind", '"k\\u0069nd"')],
    ids=["alone", "with another document", "written otherwise"],
)
def test_no_name_hides_a_manifest(path, text):
    found = reading({}, {path: text})

    assert ("kubernetes", "v1/Pod") in {(c.format, c.kind) for c in found.resources}


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nservices: {a: {image: b}}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nResources: {A: {Type: 'AWS::S3::B'}}\n",
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod}]\nhosts: all\n",
    ],
    ids=["compose", "cloudformation", "a list"],
)
def test_no_look_hides_a_manifest(text):
    assert "v1/Pod" in {c.kind for c in reading({}, {"a.yaml": text}).resources}


def test_a_tag_that_kubectl_ignores_is_refused_under_any_name():
    text = "!override\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"

    assert ("compose.yaml", 1, True) in faults(reading({}, {"compose.yaml": text}))


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n---\n"])
def test_yaml_without_a_document_is_plain(text):
    assert reading({}, {"settings.yaml": text}).plain == ("settings.yaml",)


@pytest.mark.parametrize("text", ["a: 1", "- a", "just words", "{}"])
def test_well_formed_yaml_of_no_known_kind_is_data(text):
    assert seen(reading({}, {"settings.yaml": text})) == [("create", "document", "settings.yaml")]


def test_a_file_that_cannot_be_parsed_any_more_does_not_delete_what_was_in_it():
    stack = "Resources: {A: {Type: 'AWS::S3::Bucket'}}"
    result = reading({"a.yaml": stack}, {"a.yaml": "Resources: {"})

    assert seen(result) == []
    assert faults(result) == [("a.yaml", 2, True)]


def test_a_file_that_is_repaired_into_another_format_stops_nothing():
    result = reading({"a.yaml": "a: b: c"}, {"a.yaml": "- hosts: all"})

    assert {relevant for _, _, relevant in faults(result)} == {False}


def test_what_two_readers_say_of_one_place_is_said_once():
    result = reading({}, {"compose.yaml": "a: 1\na: 2\n"})

    assert faults(result) == [("compose.yaml", 2, True)]


@pytest.mark.parametrize(
    ("path", "relevant"),
    [("a.tf", True), ("a.yaml", True), (".gitlab-ci.yml", True), ("a.bin", False), ("a.md", False)],
)
def test_a_file_that_was_not_fetched_says_why(path, relevant):
    result = reading({}, {}, skipped={path: "larger than 5 MiB"})

    assert result.not_understood == (
        NotUnderstood(path=path, line=0, reason="larger than 5 MiB", relevant=relevant),
    )
    assert (result.resources, result.plain) == ((), ())


def test_a_file_skipped_under_its_old_name_is_relevant_by_that_name():
    result = reading({"a.tf": "x"}, {"a.bin": "x"}, {"a.tf": "too large"}, {"a.bin": "a.tf"})

    assert ("a.bin", 0, True) in faults(result)


def test_nothing_is_destroyed_by_a_file_that_was_not_fetched():
    text = 'resource "x" "y" {}'

    assert seen(reading({"a.tf": text}, {"a.tf": text}, skipped={"a.tf": "too large"})) == []


def test_a_change_larger_than_what_is_read_says_which_files_were_left(monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 10)

    result = reading({}, {"a.yaml": "a: 1", "b.yaml": "b: 'much more'", "c.md": "c"})

    assert [c.source.path for c in result.resources] == ["a.yaml"]
    assert faults(result) == [("b.yaml", 0, True), ("c.md", 0, False)]


def test_more_resources_than_a_reading_holds_are_counted(monkeypatch):
    monkeypatch.setattr(module, "MAX_RESOURCES", 2)
    text = 'variable "a" {}\nvariable "b" {}\n'

    result = reading({}, {"a/x.tf": text, "b/x.tf": text, "c/x.tf": text})

    assert [c.source.path for c in result.resources] == ["a/x.tf", "a/x.tf"]
    (fault,) = result.not_understood
    assert (fault.path, fault.relevant) == ("b/x.tf", True)
    assert fault.reason.startswith("4 resources in 2 files are left out")
    assert result.plain == ()


def test_resources_come_in_order_of_file_and_line():
    result = reading(
        {}, {"b.tf": 'variable "z" {}\nvariable "a" {}\n', "a.yaml": "kind: A\napiVersion: b"}
    )

    assert [c.address for c in result.resources] == ["A/a.yaml#1", "var.z", "var.a"]


def test_paths_that_are_not_utf8_stay_exact_and_addresses_printable():
    path = "caf\udce9.yaml"

    (change,) = reading({}, {path: "kind: A\napiVersion: b"}).resources

    assert change.source.path == path
    assert change.address == "A/caf\\xe9.yaml#1"


paths = st.sampled_from(
    [
        "a.tf",
        "d/a.tf.json",
        "a.yaml",
        ".gitlab-ci.yml",
        ".github/workflows/a.yml",
        "a.md",
        "a.bin",
        "templates/a.yaml",
        "Dockerfile",
        "compose.yaml",
        "CODEOWNERS",
        "a.ini",
        "group_vars/all",
        "x.tfvars",
        ".terraform.lock.hcl",
        "a.json",
    ]
)
texts = (
    st.none()
    | st.binary(max_size=40)
    | st.sampled_from(
        [
            b'resource "a" "b" {}',
            b"kind: A\napiVersion: b",
            b"jobs: {a: {}}",
            b"a: {script: x}",
            b"- hosts: all",
            b"Resources: {A: {Type: 'AWS::S3::Bucket'}}",
            b"FROM a",
            b"{}",
        ]
    )
)


@given(st.dictionaries(paths, st.tuples(texts, texts, st.none() | paths), max_size=6))
@settings(max_examples=200)
def test_every_file_is_accounted_for(tree):
    files = [
        FileVersions(path=path, old_path=old or path, before=b, after=a)
        for path, (b, a, old) in tree.items()
    ]
    result = read(files, {})

    told = {c.source.path for c in result.resources} | {i.path for i in result.not_understood}
    for file in files:
        in_plain = file.path in result.plain
        assert in_plain != bool({file.path, file.old_path} & told)


def test_no_secret_in_a_file_hides_what_else_is_in_it():
    secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: evil.io/x}\n"
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {containers: [{image: evil.io/x}]}\n"
    )

    result = reading({}, {"values.yaml": pod + secret})

    (one,) = [change for change in result.resources if change.kind == "v1/Pod"]
    assert one.after["spec"] == {"containers": [{"image": "evil.io/x"}]}
    (hidden,) = [change for change in result.resources if change.kind == "v1/Secret"]
    assert hidden.after["stringData"] == {"a": SENSITIVE}


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.tf", 'locals {\n  x = "$${var.y}"\n}', "locals {\n  x = var.y\n}"),
        ("a.tfvars", 'x = "$${x}"', 'x = "${x}"'),
        ("a.tf.json", '{"locals": {"x": "$${var.y}"}}', '{"locals": {"x": "${var.y}"}}'),
    ],
)
def test_a_literal_that_becomes_a_reference_is_a_change(path, before, after):
    (change,) = reading({path: before}, {path: after}).resources

    assert (str(change.action), change.rewritten) == ("update", True)


def test_a_secret_within_another_object_is_hidden():
    text = (
        "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: a}\n"
        "objects: [{kind: Secret, apiVersion: v1, stringdata: {x: hunter2}}]\n"
    )

    assert "hunter2" not in repr(reading({}, {"a.yaml": text}))


def test_a_kustomization_is_its_own_readers_alone():
    text = (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        "secretGenerator: [{name: a, literals: ['x=hunter2']}]\n"
    )

    result = reading({}, {"k/kustomization.yaml": text})

    assert [change.format for change in result.resources] == ["kustomize"]
    assert "hunter2" not in repr(result)


def test_prose_that_speaks_of_templates_is_prose():
    text = "# Docs\n\nResources: a `AWS::S3::Bucket`\n  Type: AWS::S3::Bucket\n: {"

    assert reading({}, {"README.md": text}).plain == ("README.md",)
