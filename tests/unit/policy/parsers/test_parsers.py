"""What conftest makes of the same files was compared by hand (docs/policy-check.md)."""

from __future__ import annotations

import pytest

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.policy.parsers import PARSERS, members, parse, parser_for


@pytest.mark.parametrize(
    ("path", "parser"),
    [
        ("a/b.yaml", "yaml"),
        ("b.YML", "yaml"),
        ("-", "yaml"),
        ("a.json", "json"),
        ("a.jsonc", "jsonc"),
        ("pyproject.toml", "toml"),
        ("main.tf", "hcl2"),
        ("prod.tfvars", "hcl2"),
        ("a.hcl", "hcl2"),
        ("a.hcl1", "hcl1"),
        ("Dockerfile", "dockerfile"),
        ("x/dockerfile", "dockerfile"),
        ("Dockerfile.debug", "dockerfile"),
        ("dev.Dockerfile", "dockerfile"),
        ("MyDockerfile", None),
        (".gitignore", "ignore"),
        ("a.dockerignore", "ignore"),
        (".env", "dotenv"),
        (".env.prod", "dotenv"),
        ("prod.env", "dotenv"),
        ("a.ini", "ini"),
        ("a.properties", "properties"),
        ("pom.xml", "xml"),
        ("nginx.conf", "nginx"),
        ("other.conf", None),
        ("Jenkinsfile.prod", "groovy"),
        ("a.textpb", "textproto"),
        ("bom.cyclonedx", "cyclonedx"),
        ("README", None),
        ("a.md", None),
        ("yaml", None),
    ],
)
def test_a_parser_is_chosen_by_the_name(path: str, parser: str | None) -> None:
    assert parser_for(path) == parser


@pytest.mark.parametrize("parser", ["nginx", "cue", "jsonnet", "hcl1", "groovy", "edn", "vcl"])
def test_a_format_that_is_not_read_is_named_with_a_way_out(parser: str) -> None:
    with pytest.raises(BadInput, match=f"^a: the format {parser} is not read here: convert it"):
        parse(parser, b"", "a")


def test_an_unknown_parser_is_told_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"there is no parser 'csv': it is one of cyclonedx, "):
        parse("csv", b"", "a")


@pytest.mark.parametrize(
    ("document", "expected"),
    [({"a": 1}, ({"a": 1},)), ([1, 2], (1, 2)), ([[1]], ([1],)), ([], ([],)), (None, (None,))],
)
def test_a_list_is_judged_member_by_member(document: Json, expected: tuple[Json, ...]) -> None:
    assert members(document) == expected


