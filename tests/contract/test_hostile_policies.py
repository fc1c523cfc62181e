"""Policies and inputs that mean harm, on both engines: contained, told why, and the next one works.

Contained means: an answer or a typed failure within the deadline plus a second, nothing of the
bot's environment in it, and no process that stays. Being late is a failure of the engine's port,
which is why this suite, alone, looks at the clock.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mrbot.errors import BadPolicy
from mrbot.ids import Json
from mrbot.policy.bundle import MAX_MODULE_BYTES, MAX_MODULES, MAX_REGO_BYTES, bundle
from mrbot.policy.finding import Bundle, Evaluated, EvaluationFailed, EvaluationFault
from mrbot.policy.seats import cores
from mrbot.policy.supervised import SupervisedEngine
from tests.contract.engines import FINE, LOOP, V1, doc, failed, gone, judged, made, said, start

SECONDS = 2.0
GRACE = 15.0
"""Beyond its deadline, in seconds, after which an evaluation counts as stuck. The contract of `PolicyEngine`
says 1 s, which an idle machine holds; a test cannot know how busy its own is."""
CANARY = "canary-in-the-environment"

PARSE, UNSUPPORTED, SHAPE = (
    EvaluationFault.PARSE,
    EvaluationFault.UNSUPPORTED,
    EvaluationFault.SHAPE,
)
RUNTIME, NAMESPACE = EvaluationFault.RUNTIME, EvaluationFault.NAMESPACE
OUT = {EvaluationFault.TIME, EvaluationFault.MEMORY}


@pytest.fixture(scope="module", params=["opa", "regorus"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def hasty(name: str) -> Iterator[SupervisedEngine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MRBOT_TOKEN", CANARY)
        started = start(name, seconds=SECONDS)
        yield started
        groups = started.pids()
        started.close()
        assert gone(groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an evaluation said, and how long it took, in seconds."""

    said: Evaluated | EvaluationFailed
    seconds: float


def contained(engine: SupervisedEngine, policies: Bundle, content: Json = None) -> Outcome:
    """The outcome, which came in time and holds nothing of the environment; the next one works."""
    began = time.monotonic()
    outcome = engine.evaluate(policies, (doc(content),))
    seconds = time.monotonic() - began
    assert seconds < SECONDS + GRACE, outcome
    assert CANARY not in repr(outcome)
    assert said(judged(engine, FINE, {"fire": 1})) == ["fires"]
    return Outcome(said=outcome, seconds=seconds)


