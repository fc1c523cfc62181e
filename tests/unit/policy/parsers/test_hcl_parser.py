from __future__ import annotations

import pytest

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.policy.parsers import parse


def test_blocks_are_lists_below_their_labels() -> None:
    text = b"""
locals { a = 1 }
locals { b = 2 }
resource "x" "y" {
  n { c = 3 }
  n { c = 4 }
  empty {}
}
resource "x" "z" {}
"""

    assert parse("hcl2", text, "a.tf") == {
        "locals": [{"a": 1}, {"b": 2}],
        "resource": {"x": {"y": [{"n": [{"c": 3}, {"c": 4}], "empty": [{}]}], "z": [{}]}},
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1", 1),
        ("-1.5", -1.5),
        ("!true", False),
        ("null", None),
        ('"a\\tb\\"c\\u00e9"', 'a\tb"cé'),
        ("var.x", "${var.x}"),
        ('"${var.x}"', "${var.x}"),
        ('"${1}"', 1),
        ('"a-${var.x}-${true}-${"b"}"', "a-${var.x}-true-b"),
        ('"x  ${~ var.x ~}  y"', "x${var.x}y"),
        ('"$${a} %%{b} 100%"', "$${a} %%{b} 100%"),
        ('"$$${a}"', "$$${a}"),
        ('"x${a ? "b" : "c"}"', "x%{if a}b%{else}c%{endif}"),
        ('a ? "b" : "c"', '${a ? "b" : "c"}'),
        ('"%{ if a }x%{ else }y%{ endif }"', "%{if a}x%{else}y%{endif}"),
        ('"%{ for k, v in m }${k},%{ endfor }"', "%{for k, v in m}${k},%{endfor}"),
        ("foo(1, [2,\n 3])", "${foo(1, [2,\n 3])}"),
        ("jsonencode({a = 1})", "${jsonencode({a = 1})}"),
        ("(1 + 2)", "${(1 + 2)}"),
        ("-(1)", "${-(1)}"),
        ("-var.x", "${-var.x}"),
        ("[for s in l : upper(s)]", "${[for s in l : upper(s)]}"),
        ("{for k, v in m : k => v}", "${{for k, v in m : k => v}}"),
        ("[1, var.x, # c\n [2]]", [1, "${var.x}", [2]]),
        (
            '{a = 1, "b c" = 2, (d) = 3, e.f = 4, "${g}" = 5, h : 6, 7 = 8, null = 9}',
            {"a": 1, "b c": 2, "${(d)}": 3, "e.f": 4, "${g}": 5, "h": 6, "7": 8, "null": 9},
        ),
        ("<<E\nhi ${x}\n  there\nE", "hi ${x}\n  there\n"),
        ("<<-E\n    hi ${x}\n      there\n    E", "hi ${x}\n  there\n"),
        ("<<E\nE", ""),
    ],
)
def test_an_expression_is_written_as_hcl2json_does(source: str, expected: Json) -> None:
    assert parse("hcl2", f"v = {source}\n".encode(), "a.tf") == {"v": expected}


def test_a_large_file_is_read_the_same_in_pieces() -> None:
    blocks = "".join(f'r "t" "n{n}" {{\n  a = "x${{var.y}}"\n}}\n' for n in range(2000))
    entries = ", ".join(f'k{n} = "v"' for n in range(9000))

    content = parse("hcl2", f"{blocks}m = {{ {entries} }}\n".encode(), "a.tf")

    assert content == {
        "r": {"t": {f"n{n}": [{"a": "x${var.y}"}] for n in range(2000)}},
        "m": {f"k{n}": "v" for n in range(9000)},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a = 1\nb = ]\n", "a.tf:2: not HCL"),
        (b"a = 1\na = 2\n", 'a.tf:2: the attribute "a" is set twice'),
        (b'a {}\na {}\na "b" {}\n', 'a.tf:3: blocks "a" with and without a label'),
        (b'a "b" {}\na {}\n', 'a.tf:2: blocks "a" with and without a label'),
        (b'a = 1\nb = "${}"\n', "a.tf:2: not HCL: an expression is missing"),
        (b"a" + b' "b"' * 11 + b" {}\n", "a.tf:1: a block of more than 10 labels"),
        (b"a = " + b"[" * 200 + b"]" * 200, "a.tf:1: an expression nested deeper than 150 steps"),
        (b"a = " + b"(" * 3000 + b"1" + b")" * 3000 + b"\nb = {(" + b"(" * 200 + b"\n", "a.tf:"),
    ],
)
def test_what_is_no_hcl_is_told_with_its_line(text: bytes, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse("hcl2", text, "a.tf")

    assert str(caught.value).startswith(said)
