"""Everybody who may have shaped the content, wherever in the graph and however they write it."""

from __future__ import annotations

from mrbot.change.commits import signatures_of
from mrbot.change.people import Signature
from mrbot.ids import Sha
from tests.unit.git.conftest import Scratch

LEE = ("Lee", "Lee@Example.com")
ROBIN = ("Robin", "robin@example.com")


def signatures(scratch: Scratch, base: Sha, head: Sha) -> frozenset[Signature]:
    return signatures_of(scratch.read.commits(base, head))


def emails(scratch: Scratch, base: Sha, head: Sha | None = None) -> set[str]:
    found = signatures(scratch, base, head or scratch.head())
    return {signature.email for signature in found}


def test_no_commits_have_no_signatures(scratch: Scratch) -> None:
    assert signatures(scratch, scratch.head(), scratch.head()) == frozenset()


def test_author_and_committer_count_and_those_before_the_base_do_not(scratch: Scratch) -> None:
    base = scratch.commit("Before", person=ROBIN)
    scratch.commit(person=("Kim", "kim@example.com"), committer=LEE)
    assert signatures(scratch, base, scratch.head()) == {
        Signature(name="Kim", email="kim@example.com"),
        Signature(name="Lee", email="lee@example.com"),
    }


def test_a_commit_behind_a_second_parent_counts(scratch: Scratch) -> None:
    base = scratch.head()
    scratch.git("checkout", "--quiet", "-b", "side")
    scratch.write("evil.tf")
    scratch.commit(person=LEE)
    scratch.git("checkout", "--quiet", "main")
    scratch.git("merge", "--quiet", "--no-ff", "--no-edit", "side", person=ROBIN)
    assert emails(scratch, base) == {"lee@example.com", "robin@example.com"}


def test_a_foxtrot_merge_hides_nobody(scratch: Scratch) -> None:
    base = scratch.head()
    scratch.git("checkout", "--quiet", "-b", "feature")
    work = scratch.commit(person=LEE)
    tree = scratch.git("rev-parse", f"{work}^{{tree}}").decode().strip()
    # Its first parent is the target itself, the work only its second.
    head = scratch.git("commit-tree", tree, "-p", base, "-p", work, "-m", "x", person=ROBIN)
    assert "lee@example.com" in emails(scratch, base, Sha(head.decode().strip()))


def test_what_was_merged_from_the_target_is_the_targets(scratch: Scratch) -> None:
    scratch.git("checkout", "--quiet", "-b", "feature")
    scratch.commit(person=LEE)
    scratch.git("checkout", "--quiet", "main")
    scratch.write("other.tf")
    scratch.commit(person=ROBIN)
    scratch.git("checkout", "--quiet", "feature")
    scratch.git("merge", "--quiet", "--no-edit", "main", person=LEE)
    base = scratch.read.merge_base(scratch.head("main"), scratch.head())
    assert emails(scratch, base) == {"lee@example.com"}


def test_co_authors_count_however_they_are_written(scratch: Scratch) -> None:
    base = scratch.head()
    scratch.commit(
        "A change\n\nWhy.\n\nCo-authored-by: Lee <Lee@example.com>\n"
        "co-AUTHORED-by:   Robin R. <robin@example.com>\n"
        "Co-authored-by: <nameless@example.com>\n"
        "Co-authored-by: Folded\n <folded@example.com>\nSigned-off-by: X <x@example.com>"
    )
    found = signatures(scratch, base, scratch.head())
    assert Signature(name="Robin R.", email="robin@example.com") in found
    assert {one.email for one in found} == {
        "kim@example.com", "lee@example.com", "robin@example.com", "nameless@example.com",
        "folded@example.com",
    }  # fmt: skip


def test_control_characters_in_a_name_hide_nobody(scratch: Scratch) -> None:
    base = scratch.head()
    head = scratch.raw_commit(
        author=b"A\x01\x02\x1fB <author@example.com>",
        committer=b"C\x02\x02\x02D <committer@example.com>",
        message=b"x\n\nCo-authored-by: E\x02\x01F <co@example.com>\n",
        parents=(base,),
    )
    later = scratch.raw_commit(author=b"G <later@example.com>", parents=(head,))
    assert emails(scratch, base, later) == {
        "author@example.com", "committer@example.com", "co@example.com", "later@example.com",
        "kim@example.com",
    }  # fmt: skip


def test_names_that_are_no_text_are_kept_as_far_as_they_are(scratch: Scratch) -> None:
    base = scratch.head()
    head = scratch.raw_commit(author=b"L\xe9a <lea@example.com>", parents=(base,))
    (one,) = [s for s in signatures(scratch, base, head) if s.email == "lea@example.com"]
    assert one.name == "L\ufffda"


def test_an_empty_identity_breaks_nothing(scratch: Scratch) -> None:
    base = scratch.head()
    head = scratch.raw_commit(author=b" <>", committer=b"Lee <lee@example.com>", parents=(base,))
    assert emails(scratch, base, head) == {"", "lee@example.com"}


def test_no_setting_of_the_repository_changes_who_is_found(scratch: Scratch) -> None:
    base = scratch.head()
    scratch.write(".mailmap", "Nobody <nobody@example.com> <lee@example.com>\n")
    scratch.commit("x\n\nCo-authored-by: Robin <robin@example.com>", person=LEE)
    before = signatures(scratch, base, scratch.head())
    for key, value in {
        "log.mailmap": "true",
        "log.showSignature": "true",
        "log.follow": "true",
        "log.decorate": "full",
        "log.date": "relative",
        "format.pretty": "oneline",
        "i18n.logOutputEncoding": "latin1",
        "color.ui": "always",
        "trailer.separators": "=",
    }.items():
        scratch.git("config", key, value)
    scratch.git("replace", scratch.head(), base)
    assert signatures(scratch, base, scratch.head()) == before
    assert {one.email for one in before} == {"lee@example.com", "robin@example.com"}


def test_a_hostile_message_costs_no_more_than_its_length(scratch: Scratch) -> None:
    base = scratch.head()
    message = b"x\n\n" + b"Co-authored-by:" + b" " * 300_000 + b"\n" + b" \t" * 300_000
    head = scratch.raw_commit(message=message, parents=(base,))
    assert emails(scratch, base, head) == {"kim@example.com"}
