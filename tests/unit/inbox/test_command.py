"""Commands in comments: what is one, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrbot.inbox.command import (
    ARGUMENTS_LIMIT,
    COMMANDS_LIMIT,
    Command,
    Unknown,
    Verb,
    commands_in,
)


def texts(body: str) -> list[str]:
    return [one.text if isinstance(one, Command) else f"?{one.word}" for one in commands_in(body)]


@pytest.mark.parametrize(
    "body", ["", "\n", "Looks good to me.", "please /plan", "mrbot", "/", "//"]
)
def test_an_ordinary_comment_holds_no_command(body: str) -> None:
    assert commands_in(body) == ()


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("/plan", "mrbot plan"),
        ("/plan network-prod", "mrbot plan network-prod"),
        ("/plan  a   b ", "mrbot plan a b"),
        ("/plan\ta", "mrbot plan a"),
        ("/plan\r\n", "mrbot plan"),
        ("/apply a/b", "mrbot apply a/b"),
        ("/discard", "mrbot discard"),
        ("/recheck", "mrbot recheck"),
        ("/help", "mrbot help"),
        ("mrbot plan", "mrbot plan"),
        ("mrbot apply a b", "mrbot apply a b"),
        ("mrbot approve 0123456789", "mrbot approve 0123456789"),
        ("Thanks!\n\n/plan\n\nLater.", "mrbot plan"),
        ("`code` here\n/plan", "mrbot plan"),
        ("```x``` in a line\n/plan", "mrbot plan"),
    ],
)
def test_a_line_of_its_own_is_a_command(body: str, command: str) -> None:
    assert texts(body) == [command]


@pytest.mark.parametrize(
    "body",
    [
        " /plan",
        "    /plan",
        "\t/plan",
        "\u00a0/plan",
        "- /plan",
        "> /plan",
        ">/plan",
        "`/plan`",
        "/Plan",
        "/plans",
        "/plan,",
        "/approve",
        "/approve 0123456789",
        "/merge",
        "Mrbot plan",
        "@mrbot plan",
        "mrbot is wonderful",
        "```\n/plan\n```",
        "```sh\n/plan\n```",
        "   ```\n/plan\n   ```",
        "````\n```\n/plan\n````",
        "~~~\n/plan\n~~~",
        "~~~\n```\n/plan\n~~~",
        "```\n~~~\n/plan\n```",
        "```\n/plan",
        "```\n``` more\n/plan\n```",
        "<!-- /plan -->",
        "<!--\n/plan\n-->",
        "x <!--\n/plan\n--> y",
        "<!-- a --> <!--\n/plan\n-->",
        "<!--\n/plan",
        ">>>\n/plan\n>>>",
        ">>>\n/plan",
    ],
)
def test_quotes_code_and_what_is_hidden_is_text(body: str) -> None:
    assert commands_in(body) == ()


@pytest.mark.parametrize(
    "body",
    [
        "```\nx\n```\n/plan",
        "~~~\nx\n~~~\n/plan",
        "```\nx\n`````\n/plan",
        "<!-- x -->\n/plan",
        "<!--\nx\n-->\n/plan",
        ">>>\nx\n>>>\n/plan",
        "> quoted\n\n/plan",
        ">>> three levels of quoting\n\n/plan",
    ],
)
def test_after_it_has_ended_a_command_is_one_again(body: str) -> None:
    assert texts(body) == ["mrbot plan"]


def test_commands_are_in_order_and_know_their_line() -> None:
    found = commands_in("/plan a\n\ntext\n/apply a\r\nmrbot help")
    assert [(one.line, one.text) for one in found if isinstance(one, Command)] == [
        (1, "mrbot plan a"),
        (4, "mrbot apply a"),
        (5, "mrbot help"),
    ]


@pytest.mark.parametrize(
    ("body", "unknown"),
    [
        ("mrbot aply", Unknown(word="aply", meant="apply", line=1)),
        ("mrbot planning", Unknown(word="planning", meant="plan", line=1)),
        ("mrbot xyzzy", Unknown(word="xyzzy", meant=None, line=1)),
        ("mrbot " + "x" * 1000, Unknown(word="x" * 40, meant=None, line=1)),
    ],
)
def test_a_word_that_is_none_is_told_with_what_it_may_have_meant(
    body: str, unknown: Unknown
) -> None:
    assert commands_in(body) == (unknown,)


def test_no_more_is_read_of_a_comment_than_the_limits_say() -> None:
    assert len(commands_in("/plan\n" * 1000)) == COMMANDS_LIMIT
    (one,) = commands_in("/plan" + " a" * 1000)
    assert isinstance(one, Command)
    assert len(one.arguments) == ARGUMENTS_LIMIT


@given(st.text(alphabet="/plan mrbot`~>-<!\n\r\t", max_size=80))
def test_whatever_is_written_commands_are_plain_words(body: str) -> None:
    for one in commands_in(body):
        if isinstance(one, Command):
            assert one.verb in set(Verb)
            assert not any(c.isspace() for word in one.arguments for c in word)
            assert one.text.isprintable()


def test_no_verb_is_a_quick_action_of_gitlab() -> None:
    # GitLab runs these itself; approve is taken only after our name.
    quick = {
        "approve",
        "unapprove",
        "merge",
        "close",
        "reopen",
        "assign",
        "label",
        "rebase",
        "draft",
    }
    assert {verb.value for verb in Verb} & quick == {"approve"}
