from __future__ import annotations

import pytest

from mrbot.ids import Json
from mrbot.policy.conventions import MAX_RESULTS, Judged, Origin, counts, judge
from mrbot.policy.failure import Failure
from mrbot.policy.finding import Document, EvaluationFault, Severity


def ask(values: dict[str, Json], content: Json = None) -> Judged:
    judged = judge(values, origin(content))
    assert isinstance(judged, Judged), judged
    return judged


def origin(content: Json = None) -> Origin:
    return Origin(policy="team", namespace="main", document=Document(name="d", content=content))


def test_a_finding_is_about_the_file_that_was_judged_unless_it_names_another() -> None:
    document = Document(name="a.yaml#2", path="a.yaml", content=None)
    own = Origin(policy="team", namespace="main", document=document)
    judged = judge({"deny": ["x", {"msg": "y", "_loc": {"file": "b.yaml"}}]}, own)

    assert isinstance(judged, Judged)
    assert [(one.path, one.about) for one in judged.findings] == [
        (None, "a.yaml"),
        ("b.yaml", "b.yaml"),
    ]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        *((name, True) for name in ("deny", "warn", "violation", "deny_a", "warn_a_B2_c")),
        *((name, True) for name in ("exception", "require")),
        *((name, False) for name in ("", "deny_", "deny__a", "denya", "Deny", "deny_a-b", "xdeny")),
        *((name, False) for name in ("exceptions", "require_x", "exception_a", "deny\n")),
    ],
)
def test_rules_count_by_their_names(name: str, asked: bool) -> None:
    assert counts(name) is asked


def test_nothing_is_found_in_nothing() -> None:
    assert ask({}) == Judged()
    assert ask({"deny": [], "warn_a": [], "exception": [], "require": []}) == Judged()
    assert ask({"helper": 1, "denied": "x"}) == Judged()


def test_strings_and_objects_are_findings_in_a_fixed_order() -> None:
    values: dict[str, Json] = {
        "warn_z": ["w"],
        "deny": ["b", {"msg": "a", "k": 1}, "a"],
        "violation_v": [{"msg": "v"}],
    }
    backwards = {name: values[name] for name in reversed(values)}

    found = ask(values).findings

    assert found == ask(backwards).findings
    assert [(f.rule, f.severity, f.msg, f.metadata) for f in found] == [
        ("deny", Severity.DENY, "a", None),
        ("deny", Severity.DENY, "a", {"k": 1}),
        ("deny", Severity.DENY, "b", None),
        ("violation_v", Severity.VIOLATION, "v", None),
        ("warn_z", Severity.WARN, "w", None),
    ]


RESOURCES: Json = {
    "resources": [
        {"address": "one", "source": {"path": "one.tf", "line": 4}},
        {"address": "two", "source": {"path": "two.tf", "line": 5}},
        {"address": "two", "source": {"path": "other/two.tf", "line": 6}},
        {"address": "lost", "source": None},
    ]
}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({}, (None, None)),
        ({"_loc": {"file": "a.tf", "line": 3}}, ("a.tf", 3)),
        ({"_loc": {"file": "a.tf", "line": "3"}}, ("a.tf", 3)),
        ({"_loc": {"file": "a.tf"}}, ("a.tf", None)),
        ({"_loc": {"file": "a.tf", "line": True}}, ("a.tf", None)),
        ({"_loc": {"file": "a.tf", "line": -1}}, ("a.tf", None)),
        ({"resource": "one"}, ("one.tf", 4)),
        ({"resource": "two"}, (None, None)),
        ({"resource": "lost"}, (None, None)),
        ({"resource": "gone"}, (None, None)),
        ({"resource": {"source": {"path": "r.tf", "line": 7}}}, ("r.tf", 7)),
        ({"resource": "one", "_loc": {"file": "a.tf", "line": 3}}, ("a.tf", 3)),
    ],
    ids=repr,
)
def test_a_finding_says_where_it_is(
    fields: dict[str, Json], place: tuple[str | None, int | None]
) -> None:
    [finding] = ask({"deny": [{"msg": "x", **fields}]}, RESOURCES).findings

    assert (finding.path, finding.line) == place


def test_exceptions_take_back_the_rules_they_name_and_nothing_else() -> None:
    rules: dict[str, Json] = {name: ["x"] for name in ("deny", "deny_a", "deny_a_b", "warn_a")}

    suffix = ask(rules | {"exception": [["a"]]}).findings
    bare = ask(rules | {"exception": [[""], []]}).findings

    assert {f.rule for f in suffix if f.excepted} == {"deny_a", "warn_a"}
    assert {f.excepted for f in suffix} == {None, 'main.exception["a"]'}
    assert {f.rule for f in bare if f.excepted} == {"deny"}


