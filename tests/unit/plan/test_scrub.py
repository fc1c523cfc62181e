from __future__ import annotations

import base64
import json

import pytest

from mrbot.plan.scrub import DETAIL_CHARACTERS, MAX_SPELLINGS, detail
from mrbot.plan.watched import Captured

SECRET = "hunter2\thunter2"
PEM = "-----BEGIN KEY-----\nMIIEabcdefgh\nijklmnopqrst\n-----END KEY-----\n"


def said(text: str | bytes, *secrets: str, dropped: int = 0) -> str:
    data = text.encode() if isinstance(text, str) else text
    return detail(Captured(data=data, dropped=dropped), secrets=secrets)


def test_no_output_is_no_text() -> None:
    assert detail(secrets=()) == ""
    assert said("") == ""


def test_output_without_secrets_is_unchanged() -> None:
    assert said("Error: no such variable\n\n  on main.tf line 3:\n") == (
        "Error: no such variable\n\n  on main.tf line 3:"
    )


@pytest.mark.parametrize(
    "printed",
    [
        SECRET,
        json.dumps(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        f"a{SECRET}b{SECRET}",
    ],
    ids=["bare", "quoted", "base64", "twice"],
)
def test_a_secret_is_hidden_however_it_is_printed(printed: str) -> None:
    text = said(f"value = {printed}", SECRET)

    assert "hunter2" not in text
    assert "***" in text
    assert base64.b64encode(SECRET.encode()).decode()[:8] not in text


def test_a_secret_of_several_lines_is_hidden_when_it_is_indented() -> None:
    text = said("key = <<EOT\n" + "".join(f"    {line}\n" for line in PEM.splitlines()), PEM)

    assert "MIIE" not in text
    assert "ijkl" not in text


def test_a_secret_cut_by_the_bound_does_not_leave_its_end() -> None:
    text = said("2hunter2 and then much more text than that", "hunter2hunter2", dropped=7)

    assert "hunter" not in text
    assert text.endswith("more text than that")
    assert text.startswith("(26 bytes before this are not shown)\n")


def test_the_end_is_shown_and_the_rest_counted() -> None:
    text = said("a" * 10 + "b" * DETAIL_CHARACTERS)

    assert text == "(10 bytes before this are not shown)\n" + "b" * DETAIL_CHARACTERS


def test_the_last_stream_comes_last() -> None:
    out, err = Captured(data=b"plan\n"), Captured(data=b"\nError: no\n")

    assert detail(out, err, secrets=()) == "plan\nError: no"


@pytest.mark.parametrize("secret", ["", "a", "abc", "\n\n"], ids=repr)
def test_a_secret_too_short_to_be_one_is_left(secret: str) -> None:
    assert said("abcabc", secret) == "abcabc"


def test_colours_and_characters_that_deceive_the_eye_are_removed() -> None:
    assert said("\x1b[31mError\x1b[0m\x00\x08\u202e: \x9bno\r\n\ttab") == "Error: no\n\ttab"


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert said(b"a\xffb") == "a\ufffdb"


def test_with_more_secrets_than_can_be_looked_for_nothing_is_shown() -> None:
    text = said("value-0007", *(f"value-{n:04d}" for n in range(MAX_SPELLINGS)))

    assert "value-0007" not in text
    assert text.startswith("(not shown")