RANGE = 'deny contains "x" if count(numbers.range(1, 4000000000)) == 1\n'
CONCAT = """
s0 := "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
s1 := concat("", [s0 | some i in numbers.range(1, 1000)])
s2 := concat("", [s1 | some i in numbers.range(1, 1000)])
s3 := concat("", [s2 | some i in numbers.range(1, 1000)])
deny contains "x" if count(s3) == 1
"""
DOUBLING = (
    's0 := "aaaaaaaaaa"\n'
    + "".join(f's{n + 1} := replace(s{n}, "a", "aaaaaaaaaa")\n' for n in range(11))
    + 'deny contains "x" if count(s11) == 1\n'
)
LISTS = (
    "s0 := [1, 2, 3, 4, 5, 6, 7, 8]\n"
    + "".join(f"s{n + 1} := array.concat(s{n}, array.concat(s{n}, s{n}))\n" for n in range(22))
    + 'deny contains "x" if count(s22) == 1\n'
)
SET = """
deny contains "x" if {
    all := {x |
        some a in numbers.range(1, 100000)
        some b in numbers.range(1, 100000)
        x := a * b
    }
    count(all) == 1
}
"""
PRODUCTS = """
deny contains "x" if {
    all := [[a, b, c] |
        some a in numbers.range(1, 2000)
        some b in numbers.range(1, 2000)
        some c in numbers.range(1, 2000)
    ]
    count(all) == 1
}
"""
OBJECT = """
deny contains "x" if {
    all := {sprintf("%d-%d", [a, b]): a |
        some a in numbers.range(1, 100000)
        some b in numbers.range(1, 100000)
    }
    count(all) == 1
}
"""
MANY = "deny contains format_int(i, 10) if some i in numbers.range(1, 3000000)\n"
LONG = """
s := concat("", ["0123456789" | some i in numbers.range(1, 100000)])
deny contains concat("", [s, format_int(i, 10)]) if some i in numbers.range(1, 60)
"""
ONE_LONG = """
s := concat("", ["0123456789" | some i in numbers.range(1, 100000)])
deny contains concat("", [s | some i in numbers.range(1, 100)])
"""
FLOOD = """
deny contains "x" if {
    some a in numbers.range(1, 3000)
    some b in numbers.range(1, 3000)
    print("a line that is printed very often", a, b)
    a * b < 0
}
"""
WALK = """
deny contains "x" if {
    walk(input, [path, _])
    walk(input, [other, _])
    walk(input, [third, _])
    count(path) + count(other) + count(third) < 0
}
"""
TREE: Json = [[[[str(a * b * c)] for a in range(8)] for b in range(8)] for c in range(30)]
SUM = "deny contains 1 + " + " + ".join("1" for _ in range(20_000)) + "\n"
MUTUAL = (
    "".join(f"r{n} if r{n + 1}\n" for n in range(3_000)) + 'r3000 := 1\ndeny contains "x" if r0\n'
)
ELSES = "p := 0 if input.x == 0" + "".join(f" else := {n} if input.x == {n}" for n in range(3_000))
DEEP_REFERENCE = "deny contains input" + ".a" * 20_000 + "\n"
COMPREHENSIONS = "deny contains x if {\n x := " + "[y | y := " * 90 + "1" + "]" * 90 + "\n}\n"
WITHS = 'deny contains "x" if input.a' + " with input.a as 1" * 2_000 + "\n"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        pytest.param(LOOP, {EvaluationFault.TIME}, id="endless-loop"),
        pytest.param(RANGE, OUT, id="giant-range"),
        pytest.param(CONCAT, OUT, id="giant-text"),
        pytest.param(
            DOUBLING, OUT | {EvaluationFault.RUNTIME}, id="text-ten-times-as-long-each-time"
        ),
        pytest.param(LISTS, OUT, id="list-three-times-as-long-each-time"),
        pytest.param(SET, OUT, id="giant-set"),
        pytest.param(PRODUCTS, OUT, id="comprehension-of-products"),
        pytest.param(OBJECT, OUT, id="giant-object"),
        pytest.param(MANY, OUT | {SHAPE}, id="millions-of-results"),
        pytest.param(LONG, OUT, id="sixty-results-of-a-megabyte"),
        pytest.param(ONE_LONG, OUT, id="one-result-of-a-hundred-megabytes"),
        pytest.param(FLOOD, {EvaluationFault.TIME}, id="flood-of-prints"),
        pytest.param(WALK, {EvaluationFault.TIME}, id="walks-over-walks"),
    ],
)
def test_a_policy_without_end_is_contained(
    hasty: SupervisedEngine, text: str, faults: set[EvaluationFault]
) -> None:
    outcome = contained(hasty, made(V1 + text), TREE).said

    assert isinstance(outcome, EvaluationFailed), outcome
    assert outcome.fault in faults, outcome
    assert outcome.detail


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SUM, id="a-sum-of-twenty-thousand"),
        pytest.param(MUTUAL, id="a-chain-of-three-thousand-rules"),
        pytest.param(ELSES + '\ndeny contains "x" if p == 1\n', id="three-thousand-elses"),
        pytest.param(DEEP_REFERENCE, id="a-reference-of-twenty-thousand-parts"),
        pytest.param(COMPREHENSIONS, id="ninety-comprehensions-in-each-other"),
        pytest.param(WITHS, id="two-thousand-withs"),
        pytest.param("deny contains -" + "-" * 20_000 + "1\n", id="twenty-thousand-minuses"),
        pytest.param('deny contains "x" if ' + "not " * 20_000 + "input.x\n", id="nots"),
        pytest.param('deny contains sprintf("%999999999d", [1])\n', id="a-number-a-gigabyte-wide"),
        pytest.param(
            'deny contains concat("", [sprintf("%900000d", [i]) | some i in numbers.range(1, 2000)])\n',
            id="many-wide-numbers",
        ),
        pytest.param('deny contains "x" if to_number("1e999999999") % 7 == 1\n', id="exponent"),
        pytest.param('deny contains "x" if 1e999999999 % 7 == 1\n', id="exponent-in-the-policy"),
        pytest.param('deny contains "x" if bits.lsh(1, 9999999999) == 1\n', id="giant-shift"),
        pytest.param(
            'deny contains "x" if regex.match(`^(a+)+$`, concat("", ["a" | some i in'
            " numbers.range(1, 50000)]))\n",
            id="regex-that-backtracks",
        ),
        pytest.param(
            'deny contains "x" if regex.match(`((a{1,900}){1,900}){1,900}`, "a")\n',
            id="regex-that-is-large",
        ),
        pytest.param(
            'deny contains "x" if glob.match("{" , ["."], "a")\n', id="glob-that-does-not-end"
        ),
        pytest.param(
            'deny contains "x" if glob.match("**{a,b}**{a,b}**{a,b}**{a,b}**{a,b}*c", [], concat("",'
            ' ["a" | some i in numbers.range(1, 3000)]))\n',
            id="glob-that-backtracks",
        ),
        pytest.param(
            'deny contains "x" if count(net.cidr_expand("0.0.0.0/0")) == 1\n', id="every-address"
        ),
        pytest.param(
            'deny contains "x" if json.unmarshal(concat("", ["[" | some i in'
            " numbers.range(1, 200000)]))\n",
            id="json-that-is-deep",
        ),
        pytest.param(
            'deny contains "x" if yaml.unmarshal("a: &a [x, x, x, x, x, x, x, x, x]\\nb: &b [*a, *a,'
            " *a, *a, *a, *a, *a, *a, *a]\\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\\nd: &d [*c,"
            " *c, *c, *c, *c, *c, *c, *c, *c]\\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]\\nf: &f"
            ' [*e, *e, *e, *e, *e, *e, *e, *e, *e]\\ng: [*f, *f, *f, *f, *f, *f, *f, *f, *f]") == 1\n',
            id="yaml-that-expands",
        ),
    ],
)
def test_a_strange_policy_is_answered_or_refused_and_nothing_else(
    hasty: SupervisedEngine, text: str
) -> None:
    outcome = contained(hasty, made(V1 + text)).said

    if isinstance(outcome, EvaluationFailed):
        assert outcome.fault not in {EvaluationFault.ENGINE, NAMESPACE}, outcome
        assert outcome.detail


