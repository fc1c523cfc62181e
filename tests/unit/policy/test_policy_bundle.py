from __future__ import annotations

import pytest

from mrbot.errors import BadPolicy
from mrbot.policy import bundle as bundles
from mrbot.policy.bundle import bundle
from mrbot.policy.data import MAX_DATA_BYTES

REGO = b"package main\n"


def test_modules_are_the_rego_files_without_their_tests() -> None:
    files = {"p/b.rego": REGO, "p/a.rego": REGO, "p/a_test.rego": REGO, "p/README.md": b"\xff"}

    made = bundle("team", files, ("main",))
    tested = bundle("team", files, ("main",), tests=True)

    assert [module.path for module in made.modules] == ["p/a.rego", "p/b.rego"]
    assert [module.path for module in tested.modules] == ["p/a.rego", "p/a_test.rego", "p/b.rego"]


def test_data_is_merged_at_the_root() -> None:
    files = {"data.json": b'{"a": 1}', "x/data.yaml": b"b: yes\n", "x/mock.json": b"[]"}

    made = bundle("team", files, (), {"more.yml": b"c: [1]\n"})

    assert made.data == {"a": 1, "b": True, "c": [1]}


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        pytest.param({"a.json": b"["}, "not JSON", id="not-json"),
        pytest.param({"a.json": b"[]"}, "holds an object", id="not-an-object"),
        pytest.param({"a.json": b'{"a": 1, "a": 2}'}, "twice", id="key-twice"),
        pytest.param({"a.json": b'{"a": NaN}'}, "NaN", id="nan"),
        pytest.param({"a.json": b'{"a": "\\ud800"}'}, "surrogate", id="half-a-character"),
        pytest.param({"a.yaml": b"a: 1\na: 2\n"}, "a", id="yaml-key-twice"),
        pytest.param({"a.yaml": b""}, "holds an object", id="empty-yaml"),
        pytest.param({"a.json": b'{"k": 1}', "b.json": b'{"k": 1}'}, "a.json as well", id="clash"),
        pytest.param({"a.json": b" " * (MAX_DATA_BYTES + 1)}, "more than", id="too-large"),
    ],
)
def test_data_that_cannot_be_used_is_refused(data: dict[str, bytes], hint: str) -> None:
    with pytest.raises(BadPolicy, match=hint):
        bundle("team", {"a.rego": REGO}, ("main",), data)


@pytest.mark.parametrize(
    ("files", "hint"),
    [
        pytest.param(
            {"a.rego": b"package main\n\xff"}, r"a\.rego:2: this is not UTF-8", id="utf-8"
        ),
        pytest.param(
            {"a.rego": b" " * (bundles.MAX_MODULE_BYTES + 1)}, "may have", id="large-module"
        ),
        pytest.param(
            {f"{n}.rego": REGO for n in range(bundles.MAX_MODULES + 1)}, "more than", id="many"
        ),
        pytest.param(
            {f"{n}.rego": b" " * bundles.MAX_MODULE_BYTES for n in range(9)},
            "bytes of Rego",
            id="sum",
        ),
    ],
)
def test_rego_over_a_limit_is_refused(files: dict[str, bytes], hint: str) -> None:
    with pytest.raises(BadPolicy, match=hint):
        bundle("team", files, ("main",))


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(BadPolicy) as caught:
        bundle("team", {"a.rego": b"\xff", "b.rego": b"\xff"}, (), {"c.json": b"["})

    assert {problem.path for problem in caught.value.problems} == {"a.rego", "b.rego", "c.json"}


def test_the_digest_follows_everything_that_is_evaluated_and_nothing_else() -> None:
    base = bundle("team", {"a.rego": REGO}, ("main",), {"d.json": b'{"a": 1, "b": 2}'})
    same = bundle(
        "other name",
        {"x.md": b"", "a_test.rego": b"", "a.rego": REGO},
        ("main",),
        {"d.json": b'{"b": 2, "a": 1}'},
    )
    others = (
        bundle("team", {"b.rego": REGO}, ("main",), {"d.json": b'{"a": 1, "b": 2}'}),
        bundle("team", {"a.rego": REGO + b" "}, ("main",), {"d.json": b'{"a": 1, "b": 2}'}),
        bundle("team", {"a.rego": REGO}, ("main", "x"), {"d.json": b'{"a": 1, "b": 2}'}),
        bundle("team", {"a.rego": REGO}, ("main",), {"d.json": b'{"a": 1, "b": "2"}'}),
    )

    assert base.digest == same.digest
    assert base.digest.startswith("sha256:")
    assert len({base.digest, *(other.digest for other in others)}) == 5


def test_paths_that_are_not_utf_8_are_shown() -> None:
    made = bundle("team", {"\udcff.rego": REGO}, ())

    assert made.modules[0].path == r"\xff.rego"
