from __future__ import annotations

import pytest

from mrbot.errors import BadPolicy
from mrbot.policy.checking.clauses import clauses
from mrbot.policy.checking.namespaces import chosen
from mrbot.policy.checking.result import Checked, FileResult
from mrbot.policy.finding import Finding, Module, Severity
from mrbot.policy.source import read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("package a\n", {}, id="none"),
        pytest.param("package a\ndeny contains 1 if {\n\ttrue\n}\n", {"deny": 1}, id="one"),
        pytest.param(
            "package a\ndeny contains 1 if 1 == 1\n\ndeny contains 2 if {\n\tdeny_it := 1\n\tdeny_it\n}\n"
            "warn_x contains 3\n",
            {"deny": 2, "warn_x": 1},
            id="several-and-a-local-of-that-name",
        ),
        pytest.param(
            "package a\ndeny[x] {\n\tx := 1\n} {\n\tx := 2\n}\n", {"deny": 2}, id="further-body"
        ),
        pytest.param("package a\ndefault deny := []\n", {"deny": 1}, id="default"),
        pytest.param("package a\ndeny_it(x) := x\n", {}, id="function"),
        pytest.param(
            'package a\nexception contains ["x"]\nrequire contains {"msg": "a"}\nhelper := deny\n',
            {},
            id="not-findings",
        ),
        pytest.param(
            'package a\nviolation contains {\n\t"msg": 1,\n} if true\n',
            {"violation": 1},
            id="object",
        ),
    ],
)
def test_rules_are_counted_as_conftest_counts_them(text: str, expected: dict[str, int]) -> None:
    assert clauses(read(Module(path="a.rego", text=text))) == expected


PACKAGES = ("main", "main.a", "main.b", "kubernetes", "lib.x")
RULED = ("main", "main.a", "main.b", "kubernetes")


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["main"], ("main",)),
        (["gone"], ("gone",)),  # whether it exists is for the evaluation to say
        (["lib.x"], ("lib.x",)),
        (["main.*"], ("main.a", "main.b")),
        (["*"], ("kubernetes", "main", "main.a", "main.b")),
        (["main.?"], ("main.a", "main.b")),
        (["main.[a]"], ("main.a",)),
        (["main.[^a]"], ("main.b",)),
        (["main.*", "main.a"], ("main.a", "main.b")),
        (["k*", "main"], ("kubernetes", "main")),
        (["m?in"], ("main",)),
    ],
)
def test_patterns_choose_packages_that_have_a_rule(
    patterns: list[str], expected: tuple[str, ...]
) -> None:
    assert chosen(patterns, PACKAGES, RULED) == expected


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("gone.*", r"there is no package 'gone\.\*'; the packages are kubernetes, lib\.x, main"),
        ("lib.*", r"no package that 'lib\.\*' matches has a rule that counts"),
        ("[", r"has a \[ without its \]"),
        ("[z-a]*", "is no pattern"),
        ("*" * 4, "more than 3 stars"),
        ("*" + "a" * 300, "longer than 200 characters"),
    ],
)
def test_a_pattern_that_asks_nothing_is_refused(pattern: str, said: str) -> None:
    with pytest.raises(BadPolicy, match=said):
        chosen([pattern], PACKAGES, RULED)


def finding(severity: Severity) -> Finding:
    return Finding(
        rule=severity.value, severity=severity, msg="m", namespace="main", policy="p", document="d"
    )


@pytest.mark.parametrize(
    ("warnings", "failures", "plain", "strict"),
    [(0, 0, 0, 0), (1, 0, 0, 1), (0, 1, 1, 2), (1, 1, 1, 2)],
)
def test_the_exit_code_is_conftests(warnings: int, failures: int, plain: int, strict: int) -> None:
    result = FileResult(
        filename="f",
        namespace="main",
        warnings=(finding(Severity.WARN),) * warnings,
        failures=(finding(Severity.DENY),) * failures,
    )
    checked = Checked(results=(result,), engine="opa 1")

    assert checked.exit_code(fail_on_warn=False) == plain
    assert checked.exit_code(fail_on_warn=True) == strict


def test_the_sums_are_written_as_conftest_writes_them() -> None:
    one = FileResult(
        filename="f", namespace="main", successes=2, warnings=(finding(Severity.WARN),)
    )
    checked = Checked(results=(one, one), engine="opa 1")

    assert str(checked.counts) == "6 tests, 4 passed, 2 warnings, 0 failures, 0 exceptions"
    assert str(Checked(results=(), engine="").counts).startswith("0 tests, 0 passed")
