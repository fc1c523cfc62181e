from __future__ import annotations

import pytest

from mrbot.ids import Json
from mrbot.policy.file_documents import combined_document, file_documents
from mrbot.resources.model import FileVersions


def versions(path: str, after: bytes | None) -> FileVersions:
    return FileVersions(path=path, old_path=path, before=None, after=after)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param("a.tf", b"x", [], id="another-kind"),
        pytest.param("a.yaml", None, [], id="deleted"),
        pytest.param("a.yaml", b"", [], id="empty-yaml"),
        pytest.param("a.yaml", b"k: v", [("a.yaml", {"k": "v"})], id="yaml"),
        pytest.param(
            "a.yml", b"on: push\np: yes", [("a.yml", {"true": "push", "p": True})], id="on"
        ),
        pytest.param(
            "a.yaml",
            b"a: 1\n---\nb: 2\n",
            [("a.yaml#1", {"a": 1}), ("a.yaml#2", {"b": 2})],
            id="two",
        ),
        pytest.param(
            "a.yaml",
            b"- 1\n---\nb: 2\n",
            [("a.yaml#1", [1]), ("a.yaml#2", {"b": 2})],
            id="a-list-among-documents",
        ),
        pytest.param("A.JSON", b'{"a": 1}', [("A.JSON", {"a": 1})], id="json"),
        pytest.param("a.json", b"[1, 2]", [("a.json#1", 1), ("a.json#2", 2)], id="list"),
        pytest.param("a.json", b"[]", [("a.json", [])], id="empty-list"),
        pytest.param(
            "a.toml", b"d = 2026-01-02", [("a.toml", {"d": "2026-01-02T00:00:00Z"})], id="toml"
        ),
        pytest.param("\udcff.json", b"1", [(r"\xff.json", 1)], id="odd-path"),
    ],
)
def test_a_file_gives_its_documents(
    path: str, text: bytes | None, expected: list[tuple[str, Json]]
) -> None:
    found = file_documents([versions(path, text)])

    assert [(one.name, one.content) for one in found.documents] == expected
    assert found.not_understood == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", b"{"),
        ("a.json", b"\xff"),
        ("a.yaml", b"a: 1\na: 2\n"),
        ("a.yaml", b"a: {{ .Values.x }}"),
        ("a.toml", b"a ="),
        ("a.toml", b"\xff"),
    ],
)
def test_a_file_that_does_not_parse_is_listed_and_hides_no_other(path: str, text: bytes) -> None:
    found = file_documents([versions(path, text), versions("good.json", b"{}")])

    assert [one.name for one in found.documents] == ["good.json"]
    [lost] = found.not_understood
    assert (lost.path, lost.relevant) == (path, True)


def test_documents_are_combined_as_conftest_does() -> None:
    found = file_documents([versions("b.json", b"1"), versions("a.yaml", b"a: 1\n---\nb: 2\n")])

    assert combined_document(found.documents).content == [
        {"path": "a.yaml", "contents": {"a": 1}},
        {"path": "a.yaml", "contents": {"b": 2}},
        {"path": "b.json", "contents": 1},
    ]
