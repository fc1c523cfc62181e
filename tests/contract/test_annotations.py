"""`rego.metadata.rule()`: in the embedded engine it is what it is in OPA, or refused."""

from __future__ import annotations

import pytest

from mrbot.ids import Json
from tests.contract.plain_opa import PlainOpa
from tests.replay.rego_cases import Case, Embedded, Made, Outcome

BODY = "p contains r if r := rego.metadata.rule()\n"


def asked(opa: PlainOpa, embedded: Embedded, text: str) -> tuple[Json, Outcome]:
    module = "package main\n\nimport rego.v1\n\n" + text

    def case(wanted: Json) -> Case:
        return Case(
            family="", note="", query="x = data.main.p", modules=(module,), data={}, input=b"{}",
            wanted=wanted, in_any_order=False,
        )  # fmt: skip

    question = case([{"x": None}]).question
    taken = opa.put("main", module) and opa.put("question", question)
    answer = opa.ask("mrbot_question/answer", b"{}") if taken else None
    for name in ("question", "main"):
        opa.delete(name)
    return answer, embedded.asked(case(answer), question)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BODY, id="none"),
        pytest.param("# METADATA\n# title: a\n" + BODY, id="title"),
        pytest.param("# METADATA\n# title: a\n\n" + BODY, id="blank-line-between"),
        pytest.param("# METADATA\n# title: a\n\n# more\n" + BODY, id="comment-between"),
        pytest.param("# before\n# METADATA\n# title: a\n" + BODY, id="comment-before"),
        pytest.param("# METADATA\n# scope: rule\n# description: é ü\n" + BODY, id="scope-rule"),
        pytest.param("# METADATA\n# scope: document\n# title: a\n" + BODY, id="scope-document"),
        pytest.param(
            "# METADATA\n# scope: document\n# title: d\n# METADATA\n# title: r\n" + BODY,
            id="both-scopes",
        ),
        pytest.param(
            "# METADATA\n# organizations: [x]\n# custom:\n#   a: [1, 1.5, yes, null, true]\n"
            '#   b: {c: "d"}\n' + BODY,
            id="custom",
        ),
        pytest.param("# METADATA\n# title: other\nq := 1\n\n" + BODY, id="of-another-rule"),
        pytest.param("# METADATA\n# title: a\n" + BODY + "p contains 1 if false\n", id="two-rules"),
        pytest.param(
            "# METADATA\n# title: a\np contains x if {\n\tx := [r.title |\n\t\tr := "
            "rego.metadata.rule()]\n}\n",
            id="in-a-comprehension",
        ),
        pytest.param("# METADATA\n# title: a\np contains rego.metadata.rule().title\n", id="head"),
        pytest.param("# METADATA\n# description: |\n#   a\n#\n#   b\n" + BODY, id="several-lines"),
        pytest.param("# METADATA\n# title: a\u00a0\n" + BODY, id="no-break-space"),
    ],
)
def test_both_engines_give_the_same(opa: PlainOpa, embedded: Embedded, text: str) -> None:
    answer, outcome = asked(opa, embedded, text)
    assert answer is not None
    assert outcome.made is Made.PASSED, outcome.why


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("  # METADATA\n  # title: a\n" + BODY, id="indented"),
        pytest.param("# METADATA\n# authors: [J <j@x.org>]\n" + BODY, id="authors"),
        pytest.param("# METADATA\n# custom: {d: 2026-01-01}\n" + BODY, id="date"),
        pytest.param("# METADATA\n# custom: {o: 010}\n" + BODY, id="octal"),
        pytest.param("# METADATA\n# custom: {a: &x 1, b: *x}\n" + BODY, id="anchor"),
        pytest.param("x := `\n# METADATA\n# title: no`\n" + BODY, id="a-text-like-comments"),
        pytest.param(
            "# METADATA\n# title: a\np := 1 if false else := rego.metadata.rule()\n", id="else"
        ),
        pytest.param("default p := rego.metadata.rule()\n", id="default"),
        pytest.param("# METADATA\n# title: [\n" + BODY, id="malformed"),
        pytest.param("# METADATA\n# title:\n" + BODY, id="title-without-a-value"),
        pytest.param("# METADATA\n# title: 5\n" + BODY, id="title-that-is-a-number"),
        pytest.param('# METADATA\n# title: ""\n' + BODY, id="title-that-is-empty"),
        pytest.param("# METADATA\n# organizations: [1]\n" + BODY, id="organization-of-a-number"),
        pytest.param("# METADATA\n# organizations: x\n" + BODY, id="organizations-of-text"),
        pytest.param("# METADATA\n# custom: {}\n" + BODY, id="custom-that-is-empty"),
        pytest.param("# METADATA\n# custom: {a: 18446744073709551615}\n" + BODY, id="too-large"),
        pytest.param("# METADATA\n# custom: {a: [[[[[[[[1]]]]]]]]}\n" + BODY, id="too-deep"),
        pytest.param("# METADATA\n# scope:\n# title: a\n" + BODY, id="scope-without-a-value"),
        pytest.param("# METADATA\n# scope: package\n# title: a\n" + BODY, id="scope-package"),
        pytest.param("# METADATA\n" + BODY, id="nothing-in-it"),
        pytest.param("# METADATA\n#\ttitle: a\n" + BODY, id="tab"),
        pytest.param("# METADATA\n# title: a\nq := 1 " + BODY, id="not-first-in-its-line"),
        pytest.param("# METADATA\n# title: " + "x" * 20_000 + "\n" + BODY, id="giant"),
        pytest.param("p contains 1 if rego.metadata.rule(x)\n", id="with-a-place"),
        pytest.param("p contains 1 if true with rego.metadata.rule as {}\n", id="replaced"),
    ],
)
def test_what_cannot_be_given_exactly_is_refused(
    opa: PlainOpa, embedded: Embedded, text: str
) -> None:
    answer, outcome = asked(opa, embedded, text)
    assert outcome.made is (Made.PASSED if answer is None else Made.REFUSED), (answer, outcome.why)
    assert outcome.why
