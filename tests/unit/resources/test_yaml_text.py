import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mrbot.errors import BadInput
from mrbot.resources.syntax import yaml_build, yaml_text
from mrbot.resources.syntax.yaml_text import Scalars, load_documents, load_one


def value(text, scalars=Scalars.CORE):
    return load_one(text, "a.yml", scalars=scalars).value


def refusal(text, scalars=Scalars.CORE):
    with pytest.raises(BadInput) as caught:
        load_documents(text, "a.yml", scalars=scalars)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_an_empty_file_has_no_documents_and_one_null_value():
    assert load_documents(b"", "a.yml") == ()
    assert value(b"") is None
    assert value(b"# only a comment\n") is None


@pytest.mark.parametrize(
    ("word", "core", "legacy"),
    [
        ("on", "on", True),
        ("no", "no", False),
        ("y", "y", True),
        ("Yes", "Yes", True),
        ("true", True, True),
        ("TRUE", True, True),
        ("tRUE", "tRUE", "tRUE"),
        ("~", None, None),
        ("null", None, None),
        ("12:30:45", "12:30:45", "12:30:45"),
        ("2026-11-22", "2026-11-22", "2026-11-22"),
        ("0o17", 15, 15),
        ("017", 17, 15),
        ("09", 9, 9),
        ("00", 0, 0),
        ("-017", -17, -15),
        ("0x1F", 31, 31),
        ("0b11", "0b11", 3),
        ("1_000", "1_000", 1000),
        ("0_0", "0_0", 0),
        ("_1", "_1", "_1"),
        ("-12", -12, -12),
        ("+12", 12, 12),
        ("1.5", 1.5, 1.5),
        ("1e3", 1000.0, 1000.0),
        (".5", 0.5, 0.5),
        ("1.2.3", "1.2.3", "1.2.3"),
        (".inf", ".inf", ".inf"),
        (".nan", ".nan", ".nan"),
        ("1e999", "1e999", "1e999"),
        ("123456789012345678901234567890", 1.2345678901234568e29, 1.2345678901234568e29),
        ("9" * 5000, "9" * 5000, "9" * 5000),
        ("'true'", "true", "true"),
        ('"1"', "1", "1"),
        ("!!str true", "true", "true"),
        ('!!bool "yes"', True, True),
        ('!!int "0"', 0, 0),
        ("!!float 1", 1.0, 1.0),
        ('!!null ""', None, None),
    ],
)
def test_a_plain_word_means_what_its_consumer_takes_it_for(word, core, legacy):
    for scalars, wanted in [(Scalars.CORE, core), (Scalars.LEGACY, legacy)]:
        got = value(f"k: {word}", scalars)["k"]
        assert got == wanted
        assert type(got) is type(wanted)


