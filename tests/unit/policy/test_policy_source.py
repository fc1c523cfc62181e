from __future__ import annotations

import pytest

from mrbot.errors import BadPolicy
from mrbot.policy.finding import Module
from mrbot.policy.source import Dialect, Source, dotted, read


def source(text: str) -> Source:
    return read(Module(path="a.rego", text=text))


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("package main", "main"),
        ("# package no\n\npackage a.b_2.c\nx := 1", "a.b_2.c"),
        ('package a["b-c"].d\n', 'a["b-c"].d'),
        ('package a["b"]', "a.b"),
        ("package main\n[1]", "main"),
    ],
)
def test_a_module_has_the_package_it_declares(text: str, package: str) -> None:
    assert dotted(source(text).package) == package


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "begins with its package"),
        ("x := 1", "begins with its package"),
        ("package", "cannot be read"),
        ("package a.", "cannot be read"),
        ("package a[b]", "cannot be read"),
        ('package a["b.c"]', "letters, digits"),
        ('package a["b\\"c"]', "letters, digits"),
    ],
)
def test_a_module_without_a_package_that_can_be_read_is_refused(text: str, hint: str) -> None:
    with pytest.raises(BadPolicy, match=hint):
        source(text)


@pytest.mark.parametrize(
    ("body", "dialect"),
    [
        pytest.param("", Dialect.V1, id="nothing"),
        pytest.param("x := {1}\ny := [2]", Dialect.V1, id="values-only"),
        pytest.param("deny contains msg if { msg := 1 }", Dialect.V1, id="v1"),
        pytest.param('deny contains {"msg": "x"}', Dialect.V1, id="object-after-contains"),
        pytest.param("p if x in {1, 2}", Dialect.V1, id="set-after-in"),
        pytest.param("p if every x in xs { x > 1 }", Dialect.V1, id="every-at-the-top"),
        pytest.param("p := 1 if { a } else := 2 if { b }", Dialect.V1, id="else-if"),
        pytest.param("deny[msg] { msg := 1 }", Dialect.V0, id="v0-set"),
        pytest.param("allow { true }", Dialect.V0, id="v0-boolean"),
        pytest.param("f(x) = y { y := x }", Dialect.V0, id="v0-function"),
        pytest.param("p = {1} { true }", Dialect.V0, id="v0-object-value"),
        pytest.param("p = 1 { a } else = 2 { b }", Dialect.V0, id="v0-else"),
        pytest.param("p { contains(input.a, input.b) }", Dialect.V0, id="contains-the-function"),
        pytest.param("import future.keywords\nq { a }\np if { b }", Dialect.V0, id="v0-keywords"),
        pytest.param("import future.keywords\np if { b }", Dialect.V1, id="keywords-all-with-if"),
        pytest.param("import future.keywords.in\np { 1 in [1] }", Dialect.V0, id="v0-in"),
        pytest.param("import rego.v1\nq { a }", Dialect.V1, id="marked-v1"),
        pytest.param("x := `deny[msg] { }`", Dialect.V1, id="v0-in-text"),
        pytest.param("p if { q }\nr { s }", None, id="both"),
        pytest.param("deny contains 1\nr { s }", None, id="both-by-contains"),
    ],
)
def test_the_dialect_follows_from_the_text(body: str, dialect: Dialect | None) -> None:
    text = f"package main\n{body}\n"
    if dialect is None:
        with pytest.raises(BadPolicy, match=r"import rego\.v1"):
            source(text)
    else:
        assert source(text).dialect is dialect


def test_every_name_that_may_be_a_rule_is_found() -> None:
    text = """package main
deny contains 1
deny_a_b2[msg] if { warn_used }
a.violation_below contains 1
f(x) := input.exception
denied := 1
deny_ := 1
# warn_comment
x := "warn_text"
"""
    assert source(text).names == {
        "deny",
        "deny_a_b2",
        "warn_used",
        "violation_below",
        "exception",
    }


def test_a_called_name_is_a_function_and_a_name_before_a_bracket_on_another_line_is_not() -> None:
    called = source("package main\ndeny_f(x) := x\nx := lib.warn_f(1)\n")
    not_called = source("package main\nx if { not deny_real\n (1 == 1) }\n")

    assert called.functions == {"deny_f"}
    assert not_called.functions == frozenset()


def test_tests_are_listed_with_their_first_line() -> None:
    text = "package t\ntest_a if { true }\nx if { test_not }\ntodo_test_b if { true }\n test_a if {1}\n"

    assert source(text).tests == (("test_a", 2), ("todo_test_b", 4))