@pytest.mark.parametrize(
    ("policies", "faults"),
    [
        pytest.param(made(V1 + "deny contains }\n"), {PARSE}, id="does-not-parse"),
        pytest.param(
            made(V1 + 'deny contains "x" if a\na if b\nb if a\n'), {PARSE, RUNTIME}, id="recurses"
        ),
        pytest.param(
            made(V1 + 'f(x) := f(x - 1)\ndeny contains "x" if f(9)\n'),
            {PARSE, RUNTIME},
            id="function-recurses",
        ),
        pytest.param(
            made(V1 + 'deny contains "x" if c == 1\nc := 1\nc := 2 if true\n'),
            {RUNTIME, PARSE},
            id="conflicts",
        ),
        pytest.param(made(V1 + "deny := 7\n"), {SHAPE}, id="wrong-shape"),
        pytest.param(
            made(V1 + 'deny contains http.send({"url": "http://127.0.0.1", "method": "get"})\n'),
            {UNSUPPORTED},
            id="calls-the-network",
        ),
        pytest.param(
            made(V1 + "deny contains json.marshal(opa.runtime().env)\n"),
            {UNSUPPORTED},
            id="asks-for-the-environment",
        ),
        pytest.param(
            made(V1 + 'deny contains {"msg": "x", "n": ' + "9" * 5000 + "}\n"),
            {EvaluationFault.ANSWER, EvaluationFault.ENGINE, PARSE, RUNTIME},
            id="a-giant-number",
        ),
        pytest.param(made(""), {PARSE}, id="is-empty"),
        pytest.param(made("# a comment\n"), {PARSE}, id="is-a-comment"),
        pytest.param(made(V1), {NAMESPACE}, id="has-no-rule"),
        pytest.param(made(), {NAMESPACE}, id="is-not-there"),
        pytest.param(
            made(V1 + 'deny contains "x"', namespaces=("prod",)), {NAMESPACE}, id="lacks-namespace"
        ),
        pytest.param(made(V1 + "deny contains [\0]\n"), {PARSE}, id="a-nul-byte"),
        pytest.param(made("\ufeff" + V1 + "deny contains }\n"), {PARSE}, id="a-byte-order-mark"),
        pytest.param(
            made(V1 + '# a comment\rdeny contains "x"\n'), {PARSE}, id="a-lone-carriage-return"
        ),
        pytest.param(
            made(V1 + "deny contains " + "[" * 20_000 + "]" * 20_000 + "\n"),
            {PARSE},
            id="nests-twenty-thousand-deep",
        ),
        pytest.param(
            made(V1 + "deny contains " + "{1 | " * 20_000 + "\n"), {PARSE}, id="never-closes"
        ),
        pytest.param(made(V1 + 'deny contains "x' + "y" * 100_000), {PARSE}, id="never-ends"),
    ],
)
def test_a_policy_that_is_wrong_is_undecidable_with_a_reason(
    hasty: SupervisedEngine, policies: Bundle, faults: set[EvaluationFault]
) -> None:
    outcome = contained(hasty, policies).said

    assert isinstance(outcome, EvaluationFailed), outcome
    assert outcome.fault in faults, outcome
    assert outcome.detail
    if outcome.fault is PARSE and faults == {PARSE}:
        assert outcome.path == "policy/p0.rego", outcome


