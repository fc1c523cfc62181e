import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrbot.resources import read as module
from mrbot.resources.model import FileVersions, NotUnderstood
from mrbot.resources.read import read
from tests.unit.resources.build import faults, reading, seen


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "docs/a.TXT",
        "LICENSE",
        "CODEOWNERS",
        ".github/CODEOWNERS",
        "policy/a.rego",
        ".mrbot.yml",
    ],
)
def test_text_and_mrbots_own_files_are_plain_whatever_is_in_them(path):
    result = reading({}, {path: b"a: b: \xff"})

    assert (result.resources, result.not_understood, result.plain) == ((), (), (path,))


@pytest.mark.parametrize("path", ["a.bin", "Dockerfile", "a.yml.j2", "terragrunt.hcl", "a.tf.bak"])
def test_a_file_of_an_unknown_kind_is_listed(path):
    result = reading({}, {path: b"\0\xff"})

    assert result.not_understood == (
        NotUnderstood(path=path, line=0, reason="no reader for this kind of file", relevant=False),
    )
    assert result.plain == ()


@pytest.mark.parametrize("text", ["a: 1", "- a", "", "just words", "{}"])
def test_well_formed_yaml_of_no_known_kind_is_plain(text):
    assert reading({}, {"values.yaml": text}).plain == ("values.yaml",)


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

    assert result.plain == ("a.yaml",)
    assert faults(result) == [("b.yaml", 0, True), ("c.md", 0, False)]


def test_more_resources_than_a_reading_holds_are_counted_by_file(monkeypatch):
    monkeypatch.setattr(module, "MAX_RESOURCES", 2)
    text = 'variable "a" {}\nvariable "b" {}\n'

    result = reading({}, {"a/x.tf": text, "b/x.tf": text})

    assert [c.source.path for c in result.resources] == ["a/x.tf", "a/x.tf"]
    (fault,) = result.not_understood
    assert (fault.path, fault.relevant) == ("b/x.tf", True)
    assert fault.reason.startswith("2 resources left out")


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
            b"{}",
        ]
    )
)


@given(st.dictionaries(paths, st.tuples(texts, texts, st.none() | paths), max_size=6))
@settings(max_examples=200)
def test_every_file_is_accounted_for(tree):
    files = [
        FileVersions(path=path, old_path=old if old != path else None, before=b, after=a)
        for path, (b, a, old) in tree.items()
    ]
    result = read(files, {})

    told = {c.source.path for c in result.resources} | {i.path for i in result.not_understood}
    for file in files:
        in_plain = file.path in result.plain
        assert in_plain != bool({file.path, file.old_path} & told)
