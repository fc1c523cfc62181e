"""One suite over both Rego engines: the same answers, and the same failures told apart.

Where the engines differ by nature, the table says so.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mrbot.errors import BadPolicy
from mrbot.ids import Digest, Json
from mrbot.policy.finding import (
    Bundle,
    Document,
    Evaluated,
    EvaluationFailed,
    EvaluationFault,
    Module,
)
from mrbot.policy.notice import MAX_WORDS, Event, Notice
from mrbot.policy.opa.binary import examine
from mrbot.policy.opa.engine import opa_engine
from mrbot.policy.supervised import SupervisedEngine
from tests import needs
from tests.contract.engines import FINE, LOOP, V1, doc, failed, judged, made, members, said, start


@pytest.fixture(scope="module", params=["opa", "regorus"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def engine(name: str) -> Iterator[SupervisedEngine]:
    started = start(name)
    yield started
    started.close()


# What an engine must refuse although nothing is wrong with what it found: nothing was asked.


@pytest.mark.parametrize(
    ("policies", "hint"),
    [
        pytest.param(made(), "there is no package 'main'", id="no-modules"),
        pytest.param(made(V1, namespaces=()), "no namespace is named", id="no-namespaces"),
        pytest.param(made(V1), "no rule of package main counts", id="empty-package"),
        pytest.param(made(V1 + "x := 1\n"), "no rule of package main counts", id="no-rule-counts"),
        pytest.param(
            made(V1 + "# deny contains 1\nx := `deny`\n"), "no rule", id="only-in-comments-and-text"
        ),
        pytest.param(
            made(V1 + 'deny contains "x"', namespaces=("main", "mian")),
            "there is no package 'mian' in team; its packages are main",
            id="missing-namespace",
        ),
        pytest.param(
            made(V1 + 'deny contains "x"', namespaces=("main", "lib.*")),
            "there is no package 'lib.*'",
            id="glob-that-matches-nothing",
        ),
    ],
)
def test_asking_nothing_is_a_failure(engine: SupervisedEngine, policies: Bundle, hint: str) -> None:
    outcome = failed(engine, policies)

    assert outcome.fault is EvaluationFault.NAMESPACE
    assert hint in outcome.detail


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('warn contains "x" if false\n', id="only-a-warn-rule"),
        pytest.param('deny contains "x" if input.fire\n', id="a-rule-that-does-not-fire"),
        pytest.param('deny := ["x"] if input.fire\n', id="a-list-that-is-undefined"),
        pytest.param("deny := []\n", id="an-empty-list"),
    ],
)
def test_rules_that_do_not_fire_pass(engine: SupervisedEngine, text: str) -> None:
    assert judged(engine, made(V1 + text)).findings == ()


def test_without_documents_the_policies_are_still_checked(engine: SupervisedEngine) -> None:
    assert isinstance(engine.evaluate(FINE, ()), Evaluated)
    broken = engine.evaluate(made(V1 + "deny contains }\n"), ())
    assert isinstance(broken, EvaluationFailed)


# The same bundle, the same findings.

SAME = """
deny contains "plain" if input.n == 1

deny_public contains {"msg": m, "_loc": {"file": "a.tf", "line": 3}, "cis": "1.2"} if {
    some b in input.buckets
    b.acl == "public-read"
    m := sprintf("%s is public", [b.name])
}

violation_tags contains msg if {
    some b in input.buckets
    not b.tags.owner
    msg := concat(" ", [b.name, "has no owner"])
}

warn_old := ["a list too"]

warn_walk contains sprintf("%v", [path]) if {
    walk(input, [path, value])
    value == "needle"
}

exception contains ["tags"] if input.lenient

require contains {"msg": "data", "count": 2, "groups": ["dba", "dba"]} if data.strict

deny_fn(x) := x

helper := "broken" if to_number("x") == 1

