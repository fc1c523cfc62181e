"""When a rule applies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mrbot.decision.condition import path_applies
from mrbot.decision.ruleset import When
from mrbot.resources.model import Action, Certainty, Source
from tests.build import make_file, make_project, make_resource, rule_applies

PROD = make_project("prod", "infra/prod", environment="production", also=("modules/**",))
STAGING = make_project("staging", "infra/staging", environment="staging", also=("modules/**",))
VPC = make_resource("aws_vpc.main", action=Action.UPDATE)
DELETED = make_resource("aws_db_instance.main", action=Action.DELETE)


def test_always_applies_even_to_an_empty_change() -> None:
    assert rule_applies(When(always=True))


def test_a_rule_about_paths_does_not_apply_to_an_empty_change() -> None:
    assert not rule_applies(When(paths=("**",)))


@pytest.mark.parametrize(
    ("when", "path", "applies"),
    [
        (When(), "a", True),
        (When(paths=("a",)), "a", True),
        (When(paths=("a",)), "b", False),
        (When(not_paths=("a",)), "a", False),
        (When(not_paths=("a",)), "b", True),
        (When(paths=("**",), not_paths=("**/*.md",)), "infra/README.md", False),
        (When(paths=("**",), not_paths=("**/*.md",)), "infra/main.tf", True),
    ],
)
def test_a_path_is_wanted_and_not_excluded(when: When, path: str, applies: bool) -> None:
    assert path_applies(when, path) is applies


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        (When(paths=("infra/**",)), True),
        (When(paths=("docs/**",)), False),
        (When(not_paths=("infra/**",)), False),
        (When(resource_types=("aws_vpc",)), True),
        (When(resource_types=("aws_db_*",)), False),
        (When(actions=("update",)), True),
        (When(actions=("delete",)), False),
        (When(resource_types=("aws_vpc",), actions=("update",)), True),
        (When(resource_types=("aws_vpc",), actions=("delete",)), False),
        (When(paths=("infra/**",), resource_types=("aws_vpc",)), True),
        (When(paths=("docs/**",), resource_types=("aws_vpc",)), False),
        (When(environments=("production",)), False),
    ],
)
def test_every_key_must_hold(when: When, applies: bool) -> None:
    assert rule_applies(when, files=[make_file()], resources=[VPC]) is applies


def test_type_and_action_must_hold_of_one_and_the_same_resource() -> None:
    when = When(resource_types=("aws_vpc",), actions=("delete",))
    assert not rule_applies(when, files=[make_file()], resources=[VPC, DELETED])
    gone = make_resource("aws_vpc.old", action=Action.DELETE)
    assert rule_applies(when, files=[make_file()], resources=[VPC, DELETED, gone])


def test_an_unknown_action_counts_as_every_action() -> None:
    unknown = make_resource(action=Action.UNKNOWN)
    for action in Action:
        when = When(actions=(action.value,))
        assert rule_applies(when, files=[make_file()], resources=[unknown])


def test_a_rename_out_of_a_guarded_path_is_seen_by_its_old_path() -> None:
    moved = make_file("docs/main.tf", old_path="infra/main.tf")
    assert rule_applies(When(paths=("infra/**",)), files=[moved])
    assert not rule_applies(
        When(paths=("infra/**",)), files=[make_file("docs/b.tf", old_path="docs/a.tf")]
    )


@pytest.mark.parametrize(
    ("path", "when", "applies"),
    [
        ("infra/prod/main.tf", When(environments=("production",)), True),
        ("infra/prod/main.tf", When(environments=("staging",)), False),
        ("infra/prod/main.tf", When(projects=("prod",)), True),
        ("infra/prod/main.tf", When(projects=("prod",), environments=("staging",)), False),
        ("infra/production/main.tf", When(projects=("prod",)), False),
        ("modules/vpc/main.tf", When(environments=("production",)), True),
        ("modules/vpc/main.tf", When(environments=("staging",)), True),
        ("modules/vpc/main.tf", When(projects=("staging",), environments=("production",)), False),
        ("docs/a.md", When(environments=("production",)), False),
    ],
)
def test_a_file_stands_for_every_project_that_it_acts_on(
    path: str, when: When, applies: bool
) -> None:
    assert rule_applies(when, files=[make_file(path)], projects=[PROD, STAGING]) is applies


def test_a_resource_of_a_shared_module_is_in_every_project_that_shares_it() -> None:
    when = When(environments=("production",), actions=("delete",))
    shared = make_resource(action=Action.DELETE, source=Source(path="modules/db/main.tf", line=3))
    apart = make_resource(action=Action.DELETE, source=Source(path="other/main.tf", line=3))
    projects = [PROD, STAGING]
    assert rule_applies(
        when, files=[make_file("modules/db/main.tf")], resources=[shared], projects=projects
    )
    assert not rule_applies(
        when, files=[make_file("other/main.tf")], resources=[apart], projects=projects
    )


def test_a_planned_resource_is_where_its_plan_says() -> None:
    when = When(environments=("production",), resource_types=("aws_vpc",))
    planned = make_resource(project="prod", environment="production")
    assert rule_applies(when, files=[make_file("x.tf")], resources=[planned], projects=[PROD])
    assert not rule_applies(when, files=[make_file("x.tf")], resources=[VPC], projects=[PROD])


def test_a_resource_that_was_moved_is_where_it_was_too() -> None:
    when = When(paths=("rbac/**",), resource_types=("aws_vpc",))
    moved = replace(make_resource(source=Source(path="other/a.tf", line=1)), old_path="rbac/a.tf")
    files = [make_file("other/a.tf", old_path="rbac/a.tf")]
    assert rule_applies(when, files=files, resources=[moved])
    assert not rule_applies(when, files=files, resources=[replace(moved, old_path=None)])


def test_not_read_holds_where_the_other_keys_say() -> None:
    when = When(not_read=True, environments=("production",))
    files = [make_file("infra/prod/a.bin"), make_file("infra/staging/b.bin")]
    assert rule_applies(when, files=files, projects=[PROD, STAGING], not_read=["infra/prod/a.bin"])
    assert not rule_applies(
        when, files=files, projects=[PROD, STAGING], not_read=["infra/staging/b.bin"]
    )
    assert not rule_applies(when, files=files, projects=[PROD, STAGING])


@pytest.mark.parametrize(
    ("certainty", "applies"), [(Certainty.STATIC, False), (Certainty.PLANNED, True)]
)
def test_what_a_plan_would_change_may_follow_from_any_file(
    certainty: Certainty, applies: bool
) -> None:
    resource = replace(
        VPC, source=Source(path="infra/main.tf", line=1), certainty=certainty, project="prod"
    )
    when = When(paths=("infra/variables.tf",), resource_types=("aws_vpc",))
    variables = make_file("infra/variables.tf")
    assert rule_applies(when, files=[variables], resources=[resource]) is applies
