"""The whole story on both hosts, each way of logging in: denied, fixed, planned, approved, merged,
deployed exactly once, followed to its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mrbot.cli.demo_files import FIX, PROPOSAL, repository_files
from mrbot.cli.demo_people import Refused
from tests import needs
from tests.e2e.stage import Host, Stage, staged, target

HOSTS: tuple[Host, ...] = ("gitlab", "gitlab-signed", "github", "github-app")


@pytest.mark.parametrize("host", HOSTS)
def test_the_whole_story(tmp_path: Path, host: Host) -> None:
    needs.terraform()
    state = tmp_path / "terraform"
    state.mkdir()
    files = repository_files(host.partition("-")[0], state)
    opa = {"engine": "opa", "opa": {"path": needs.opa()}} if host != "github" else {}
    with staged(tmp_path, host, files, settings=opa) as stage:
        _tell(stage)


def _tell(stage: Stage) -> None:
    number = stage.propose("add-storage", PROPOSAL)
    stage.play()
    assert stage.headline(number).startswith("Blocked: ")
    assert stage.gate(number) == "refused"
    first = stage.box.change("acme/infra", number).head

    fixed = stage.push("add-storage", FIX)
    stage.play()
    assert stage.headline(number).startswith("Waiting: 1 ")
    assert "3 to create" in stage.comment(number)
    assert stage.gate(number) == "pending"
    assert stage.status(first)[0] == "refused"

    stage.run_on()
    with pytest.raises(Refused):
        stage.actor("alice").merge(number)

    stage.approve(number, "kim")
    assert stage.headline(number) == "Approved"
    assert stage.gate(number) == "success"
    assert stage.runs() == []

    stage.run_on()
    stage.actor("alice").merge(number)
    stage.play()
    merged = stage.box.change("acme/infra", number).merge_commit
    assert merged is not None
    assert "deployment under way" in stage.headline(number)
    assert len(stage.runs()) == 1

    stage.run_on()
    assert stage.headline(number) == f"Merged as {merged[:10]} and deployed"
    assert stage.status(merged, "mrbot/deploy/production")[0] == "success"
    assert stage.status(fixed)[0] == "success"
    assert len(stage.runs()) == 1
    assert len(stage.comments(number)) == 1
