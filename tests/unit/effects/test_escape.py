"""Text from outside cannot become anything but text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mrbot.effects.escape import code, fenced, flat, link, plain

MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
ZERO = "\u200b"

HOSTILE = {
    "mention": "@everyone and @group/sub",
    "references": "#1 !2 ~bug %v1 $3 &4 &epic",
    "comment": "<!-- mrbot:v1 e30= -->",
    "open comment": "<!-- swallow the rest",
    "tag": "<script>alert(1)</script>",
    "close fold": "</details></summary>",
    "image": "![x](https://evil.example/x.png)",
    "link": "[Approved](https://evil.example)",
    "reference link": "[x]: https://evil.example",
    "autolink": "<https://evil.example>",
    "code": "a `b` ``c`` ```d```",
    "unclosed code": "`",
    "backticks only": "````",
    "table": "a | b | c",
    "escaped pipe": r"a \| b",
    "backslash": "\\",
    "backslash last": "ends with \\",
    "quick action": "/approve",
    "quick action below": "fine\n/merge\n/approve",
    "carriage returns": "fine\r/merge\r\n/approve",
    "line separators": "fine\u2028/merge\u2029/approve\x85/close\x0b/close\x0c/close",
    "heading": "# Approved",
    "heading below": "x\n=====\n\n-----",
    "list": "- a\n* b\n+ c\n1. d",
    "number": "1. x",
    "rule": "---",
    "quote": "> x",
    "alert": "> [!NOTE]\n> Approved",
    "fence": "```\nx\n```\n/approve",
    "tilde fence": "~~~\nx\n~~~",
    "emphasis": "**Approved** _x_ ~~y~~",
    "entities": "&lt;b&gt; &#47;approve &copy;",
    "maths": "$$x$$ $`x`$",
    "diff": "{+ x +} [- y -]",
    "direction": "a\u202eb\u2066c\u200fd",
    "invisible": "a\u200bb\u2060c\ufeffd\u00ade",
    "tags": "a\U000e0041b",
    "controls": "\x00\x07\x1b[31mred\x7f",
    "surrogate": "half \ud800 a pair, a byte \udcff",
    "private": "\ue000",
    "tabs": "\t\tindented\n    indented",
    "empty": "",
    "blank": " \n\t ",
    "long": "&<`|" * 5000,
    "details": "<details><summary>x</summary>\n\n/approve",
}  # fmt: skip

hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


def tokens(markdown: str) -> set[str]:
    """The kinds of everything that Markdown makes of it."""
    found = MARKDOWN.parse(markdown)
    inner = {child.type for token in found for child in token.children or ()}
    return inner | {token.type for token in found}


def words(text: str) -> str:
    """What a reader sees: nothing of width zero, blanks as one."""
    return " ".join(text.replace(ZERO, "").split())


def seen(markdown: str) -> str:
    """The text that Markdown shows."""
    found: list[str] = []
    for token in MARKDOWN.parse(markdown):
        for child in (token, *(token.children or ())):
            if child.type in {"text", "text_special", "code_inline", "fence"}:
                found.append(child.content)
            elif child.type in {"softbreak", "hardbreak"}:
                found.append(" ")
    return words("".join(found))


PROSE = {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}


@hostile
def test_prose_is_nothing_but_prose_and_reads_as_it_was(text: str) -> None:
    shown = plain(text)
    assert tokens(shown) <= PROSE
    assert seen(shown) == words(flat(text))


@given(st.text(max_size=200))
def test_any_text_is_nothing_but_prose(text: str) -> None:
    shown = plain(text)
    assert tokens(shown) <= PROSE
    assert seen(shown) == words(flat(text))
    assert "\n" not in shown
    assert not shown.startswith("/")
    assert "<" not in shown


@given(st.text(max_size=200))
def test_any_text_is_one_bullet(text: str) -> None:
    lists = {"bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"}
    assert tokens(f"- **Blocks:** {plain(text)}") <= PROSE | lists | {"strong_open", "strong_close"}
    assert tokens(f"- {plain(text)}") <= PROSE | lists


@hostile
def test_prose_and_code_stay_in_their_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {plain(text)} | {code(text)} |\n"
    kinds = [token.type for token in MARKDOWN.parse(table)]
    assert (kinds.count("tr_open"), kinds.count("td_open")) == (2, 2)


@hostile
def test_code_is_one_span_and_reads_as_it_was(text: str) -> None:
    shown = code(text)
    spans = [t for p in MARKDOWN.parse(f"x {shown} x") for t in p.children or ()]
    assert [span.type for span in spans] == ["text", "code_inline", "text"]
    assert words(spans[1].content) == words(flat(text).replace("|", "\u2502"))
    assert not re.search(r"<[A-Za-z/!?]", shown)


@given(st.text(max_size=200))
def test_any_text_is_one_code_span(text: str) -> None:
    spans = [t for p in MARKDOWN.parse(f"x {code(text)} x") for t in p.children or ()]
    assert [span.type for span in spans] == ["text", "code_inline", "text"]


@hostile
def test_a_block_is_one_block_and_holds_no_command_and_no_tag(text: str) -> None:
    shown = fenced(text, 1000)
    assert [token.type for token in MARKDOWN.parse(shown)] == ["fence"]
    assert not re.search(r"(?m)^\s*/", shown)
    assert not re.search(r"<[A-Za-z/!?]", shown)


@given(st.text(max_size=200))
def test_any_text_is_one_block(text: str) -> None:
    assert [token.type for token in MARKDOWN.parse(fenced(text, 100))] == ["fence"]


def test_a_block_keeps_its_end_and_counts_what_it_leaves_out() -> None:
    shown = fenced("a" * 1500 + "the end", 100)
    assert "… 1,407 characters not shown …" in shown
    assert shown.endswith("the end\n```")


def test_a_block_keeps_its_lines() -> None:
    assert fenced("one\r\ntwo\n\tthree\n", 100, "text") == "```text\none\ntwo\n\tthree\n```"


@hostile
def test_flat_text_is_one_line_without_hidden_characters(text: str) -> None:
    shown = flat(text)
    assert len(shown.splitlines()) <= 1
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert len(shown) <= 300
    shown.encode()


@pytest.mark.parametrize(
    ("length", "shown"), [(0, ""), (9, "a" * 9), (10, "a" * 10), (11, "a" * 9 + "…")]
)
def test_long_text_is_cut_and_says_so(length: int, shown: str) -> None:
    assert flat("a" * length, 10) == shown


def test_a_mention_or_reference_is_broken_for_hosts_that_read_the_text() -> None:
    shown = seen_raw(plain("@all #1 !2 ~x %y $z"))
    assert not re.search(r"[@#!~%$]\w", shown)


def seen_raw(markdown: str) -> str:
    return "".join(t.content for p in MARKDOWN.parse(markdown) for t in p.children or ())


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://gitlab.example/group/x/-/pipelines/7", True),
        ("http://127.0.0.1:8080/x?a=b#c", True),
        ("https://gitlab.example", True),
        ("javascript:alert(1)", False),
        ("https://a/b) [x](https://evil", False),
        ("https://a/b>c", False),
        ("https://a/b c", False),
        ("https://a/b|c", False),
        ("https://a/b\n/approve", False),
        ("https://user:password@evil/", False),
        ("", False),
    ],
)
def test_only_a_plain_address_becomes_a_link(address: str, linked: bool) -> None:
    assert link("run", address) == (f"[run](<{address}>)" if linked else "run")
    assert ("link_open" in tokens(link("run", address))) is linked
