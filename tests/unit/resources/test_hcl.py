import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrbot.resources.syntax.hcl import MAX_BYTES, MAX_ITEM_BYTES, Body, Fault, parse


def attribute(text):
    body = parse(f"a = {text}\n".encode())
    assert isinstance(body, Body), body
    return body.attributes["a"]


def test_an_empty_file_has_nothing_in_it():
    assert parse(b"") == Body()
    assert parse(b"# only a comment\n") == Body()


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1", 1),
        ("-2.5", -2.5),
        ("0.1", 0.1),
        ("true", True),
        ("null", None),
        ("(true)", True),
        ('""', ""),
        (r'"a\tb\n\"\\\u00e9 "', 'a\tb\n"\\é '),
        ('"$${x} %%{y} $ %"', "${x} %{y} $ %"),
        ("[1, [true], ]", [1, [True]]),
        ("[]", []),
        ('{ a = 1, "b" : 2\n (3) = [] }', {"a": 1, "b": 2, "3": []}),
        ("{ a = 1, a = 2 }", {"a": 2}),
        ("<<E\n one\n  two\\n\nE", " one\n  two\\n\n"),
        ("<<-E\n    one\n\n      two\n  E", "one\n\n  two\n"),
        ("<<E\nE", ""),
        ("1 # why", 1),
        ("/* why */ 1", 1),
        ('jsonencode({ Action = "*", n = [1, null] })', '{"Action":"*","n":[1,null]}'),
        ("jsonencode(\n  [1] # why\n)", "[1]"),
    ],
)
def test_a_literal_is_its_value(source, value):
    found = attribute(source)

    assert (found.value, found.unknown) == (value, ())
    assert type(found.value) is type(value)


@pytest.mark.parametrize(
    ("source", "value", "unknown"),
    [
        ("var.x", "${var.x}", ((),)),
        ("var.a ? 1 : 2", "${var.a ? 1 : 2}", ((),)),
        ("!true", "${!true}", ((),)),
        ("1 + 1", "${1 + 1}", ((),)),
        ("-var.x", "${-var.x}", ((),)),
        ("[for x in y : x]", "${[for x in y : x]}", ((),)),
        ("f(1, 2)", "${f(1, 2)}", ((),)),
        ('"a-${var.x} b"', "a-${var.x} b", ((),)),
        ('"%{ if a }x%{ endif }"', "%{ if a }x%{ endif }", ((),)),
        ("<<E\na ${b}\nE", "a ${b}\n", ((),)),
        ("[1, var.x, [var.y]]", [1, "${var.x}", ["${var.y}"]], ((1,), (2, 0))),
        ("{ a = { b = var.x } }", {"a": {"b": "${var.x}"}}, (("a", "b"),)),
        ("{ (var.k) = 1, b = 2 }", "${{ (var.k) = 1, b = 2 }}", ((),)),
        ('{ "${var.k}" = 1 }', '${{ "${var.k}" = 1 }}', ((),)),
        ("{ a = var.x, a = 1 }", {"a": 1}, ()),
        ('jsonencode({ a = "*", b = var.x })', '{"a":"*","b":"${var.x}"}', ((),)),
        ("jsonencode(var.x)", "${jsonencode(var.x)}", ((),)),
        ("jsonencode([1]...)", "${jsonencode([1]...)}", ((),)),
    ],
)
def test_an_expression_is_its_source_and_listed_as_unknown(source, value, unknown):
    found = attribute(source)

    assert (found.value, found.unknown) == (value, unknown)


def test_formatting_an_expression_anew_changes_nothing():
    one = attribute('merge({a = "x   y"}, # why\n  {b = var.c})')
    other = attribute('merge({a   =   "x   y"},\n\n      {b = var.c})')

    assert one.value == other.value
    assert one.value != attribute('merge({a = "x  y"}, {b = var.c})').value


