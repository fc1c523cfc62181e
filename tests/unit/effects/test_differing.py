"""What differs is shown, wherever it is and however little it looks like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrbot.effects.differing import LEAD, differing_lines, differing_values, visible
from mrbot.resources.attributes import ABSENT
from mrbot.resources.model import SENSITIVE_CHANGED
from tests.stuck import not_stuck

LONG = "x" * 400
BOTH = f"{LONG} a:{SENSITIVE_CHANGED}@h"


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        pytest.param(1, 2, ("1", "2", False), id="short"),
        pytest.param("a b", "a  b", ('"a b"', '"a␣␣b"', False), id="blanks"),
        pytest.param("ab", "a\u200bb", ('"ab"', '"a\\u200bb"', False), id="of no width"),
        pytest.param("ab", "a\u3164b", ('"ab"', '"a\\u3164b"', False), id="a letter of no shape"),
        pytest.param("ab", "a\u202eb", ('"ab"', '"a\\u202eb"', False), id="direction"),
        pytest.param("a b", "a\u00a0b", ('"a b"', '"a\\u00a0b"', False), id="another blank"),
        pytest.param("a", "a\n\x1b[31m", ('"a"', '"a\\n\\u001b[31m"', False), id="control"),
        pytest.param("a", "a\udc80", ('"a"', '"a\\udc80"', False), id="surrogate"),
        pytest.param("a", "a\U000e0041", ('"a"', '"a\\udb40\\udc41"', False), id="tag"),
        pytest.param(ABSENT, "x", ("absent", '"x"', False), id="added"),
        pytest.param(None, ABSENT, ("null", "absent", False), id="removed"),
        pytest.param(ABSENT, LONG, ("absent", '"' + "x" * 59 + "…", False), id="long"),
        pytest.param(
            f"{LONG}safe", f"{LONG}EVIL",
            (f'…{"x" * LEAD}safe"', f'…{"x" * LEAD}EVIL"', False), id="at the end",
        ),
        pytest.param(
            f"{LONG}a{LONG}", f"{LONG}b{LONG}",
            (f'…{"x" * LEAD}a{"x" * 29}…', f'…{"x" * LEAD}b{"x" * 29}…', False), id="within",
        ),
        pytest.param(
            f"v1{LONG}safe", f"v2{LONG}EVIL",
            (f'"v1{"x" * 57}…', f'"v2{"x" * 57}…', True), id="further on too",
        ),
        pytest.param(
            LONG, f"a{LONG}", (f'"{"x" * 59}…', f'"a{"x" * 58}…', False), id="inserted",
        ),
        pytest.param(
            BOTH, BOTH,
            (f'…{"x" * 27} a:{SENSITIVE_CHANGED}@h"',) * 2 + (False,), id="a secret within",
        ),
        pytest.param(
            "\u200b" * 30 + LONG + "a", "\u200b" * 30 + LONG + "b",
            (f'…{"x" * LEAD}a"', f'…{"x" * LEAD}b"', False), id="after what takes room",
        ),
    ],
)  # fmt: skip
def test_both_sides_are_shown_from_where_they_differ(before, after, shown):
    found = differing_values(before, after, 60)

    assert (found.before, found.after, found.further) == shown


texts = st.text(max_size=30) | st.text(alphabet=" \u200bab", max_size=300)


@given(texts, texts)
def test_two_texts_never_look_the_same_and_stay_short(before, after):
    found = differing_values(before, after, 40)

    assert (found.before == found.after) == (before == after)
    assert found.before.isprintable()
    assert max(len(found.before), len(found.after)) <= 42
    assert "  " not in found.after


@given(texts)
def test_what_is_made_visible_is_printable(text):
    assert visible(text).isprintable()


def test_lines_keep_their_tabs_and_blanks_but_for_the_last():
    found = differing_lines("\t  a  b", "\t  a  b  \r", 200)

    assert (found.before, found.after) == ("\t  a  b", "\t  a  b  \\r")
    assert differing_lines("a", "a ", 200).after == "a␣"


def test_long_values_are_quick():
    one = "a" * 1_000_000

    with not_stuck():
        differing_values(f"{one}b{one}", f"{one}c{one}", 100)