@pytest.mark.parametrize("key", ["on", "no", "1", "true", "12:30", "~", "null", "2026-11-22"])
@pytest.mark.parametrize("scalars", [Scalars.CORE, Scalars.LEGACY])
def test_keys_are_their_own_text(key, scalars):
    assert value(f"{key}: x", scalars) == {key: "x"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("a: 1\nb: 2\na: 3", [(3, "again (first: line 1)")], id="duplicate key"),
        pytest.param("{a: {x: 1, 'x': 2}}", [(1, '"x" is here again')], id="quoted duplicate"),
        pytest.param("1: a\n'1': b", [(2, "again")], id="duplicate once it is a string"),
        pytest.param("a: 1\na: 2\nb: 1\nb: 2", [(2, "a"), (4, "b")], id="every duplicate"),
        pytest.param("? [a]\n: b", [(1, "plain word")], id="sequence as key"),
        pytest.param("{{ .Values.x }}: b", [(1, "plain word")], id="helm as key"),
        pytest.param("a: {{ .Values.x }}", [(1, "plain word")], id="helm as value"),
        pytest.param("{{- if .x }}\na: b\n{{- end }}", [(1, "")], id="helm control"),
        pytest.param("a: &x [*x]", [(1, "stands inside what it names")], id="self alias"),
        pytest.param("a: *x", [(1, "names nothing")], id="unknown alias"),
        pytest.param("a: &x 1\n---\nb: *x", [(3, "names nothing")], id="alias across documents"),
        pytest.param("a: &x [1]\n*x : 2", [(2, "plain word")], id="alias of a sequence as key"),
        pytest.param("a: !!set {x}", [(1, "!!set")], id="set"),
        pytest.param("a: !!binary aGk=", [(1, "!!binary")], id="binary"),
        pytest.param("a: !!int x", [(1, "!!int")], id="not an int"),
        pytest.param("a: !!map [x]", [(1, "!!map")], id="map tag on a sequence"),
        pytest.param("a: ! true", [(1, "disagree")], id="non-specific tag"),
        pytest.param("!x a: b", [(1, "no tag")], id="tagged key"),
        pytest.param("a: !!python/object:os.system x", [(1, "python")], id="python"),
        pytest.param("a: b: c", [(1, "not YAML: mapping values")], id="syntax"),
        pytest.param("x: 1\n\ta: 1", [(2, "not YAML")], id="tab"),
        pytest.param("a: 1\nb: \x01", [(2, "control characters")], id="control character"),
        pytest.param('a: "\\ud800"', [(1, "invalid Unicode")], id="surrogate escape"),
        pytest.param("a: 1\nb: \ud800", [(2, "UTF-8")], id="surrogate"),
        pytest.param(b"a: 1\nb: \xff\xfe", [(2, "UTF-8")], id="half UTF-8"),
        pytest.param("a: 1\n# x\u2028b: 1", [(2, "U+2028")], id="hidden line break"),
        pytest.param("a: 1\n# x\x85b: 1", [(2, "U+0085")], id="hidden NEL"),
        pytest.param("<<: 1", [(1, "takes a mapping")], id="merge of a scalar"),
        pytest.param("<<: [1]", [(1, "takes a mapping")], id="merge of scalars"),
        pytest.param("[" * 101 + "]" * 101, [(1, "deeper than 100")], id="deep flow"),
        pytest.param("- " * 101 + "a", [(1, "deeper than 100")], id="deep block"),
        pytest.param("--- a\n" * 5001, [(5001, "more than 5000 documents")], id="documents"),
        pytest.param("a" * (4 * 2**20 + 1), [(0, "larger than the 4194304 bytes")], id="size"),
        pytest.param("[" + "1," * 500_001 + "]", [(1, "more than 500000 values")], id="nodes"),
        pytest.param("a: " + "x: " * 40, [(1, "not YAML")], id="nested on one line"),
    ],
)
def test_what_is_refused_says_where_and_why(text, wanted):
    problems = refusal(text)

    assert [line for line, _ in problems] == [line for line, _ in wanted]
    for (_, message), (_, part) in zip(problems, wanted, strict=True):
        assert part in message


def test_the_problem_names_the_file_with_every_byte_printable():
    with pytest.raises(BadInput) as caught:
        load_one("a: [", "caf\udce9.yml")

    assert caught.value.problems[0].path == "caf\\xe9.yml"


def test_problems_are_reported_together_up_to_a_bound():
    problems = refusal("a: 1\n" * 1000)

    assert len(problems) == yaml_build.MAX_PROBLEMS + 1
    assert "reading stopped here" in problems[-1][1]


def test_an_alias_bomb_is_refused_and_a_modest_use_of_aliases_is_not():
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
    )
    assert "aliases expanded" in refusal(bomb)[0][1]

    assert value("a: &a [x]\nb: [*a, *a]") == {"a": ["x"], "b": [["x"], ["x"]]}


def test_a_bomb_of_one_long_text_is_refused():
    text = f"a: &a '{'x' * 1_000_000}'\nb: [{', '.join(['*a'] * 100)}]"

    assert refusal(text) == [
        (2, f"more than {yaml_build.MAX_CHARACTERS} characters, aliases expanded")
    ]


def test_a_bomb_of_long_keys_is_refused():
    text = f"a: &a {{{'x' * 900}: 1}}\nb: [{', '.join(['*a'] * 20_000)}]"

    assert "characters, aliases expanded" in refusal(text)[0][1]


def test_depth_is_counted_through_aliases():
    text = "a: &a " + "[" * 60 + "]" * 60 + "\nb: " + "[" * 50 + "*a" + "]" * 50

    assert refusal(text) == [(2, "nested deeper than 100 levels")]


