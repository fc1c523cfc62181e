"""Every way in which an approval does not count, each beside one in which it does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mrbot.change.files import FileChange
from mrbot.change.people import ReviewSource, ReviewState, Signature
from mrbot.decision.approval import Standing, contributed, is_candidate
from mrbot.decision.requirement import MatchingPaths, TheseFiles, WholeChange, scope_of
from mrbot.decision.ruleset import Require, When
from tests.build import (
    AUTHOR,
    KIM,
    LEE,
    STRANGER,
    digest,
    make_binding,
    make_change,
    make_directory,
    make_file,
    make_host_change,
    make_person,
    make_requirement,
    make_review,
    make_standing,
    sha,
)

OLD = sha("an earlier head")


def why(standing: Standing) -> str:
    """Why the one approval does not count."""
    assert standing.counted == ()
    (one,) = standing.discounted
    return one.why


def test_without_reviews_everything_is_missing() -> None:
    standing = make_standing(requirement=make_requirement(count=2))
    assert (standing.counted, standing.discounted, standing.missing) == ((), (), 2)


def test_an_approval_of_exactly_this_counts() -> None:
    standing = make_standing(make_review())
    assert standing.counted == (KIM,)
    assert standing.missing == 0


def test_one_person_counts_once_however_they_approved() -> None:
    twice = (make_review(), make_review(source=ReviewSource.CODE))
    renamed = make_review(replace(KIM, login="kim-renamed"))
    assert make_standing(*twice, renamed, requirement=make_requirement(count=2)).missing == 1


@pytest.mark.parametrize("state", [ReviewState.CHANGES_REQUESTED, ReviewState.DISMISSED])
def test_only_an_approval_is_one(state: ReviewState) -> None:
    standing = make_standing(make_review(state=state))
    assert (standing.counted, standing.discounted) == ((), ())


# Who


def test_an_approval_by_the_author_does_not_count() -> None:
    assert why(make_standing(make_review(AUTHOR))) == "contributed to the change"


def test_an_approval_by_a_mapped_contributor_does_not_count() -> None:
    change = make_change(people=[KIM])
    assert why(make_standing(make_review(), change=change)) == "contributed to the change"
    assert make_standing(make_review(LEE), change=change).counted == (LEE,)


@pytest.mark.parametrize(
    ("name", "email", "had_a_hand"),
    [
        ("Kim", "someone@example.com", True),
        ("KIM", "someone@example.com", True),
        ("Kim Possible", "someone@example.com", False),
        ("x", "kim@users.noreply.github.com", True),
        ("x", "{id}+kim@users.noreply.github.com", True),
        ("x", "{id}+former-login@users.noreply.github.com", True),
        ("x", "{id}-kim@users.noreply.gitlab.example", True),
        ("x", "{id}-former@users.noreply.gitlab.example", True),
        ("x", "KIM@USERS.NOREPLY.GITHUB.COM", True),
        ("x", "1{id}+other@users.noreply.github.com", False),
        ("x", "kim@example.com", False),
        ("x", "kimberly@users.noreply.github.com", False),
        ("x", "not an address", False),
        ("", "", False),
    ],
)
def test_a_commit_tells_its_contributor_by_name_private_address_or_id(
    name: str, email: str, had_a_hand: bool
) -> None:
    signature = Signature(name=name, email=email.format(id=KIM.id))
    contributors = make_change(signatures=[signature]).contributors
    assert contributed(KIM, contributors) is had_a_hand


def test_a_bot_does_not_count() -> None:
    bot = make_person("ci", is_bot=True)
    directory = make_directory(roles={bot: "admin"})
    assert why(make_standing(make_review(bot), directory=directory)) == "bots do not count"
    person = make_person("ci")
    directory = make_directory(roles={person: "admin"})
    assert make_standing(make_review(person), directory=directory).counted == (person,)


def test_a_stranger_is_not_even_mentioned() -> None:
    standing = make_standing(make_review(STRANGER))
    assert (standing.counted, standing.discounted) == ((), ())


@pytest.mark.parametrize(
    ("require", "candidate"),
    [
        (Require(count=1, users=("kim",)), True),
        (Require(count=1, users=("KIM",)), True),
        (Require(count=1, users=("@kim",)), True),
        (Require(count=1, users=("lee",)), False),
        (Require(count=1, groups=("platform",)), True),
        (Require(count=1, groups=("security",)), False),
        (Require(count=1, groups=("unread",)), False),
        (Require(count=1, users=("lee",), groups=("platform",)), True),
        (Require(count=1, users=("lee",), role="read"), False),
        (Require(count=1, role="read"), True),
        (Require(count=1, role="write"), True),
        (Require(count=1, role="maintain"), False),
        (Require(count=1, role="none"), False),
        (Require(count=1, role="emperor"), False),
    ],
)
def test_who_is_asked_for(require: Require, candidate: bool) -> None:
    directory = make_directory(
        groups={"platform": [KIM], "security": [LEE]}, missing=["gone"], roles={KIM: "write"}
    )
    assert is_candidate(require, KIM, directory) is candidate


def test_nobody_without_a_role_is_asked_for_by_role() -> None:
    assert not is_candidate(Require(count=1, role="none"), STRANGER, make_directory())
    odd = make_directory(roles={KIM: "emperor"})
    assert not is_candidate(Require(count=1, role="read"), KIM, odd)


def test_group_membership_is_by_id_and_not_by_login() -> None:
    squatter = make_person("kim", id="666")
    directory = make_directory(groups={"platform": [KIM]})
    require = make_requirement(groups=("platform",))
    standing = make_standing(make_review(squatter), requirement=require, directory=directory)
    assert standing.missing == 1
    renamed = replace(KIM, login="kim-married")
    assert make_standing(make_review(renamed), requirement=require, directory=directory).counted


def test_a_group_that_is_missing_or_was_not_read_is_told() -> None:
    standing = make_standing(
        requirement=make_requirement(groups=("platform", "gone", "unread")),
        directory=make_directory(groups={"platform": [KIM]}, missing=["gone"]),
    )
    assert standing.unknown_groups == ("gone", "unread")


# What


def test_an_approval_of_an_unknown_head_does_not_count() -> None:
    for seen in ([], [make_binding()]):
        told = why(make_standing(make_review(head=None, seen=seen)))
        assert told == "it is not known on which commit this was given: approve again"


def test_an_approval_of_a_head_that_was_never_judged_does_not_count() -> None:
    assert "never judged" in why(make_standing(make_review(head=OLD, seen=[])))


def test_an_approval_of_this_very_head_counts_before_it_was_judged() -> None:
    assert make_standing(make_review(seen=[])).counted == (KIM,)


def test_an_approval_of_an_earlier_head_counts_when_nothing_it_was_for_differs() -> None:
    seen = make_binding(head=OLD)
    assert make_standing(make_review(head=OLD, seen=[seen])).counted == (KIM,)


FILE = make_file()
CHANGED: dict[str, FileChange] = {
    "content": make_file(new="evil"),
    "base content": make_file(old="rebased"),
    "mode": make_file(new_mode="100755"),
    "old mode": make_file(old_mode="100755"),
    "link": make_file(new_mode="120000"),
    "name": replace(FILE, path="infra/other.tf"),
    "former name": replace(FILE, old_path="infra/former.tf"),
    "gone": make_file(new=None),
}


@pytest.mark.parametrize("now", CHANGED.values(), ids=CHANGED)
def test_an_approval_of_a_file_that_differs_now_does_not_count(now: FileChange) -> None:
    review = make_review(head=OLD, seen=[make_binding([FILE], head=OLD)])
    told = why(make_standing(review, change=make_change(files=[now])))
    assert f"given on {OLD[:10]}; since then" in told
    assert told.endswith("changed: approve again")


def test_how_many_files_differ_is_told() -> None:
    review = make_review(head=OLD, seen=[make_binding([], head=OLD)])
    files = [make_file(f"infra/{name}.tf") for name in "abc"]
    assert "infra/a.tf and 2 more changed" in why(
        make_standing(review, change=make_change(files=files))
    )


def test_a_file_that_was_added_or_dropped_is_a_difference() -> None:
    two = [FILE, make_file("infra/b.tf")]
    for then, now in (([FILE], two), (two, [FILE])):
        review = make_review(head=OLD, seen=[make_binding(then, head=OLD)])
        told = why(make_standing(review, change=make_change(files=now)))
        assert "infra/b.tf changed" in told


def test_a_path_that_is_no_text_can_be_told() -> None:
    files = [make_file("infra/\udcff.tf")]
    review = make_review(head=OLD, seen=[make_binding([], head=OLD)])
    assert r"infra/\xff.tf changed" in why(make_standing(review, change=make_change(files=files)))


def test_an_approval_for_another_target_branch_does_not_count() -> None:
    change = make_change(host=make_host_change(target_branch="production"))
    review = make_review()
    standing = make_standing(
        review, change=change, binding=make_binding(target_branch="production")
    )
    assert why(standing) == "given for target branch main: approve again"


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        (None, None, None),
        (digest("one"), digest("one"), None),
        (None, digest("one"), "given before this plan was shown: approve again"),
        (
            digest("one"),
            digest("two"),
            "what the plan would do has changed since: approve again",
        ),
        (digest("one"), None, "what the plan would do has changed since: approve again"),
    ],
    ids=["no plan", "same effect", "planned since", "other effect", "plan gone"],
)
def test_an_approval_is_for_one_effect(then: object, now: object, told: str | None) -> None:
    review = make_review(seen=[make_binding(effect=then)])  # type: ignore[arg-type]
    standing = make_standing(review, binding=make_binding(effect=now))  # type: ignore[arg-type]
    assert (why(standing) if told else None) == told
    assert bool(standing.counted) is (told is None)


def test_an_approval_under_other_policies_does_not_count() -> None:
    review = make_review(seen=[make_binding(policy=digest("laxer"))])
    assert why(make_standing(review)) == "rules or policies have changed since: approve again"


def test_of_several_things_it_may_have_been_for_all_must_be_this() -> None:
    this, other = make_binding(), make_binding(effect=digest("other"))
    assert make_standing(make_review(seen=[this, this])).counted == (KIM,)
    for seen in ([this, other], [other, this]):
        assert why(make_standing(make_review(seen=seen)))


# For which files

GUARDED, FREE = make_file("infra/a.tf"), make_file("docs/a.md")
BY_PATHS = MatchingPaths(when=When(paths=("infra/**",)))


@pytest.mark.parametrize(
    "scope", [BY_PATHS, TheseFiles(paths=frozenset({"infra/a.tf"}))], ids=["paths", "files"]
)
def test_an_approval_for_some_files_survives_the_change_of_another(
    scope: MatchingPaths | TheseFiles,
) -> None:
    requirement = make_requirement(scope=scope)
    review = make_review(head=OLD, seen=[make_binding([GUARDED, FREE], head=OLD)])
    elsewhere = make_change(files=[GUARDED, make_file("docs/a.md", new="other words")])
    assert make_standing(review, requirement=requirement, change=elsewhere).counted == (KIM,)
    whole = make_standing(review, change=elsewhere)
    assert "docs/a.md changed" in why(whole)
    here = make_change(files=[make_file("infra/a.tf", new="evil"), FREE])
    assert "infra/a.tf changed" in why(make_standing(review, requirement=requirement, change=here))


def test_an_approval_for_some_files_falls_when_one_joins_or_leaves_them() -> None:
    requirement = make_requirement(scope=BY_PATHS)
    review = make_review(head=OLD, seen=[make_binding([GUARDED, FREE], head=OLD)])
    moved_in = make_file("infra/b.tf", old_path="docs/b.tf")
    moved_out = replace(GUARDED, path="docs/b.tf", old_path="infra/a.tf")
    for files in ([GUARDED, FREE, moved_in], [moved_out, FREE], [FREE]):
        assert why(make_standing(review, requirement=requirement, change=make_change(files=files)))


@pytest.mark.parametrize(
    ("when", "whole"),
    [
        (When(always=True), True),
        (When(paths=("a/**",)), False),
        (When(paths=("a/**",), not_paths=("a/b",)), False),
        (When(not_paths=("a/b",)), True),
        (When(paths=("a/**",), actions=("delete",)), True),
        (When(paths=("a/**",), resource_types=("x",)), True),
        (When(paths=("a/**",), environments=("prod",)), True),
        (When(projects=("p",)), True),
    ],
)
def test_only_a_rule_about_nothing_but_paths_is_answered_for_by_paths(
    when: When, whole: bool
) -> None:
    assert isinstance(scope_of(when), WholeChange) is whole


def test_an_approval_given_before_anything_was_shown_does_not_cover_a_plan() -> None:
    blind = make_review(seen=[])
    planned = make_binding(effect=digest("plan"))
    assert (
        why(make_standing(blind, binding=planned))
        == "given before this plan was shown: approve again"
    )
    assert make_standing(blind, binding=make_binding()).counted == (KIM,)