def test_a_demand_is_taken_as_it_is_written() -> None:
    [demand] = ask(
        {"require": [{"msg": "why", "count": 2, "users": ["b", "a"], "roles": ["owner"]}]}
    ).demands

    assert (demand.msg, demand.count) == ("why", 2)
    assert (demand.users, demand.groups, demand.roles) == (("a", "b"), (), ("owner",))
    assert (demand.rule, demand.namespace, demand.policy) == ("require", "main", "team")


FULL: dict[str, Json] = {"msg": "why", "count": 1, "groups": ["g"]}


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"deny": True}, id="boolean"),
        pytest.param({"deny": None}, id="null"),
        pytest.param({"deny": "x"}, id="text"),
        pytest.param({"warn": {}}, id="empty-object"),
        pytest.param({"deny": {"a": "x"}}, id="object"),
        pytest.param({"deny": [None]}, id="null-inside"),
        pytest.param({"deny": [True]}, id="boolean-inside"),
        pytest.param({"deny": [{}]}, id="no-msg"),
        pytest.param({"deny": [{"msg": None}]}, id="null-msg"),
        pytest.param({"deny": [{"msg": "x", "_loc": {"line": 1}}]}, id="location-without-file"),
        pytest.param({"deny": [{"msg": "x", "_loc": []}]}, id="location-is-a-list"),
        pytest.param({"deny": ["x"] * (MAX_RESULTS + 1)}, id="too-many"),
        pytest.param({"exception": "a"}, id="exception-text"),
        pytest.param({"exception": ["a"]}, id="exception-not-nested"),
        pytest.param({"exception": [[1]]}, id="exception-number"),
        pytest.param({"require": ["x"]}, id="demand-text"),
        pytest.param({"require": [{}]}, id="demand-empty"),
        pytest.param({"require": [FULL | {"msg": " "}]}, id="demand-without-reason"),
        pytest.param({"require": [FULL | {"count": True}]}, id="demand-count-true"),
        pytest.param({"require": [FULL | {"count": 1.5}]}, id="demand-count-fraction"),
        pytest.param({"require": [FULL | {"count": 0}]}, id="demand-count-0"),
        pytest.param({"require": [FULL | {"count": 101}]}, id="demand-count-101"),
        pytest.param({"require": [FULL | {"teams": ["g"]}]}, id="demand-unknown-key"),
        pytest.param({"require": [FULL | {"groups": []}]}, id="demand-of-nobody"),
        pytest.param({"require": [FULL | {"groups": [""]}]}, id="demand-of-an-empty-name"),
        pytest.param({"require": [FULL | {"groups": "g"}]}, id="demand-names-not-a-list"),
        pytest.param({"require": [FULL | {"users": [1]}]}, id="demand-name-is-a-number"),
    ],
)
def test_what_is_not_a_finding_is_a_failure_that_names_its_rule(values: dict[str, Json]) -> None:
    failed = judge(values, origin())

    assert isinstance(failed, Failure)
    assert failed.fault is EvaluationFault.SHAPE
    assert f"main.{next(iter(values))}, judging d: " in failed.detail
    assert len(failed.detail) < 1000


def test_a_result_may_say_that_it_is_taken_back_and_why() -> None:
    values: dict[str, Json] = {"deny": [{"msg": "open", "_excepted": "a site (until 2027-03-31)"}]}
    (found,) = ask(values).findings
    assert (found.excepted, found.metadata) == ("a site (until 2027-03-31)", None)


def test_the_same_result_with_and_without_an_exception_has_a_fixed_order() -> None:
    results: list[Json] = [
        "open",
        {"msg": "open", "_excepted": "b"},
        {"msg": "open", "_excepted": "a"},
    ]
    found = ask({"deny": results}).findings
    assert [f.excepted for f in found] == [None, "a", "b"]
    assert found == ask({"deny": results[::-1]}).findings


@pytest.mark.parametrize("wrong", [None, True, 5, "", "  ", [], {"reason": "x"}])
def test_an_exception_without_words_is_a_failure(wrong: Json) -> None:
    told = judge({"deny": [{"msg": "open", "_excepted": wrong}]}, origin())
    assert isinstance(told, Failure)
    assert told.fault == EvaluationFault.SHAPE
    assert "main.deny, judging d: `_excepted` is" in told.detail