@pytest.mark.parametrize(
    ("text", "works"),
    [
        pytest.param((V1 + 'deny contains "x"\n').replace("\n", "\r\n"), True, id="crlf"),
        pytest.param("\ufeff" + V1 + 'deny contains "x"\n', None, id="byte-order-mark"),
        pytest.param(V1 + 'deny contains "x"\n# é \u2028 \u202e\n', True, id="odd-comment"),
    ],
)
def test_a_file_with_odd_ends_is_read_by_both_engines_or_by_none(
    hasty: SupervisedEngine, text: str, works: bool | None
) -> None:
    outcome = contained(hasty, made(text)).said

    if works or isinstance(outcome, Evaluated):
        assert isinstance(outcome, Evaluated), outcome
        assert said(outcome) == ["x"]


def test_what_is_not_utf_8_or_too_much_never_reaches_an_engine() -> None:
    half = MAX_MODULE_BYTES // 2
    for files, hint in (
        ({"a.rego": b'package main\ndeny contains "\xff"\n'}, "not UTF-8"),
        ({"a.rego": b"#" * (MAX_MODULE_BYTES + 1)}, "more than a Rego file may have"),
        ({f"{n}.rego": b"#" for n in range(MAX_MODULES + 1)}, "Rego files are more than"),
        ({f"{n}.rego": b"#" * half for n in range(17)}, "bytes of Rego are more than"),
    ):
        with pytest.raises(BadPolicy, match=hint):
            bundle("team", files, ("main",))


def test_as_many_files_as_may_be_and_as_much_rego_as_may_be_work(name: str) -> None:
    engine = start(name, seconds=60)
    some = b'package main\nimport rego.v1\ndeny contains "%d"\n'
    files = {f"policy/{n}.rego": some % n for n in range(MAX_MODULES)}
    lines = "".join(
        f'deny contains "{n}" if input.resource[{n}] == "a text"\n' for n in range(2_400)
    )
    large = {
        f"policy/{n}.rego": (V1 + lines).encode() for n in range(MAX_REGO_BYTES // len(lines) - 1)
    }

    assert len(judged(engine, bundle("many", files, ("main",))).findings) == MAX_MODULES
    outcome = engine.evaluate(bundle("large", large, ("main",)), (doc(),))
    engine.close()
    if name == "opa" or isinstance(outcome, Evaluated):
        assert isinstance(outcome, Evaluated), outcome
        assert outcome.findings == ()
    else:  # the embedded engine's syntax tree of 2 MiB does not fit into its memory
        assert outcome.fault is EvaluationFault.MEMORY


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd.rego",
        "a b\n.rego",
        "-rf.rego",
        "m0001.rego",
        "%s%n.rego",
        "é\u202e.rego",
        "x" * 500 + ".rego",
        ".manifest/data.json.rego",
    ],
    ids=ascii,
)
def test_the_names_of_files_are_only_names(hasty: SupervisedEngine, path: str) -> None:
    broken = bundle("team", {path: (V1 + "deny contains msg if true\n").encode()}, ("main",))
    fine = bundle("team", {path: (V1 + 'deny contains "x"\n').encode()}, ("main",))

    outcome = contained(hasty, broken).said

    assert isinstance(outcome, EvaluationFailed)
    assert (outcome.path, outcome.line) == (broken.modules[0].path, 3)
    assert said(judged(hasty, fine)) == ["x"]


# Inputs.

