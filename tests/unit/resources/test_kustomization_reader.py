import pytest

from mrbot.resources.kustomize import reader as kustomization
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED, Action
from tests.unit.resources.build import changes_by

PATH = "apps/kustomization.yaml"


def read(after, before=None):
    changes, faults = changes_by(
        kustomization, {PATH: before} if before is not None else None, {PATH: after}
    )
    assert faults == []
    return changes


def test_a_kustomization_is_its_whole_file():
    (change,) = read("# c\nresources: [a.yaml]\nnews: {x: 1}\n")

    assert (change.format, change.kind, change.address) == ("kustomize", "kustomization", PATH)
    assert change.after == {"resources": ["a.yaml"], "news": {"x": 1}}
    assert change.source.line == 2


@pytest.mark.parametrize(
    ("path", "is_read"),
    [
        ("kustomization.yaml", True),
        ("a/kustomization.yml", True),
        ("a/Kustomization", True),
        ("a/kustomization.json", False),
        ("a/my-kustomization.yaml", False),
        ("kustomization.yaml/a.yaml", False),
    ],
)
def test_files_are_told_by_their_names(path, is_read):
    assert kustomization.reads(path) is is_read


def test_another_ref_of_a_remote_base_is_a_change():
    base = "resources: ['https://github.com/o/r//base?ref={}']"

    (change,) = read(base.format("main"), base.format("v1"))

    assert change.action is Action.UPDATE
    assert change.after["resources"] == ["https://github.com/o/r//base?ref=main"]


def test_the_literals_of_secrets_are_hidden_and_seen_to_change():
    text = "{0}: [{{name: s, literals: ['a={1}', 'b=2']}}]"

    (change,) = read(text.format("secretGenerator", "new"), text.format("secretGenerator", "old"))
    assert change.after["secretGenerator"][0]["literals"] == [SENSITIVE_CHANGED, SENSITIVE]

    (change,) = read(text.format("configMapGenerator", "new"))
    assert change.after["configMapGenerator"][0]["literals"] == ["a=new", "b=2"]


def test_a_secret_among_the_literals_of_a_config_map_is_hidden():
    (change,) = read("configMapGenerator: [{literals: ['DB_PASSWORD=hunter2', 'PORT=80']}]")

    assert change.after["configMapGenerator"][0]["literals"] == [SENSITIVE, "PORT=80"]


@pytest.mark.parametrize("spelling", ["secretGenerator", "SecretGenerator", "SECRETGENERATOR"])
def test_a_secret_is_hidden_in_any_spelling_that_kustomize_takes(spelling):
    assert "hunter2" not in repr(read(f"{spelling}: [{{literals: ['a=hunter2']}}]"))


@pytest.mark.parametrize(
    "patch",
    [
        "apiVersion: v1\n    kind: Secret\n    stringData: {a: hunter2}",
        "- {op: add, path: /data/a, value: hunter2}",
        "- {op: add, path: /spec/password, value: hunter2}",
        "- {op: add, path: /spec/env/-, value: {name: DB_PASSWORD, value: hunter2}}",
        "{{ hunter2 }}: [",
    ],
    ids=["secret", "data", "path", "environment", "unreadable"],
)
def test_a_secret_in_a_patch_is_not_shown(patch):
    assert "hunter2" not in repr(read(f"patches:\n- patch: |\n    {patch}\n"))


def test_other_patches_are_shown():
    (change,) = read("patches:\n- patch: |\n    - {op: add, path: /spec/replicas, value: 3}\n")

    assert "/spec/replicas" in change.after["patches"][0]["patch"]
    assert change.sensitive_paths == ()


def test_an_empty_file_is_an_empty_kustomization():
    (change,) = read("", "namespace: a")

    assert (change.action, change.after) == (Action.UPDATE, {})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b: c", 1),
        ("namespace: a\nnamespace: b", 2),
        ("- a", 1),
        ("a: 1\n---\nb: 1", 3),
        ("a: 1\nb: !x 1", 2),
        (b"a: \xff", 1),
    ],
    ids=["syntax", "twice", "list", "second", "tag", "bytes"],
)
def test_what_cannot_be_read_is_told_with_its_line(text, line):
    _, faults = changes_by(kustomization, None, {PATH: text})

    assert [(f.path, f.line, f.relevant) for f in faults] == [(PATH, line, True)]