@pytest.mark.parametrize(
    ("parser", "text", "expected"),
    [
        pytest.param("yaml", b"", None, id="yaml-empty"),
        pytest.param("yaml", b"a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}], id="yaml-two"),
        pytest.param("yaml", b"a: 1\n--- # c\nb: 2\n", [{"a": 1}, {"b": 2}], id="yaml-comment"),
        pytest.param("yaml", b"a: 1\r\n---\r\nb: x\r\n", [{"a": 1}, {"b": "x"}], id="yaml-crlf"),
        pytest.param("yaml", b"\xef\xbb\xbfa: 1\n", {"a": 1}, id="yaml-bom"),
        pytest.param(
            "yaml",
            b"on: yes\n1: a\n1.50: b\n0x10: c\n1e3: d\n'no': e\n",
            {"true": True, "1": "a", "1.5": "b", "16": "c", "1000": "d", "no": "e"},
            id="yaml-keys-are-what-they-mean",
        ),
        pytest.param(
            "yaml",
            b"a: 2020-01-01\nb: 017\nc: 0o17\nd: 12:30:45\ne: ~\nf: 1_000\ng: y\n",
            {"a": "2020-01-01", "b": 15, "c": 15, "d": "12:30:45", "e": None, "f": 1000, "g": True},
            id="yaml-words",
        ),
        pytest.param(
            "yaml",
            b"a: !Ref x\nb: !Sub [c, !If {d: 1}]\n",
            {"a": "x", "b": ["c", {"d": 1}]},
            id="yaml-tags-are-left-out",
        ),
        pytest.param(
            "yaml",
            b"a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n",
            {"a": {"b": 1}, "c": {"b": 1, "d": 2}},
            id="yaml-merge",
        ),
        pytest.param("json", b'\xef\xbb\xbf{"a": 1e3}', {"a": 1000.0}, id="json-bom"),
        pytest.param(
            "jsonc",
            b'// c\n{"a": 1, # h "\n /* x\n */ "b": "//c /* d */ # \\" e"}\n',
            {"a": 1, "b": '//c /* d */ # " e'},
            id="jsonc",
        ),
        pytest.param(
            "toml",
            b"a = 1979-05-27T07:32:00Z\nb = 1979-05-27\nc = 07:32:00\n"
            b"d = 1979-05-27T00:32:00.500-07:00\n[e.f]\ng = true\n",
            {
                "a": "1979-05-27T07:32:00Z",
                "b": "1979-05-27T00:00:00Z",
                "c": "0000-01-01T07:32:00Z",
                "d": "1979-05-27T00:32:00.5-07:00",
                "e": {"f": {"g": True}},
            },
            id="toml",
        ),
        pytest.param(
            "ini",
            b'top = 1\n[s]\na = 5\nb = 1.5\nc=t\nd = FALSE\ne = "q x"\nf : y ; c\ng = a#b\nh =\n'
            b'i = a \\\n  b\nj = `x # y`\n- = one\n"k k" = 0x10\nl = inf\n[s.t]\nz=1e3\n[s]\nm=tRue\n',
            {
                "s": {
                    "a": 5,
                    "b": 1.5,
                    "c": True,
                    "d": False,
                    "e": "q x",
                    "f": "y",
                    "g": "a",
                    "h": "",
                    "i": "a b",
                    "j": "x # y",
                    "#1": "one",
                    "k k": "0x10",
                    "l": "inf",
                    "m": "tRue",
                },
                "s.t": {"z": 1000},
            },
            id="ini",
        ),
        pytest.param("ini", b'[s]\na = """x\ny"""\n', {"s": {"a": "x\ny"}}, id="ini-lines"),
        pytest.param(
            "properties",
            b"a=1\nb : two\nc three\n# x\n! y\nd = a\\\n   b\ne = \\u0041\\t\nf=${a}\ng\\ h = 1\n"
            b"i=\nj\nk = v \na=2\n",
            {
                "a": "2",
                "b": "two",
                "c": "three",
                "d": "ab",
                "e": "A\t",
                "f": "${a}",
                "g h": "1",
                "i": "",
                "j": "",
                "k": "v ",
            },
            id="properties",
        ),
        pytest.param(
            "dotenv",
            b'# c\nA=1\nexport B=two\nC="x # y" # z\nD=\'$A\'\nE=${A}$B\nF: yaml\nG=\nH="a\\nb"\n'
            b'I="more\nlines"\nJ=a\\$A\nK=$a\n',
            {
                "A": "1",
                "B": "two",
                "C": "x # y",
                "D": "$A",
                "E": "1two",
                "F": "yaml",
                "G": "",
                "H": "a\nb",
                "I": "more\nlines",
                "J": "a$A",
                "K": "$a",
            },
            id="dotenv",
        ),
        pytest.param("dotenv", b"A=$HOME-$PATH\n", {"A": "$HOME-$PATH"}, id="dotenv-environment"),
        pytest.param(
            "ignore",
            b"# c\n*.log \n!keep\na\\ b\n",
            [
                [
                    {"Kind": "Comment", "Value": "c", "Original": "# c"},
                    {"Kind": "Path", "Value": "*.log", "Original": "*.log "},
                    {"Kind": "NegatedPath", "Value": "keep", "Original": "!keep"},
                    {"Kind": "Path", "Value": "a b", "Original": "a\\ b"},
                    {"Kind": "Empty", "Value": "", "Original": ""},
                ]
            ],
            id="ignore",
        ),
        pytest.param(
            "xml",
            b'<?xml version="1.0"?><r x="1" n:k="v" xmlns:n="u"><a>t</a><a>u</a><b y="2">txt</b>'
            b"<c/><n:g>&lt;&#65;</n:g><d>one<e/>two</d></r>",
            {
                "r": {
                    "-x": "1",
                    "-k": "v",
                    "-n": "u",
                    "a": ["t", "u"],
                    "b": {"-y": "2", "#content": "txt"},
                    "c": "",
                    "g": "<A",
                    "d": {"#content": "one two", "e": ""},
                }
            },
            id="xml",
        ),
        pytest.param(
            "cyclonedx", b'{"bomFormat": "CycloneDX"}', {"bomFormat": "CycloneDX"}, id="bom"
        ),
        pytest.param("spdx", b' {"SPDXID": "x"}', {"SPDXID": "x"}, id="spdx"),
    ],
)
def test_a_file_is_read_as_conftest_reads_it(parser: str, text: bytes, expected: Json) -> None:
    assert parse(parser, text, "f") == expected


@pytest.mark.parametrize(
    ("parser", "text", "said"),
    [
        ("yaml", b"a: 1\nb: [\n", "f:3: not YAML"),
        ("yaml", b"on: 1\ntrue: 2\n", 'f:2: the key "true" is here again'),
        ("yaml", b"~: 1\n", "f:1: a key that is null"),
        ("json", b'{"a": 1,\n}', "f:2: not JSON"),
        ("json", b"", "f:1: not JSON"),
        ("json", b'{"a": 1, "a": 2}', 'f: the key "a" is twice in one object'),
        ("jsonc", b'/* a\nb */ {"a": }', "f:2: not JSON"),
        ("toml", b"a = 1\nb = \n", "f:2: not TOML: Invalid value"),
        ("toml", b"a = inf\n", "f: not TOML: inf has no place in JSON"),
        ("toml", b"\n" + b"a." * 101 + b"b = 1\n", "f:2: a dotted key of more than 100 parts"),
        ("toml", b"a = " + b"[" * 4000, "f: not TOML"),
        ("ini", b"[a\n", "f:1: a section without its ]"),
        ("ini", b"[a]\nnokey\n", "f:2: this is no name = value"),
        ("ini", b'[a]\nb = """x\n', 'f:2: the quote """ does not end'),
        ("properties", b"a=1\n=2\n", "f:2: a value without a name"),
        ("properties", b"a=\\u12\n", r"f:1: \u takes four hexadecimal digits"),
        ("properties", b"a=\xe9\n", "f:1: not UTF-8 text"),
        ("dotenv", b"A=1\nA B C\n", "f:2: this is no NAME=value"),
        ("dotenv", b'A="x\n', 'f:1: the quote " does not end'),
        ("dotenv", b"A=xxxxxxxx\n" + b"A=$A$A\n" * 40, "characters are put in the place"),
        ("ignore", b"a\0b", "f:1: not text: it holds a zero byte"),
        ("xml", b"<a>\n<b></a>", "f:2: not XML: mismatched tag"),
        ("xml", b"", "f:1: not XML: no element found"),
        ("xml", b"<a>" * 200, "f:1: not XML that is read here: nested deeper than 100 levels"),
        (
            "xml",
            b'<!DOCTYPE r [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>\n<r>&c;</r>',
            'it declares the entity "a"',
        ),
        ("xml", b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///x">]><r>&a;</r>', "the entity"),
        ("cyclonedx", b"<bom/>", "f:1: CycloneDX is read as JSON only: convert it first"),
        ("spdx", b"SPDXVersion: SPDX-2.2", "f:1: SPDX is read as JSON only: convert it first"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(parser: str, text: bytes, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(parser, text, "f")

    assert said in str(caught.value)


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    "text",
    [pytest.param(b"\x89PNG\r\n\x1a\n\0\0\xff", id="binary"), pytest.param(b"\xff\xfe", id="mark")],
)
def test_a_binary_file_is_refused_by_every_parser(parser: str, text: bytes) -> None:
    with pytest.raises(BadInput):
        parse(parser, text, "f")


@pytest.mark.parametrize("parser", sorted(set(PARSERS) - {"cyclonedx", "spdx", "json", "jsonc"}))
def test_a_file_over_the_limit_is_refused_before_it_is_read(parser: str) -> None:
    with pytest.raises(BadInput, match=r"larger than the [0-9]+ bytes"):
        parse(parser, b"#" * (4 * 2**20 + 1), "f")


def test_a_plan_of_ten_megabytes_is_read() -> None:
    plan = b'{"a": ["' + b'", "'.join([b"x" * 1000] * 10_000) + b'"]}'

    content = parse("json", plan, "plan.json")

    assert isinstance(content, dict)
    assert content["a"] == ["x" * 1000] * 10_000
