import pytest

from mrbot.resources.syntax.hcl_items import Item, UnbalancedError, block_parts, items


def cut(text):
    return [(item.line, item.text.strip()) for item in items(text.encode())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("\n\n", [], id="nothing but lines"),
        pytest.param("a = 1\nb = 2\n", [(1, b"a = 1"), (2, b"b = 2")], id="attributes"),
        pytest.param("a = 1", [(1, b"a = 1")], id="without an end"),
        pytest.param(
            "x {\n a = 1\n}\n\ny {}\n", [(1, b"x {\n a = 1\n}"), (5, b"y {}")], id="blocks"
        ),
        pytest.param(
            "a = [\n 1,\n]\nb = f(\n)\n", [(1, b"a = [\n 1,\n]"), (4, b"b = f(\n)")], id="()"
        ),
        pytest.param('a = "}{\\"["\nb = 1\n', [(1, b'a = "}{\\"["'), (2, b"b = 1")], id="texts"),
        pytest.param(
            'a = "${f("}")}"\nb = 1\n', [(1, b'a = "${f("}")}"'), (2, b"b = 1")], id="in it"
        ),
        pytest.param('a = "$${"\nb = 1\n', [(1, b'a = "$${"'), (2, b"b = 1")], id="escaped"),
        pytest.param("# {\na = 1 // [\n", [(1, b"# {"), (2, b"a = 1 // [")], id="comments"),
        pytest.param("/* {\n*/ a = 1\n", [(1, b"/* {\n*/ a = 1")], id="a long comment"),
        pytest.param(
            'a = <<E\n}{"\nE\nb = 1\n', [(1, b'a = <<E\n}{"\nE'), (4, b"b = 1")], id="heredoc"
        ),
        pytest.param(
            "a = <<-E\n x\n  E\nb = 1", [(1, b"a = <<-E\n x\n  E"), (4, b"b = 1")], id="<<-"
        ),
        pytest.param(
            "a = f(<<E\nx\nE\n)\nb = 1", [(1, b"a = f(<<E\nx\nE\n)"), (5, b"b = 1")], id="in ()"
        ),
        pytest.param("a = 1 << 2\nb = 1", [(1, b"a = 1 << 2"), (2, b"b = 1")], id="no heredoc"),
    ],
)
def test_items_are(text, expected):
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a {\n", 1, "} is missing"),
        ("a = 1\nb = [\n\n", 2, "] is missing"),
        ("a = 1\n}\n", 2, "} closes nothing"),
        ("a = (]\n", 1, "] closes nothing"),
        ('a = 1\nb = "x\n', 2, '" is missing'),
        ("a = <<E\nx\n", 3, "E is missing"),
        ('a = "${"\n', 1, '" is missing'),
    ],
)
def test_what_is_not_balanced_says_where(text, line, reason):
    with pytest.raises(UnbalancedError) as caught:
        cut(text)

    assert (caught.value.line, str(caught.value)) == (line, reason)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('resource "a" "b" {\n x = 1\n}', (b'resource "a" "b" {', Item(b"\n x = 1\n", 7))),
        ("x {}", (b"x {", Item(b"", 7))),
        ("\n\nx {\n}", (b"\n\nx {", Item(b"\n", 9))),
        ("x = {}", None),
        ('x = "a {}"', None),
        ("# c\nx = {}", None),
    ],
)
def test_the_parts_of_a_block(text, expected):
    assert block_parts(Item(text.encode(), 7)) == expected
