"""What a judgement asks for: rules, CODEOWNERS, policies and owners, each and together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mrbot.judgement import assess, policy_sets, projects_of
from tests.build import make_host_change
from tests.unit.judgement.stories import (
    ENGINEER,
    LENIENT,
    NOTHING_TO_SAY,
    OWNER,
    Story,
    codes,
    deny_when,
    verdict,
)

ONE = b"version: 1\notherwise:\n  require: {count: 1}\n"
REFUSING = b"version: 1\notherwise: rejected\n"
INFRA = (
    b"approvals:\n- {name: infra, when: {paths: ['infra/**']}, "
    b"require: {count: 1, users: [owner]}}\n"
)


def asked(story: Story, rules: bytes | None, files: dict[str, bytes | str | None]) -> list[str]:
    """What a change of `files` needs under `rules`, by name."""
    main = story.commit({"README.md": b""} if rules is None else {".mrbot.yml": rules})
    decision = story.judged(main, story.commit(files, main))
    return [standing.requirement.name for standing in decision.standings]


def test_an_empty_change_asks_for_what_every_change_needs(story: Story) -> None:
    assert asked(story, ONE, {}) == ["every change"]


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        (LENIENT, "a", []),
        (ONE, "a", ["every change"]),
        (LENIENT + INFRA, "infra/a", ["infra"]),
        (ONE + INFRA, "infra/a", ["infra"]),
        (ONE + INFRA, "elsewhere/a", ["every change"]),
        (LENIENT, ".github/workflows/a.txt", ["policy owners"]),
        (ONE, ".gitlab-ci.yml", ["every change", "policy owners"]),
    ],
)
def test_the_repositorys_rules_say_who_is_asked(
    story: Story, rules: bytes, path: str, expected: list[str]
) -> None:
    assert asked(story, rules, {path: b"{}"}) == expected


@pytest.mark.parametrize(
    ("default", "own", "expected"),
    [
        (False, LENIENT, ["every change"]),
        (False, ONE, ["every change", "every change"]),
        (False, None, ["every change"]),
        (True, LENIENT, []),
        (True, ONE, ["every change"]),
        (True, None, ["every change"]),
    ],
    ids=["loosened", "both", "organisation's", "default replaced", "own", "default"],
)
def test_the_organisations_rules_are_never_loosened_and_the_default_is_only_a_default(
    story: Story, default: bool, own: bytes | None, expected: list[str]
) -> None:
    story.rules, story.default = ONE, default
    assert asked(story, own, {"a": b""}) == expected


def test_where_no_rule_applies_and_that_is_refused_the_change_is_rejected(story: Story) -> None:
    main = story.commit({".mrbot.yml": REFUSING + INFRA})
    outside, inside = (story.commit({path: b""}, main) for path in ("a", "infra/a"))
    assert verdict(story.judged(main, outside, OWNER)) == "rejected"
    assert verdict(story.judged(main, inside, OWNER)) == "approved"


def test_old_and_new_rules_are_both_asked(story: Story) -> None:
    main = story.commit({".mrbot.yml": LENIENT + INFRA})
    stricter = (LENIENT + INFRA).replace(b"infra, when", b"stricter, when")
    decision = story.judged(main, story.commit({".mrbot.yml": stricter, "infra/a": b""}, main))
    names = [standing.requirement.name for standing in decision.standings]
    assert names == ["infra", "stricter", "policy owners"]


@pytest.mark.parametrize(
    ("owners", "path", "expected"),
    [
        (b"* @owner\n", "a", ["owners of *"]),
        (b"* @owner\n/free/\n", "free/a", []),
        (b"infra/ @owner\n", "a", []),
        (b"* owner@example.com\n", "a", ["owners of *"]),
    ],
)
def test_codeowners_of_the_target_branch_are_asked_where_the_rules_want_it(
    story: Story, owners: bytes, path: str, expected: list[str]
) -> None:
    main = story.commit({".mrbot.yml": LENIENT + b"codeowners: github\n", "CODEOWNERS": owners})
    decision = story.judged(main, story.commit({path: b""}, main))
    assert [standing.requirement.name for standing in decision.standings] == expected


@pytest.mark.parametrize("files", [{}, {"CODEOWNERS": b"* @engineer\n"}])
def test_codeowners_that_are_wanted_and_not_there_are_undecidable(
    story: Story, files: dict[str, bytes]
) -> None:
    main = story.commit({".mrbot.yml": LENIENT + b"codeowners: true\n"})
    decision = story.judged(main, story.commit({**files, "a": b""}, main), OWNER, ENGINEER)
    assert codes(decision) == {"no-codeowners"}


def test_a_policys_demand_is_a_requirement(story: Story) -> None:
    story.policies = {
        "main.rego": b"package main\n\nimport rego.v1\n\nrequire contains r if {\n"
        b'  input.files[_].path == "a"\n  r := {"msg": "look", "users": ["owner"]}\n}\n'
    }
    assert asked(story, LENIENT, {"a": b""}) == ["look"]
    assert asked(story, LENIENT, {"b": b""}) == []


def test_each_set_of_policies_judges_apart_and_all_of_them_count(story: Story) -> None:
    story.policies = {"main.rego": deny_when('input.files[_].path == "a"', "organisation")}
    rules = LENIENT + b"policies:\n- directory: policy\n"
    own = deny_when('input.files[_].path == "a"', "own")
    main = story.commit({".mrbot.yml": rules, "policy/p.rego": own})
    decision = story.judged(main, story.commit({"a": b""}, main))
    assert {finding.msg for finding in decision.findings} == {"organisation", "own"}
    assert verdict(story.judged(main, story.commit({"b": b""}, main))) == "approved"


def test_projects_are_those_of_the_target_branch(story: Story) -> None:
    projects = (
        b"projects:\n- {name: x, directory: infra, kind: terraform, environment: production}\n"
    )
    main = story.commit({".mrbot.yml": LENIENT + projects})
    change = story.change(
        main, story.commit({".mrbot.yml": LENIENT, "infra/a.tf": b"", "b": b""}, main)
    )
    assert [one.name for one in projects_of(story.material(change), change)] == ["x"]


def test_the_policies_of_no_rule_file_are_none() -> None:
    assert policy_sets(None, "x") == ()


def test_another_target_branch_policy_or_rule_is_another_binding(story: Story) -> None:
    rules = LENIENT + b"policies:\n- directory: policy\n"
    main = story.commit({".mrbot.yml": rules, "policy/p.rego": NOTHING_TO_SAY})
    change = story.change(main, story.commit({"a": b""}, main))
    material = story.material(change)

    def binding(**changed: object) -> object:
        return assess(replace(material, **changed), change, story.engine).binding  # type: ignore[arg-type]

    first = binding()
    assert binding() == first
    assert material.target_rules is not None
    assert binding(target_rules=replace(material.target_rules, content=rules + b"\n")) != first
    assert binding(target_policies=()) != first
    retargeted = replace(change, host=make_host_change(head=change.head, target_branch="other"))
    assert assess(material, retargeted, story.engine).binding != first
