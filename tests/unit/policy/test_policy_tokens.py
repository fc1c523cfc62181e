from __future__ import annotations

import pytest

from mrbot.errors import BadPolicy
from mrbot.policy.tokens import MAX_DEPTH, tokens


def texts(text: str) -> list[str]:
    return [token.text for token in tokens(text, "a.rego")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("# only a comment", [], id="only-a-comment"),
        pytest.param("a # b\nc", ["a", "c"], id="comment-ends-with-its-line"),
        pytest.param('a "# no comment" b', ["a", '"# no comment"', "b"], id="comment-sign-in-text"),
        pytest.param(r'"a\"b" c', [r'"a\"b"', "c"], id="escaped-quote"),
        pytest.param('`a\n"b` c', ['`a\n"b`', "c"], id="raw-text-over-lines"),
        pytest.param("x := 1.5e3", ["x", ":=", "1.5e3"], id="number"),
        pytest.param('$"a {f("#}")} b" c', ['$"', "f", "(", '"#}"', ")", "c"], id="template"),
        pytest.param('$"a \\{ b" c', ['$"', "c"], id="template-with-escaped-brace"),
        pytest.param("$`a {b}\n` c", ["$`", "b", "c"], id="raw-template"),
        pytest.param('$"{$"{a}"} #" b', ['$"', '$"', "a", "b"], id="template-in-template"),
    ],
)
def test_comments_and_texts_are_told_from_names(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_places_count_from_one() -> None:
    found = tokens("a\n  `x\ny` b {c}", "a.rego")

    assert [(t.text[0], t.line, t.column, t.depth, t.first) for t in found] == [
        ("a", 1, 1, 0, True),
        ("`", 2, 3, 0, True),
        ("b", 3, 4, 0, False),
        ("{", 3, 6, 0, False),
        ("c", 3, 7, 1, False),
        ("}", 3, 8, 0, False),
    ]


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        pytest.param('a\n"b', 2, "does not end", id="open-text"),
        pytest.param("`b", 1, "does not end", id="open-raw-text"),
        pytest.param('$"a {b', 1, "", id="open-template"),
        pytest.param('$"a\nb"', 1, "does not end", id="template-over-lines"),
        pytest.param("a # b\rdeny", 1, "carriage return", id="carriage-return-alone"),
        pytest.param("a\n# b\0\ndeny", 2, "NUL", id="nul"),
        pytest.param("\n" + "(" * (MAX_DEPTH + 1), 2, "nest deeper", id="too-deep"),
    ],
)
def test_what_parsers_disagree_about_is_refused(text: str, line: int, hint: str) -> None:
    if not hint:
        assert texts(text)
        return
    with pytest.raises(BadPolicy) as caught:
        texts(text)

    [problem] = caught.value.problems
    assert (problem.path, problem.line) == ("a.rego", line)
    assert hint in problem.message


def test_a_line_may_end_as_in_windows() -> None:
    assert texts("a # c\r\nb") == ["a", "b"]


def test_deep_nesting_up_to_the_limit_is_read() -> None:
    assert len(texts("(" * MAX_DEPTH + ")" * MAX_DEPTH)) == 2 * MAX_DEPTH
