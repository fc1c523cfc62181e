"""What the embedded engine understands otherwise by itself, and the worker writes out for it.

Negations of what is not there, and heads whose value is not there: OPA's answer is what counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from mrbot.ids import Json
from mrbot.policy.bundle import bundle
from mrbot.policy.finding import Bundle, Document, Evaluated, EvaluationFailed, EvaluationFault
from mrbot.policy.opa.binary import examine
from mrbot.policy.opa.engine import opa_engine
from mrbot.policy.regorus.engine import RegorusEngine
from mrbot.policy.supervised import SupervisedEngine
from tests import needs

FIRES = (
    'x = input.l[_]; not startswith(x, "q")',
    'not startswith(x, "q"); x = input.l[_]',
    "[x, y] = [input.n, input.l[0]]; not [x, y, input.n] == [2, `b`, 1]",
    "not input.no",
    "not input.no.no.no",
    "not input.no == 3",
    "not input.no = 3",
    "not input.no == input.nothing",
    "not input.no == lower(input.s)",
    "not data.no.no",
    "not undefined_rule",
    'not undefined_rule == "1"',
    'not startswith(input.s, "x")',
    'not startswith(lower(input.s), "x")',
    'not contains(concat("", ["b", "c"]), "a")',
    'not object.get(input, "no", false)',
    'not "x" in input.l',
    'not "x" in input.l with input as {"l": []}',
    "not input.n > 3",
    "not (input.n > 3)",
    "not ((1 + input.n) * 3) == 1",
    "not input.l == set()",
    'not regex.match(`^"$`, input.s)',
    'not count([x | some x in input.l\n  x == "zz" # so few\n  not startswith(x, "q")\n]) > 3',
    "not {\n  1,\n  input.n\n} == {2}",
    'not f(input.s) == "b"',
    "every x in input.l { not x == input.no }",
    "x := [1 | not input.no]; x == [1]",
)
SILENT = (
    "not input.no != 3",
    "not input.no > 3",
    "not (input.no > 3)",
    "not input.no + 1 > 3",
    'not startswith(input.no, "x")',
    'not startswith("x", input.no)',
    'not startswith(lower(input.no), "x")',
    'not lower(input.no) == "x"',
    'not "x" in input.no',
    "not input.no in {1}",
    "not 1, input.no in [1]",
    "not [input.no] == [1]",
    'not {"a": input.no} == {"a": 1}',
    "not {input.no} == {1}",
    "not input.l[input.no]",
    "not input.l[input.no] == 1",
    'not {"a": 1}[input.no]',
    "not input.l[undefined_rule]",
    'not object.get(input.no, "x", false)',
    "not is_null(input.no)",
    "not f(input.no)",
    'not f(undefined_rule) == "x"',
    "not count(input.no) > 0",
    'not "x" in input.no with input as {"l": []}',
    'x := input; not startswith(x.no, "y")',
    'x := [1 | not startswith(input.no, "a")]; x == [1]',
    "every x in input.l { not startswith(input.no, x) }",
)  # fmt: skip
INPUT: Json = {"s": "A", "n": 1, "l": ["b", "c"]}
HELPERS = 'f(x) := lower(x)\n\nundefined_rule := "1" if input.missing\n'


def asking(statements: tuple[str, ...]) -> Bundle:
    """Each statement in a rule of its own, once with braces and once without, where it can be."""
    parts = ["package main", "import rego.v1", HELPERS]
    for number, one in enumerate(statements):
        parts.append(f'deny contains "{number}" if {{\n  {one}\n}}')
        if ";" not in one and not one.startswith("every"):
            parts.append(f'warn contains "{number}" if {one}')
            parts.append(f"first_{number} := 1 if {one} else := 2 if not input.no == 4")
            parts.append(f"violation contains sprintf(`{number} %v`, [first_{number}])")
    files = {"p.rego": "\n\n".join(parts).encode()}
    return bundle("team", files, ("main",))


@pytest.fixture(scope="module", params=["opa", "regorus"])
def engine(request: pytest.FixtureRequest) -> Iterator[SupervisedEngine]:
    started: SupervisedEngine
    if request.param == "opa":
        started = opa_engine(examine(needs.opa()), seconds=30)
    else:
        needs.regorus()
        started = RegorusEngine(seconds=30)
    yield started
    started.close()


def messages(engine: SupervisedEngine, statements: tuple[str, ...]) -> dict[str, set[str]]:
    outcome = engine.evaluate(asking(statements), (Document(name="d", content=INPUT),))
    assert isinstance(outcome, Evaluated), outcome
    found: dict[str, set[str]] = {"deny": set(), "warn": set(), "violation": set()}
    for one in outcome.findings:
        found[one.rule].add(one.msg)
    return found


def test_what_is_not_there_makes_a_plain_negation_true(engine: SupervisedEngine) -> None:
    found = messages(engine, FIRES)

    assert {FIRES[int(number)] for number in found["deny"]} == set(FIRES)
    assert len(found["warn"]) > 20
    assert found["violation"] == {f"{number} 1" for number in found["warn"]}


def test_what_is_not_there_makes_a_negated_call_undefined(engine: SupervisedEngine) -> None:
    found = messages(engine, SILENT)

    assert [SILENT[int(number)] for number in found["deny"]] == []
    assert found["warn"] == set()
    assert len(found["violation"]) > 20
    assert {text.split()[1] for text in found["violation"]} == {"2"}


def test_the_lines_of_what_follows_a_negation_stay_what_they_are(engine: SupervisedEngine) -> None:
    text = (
        "package main\nimport rego.v1\n\ndeny contains msg if {\n  not startswith(input.s,\n"
        '    "x")\n  not input.n > 3; not lower(input.s) == "x"\n  msg := to_number(input.s)\n}\n'
    )
    policies = bundle("team", {"a/b.rego": text.encode()}, ("main",))

    outcome = engine.evaluate(policies, (Document(name="d", content=INPUT),))

    assert isinstance(outcome, EvaluationFailed)
    assert (outcome.fault, outcome.path, outcome.line) == (EvaluationFault.RUNTIME, "a/b.rego", 8)


@pytest.mark.parametrize("old", [False, True], ids=["v1", "v0"])
def test_a_negation_is_the_same_in_both_dialects(engine: SupervisedEngine, old: bool) -> None:
    body = '{\n  not startswith(input.no, "x")\n  msg := "negated call"\n}\n'
    other = '{ not input.no; not startswith(input.s, "x"); msg := "fires" }\n'
    head = "deny[msg]" if old else "deny contains msg if"
    text = "package main\n" + "".join(f"{head} {one}" for one in (body, other))

    outcome = engine.evaluate(
        bundle("team", {"p.rego": text.encode()}, ("main",)), (Document(name="d", content=INPUT),)
    )

    assert isinstance(outcome, Evaluated), outcome
    assert [one.msg for one in outcome.findings] == ["fires"]


@pytest.mark.parametrize(
    ("statement", "hint"),
    [
        ('not startswith(input.l[_], "a")', "OPA"),
        ("not input.l[_] == 1", "OPA"),
        ("not input.l[_]", "OPA"),
        ("not startswith(input.s, concat(``, [`a\n`]))", "over several lines"),
    ],
    ids=json.dumps,
)
def test_a_negation_that_cannot_be_written_out_is_refused_with_its_place(
    statement: str, hint: str
) -> None:
    needs.regorus()
    engine = RegorusEngine(seconds=30)
    text = f'package main\nimport rego.v1\ndeny contains "x" if {{\n  {statement}\n}}\n'

    outcome = engine.evaluate(
        bundle("team", {"p.rego": text.encode()}, ("main",)), (Document(name="d", content=INPUT),)
    )
    engine.close()

    assert isinstance(outcome, EvaluationFailed)
    assert (outcome.fault, outcome.path, outcome.line) == (
        EvaluationFault.UNSUPPORTED,
        "p.rego",
        4,
    )
    assert hint in outcome.detail


def test_a_variable_may_be_named_as_the_version_that_is_imported(engine: SupervisedEngine) -> None:
    text = (
        "package main\nimport rego.v1\ndeny contains msg if {\n  some v1\n  msg := input.l[v1]\n}\n"
    )
    policies = bundle("team", {"p.rego": text.encode()}, ("main",))

    outcome = engine.evaluate(policies, (Document(name="d", content=INPUT),))

    assert isinstance(outcome, Evaluated), outcome
    assert [one.msg for one in outcome.findings] == ["b", "c"]


ITEMS: tuple[Json, ...] = (
    [{"id": "a"}, {}],
    [{}, {"id": "a"}],
    [{}, {"id": "a"}, {}],
    [{}],
    [],
    [{"id": "a"}, {"id": "b"}],
)


@pytest.mark.parametrize("items", ITEMS, ids=json.dumps)
@pytest.mark.parametrize(
    "rule",
    [
        "deny contains x.id if some x in input.items",
        "deny contains x.id if { some x in input.items }",
        "deny contains x.id if { some x in input.items; true # why\n  # what\n}",
        'deny contains {"msg": x.id} if {\n  some x in input.items\n  not x.odd\n}',
        'deny contains sprintf("%s", [x.id]) if { x := input.items[_] }',
        "deny contains {`msg`: input.items[i].id, `i`: i} if input.items[i]",
        "deny contains f(x) if some x in input.items\n\nf(x) := x.id",
        "deny contains id(x) if some x in input.items\n\nid(x) := y.id if some y in [x]",
        "deny contains x if q[x]\n\nq[x.id] := 1 if some x in input.items",
        'deny contains x if x := q["a"]\n\nq["a"] := x.id if some x in [input.items[0]]',
        "deny contains q if true\n\nq := x.id if some x in [input.items[0]]",
        (
            "deny contains q if true\n\n"
            'q := x.id if { some x in input.items; x.odd } else := "other" if some y in input.items'
        ),
    ],
)
def test_a_head_without_value_gives_nothing_and_takes_nothing_away(
    engine: SupervisedEngine, rule: str, items: Json
) -> None:
    policies = bundle(
        "team", {"p.rego": f"package main\nimport rego.v1\n{rule}\n".encode()}, ("main",)
    )
    assert isinstance(items, list)

    outcome = engine.evaluate(policies, (Document(name="d", content={"items": items}),))

    assert isinstance(outcome, Evaluated), outcome
    found = {one.msg for one in outcome.findings}
    if "other" in rule:
        assert found == ({"other"} if items else set())
    elif "items[0]" in rule:
        assert found == {one["id"] for one in items[:1] if isinstance(one, dict) and one}
    else:
        assert found == {one["id"] for one in items if isinstance(one, dict) and one}


@pytest.mark.parametrize("items", ITEMS, ids=json.dumps)
@pytest.mark.parametrize(
    "rule",
    [
        "deny contains input.items[_].id",
        "deny contains lower(input.items[_].id)",
        'deny contains sprintf("%s", [input.items[_].id]) if true',
        'deny contains {"msg": input.items[_].id, "n": 1, "x": x} if some x in ["{"]',
        "deny contains (input.items[_].id) if { true }",
        "deny contains q[_]\n\nq := [x | x := input.items[_].id]",
        'deny[lower(input.items[_].id)]\n\nwarn["v0"] { false }',
        "deny[input.items[_].id] { true }",
        "deny[x] { q[x] }\n\nq[input.items[_].id]",
    ],
)  # fmt: skip
def test_a_head_that_iterates_finds_what_is_there(
    engine: SupervisedEngine, rule: str, items: Json
) -> None:
    version = "" if "[" in rule[:6] else "import rego.v1\n"
    policies = bundle("team", {"p.rego": f"package main\n{version}{rule}\n".encode()}, ("main",))
    assert isinstance(items, list)

    outcome = engine.evaluate(policies, (Document(name="d", content={"items": items}),))

    assert isinstance(outcome, Evaluated), outcome
    found = {one.msg for one in outcome.findings}
    assert found == {one["id"] for one in items if isinstance(one, dict) and one}


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        ("deny contains x if x := q\nq := input.items[_].id", True),
        ("deny contains x if q[x]\nq[input.items[_].id] := 1", True),
        ("deny contains concat(`,`, [\n  input.items[_].id])", True),
        ("deny contains input.items[_]", False),
    ],
)
def test_another_head_that_iterates_over_what_may_be_missing_is_refused(
    rule: str, refused: bool
) -> None:
    needs.regorus()
    engine = RegorusEngine(seconds=30)
    made = bundle("team", {"p.rego": f"package main\nimport rego.v1\n{rule}\n".encode()}, ("main",))
    outcome = engine.evaluate(made, (Document(name="d", content={"items": ["a"]}),))
    engine.close()

    assert isinstance(outcome, EvaluationFailed) == refused, outcome
    if isinstance(outcome, EvaluationFailed):
        assert outcome.fault is EvaluationFault.UNSUPPORTED
        assert outcome.line in {3, 4}


def test_a_value_without_a_body_needs_nothing(engine: SupervisedEngine) -> None:
    text = (
        "package main\nimport rego.v1\np := 1 if input.no else := lower(input.s)\n"
        "q := 1 if input.no else := input.no\nr := input.no if true else := lower(input.s)\n"
        'deny contains p\nwarn contains r\ndeny contains "q" if q\n'
    )
    policies = bundle("team", {"p.rego": text.encode()}, ("main",))

    outcome = engine.evaluate(policies, (Document(name="d", content=INPUT),))

    assert isinstance(outcome, Evaluated), outcome
    assert [(one.rule, one.msg) for one in outcome.findings] == [("deny", "a"), ("warn", "a")]