def test_blocks_have_labels_and_lines():
    body = parse(b'# c\nresource "aws_x" n {\n  a = 1\n  one {\n    b = 2\n  }\n}\n')

    (block,) = body.blocks
    assert (block.type, block.labels, block.line) == ("resource", ("aws_x", "n"), 2)
    assert block.body.attributes["a"].line == 3
    assert block.body.blocks[0].line == 4


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        pytest.param(b"a = 1\nb = [\n", 2, "not HCL: syntax error", id="unclosed"),
        pytest.param(b"a = <<X\n", 2, "heredoc_identifier is missing", id="open heredoc"),
        pytest.param(b"a = 1\na = 2", 2, '"a" is set twice', id="twice"),
        pytest.param(b"x {\n a = 1\n a {}\n}", 3, "both an attribute", id="attribute and block"),
        pytest.param(
            b'x {\n a = 1\n dynamic "a" {}\n}', 3, "both an attribute", id="attribute and dynamic"
        ),
        pytest.param(b'a = "\\q"', 1, "syntax error", id="unknown escape"),
        pytest.param(b'a = "\\ud800"', 1, "escape", id="surrogate"),
        pytest.param(b'\nx "${a}" {}', 2, "label", id="label"),
        pytest.param(b"a = 1\nb = \xff\xfe", 2, "UTF-8", id="half UTF-8"),
        pytest.param(b"a = 1\0", 1, "syntax error", id="NUL"),
        pytest.param(b"a = " + b"[" * 200 + b"]" * 200, 1, "deeper than 300", id="deep list"),
        pytest.param(b"a = " + b"(" * 900 + b"1" + b")" * 900, 1, "deeper than", id="deep group"),
        pytest.param(b"a {" * 100 + b"}" * 100, 1, "deeper than 40", id="deep blocks"),
        pytest.param(b"a = " + b"[" * 100_000, 1, "] is missing", id="deep and open"),
        pytest.param(b"a {" * 100_000, 1, "} is missing", id="deep open blocks"),
        pytest.param(b"#" * (MAX_BYTES + 1), 0, "larger than", id="size"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(text, line, reason):
    fault = parse(text)

    assert isinstance(fault, Fault)
    assert fault.line == line
    assert reason in fault.reason


def around_evil(marker, opening="<<EOT", closing=""):
    """A block between two heredocs, and in the first one if `marker` does not end it."""
    return (
        f"a = {opening}\nhi\n{marker}\n{closing}\nevil {{}}\nb = {opening}\nx\nEOT\n{closing}\n"
    ).encode()


@pytest.mark.parametrize("marker", ["\u00a0EOT", "EOT\u00a0", "EOT\u0085", "\t\u202fEOT"])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [("<<EOT", ""), ("<<-EOT", ""), ("f(<<EOT", ")")],
    ids=["plain", "flush", "argument"],
)
def test_nothing_hides_in_a_heredoc_that_hcl_ends_earlier(marker, opening, closing):
    fault = parse(around_evil(marker, opening, closing))

    assert isinstance(fault, Fault)
    assert (fault.line, fault.reason) == (3, 'parsers disagree whether this line ends "EOT"')


@pytest.mark.parametrize("marker", ["EOT", "EOT ", "\tEOT", "EOT\r"])
def test_a_heredoc_that_all_end_at_one_line_is_read(marker):
    body = parse(around_evil(marker))

    assert isinstance(body, Body), body
    assert [block.type for block in body.blocks] == ["evil"]


@pytest.mark.parametrize(
    "text",
    [
        "a = <<SH\ncat <<EOT\nx\n\u00a0EOT\nSH\nb = <<EOT\nx\nEOT\n",
        "a = <<EOT\nxEOT\nEOT x\n\u00a0EOTS\nEOT\n",
        "# <<EOT\n#\u00a0EOT\na = 1\n",
    ],
    ids=["another's marker", "more on the line", "comments"],
)
def test_a_marker_that_ends_nothing_is_text(text):
    assert isinstance(parse(text.encode()), Body)


def test_a_long_chain_of_operators_is_read():
    assert attribute("1 + " * 8_000 + "1").unknown == ((),)
    too_long = parse(b"\na = " + b"1 + " * 50_000 + b"1\n")
    assert too_long == Fault(
        2, f"an expression larger than the {MAX_ITEM_BYTES} bytes that are read of one"
    )