deny_uses_fn contains "fn" if deny_fn(1) == 2
"""


def test_both_engines_find_the_same() -> None:
    policies = made(
        V1 + SAME,
        'package main.v0\ndeny[msg] { input.n == 1; msg := "old" }\nwarn["const"] { true }\n',
        "package lib\nimport rego.v1\nx := 1\n",
        namespaces=("main", "main.*"),
        strict=True,
    )
    buckets: Json = [
        {"name": "a", "acl": "public-read", "tags": {"owner": "x"}},
        {"name": 'é "q"\n', "acl": "private", "tags": {}},
    ]
    contents: tuple[Json, ...] = (
        {},
        {"n": 1, "buckets": buckets, "deep": {"list": [{"k": "needle"}]}},
        {"n": 1, "buckets": buckets, "lenient": True},
        {"n": 1.0, "big": 12345678901234567890, "float": 0.5},
    )
    outcomes = []
    for each in ("opa", "regorus"):
        engine = start(each)
        outcomes.append(judged(engine, policies, *contents))
        engine.close()
    opa, regorus = outcomes

    assert opa.findings == regorus.findings
    assert opa.demands == regorus.demands
    assert opa.namespaces == regorus.namespaces == ("main", "main.v0")
    assert len(opa.findings) == 19
    assert {finding.excepted for finding in opa.findings} == {None, 'main.exception["tags"]'}
    [demand] = opa.demands
    assert (demand.count, demand.groups) == (2, ("dba",))
    [located, _] = [finding for finding in opa.findings if finding.rule == "deny_public"]
    assert (located.path, located.line, located.metadata) == ("a.tf", 3, {"cis": "1.2"})


@pytest.mark.parametrize("content", [{}, [], None, False, "", 0], ids=repr)
def test_an_empty_input_is_still_the_input(engine: SupervisedEngine, content: Json) -> None:
    policies = made(V1 + "deny contains json.marshal(input) if input == input\n")

    outcome = engine.evaluate(policies, (Document(name="d", content=content),))

    assert isinstance(outcome, Evaluated)
    assert said(outcome) == [json.dumps(content)]


def test_findings_name_the_document_they_are_about(engine: SupervisedEngine) -> None:
    documents = (doc({"fire": 1}, "first"), doc({}, "second"), doc({"fire": 1}, "third"))

    outcome = engine.evaluate(FINE, documents)

    assert isinstance(outcome, Evaluated)
    assert [finding.document for finding in outcome.findings] == ["first", "third"]


def test_a_package_may_have_any_name(engine: SupervisedEngine) -> None:
    policies = made(
        'package a["b-c"].d\nimport rego.v1\ndeny contains "odd"\n', namespaces=('a["b-c"].d',)
    )
    assert said(judged(engine, policies)) == ["odd"]


@pytest.mark.parametrize("rule", ["sub.deny", 'sub["deny"]', 'sub["\\u0064eny"]'])
def test_a_rule_defined_from_the_package_above_is_asked(
    engine: SupervisedEngine, rule: str
) -> None:
    above = f'package top\nimport rego.v1\n{rule} contains "from above"\n'
    below = 'package top.sub\nimport rego.v1\nwarn contains "own"\n'

    assert said(judged(engine, made(above, below, namespaces=("top.sub",)))) == [
        "from above",
        "own",
    ]


@pytest.mark.parametrize("number", [0, *range(1, 32), 127, 0x85, 0xA0, 0x2028, 0x202E, 0xFEFF])
@pytest.mark.parametrize("place", ["# c%s\n", '"%s" != "x"\n', "`%s` != 1\n", "%s\n"])
def test_no_character_hides_what_follows_it(
    engine: SupervisedEngine, number: int, place: str
) -> None:
    text = V1 + "warn contains 1 if {\n  false\n  " + place % chr(number) + "}\n"
    try:
        policies = made(text.replace("contains 1", 'contains "w"') + 'deny contains "found"\n')
    except BadPolicy:
        return
    outcome = engine.evaluate(policies, (doc(),))
    assert isinstance(outcome, EvaluationFailed) or said(outcome) == ["found"]


def test_bundles_do_not_see_each_other(engine: SupervisedEngine) -> None:
    secret = made(V1 + "deny contains data.secret\n", secret="mine")
    spy = made(V1 + 'deny contains data.secret\nwarn contains "looked"\n')

    assert said(judged(engine, secret)) == ["mine"]
    assert said(judged(engine, spy)) == ["looked"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"main": {"deny": []}}, id="a-rule"),
        pytest.param({"main": {"other": 1}}, id="the-package"),
        pytest.param({"main": []}, id="not-an-object"),
    ],
)
def test_data_cannot_take_the_place_of_rules(engine: SupervisedEngine, data: Json) -> None:
    assert isinstance(data, dict)
    clash = made(V1 + 'deny contains "x"\n', main=data["main"])
    twin = made(V1 + 'deny contains "x"\n', mains=data["main"])

    assert failed(engine, clash).fault is EvaluationFault.PARSE
    assert said(judged(engine, twin)) == ["x"]


def test_an_input_does_not_outlive_its_question(engine: SupervisedEngine) -> None:
    assert said(judged(engine, FINE, {"fire": True})) == ["fires"]
    assert said(judged(engine, FINE, {})) == []


# Failures, each of its kind, each with its place.


@pytest.mark.parametrize(
    ("text", "faults", "line"),
    [
        pytest.param("deny contains }\n", {EvaluationFault.PARSE}, 3, id="syntax"),
        pytest.param(
            'deny contains "x" if nope\n', {EvaluationFault.PARSE}, 3, id="undefined-variable"
        ),
        pytest.param(
            "deny contains msg if true\n", {EvaluationFault.PARSE}, 3, id="unsafe-variable"
        ),
        pytest.param(
            "deny contains x if {\n  x := nosuch.fn(1)\n}\n",
            {EvaluationFault.UNSUPPORTED},
            4,
            id="unknown-function",
        ),
        pytest.param(
            'deny contains "x" if a\na if b\nb if a\n',
            {EvaluationFault.PARSE, EvaluationFault.RUNTIME},
            None,
            id="recursion",
        ),
        pytest.param(
            'deny contains "x" if c == 1\nc := 1 if input.x\nc := 2 if input.x\n',
            {EvaluationFault.RUNTIME},
            None,
            id="conflict",
        ),
        pytest.param(
            'deny contains "x" if to_number(input.text) == 1\n',
            {EvaluationFault.RUNTIME},
            3,
            id="function-fails",
        ),
    ],
)
def test_a_policy_that_does_not_work_is_a_failure_with_its_place(
    engine: SupervisedEngine, text: str, faults: set[EvaluationFault], line: int | None
) -> None:
    outcome = failed(engine, made(V1 + text), {"x": 1, "text": "no number"})

    assert outcome.fault in faults, outcome
    assert outcome.path == "policy/p0.rego"
    assert line in {None, outcome.line}
    assert "m0000" not in outcome.detail
    assert "question" not in outcome.detail
    assert outcome.engine == engine.engine


@pytest.mark.parametrize(
    ("function", "why"),
    [
        ('http.send({"url": "http://127.0.0.1"})', "may not reach the network"),
        ('net.lookup_ip_addr("localhost")', "may not reach the network"),
        ("opa.runtime()", "environment"),
        ('rand.intn("x", 3)', "different each time"),
        ('uuid.rfc4122("x")', "different each time"),
    ],
)
def test_what_no_policy_may_call_is_refused_before_it_runs(
    engine: SupervisedEngine, function: str, why: str
) -> None:
    text = V1 + f'deny contains "never" if {{\n  false\n  x := {function}\n  x\n}}\n'

    outcome = failed(engine, made(text))

    assert outcome.fault is EvaluationFault.UNSUPPORTED
    assert why in outcome.detail
    assert (outcome.path, outcome.line) == ("policy/p0.rego", 5)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("deny if true\n", id="boolean"),
        pytest.param('deny := "text"\n', id="string"),
        pytest.param("deny := false\n", id="false"),
        pytest.param('deny["key"] if true\n', id="partial-object"),
        pytest.param("deny contains 1\n", id="number-in-set"),
        pytest.param('deny contains ["x"]\n', id="list-in-set"),
        pytest.param('deny contains {"message": "x"}\n', id="no-msg"),
        pytest.param('deny contains {"msg": 1}\n', id="msg-not-text"),
        pytest.param('warn contains {"msg": "x", "_loc": "a.tf:3"}\n', id="odd-location"),
        pytest.param('deny contains "x"\nexception contains "x"\n', id="exception-not-lists"),
        pytest.param('require contains {"msg": "x", "count": 1}\n', id="nobody-required"),
        pytest.param('require contains {"msg": "x", "groups": ["g"], "n": 1}\n', id="unknown-key"),
        pytest.param('require contains {"msg": "x", "groups": ["g"], "count": 0}\n', id="count-0"),
    ],
)
def test_a_result_of_the_wrong_shape_is_a_failure(engine: SupervisedEngine, text: str) -> None:
    outcome = failed(engine, made(V1 + text))

    assert outcome.fault is EvaluationFault.SHAPE
    assert "main." in outcome.detail


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('deny[msg] { msg := "old" }\n', id="plain-v0"),
        pytest.param(
            'import future.keywords\ndeny[msg] { msg := "old" }\nx if true\n', id="v0-with-keywords"
        ),
        pytest.param('deny contains "old"\n', id="v1-unmarked"),
    ],
)
def test_a_file_is_read_in_its_own_dialect(engine: SupervisedEngine, text: str) -> None:
    assert said(judged(engine, made("package main\n" + text))) == ["old"]


def test_an_expression_means_the_same_by_its_old_name(engine: SupervisedEngine) -> None:
    text = (
        "package main\n"
        'deny["no digit in ASCII"] { not re_match(`\\d`, "\u0663") }\n'
        'deny["not taken"] { re_match(`\\w`, "\u00e9") }\n'
    )

    assert said(judged(engine, made(text))) == ["no digit in ASCII"]


def test_a_file_of_both_dialects_is_refused_and_told_how_to_say_which(
    engine: SupervisedEngine,
) -> None:
    text = 'package main\ndeny[msg] { msg := "old" }\nwarn contains "new" if true\n'

    outcome = failed(engine, made(text))

    assert (outcome.fault, outcome.path, outcome.line) == (
        EvaluationFault.PARSE,
        "policy/p0.rego",
        2,
    )
    assert "import rego.v1" in outcome.detail


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"a": "\ud800"}, id="half-a-character"),
        pytest.param({"\udfff": 1}, id="half-a-character-in-a-key"),
        pytest.param({"a": float("nan")}, id="not-a-number"),
        pytest.param({"a": float("inf")}, id="infinite"),
        pytest.param({"a": 10**5000}, id="five-thousand-digits"),
    ],
)
def test_an_input_that_is_not_json_is_a_failure(engine: SupervisedEngine, content: Json) -> None:
    assert failed(engine, FINE, content).fault is EvaluationFault.UNSUPPORTED
    assert said(judged(engine, FINE, {"fire": 1})) == ["fires"]


def test_an_input_nested_twenty_thousand_deep_is_a_failure(engine: SupervisedEngine) -> None:
    content: Json = []
    for _ in range(20_000):
        content = [content]

    assert failed(engine, FINE, content).fault is EvaluationFault.UNSUPPORTED


@pytest.mark.parametrize("package", ["system", "system.authz", "mrbot_question"])
def test_no_policy_may_take_the_engine_s_own_packages(
    engine: SupervisedEngine, package: str
) -> None:
    text = f'package {package}\nimport rego.v1\nallow := true\ndeny contains "x"\n'

    outcome = failed(engine, made(V1 + 'deny contains "x"\n', text))

    assert "reserved" in outcome.detail


def test_a_policy_cannot_read_the_proof_of_the_answer(engine: SupervisedEngine) -> None:
    outcome = failed(engine, made(V1 + "deny contains data.mrbot_question.answer.proof\n"))

    assert outcome.fault in {EvaluationFault.PARSE, EvaluationFault.RUNTIME}


def test_many_bundles_share_few_processes(name: str) -> None:
    engine = start(name, judges=2)
    for round_ in range(2):
        for number in range(4):
            policies = made(V1 + f'deny contains "{number}"\n')
            assert said(judged(engine, policies)) == [str(number)], round_
    assert len(engine.pids()) == 2
    engine.close()
    assert engine.pids() == ()


def test_threads_may_ask_at_once(engine: SupervisedEngine) -> None:
    outcomes: list[list[str]] = []

    def ask(number: int) -> None:
        policies = made(V1 + f'deny contains "{number % 3}"\n')
        outcomes.append(said(judged(engine, policies)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [["0"]] * 3 + [["1"]] * 3 + [["2"]] * 3


def test_an_engine_killed_between_questions_is_replaced_at_once(name: str) -> None:
    told: list[Notice] = []
    engine = start(name, watch=told.append)
    policies = made(V1 + 'deny contains sprintf("%v", [input.n])\n')
    assert said(judged(engine, policies, {"n": 1})) == ["1"]

    [group] = engine.pids()
    os.killpg(group, signal.SIGKILL)
    while members(group):
        time.sleep(0.01)
    assert said(judged(engine, policies, {"n": 2})) == ["2"]
    engine.close()

    assert [one.event for one in told] == [Event.STARTED, Event.DIED, Event.STARTED]
    assert {(one.policy, one.digest, one.engine) for one in told} == {
        ("team", policies.digest, engine.engine)
    }
    assert [one.pid == group for one in told] == [True, True, False]


def test_only_opa_itself_killed_between_questions_is_replaced_at_once() -> None:
    engine = start("opa")
    assert said(judged(engine, FINE, {"fire": 1})) == ["fires"]

    [group] = engine.pids()
    os.kill(group, signal.SIGSTOP)  # its keeper is slow to notice
    for child in set(members(group)) - {group}:
        os.kill(child, signal.SIGKILL)
        while child in members(group):
            time.sleep(0.01)

    assert said(judged(engine, FINE, {"fire": 1})) == ["fires"]
    assert engine.pids() != (group,)
    engine.close()


def test_an_engine_killed_while_it_is_asked_is_a_failure_and_not_an_answer(name: str) -> None:
    told: list[Notice] = []
    engine = start(name, seconds=30, watch=told.append)
    policies = made(V1 + LOOP + 'warn contains "y"\n')
    outcomes: list[object] = []
    thread = threading.Thread(
        target=lambda: outcomes.append(engine.evaluate(policies, (doc(),))), daemon=True
    )
    thread.start()
    while not engine.pids():
        thread.join(0.01)
    thread.join(0.1)
    for pid in engine.pids():
        os.killpg(pid, signal.SIGKILL)
    thread.join(10)

    [outcome] = outcomes
    assert isinstance(outcome, EvaluationFailed)
    assert outcome.fault is EvaluationFault.ENGINE
    assert "time" not in outcome.detail
    assert said(judged(engine, FINE, {"fire": 1})) == ["fires"]
    engine.close()
    assert [one.event for one in told] == [Event.STARTED, Event.LOST, Event.STARTED]
    assert str(EvaluationFault.ENGINE) in told[1].words
    assert len(told[1].words) <= MAX_WORDS


PARENT = """
import sys, time
sys.path[:0] = sys.argv[2:]
from tests.contract.engines import FINE, doc, start
engine = start(sys.argv[1])
engine.evaluate(FINE, (doc(),))
print(*engine.pids(), flush=True)
time.sleep(60)
"""


def test_no_process_outlives_a_parent_that_is_killed(name: str) -> None:
    start(name).close()
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, name, str(needs.ROOT)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    [group] = map(int, parent.stdout.readline().split())
    assert members(group)

    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(500):
        if not members(group):
            break
        time.sleep(0.01)

    assert members(group) == []


def test_no_process_sees_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRBOT_SECRET", "planted")
    engine = start(name)
    judged(engine, FINE)

    [group] = engine.pids()
    seen = [Path(f"/proc/{pid}/environ").read_bytes() for pid in members(group)]
    engine.close()

    assert seen
    assert not [text for text in seen if b"planted" in text]


def test_a_closed_engine_gives_no_answer(name: str) -> None:
    engine = start(name)
    judged(engine, FINE)
    engine.close()

    assert failed(engine, FINE).fault is EvaluationFault.ENGINE
    assert engine.pids() == ()


def test_the_digest_of_other_content_is_another_process(engine: SupervisedEngine) -> None:
    one, two = made(V1 + 'deny contains "1"\n'), made(V1 + 'deny contains "2"\n')

    assert said(judged(engine, one)) == ["1"]
    assert said(judged(engine, two)) == ["2"]
    assert one.digest != two.digest


def test_module_paths_are_only_names(engine: SupervisedEngine) -> None:
    odd = Module(path="../../etc/x y\n.rego", text=V1 + "deny contains msg if true\n")
    base = made(V1 + 'deny contains "x"\n')

    outcome = failed(engine, replace(base, modules=(odd,), digest=Digest(base.digest[:-1] + "x")))

    assert (outcome.path, outcome.line) == (odd.path, 3)
    assert not Path("/etc/x y\n.rego").exists()


# What only the embedded engine lacks, and only OPA has.


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("deny contains v if {\n  v := walk(input)\n}\n", 4, "walk(x, [path, value])"),
        ('deny contains "x" if graphql.is_valid("x", "y")\n', 3, "graphql.is_valid"),
        ('deny contains "x" if yaml.marshal({}) == "x"\n', 3, "quotes and indents"),
        ("deny contains x if { some x; data.main[x] }\n", 3, "holds this very rule"),
        ('deny contains "x" if any([true])\n', 3, "v0 only"),
        ('deny contains $"x {input.a}"\n', 3, "template strings"),
        ('p[x].q contains 1 if x := 2\ndeny contains "y" if p[2].q[1]\n', 3, "variable inside"),
    ],
)
def test_what_the_embedded_engine_lacks_is_refused_with_its_place(
    text: str, line: int, hint: str
) -> None:
    engine = start("regorus")
    outcome = failed(engine, made(V1 + text))
    engine.close()

    assert outcome.fault is EvaluationFault.UNSUPPORTED
    assert (outcome.path, outcome.line) == ("policy/p0.rego", line)
    assert hint in outcome.detail


def test_the_embedded_engine_tells_which_rules_depend_on_each_other() -> None:
    engine = start("regorus")
    outcome = failed(engine, made(V1 + 'deny contains "x" if a\na if b\nb if a\n'))
    engine.close()

    circle = "policy/p0.rego:4 -> policy/p0.rego:5 -> policy/p0.rego:4"
    assert outcome.detail == f"a rule depends on itself: {circle}"
    assert outcome.line == 4


OBJECTS: Json = [{"name": "a", "t": 1}, {"name": "b", "t": 1, "more": 1}]


@pytest.mark.parametrize(
    ("statement", "benign"),
    [
        ('some {"name": n} in input.o', "some o in input.o; n := o.name"),
        ('some o in input.o; {"name": n, "t": _} = o', "some o in input.o; n := o.name; o.t == 1"),
        ('some o in input.o; o = {"name": n, "t": _}', 'n := "a"; o = {"name": n}; o.name == n'),
        ('some o in input.o; f(o) = {"name": n, "t": _}', "some o in input.o; n := f(o).name"),
        ('walk(input, [_, {"name": n, "t": _}])', "walk(input, [_, o]); n := o.name"),
        ('some o in input.o; f(o, {"name": n, "t": _})', 'n := f({"name": "a"}).name'),
        ('count([1 | {"name": m} = input.o[_]]); n := "x"', 'm := "x"; o := {"m": m}; n := o.m'),
    ],
)
def test_an_object_pattern_that_the_embedded_engine_would_match_loosely_is_refused(
    statement: str, benign: str
) -> None:
    text = V1 + "f(x) := x\ndeny contains n if {{\n  {}\n}}\n"
    engine = start("regorus")
    outcome = failed(engine, made(text.format(statement)), {"o": OBJECTS})
    twin = judged(engine, made(text.format(benign)), {"o": OBJECTS})
    engine.close()

    assert (outcome.fault, outcome.line) == (EvaluationFault.UNSUPPORTED, 5)
    assert twin.findings


def test_functions_of_the_policies_own_are_not_mistaken_for_missing_ones(
    engine: SupervisedEngine,
) -> None:
    lib = "package lib.util\nimport rego.v1\nf(x) := x + 1\ndefault g(_) := 0\ng(x) := x if x > 1\n"
    text = V1 + (
        "import data.lib.util as u\nimport data.lib\nown(x) := u.f(x)\n"
        'deny contains "a" if own(1) == 2\ndeny contains "b" if lib.util.g(2) == 2\n'
        'deny contains "c" if data.lib.util.f(1) == 2\ndeny contains "d" if data.main.own(1) == 2\n'
        'deny contains "e" if count(set()) == 0\n'
    )
    assert said(judged(engine, made(text, lib))) == list("abcde")


def test_opa_is_not_misled_by_a_proxy_or_a_netrc(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login x password y\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    engine = start("opa")
    assert said(judged(engine, FINE, {"fire": 1})) == ["fires"]
    engine.close()


def test_an_opa_that_was_replaced_is_not_used(tmp_path: Path) -> None:
    program = tmp_path / "opa"
    program.symlink_to(needs.opa())
    engine = opa_engine(examine(str(program)), seconds=10)
    program.unlink()
    program.write_text("#!/bin/sh\n")

    assert "restart mrbot" in failed(engine, FINE).detail
