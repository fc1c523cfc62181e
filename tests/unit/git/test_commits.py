"""The commits of a change, as policies see them."""

from __future__ import annotations

from mrbot.change.commits import COMMITS_LIMIT, MESSAGE_LIMIT
from mrbot.change.people import Signature
from mrbot.gather import pinned
from tests.build import make_host_change
from tests.unit.git.conftest import Scratch

LEE = ("Lee", "Lee@Example.com")


def test_no_commits_between_a_commit_and_itself(scratch: Scratch) -> None:
    assert scratch.read.commits(scratch.head(), scratch.head()) == ()


def test_a_commit_is_told_with_its_people_its_time_and_its_message(scratch: Scratch) -> None:
    base = scratch.head()
    message = "Open SSH\n\nFor the night shift.\n\nCo-authored-by: Robin <robin@example.com>"
    head = scratch.commit(message, person=LEE)
    (one,) = scratch.read.commits(base, head)
    lee = Signature(name="Lee", email="lee@example.com")
    assert (one.sha, one.parents, one.author, one.committer) == (head, 1, lee, lee)
    assert one.co_authors == {Signature(name="Robin", email="robin@example.com")}
    assert one.message == message
    assert one.committed_at == scratch.git("log", "-1", "--format=%cI").decode().strip()


def test_a_merge_has_two_parents_and_the_newest_commit_stands_first(scratch: Scratch) -> None:
    base = scratch.head()
    scratch.git("checkout", "--quiet", "-b", "side")
    scratch.write("side.tf")
    side = scratch.commit("side")
    scratch.git("checkout", "--quiet", "main")
    scratch.git("merge", "--quiet", "--no-ff", "-m", "merged", "side")
    found = scratch.read.commits(base, scratch.head())
    assert [(one.message, one.parents) for one in found] == [("merged", 2), ("side", 1)]
    assert found[1].sha == side


def test_a_message_is_cut_and_its_co_authors_are_not(scratch: Scratch) -> None:
    base = scratch.head()
    message = b"x" * 100_000 + b"\n\nCo-authored-by: Lee <lee@example.com>\n"
    head = scratch.raw_commit(message=message, parents=(base,))
    (one,) = scratch.read.commits(base, head)
    assert one.message == "x" * MESSAGE_LIMIT
    assert {author.email for author in one.co_authors} == {"lee@example.com"}


def test_a_message_that_is_no_text_is_kept_as_far_as_it_is(scratch: Scratch) -> None:
    base = scratch.head()
    head = scratch.raw_commit(message=b"caf\xe9 \x1b[31m", parents=(base,))
    (one,) = scratch.read.commits(base, head)
    assert one.message == "caf\ufffd \x1b[31m"


def test_of_more_commits_than_are_kept_the_rest_is_counted_and_its_authors_too(
    scratch: Scratch,
) -> None:
    base = head = scratch.head()
    head = scratch.raw_commit(author=b"First <first@example.com>", parents=(head,))
    for _ in range(COMMITS_LIMIT + 2):
        head = scratch.raw_commit(parents=(head,))
    change = pinned(make_host_change(head=head), scratch.read, base, people=frozenset(), reviews=())
    assert (len(change.commits), change.commits_left_out) == (COMMITS_LIMIT, 3)
    assert change.commits[0].sha == head
    assert "first@example.com" in {one.email for one in change.contributors.signatures}