ENTRIES = [f'k{n} = "v{n}"' for n in range(5_000)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[\n" + "".join(f"  {{ n = {n} }},\n" for n in range(5_000)) + "]",
         [{"n": n} for n in range(5_000)]),
        ("{\n  " + "\n  ".join(ENTRIES) + "\n}", {f"k{n}": f"v{n}" for n in range(5_000)}),
        ("{" + ", ".join(ENTRIES) + "}", {f"k{n}": f"v{n}" for n in range(5_000)}),
        ("[" + ", ".join(map(str, range(20_000))) + ",\n]", list(range(20_000))),
    ],
    ids=["a list of objects", "an object in lines", "an object in a line", "a list in a line"],
)  # fmt: skip
def test_a_large_value_is_read_by_its_elements(text, value):
    body = parse(f"\na = {text}\nb = 1\n".encode())

    assert isinstance(body, Body), body
    assert body.attributes["a"].value == value
    assert (body.attributes["a"].unknown, body.attributes["a"].line) == ((), 2)
    assert body.attributes["b"].line == 2 + text.count("\n") + 1


def test_what_is_unknown_in_a_large_value_keeps_its_place():
    items = ['"x"'] * 9_000
    items[7_000] = "var.y"
    body = parse(f"a = [{', '.join(items)}]".encode())

    assert body.attributes["a"].unknown == ((7_000,),)
    whole = parse(("a = {\n" + "\n".join(ENTRIES) + "\n(var.k) = 1\n}").encode())
    assert whole.attributes["a"].unknown == ((),)


def test_a_large_file_is_read_as_its_parts_are_with_their_lines():
    block = 'resource "a" "b{n}" {{\n  x = {n}\n  y {{\n    z = <<E\n}}\nE\n  }}\n}}\n# c\n'
    text = "".join(block.format(n=n) for n in range(2_000))
    inside = parse(("m {\n" + text + "}\n").encode())
    large = parse(text.encode())

    assert len(text) > MAX_ITEM_BYTES
    assert [b.labels[1] for b in large.blocks] == [f"b{n}" for n in range(2_000)]
    assert [b.line for b in large.blocks[:3]] == [1, 10, 19]
    assert large.blocks[1_000].body.attributes["x"].line == 9_002
    assert large.blocks[5].body.blocks[0].body.attributes["z"].value == "}\n"
    assert [b.line for b in inside.blocks[0].body.blocks[:2]] == [2, 11]


def test_a_large_file_tells_what_is_twice_in_it():
    many = "".join(f"a{n} = 1\n" for n in range(5_000))

    assert parse((many + "a7 = 2\n").encode()) == Fault(5_001, 'the attribute "a7" is set twice')
    assert parse((many + "a7 {}\n").encode()) == Fault(
        5_001, '"a7" is both an attribute and a block'
    )


@pytest.mark.parametrize(
    "text",
    [
        b'"a" {}\n' * 400_000, b'a "b" {\n' + b" {\n" * 400_000, b"a {\n" + b" {}\n" * 400_000 + b"}",
        b"a = [\n" + b"{} {} ,\n" * 200_000 + b"]", b"a {\n" * 30 + b'"a" {}\n' * 90_000 + b"}\n" * 30,
    ],
    ids=["blocks", "open", "closed", "a list", "deep"],
)  # fmt: skip
def test_what_is_wrong_ends_a_large_file_at_once(text):
    """Whole, the grammar would take hours to get over it."""
    assert isinstance(parse(text), Fault)


@given(
    st.binary(max_size=80) | st.text('ab={}[]()"$%<-E\n #/*.,1?:!\\', max_size=80).map(str.encode)
)
def test_any_bytes_give_a_body_or_a_fault(text):
    assert isinstance(parse(text), Body | Fault)


characters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\t")
names = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(characters, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


def hcl(value):
    match value:
        case str():
            escaped = json.dumps(value, ensure_ascii=False)
            return escaped.replace("${", "$${").replace("%{", "%%{")
        case list():
            return "[" + ", ".join(map(hcl, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{k} = {hcl(v)}" for k, v in value.items()) + "}"
        case _:
            return json.dumps(value)


@given(values)
def test_every_literal_is_read_back(value):
    assert attribute(hcl(value)).value == value


@pytest.mark.parametrize(("before", "line"), [("", 1), ("a = 1\n", 2), ("x {\n  y = {\n", 3)])
def test_an_unresolved_conflict_is_called_one(before, line):
    text = f"{before}<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> other\n"

    assert parse(text.encode()) == Fault(line, "not HCL: a merge conflict that nobody resolved")


def test_what_looks_like_a_conflict_in_a_heredoc_is_text():
    assert not isinstance(parse(b"a = <<X\n<<<<<<< HEAD\nX\n"), Fault)
