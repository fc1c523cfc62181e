from __future__ import annotations

import pytest

from mrbot.ids import Json
from mrbot.policy.bundle import bundle
from mrbot.policy.failure import Failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.question import Question, answered, question

RULES = "import rego.v1\ndeny contains 1\nwarn contains 2\n"


def ask(*packages: str, namespaces: tuple[str, ...], text: str = RULES) -> Question | Failure:
    files = {f"{i}.rego": f"package {name}\n{text}".encode() for i, name in enumerate(packages)}
    return question(bundle("team", files, namespaces))


def asked(*packages: str, namespaces: tuple[str, ...]) -> tuple[str, ...]:
    found = ask(*packages, namespaces=namespaces)
    assert isinstance(found, Question), found
    return found.namespaces


@pytest.mark.parametrize(
    ("namespaces", "expected"),
    [
        (("main",), ("main",)),
        (("lib.*",), ("lib.a", "lib.a.b")),
        (("*",), ("lib.a", "lib.a.b", "libx", "main")),
        (("lib*", "main", "lib.a"), ("lib.a", "lib.a.b", "libx", "main")),
        (("*a*",), ("lib.a", "lib.a.b", "main")),
    ],
)
def test_a_star_stands_for_anything(namespaces: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert asked("main", "lib.a", "lib.a.b", "libx", namespaces=namespaces) == expected


@pytest.mark.parametrize(
    "namespaces",
    [(), ("",), ("mai",), ("main.",), ("main", "nope"), ("x*",), ("ma[i]n",), ("*" * 4,), (".*",)],
)
def test_a_namespace_that_is_not_there_is_a_failure(namespaces: tuple[str, ...]) -> None:
    found = ask("main", namespaces=namespaces)

    assert isinstance(found, Failure)
    assert found.fault is EvaluationFault.NAMESPACE


def test_a_library_beside_the_rules_needs_no_rule_of_its_own_unless_it_is_named() -> None:
    files = {"a.rego": b"package p.a\n" + RULES.encode(), "b.rego": b"package p.lib\nx := 1\n"}

    star = question(bundle("team", files, ("p.*",)))
    named = question(bundle("team", files, ("p.*", "p.lib")))

    assert isinstance(star, Question)
    assert isinstance(named, Failure)
    assert "p.lib" in named.detail


def test_the_librarys_settings_are_judged_with_any_of_its_packages() -> None:
    packages = ("mrbot.settings", "mrbot.ci", "main")
    assert asked(*packages, namespaces=("mrbot.ci",)) == ("mrbot.ci", "mrbot.settings")
    assert asked(*packages, namespaces=("main",)) == ("main",)
    assert asked("mrbot.ci", "settings", namespaces=("*.ci",)) == ("mrbot.ci",)


def test_an_exception_alone_is_not_a_rule() -> None:
    found = ask("main", namespaces=("main",), text='exception contains ["a"]\n')

    assert isinstance(found, Failure)


def answer(**packages: Json) -> Json:
    return {"proof": "p", "packages": dict(packages)}


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a-list"),
        pytest.param({}, id="empty"),
        pytest.param({"packages": {"main": {"deny": [], "warn": []}}}, id="no-proof"),
        pytest.param(
            {"proof": "q", "packages": {"main": {"deny": [], "warn": []}}}, id="another-proof"
        ),
        pytest.param(answer(), id="no-package"),
        pytest.param(answer(main={"deny": []}), id="a-rule-left-out"),
        pytest.param(answer(main={"deny": [], "warn": [], "x": []}), id="a-rule-too-many"),
        pytest.param(answer(main=None), id="no-rules"),
    ],
)
def test_an_answer_in_part_is_no_answer(given: Json) -> None:
    found = ask("main", namespaces=("main",))
    assert isinstance(found, Question)

    values = answered(found, given, "p")

    assert isinstance(values, Failure)
    assert values.fault is EvaluationFault.ENGINE


def test_a_whole_answer_gives_the_rules_that_are_defined() -> None:
    found = ask("main", namespaces=("main",))
    assert isinstance(found, Question)

    assert answered(found, answer(main={"deny": [["x"]], "warn": []}), "p") == {
        "main": {"deny": ["x"]}
    }
