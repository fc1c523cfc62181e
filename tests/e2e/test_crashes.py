"""The worker is killed with SIGKILL between any two steps, and before and after each write that the
host accepted; another takes over, and the story ends as if nothing had happened.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mrbot.ids import Sha
from mrbot.store.commands import CommandState
from mrbot.store.plans import PlanState
from tests.e2e.world import PROJECT, Kind, Nursery, World, world

WRITES = {
    "accepted: status", "accepted: comment created", "accepted: comment updated",
    "accepted: reaction", "accepted: deployment",
}  # fmt: skip


def die_everywhere(nursery: Nursery) -> list[str]:
    """One worker after another died, each at a place where none had died before, until one lived.
    Returns the places."""
    places: list[str] = []
    while True:
        life = nursery.live(places)
        if not life.killed:
            return places
        assert life.places[-1] not in places
        places.append(life.places[-1])


@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_a_story_killed_between_any_two_steps_ends_the_same(kind: Kind, tmp_path: Path) -> None:
    died: set[str] = set()
    with world(tmp_path, kind) as w, Nursery(w) as nursery:
        number = w.propose()
        died |= set(die_everywhere(nursery))
        assert w.gate(number) == "pending"
        assert len(w.comments(number)) == 1

        w.actor("kim").say(number, "/help\n/recheck")
        died |= set(die_everywhere(nursery))
        states = [one.state for one in w.mrbot.store.commands.history(w.id(number))]
        assert states == [CommandState.DONE, CommandState.DONE]

        first = w.box.change(PROJECT, number).head
        w.box.commit(PROJECT, "feature", {"app/a.txt": "second\n"}, author="alice")
        died |= set(die_everywhere(nursery))
        assert w.box.change(PROJECT, number).head != first
        assert w.gate(number) == "pending"

        w.actor("kim").approve(number)
        died |= set(die_everywhere(nursery))
        assert w.gate(number) == "success"

        for _ in range(3):
            w.box.tick()
        w.actor("alice").merge(number)
        died |= set(die_everywhere(nursery))
        assert w.runs() == 1

        for _ in range(3):
            w.box.tick()
        died |= set(die_everywhere(nursery))
        assert_it_ended_well(w, number)
        assert len(w.mrbot.store.commands.history(w.id(number))) == 2
    steps = {place.partition(" > ")[2] for place in died}
    assert steps >= WRITES
    assert steps >= {"hold the merge", "fetch", "take commands", "judge", "record", "check again",
                     "write the comment", "keep the comment", "write the status",
                     "keep the status", "intend the deployment", "deploy",
                     "start the deployment"}  # fmt: skip


def assert_it_ended_well(w: World, number: int) -> None:
    """One comment, one deployment, the right statuses, and nothing left over."""
    change = w.box.change(PROJECT, number)
    assert "and deployed" in w.headline(number)
    notes = (
        f"/merge_requests/{number}/notes" if w.kind == "gitlab" else f"/issues/{number}/comments"
    )
    starts = "/pipeline" if w.kind == "gitlab" else "/dispatches"
    assert w.created(notes) == 1
    assert (w.created(starts), w.runs()) == (1, 1)
    (deployed,) = w.mrbot.store.deployments.of(w.id(number))
    assert w.status(change.head)[0] == "success"
    assert w.status(deployed.intent.sha, "mrbot/deploy/production")[0] == "success"
    backlog = w.mrbot.store.worklist.backlog(w.now())
    assert (backlog.dirty, backlog.parked) == (0, 0)
    assert not w.mrbot.store.worklist.parked()


_APPLIED = """\
version: 1
projects:
  - {name: net, directory: net, kind: terraform, environment: production, deploy: apply-before-merge}
otherwise:
  require: {count: 1}
"""
_NET = """\
terraform {
  backend "local" {
    path = "%(place)s/net.tfstate"
  }
}
resource "terraform_data" "net" {
  input = %(value)s
  provisioner "local-exec" {
    command = "echo applied >> %(place)s/applied"
  }
}
"""


@pytest.mark.parametrize(
    ("step", "applied"), [("apply", 0), ("keep the apply", 1), ("keep the apply's answer", 1)]
)
def test_an_apply_that_was_killed_is_never_repeated_by_itself(
    step: str, applied: int, tmp_path: Path
) -> None:
    place = tmp_path / "terraform"
    place.mkdir()
    with world(tmp_path, "gitlab", files={".mrbot.yml": _APPLIED}) as w, Nursery(w) as nursery:
        w.box.commit(
            PROJECT, "feature", {"net/main.tf": _NET % {"place": place, "value": 1}}, author="alice"
        )
        number = w.box.open_change(PROJECT, "alice", "feature")
        nursery.live()
        w.actor("kim").approve(number)
        nursery.live()
        w.actor("alice").say(number, "/apply")
        assert nursery.live(step).killed
        nursery.live()
        w.box.commit(PROJECT, "main", {"README.md": "another look\n"}, author="kim")
        nursery.live()

        log = place / "applied"
        assert (len(log.read_text().splitlines()) if log.exists() else 0) == applied
        (stored,) = w.mrbot.store.plans.at(w.id(number), Sha(w.box.change(PROJECT, number).head))
        (command,) = w.mrbot.store.commands.history(w.id(number))
        assert command.state == CommandState.UNCERTAIN
        if step == "keep the apply's answer":
            assert stored.state == PlanState.APPLIED
            assert w.gate(number) == "success"
        else:
            assert stored.state == PlanState.UNCERTAIN
            assert w.gate(number) == "pending"
        assert "not known" in w.comments(number)[0]