ECHO = made(V1 + 'deny contains {"msg": "m", "value": input.value}\n')


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("\0\x01\x1f\x7f\u0080\u2028\u2029\ufeff\uffff", id="control-characters"),
        pytest.param("\U0001f600\U0010ffff e\u0301 \u202e", id="unicode"),
        pytest.param('"\\/\n\t`{{}}${x}', id="quotes"),
        pytest.param({"\u00e9": 1, "e\u0301": 2, "E": 3, "e": 4}, id="keys-alike"),
        pytest.param({"": {"": [""]}, " ": 0, "a.b": 1, "a/b": 2, "__proto__": 3}, id="odd-keys"),
        pytest.param([2**53 + 1, 2**63, -(2**63), 2**64, 10**20], id="large-numbers"),
        pytest.param([0.1, 1e-7, 1.5e300, -0.0, 5e-324], id="floats"),
        pytest.param([[[[[[[[]]]]]]], {}, None, False, ""], id="empty-things"),
        pytest.param("x" * 1_000_000, id="a-long-text"),
    ],
)
def test_an_odd_input_arrives_as_it_is(hasty: SupervisedEngine, value: Json) -> None:
    [finding] = judged(hasty, ECHO, {"value": value}).findings

    assert finding.metadata == {"value": value}


def test_an_input_of_ten_megabytes_is_judged(name: str) -> None:
    engine = start(name, seconds=60)
    values: Json = [{"name": f"n{n}", "text": "x" * 80, "odd": ["é", n]} for n in range(80_000)]
    policies = made(
        V1 + "deny contains value.name if { some value in input; value.odd[1] == 79999 }\n"
    )

    assert said(judged(engine, policies, values)) == ["n79999"]
    engine.close()


@pytest.mark.parametrize("depth", [121, 1_000, 20_000])
def test_an_input_that_is_deep_is_refused(hasty: SupervisedEngine, depth: int) -> None:
    lists: Json = []
    objects: Json = {}
    for _ in range(depth):
        lists, objects = [lists], {"a": objects}

    for content in (lists, objects):
        outcome = contained(hasty, FINE, content).said
        assert isinstance(outcome, EvaluationFailed)
        assert outcome.fault is UNSUPPORTED
        assert "nests deeper" in outcome.detail


# Engines that are struck down.


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_an_engine_that_is_struck_while_it_is_asked_fails_and_is_replaced(
    name: str, blow: signal.Signals
) -> None:
    engine = start(name, seconds=5)
    policies = made(V1 + LOOP + 'warn contains "y"\n')
    outcomes: list[Evaluated | EvaluationFailed] = []
    thread = threading.Thread(
        target=lambda: outcomes.append(engine.evaluate(policies, (doc(),))), daemon=True
    )
    began = time.monotonic()
    thread.start()
    while not engine.pids():
        thread.join(0.01)
    thread.join(0.1)
    groups = engine.pids()
    for pid in groups:
        os.killpg(pid, blow)
    thread.join(20)
    seconds = time.monotonic() - began

    [outcome] = outcomes
    assert isinstance(outcome, EvaluationFailed)
    expected = EvaluationFault.ENGINE if blow is signal.SIGKILL else EvaluationFault.TIME
    assert outcome.fault is expected
    assert seconds < 5 + GRACE
    assert said(judged(engine, FINE, {"fire": 1})) == ["fires"]
    groups += engine.pids()
    engine.close()
    assert gone(groups)


def test_an_engine_that_was_stopped_before_it_is_asked_is_replaced(name: str) -> None:
    engine = start(name, seconds=SECONDS)
    assert said(judged(engine, FINE, {"fire": 1})) == ["fires"]
    [group] = engine.pids()
    os.killpg(group, signal.SIGSTOP)

    outcome = failed(engine, FINE, {"fire": 1})

    assert outcome.fault is EvaluationFault.TIME
    assert said(judged(engine, FINE, {"fire": 1})) == ["fires"]
    engine.close()
    assert gone([group])


def test_a_policy_that_takes_all_its_time_takes_none_from_another(name: str) -> None:
    engine = start(name, seconds=SECONDS)
    assert said(judged(engine, FINE, {"fire": 1})) == ["fires"]
    thread = threading.Thread(target=lambda: failed(engine, made(V1 + LOOP)), daemon=True)
    thread.start()
    while len(engine.pids()) < 2 and thread.is_alive():
        thread.join(0.01)

    outcomes = [engine.evaluate(FINE, (doc({"fire": 1}),)) for _ in range(5)]
    thread.join(10)
    engine.close()

    for one in outcomes:
        if cores() > 1:
            assert isinstance(one, Evaluated), one
        else:  # the only turn is taken
            assert isinstance(one, Evaluated) or "kept the engine busy" in one.detail