def test_a_merge_brings_the_keys_that_are_not_there():
    text = """
base: &base {image: a, tags: [x]}
more: &more {image: b, when: manual}
job:
  <<: [*base, *more]
  tags: [y]
"""
    assert value(text)["job"] == {"image": "a", "when": "manual", "tags": ["y"]}


def test_a_quoted_merge_key_is_an_ordinary_key():
    assert value('"<<": {a: 1}') == {"<<": {"a": 1}}


def test_two_merges_are_taken_where_they_agree():
    assert value("a: &a {x: 1}\nb: &b {y: 2}\nc:\n  <<: *a\n  <<: *b")["c"] == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    "body",
    ["  image: a\n  <<: *b", "  <<: *a\n  <<: *b"],
    ids=["after the key", "after another merge"],
)
def test_a_merge_that_parsers_read_differently_is_refused(body):
    problems = refusal(f"a: &a {{image: a}}\nb: &b {{image: b}}\nc:\n{body}")

    assert problems == [(5, '<< would replace the key "image": set it after the <<')]


def test_a_key_set_twice_after_a_merge_is_still_a_duplicate():
    assert refusal("a: &a {x: 1}\nb:\n  <<: *a\n  x: 2\n  x: 3")[0][0] == 5


def test_custom_tags_are_kept_and_listed():
    document = load_one("a: !Sub x\nb:\n  - !reference [.setup, script]\nc: !M {k: v}", "a.yml")

    assert document.value == {
        "a": {"!Sub": "x"},
        "b": [{"!reference": [".setup", "script"]}],
        "c": {"!M": {"k": "v"}},
    }
    assert document.tags == (("!Sub", 1), ("!reference", 3), ("!M", 4))


def test_every_value_has_its_line():
    document = load_one("a:\n  b:\n    - x\n    - k: 1\n      l: 2\n", "a.yml")

    assert document.line_of(()) == 1
    assert document.line_of(("a",)) == 1
    assert document.line_of(("a", "b")) == 2
    assert document.line_of(("a", "b", 0)) == 3
    assert document.line_of(("a", "b", 1, "l")) == 5
    assert document.line_of(("a", "b", 1, "absent", "x")) == 4
    assert document.line_of(("absent",)) == 1


def test_a_key_is_found_where_it_stands_even_when_its_value_starts_below():
    document = load_one("a: &x\n  - 1\nb:\n  c: *x\nd:\n\n  - 2\n", "a.yml")

    assert document.line_of(("d",)) == 5
    assert document.line_of(("b", "c")) == 4
    assert document.line_of(("d", 0)) == 7


def test_documents_keep_their_order_and_lines():
    documents = load_documents("# hi\na: 1\n---\n---\nb: 2\n...\n", "a.yml")

    assert [(document.value, document.line) for document in documents] == [
        ({"a": 1}, 2),
        (None, 4),
        ({"b": 2}, 5),
    ]


def test_a_file_that_takes_one_document_says_where_the_second_starts():
    with pytest.raises(BadInput, match=r"a\.yml:3: a second document"):
        load_one("a: 1\n---\nb: 2", "a.yml")


def test_a_byte_order_mark_is_not_part_of_the_first_key():
    assert value(b"\xef\xbb\xbfa: 1") == {"a": 1}


def test_the_largest_allowed_file_is_read():
    text = "a: " + "x" * (yaml_text.MAX_BYTES - 3)

    assert len(value(text)["a"]) == yaml_text.MAX_BYTES - 3


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | words,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(words.filter(lambda word: not word.startswith("!")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values)
def test_json_is_read_as_itself(wanted):
    assert value(json.dumps(wanted, ensure_ascii=False)) == wanted


@given(values)
def test_what_pyyaml_writes_quoted_is_read_back(wanted):
    class Quoted(yaml.SafeDumper):
        def represent_str(self, data):
            return self.represent_scalar("tag:yaml.org,2002:str", data, style='"')

        def ignore_aliases(self, data):
            return True

    Quoted.add_representer(str, Quoted.represent_str)
    assert value(yaml.dump(wanted, Dumper=Quoted)) == wanted


@given(st.text(max_size=60) | st.text("ab:-*&!<#[]{}'\"\n ,?|>", max_size=60))
def test_any_text_gives_documents_or_a_refusal(text):
    try:
        documents = load_documents(text, "a.yml")
    except BadInput:
        return
    json.dumps([document.value for document in documents], allow_nan=False)
