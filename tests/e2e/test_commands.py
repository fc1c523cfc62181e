"""Commands in comments: planned and applied with real Terraform, answered, refused, ignored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mrbot.sandbox.model import DEVELOPER
from mrbot.store.plans import PlanState
from tests import needs
from tests.e2e.stage import PROJECT, Host, Stage, staged

HOSTS = ("gitlab", "github")

# What needs no plan

LIGHT = """
version: 1
otherwise:
  require: {count: 1}
"""


@pytest.fixture(params=HOSTS)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    host: Host = request.param
    with staged(tmp_path, host, {".mrbot.yml": LIGHT, "notes.txt": "1\n"}) as found:
        yield found


def _open(stage: Stage, branch: str = "notes") -> int:
    number = stage.propose(branch, {"notes.txt": f"{branch}\n"})
    stage.play()
    return number


def _history(stage: Stage, number: int) -> list[tuple[str, str]]:
    found = stage.tools.store.commands.history(stage.id(number))
    return [(one.command.text, one.state.value) for one in found]


def _answer(stage: Stage, number: int) -> str:
    return stage.tools.store.commands.history(stage.id(number))[-1].answer


def _code(stage: Stage, number: int) -> str:
    found = re.search(r"mrbot approve ([0-9a-f]+)", stage.comment(number))
    assert found is not None
    return found[1]


def test_commands_are_seen_at_once_and_answered_in_the_one_comment(stage: Stage) -> None:
    number = _open(stage)
    stage.say(number, "alice", "/help")
    stage.say(number, "alice", "please\n\n/recheck")
    stage.say(number, "alice", "mrbot recheckk")
    assert _history(stage, number) == [
        ("mrbot help", "done"), ("mrbot recheck", "done"), ("mrbot recheckk recheck", "refused"),
    ]  # fmt: skip
    comment = stage.comment(number)
    assert "judged again" in comment
    assert "plans the changed projects" in comment
    assert "did you mean mrbot recheck?" in comment
    assert _reactions(stage, "recheck") == ["eyes", "eyes", "confused"]


def _reactions(stage: Stage, word: str) -> list[str]:
    comments = stage.box.world.comments.values()
    people = [one for one in comments if word in one.body and "<!--" not in one.body]
    return [reaction.name for one in people for reaction in one.reactions]


NO_COMMANDS = {
    "quote": "> /recheck",
    "code block": "```\n/recheck\n```",
    "indented code": "    /recheck",
    "hidden": "<!--\n/recheck\n-->",
    "in a sentence": "we could /recheck this",
}


def test_what_is_no_command_is_ignored(stage: Stage) -> None:
    number = _open(stage)
    before = stage.comment(number)
    assert "#### Commands" not in before
    for why, text in NO_COMMANDS.items():
        stage.say(number, "alice", text)
        assert _history(stage, number) == [], why
    comment = stage.box.comment(PROJECT, number, "alice", "looks fine")
    stage.play()
    stage.box.edit_comment(PROJECT, number, comment, "alice", "/recheck")
    stage.play()
    assert _history(stage, number) == [], "edited"
    assert stage.comment(number) == before


def test_somebody_who_may_only_read_is_refused(stage: Stage) -> None:
    number = _open(stage)
    stage.say(number, "rita", "/recheck")
    assert _history(stage, number) == [("mrbot recheck", "refused")]
    assert "needs the role write in this repository; rita has read" in stage.comment(number)


def test_a_bot_is_refused(stage: Stage) -> None:
    number = _open(stage)
    login = "project_7_bot_a1b2c3" if stage.kind == "gitlab" else "renovate[bot]"
    stage.box.add_user(login, bot=True)
    stage.box.project(PROJECT).members[stage.box.user(login).id] = DEVELOPER
    approve = f"mrbot approve {_code(stage, number)}"
    stage.box.comment(PROJECT, number, login, f"/recheck\n{approve}")
    stage.play()
    assert _history(stage, number) == [("mrbot recheck", "refused"), (approve, "refused")]
    assert stage.comment(number).count("bots may not give commands") == 2
    assert stage.gate(number) == "pending"


def test_the_code_on_show_approves_and_an_old_one_does_not(stage: Stage) -> None:
    number = _open(stage)
    old = _code(stage, number)
    stage.push("notes", {"notes.txt": "another\n"})
    stage.play()
    assert _code(stage, number) != old
    stage.say(number, "kim", f"mrbot approve {old}")
    assert _history(stage, number) == [(f"mrbot approve {old}", "refused")]
    assert stage.gate(number) == "pending"
    stage.say(number, "kim", f"mrbot approve {_code(stage, number)}")
    assert (stage.headline(number), stage.gate(number)) == ("Approved", "success")


def test_a_code_is_no_way_round_who_may_approve(stage: Stage) -> None:
    number = _open(stage)
    for login in ("alice", "rita"):
        stage.say(number, login, f"mrbot approve {_code(stage, number)}")
    assert stage.gate(number) == "pending"


# Planning and applying

APPLIED = """
version: 1
projects:
  - name: network
    directory: network
    kind: terraform
    environment: production
    deploy: apply-before-merge
otherwise:
  require: {{count: 1}}
deployments:
  production: {{{target}}}
"""

PASSWORD = "correct-horse-battery-staple"

MAIN = """\
terraform {{
  backend "local" {{ path = "{state}/network.tfstate" }}
}}

variable "password" {{
  type      = string
  sensitive = true
}}

resource "terraform_data" "login" {{
  input = {{ password = var.password }}
}}
"""
SIZE = 'resource "terraform_data" "network" {\n  input = "%s"\n}\n'


@pytest.fixture(params=HOSTS)
def terraform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """A repository whose project is applied before the merge, with a password among its inputs."""
    needs.terraform()
    host: Host = request.param
    state, password = tmp_path / "terraform", tmp_path / "password"
    state.mkdir()
    password.write_text(PASSWORD)
    password.chmod(0o600)
    target = "pipeline: {}" if host == "gitlab" else "workflow: {file: deploy.yml}"
    files = {
        ".mrbot.yml": APPLIED.format(target=target),
        "network/main.tf": MAIN.format(state=state),
    }
    plan = {
        "isolation": "none", "writable_paths": [str(state)],
        "environment": {"TF_VAR_password": {"file": str(password)}},
    }  # fmt: skip
    with staged(tmp_path, host, files, settings={"plan": plan}) as found:
        yield found


def _states(stage: Stage, number: int) -> list[PlanState]:
    head = stage.box.change(PROJECT, number).head
    return [one.state for one in stage.tools.store.plans.at(stage.id(number), head)]  # type: ignore[arg-type]


def _resources(directory: Path) -> list[str]:
    state = directory / "terraform" / "network.tfstate"
    if not state.exists():
        return []
    found = json.loads(state.read_text())["resources"]
    return sorted(one["name"] for one in found)


def test_exactly_the_approved_plan_is_applied_once_before_the_merge(
    terraform: Stage, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stage = terraform
    number = stage.propose("grow", {"network/size.tf": SIZE % "small"})
    stage.play()
    assert "2 to create" in stage.comment(number)

    stage.say(number, "alice", "/apply")
    assert _answer(stage, number).startswith("not approved: ")
    assert _resources(tmp_path) == []

    stage.approve(number, "kim")
    assert stage.headline(number).startswith("Approved, not yet applied")
    assert stage.gate(number) == "pending"
    assert _resources(tmp_path) == []

    stage.say(number, "alice", "/apply network")
    assert _answer(stage, number) == "network: applied"
    assert _resources(tmp_path) == ["login", "network"]
    assert (stage.headline(number), stage.gate(number)) == ("Approved", "success")

    serial = json.loads((tmp_path / "terraform/network.tfstate").read_text())["serial"]
    stage.say(number, "alice", "/apply")
    assert _answer(stage, number) == "there is nothing to apply"
    for delivery in list(stage.hook.deliveries):
        stage.box.webhooks.send_again(stage.hook, delivery)
    stage.play()
    assert json.loads((tmp_path / "terraform/network.tfstate").read_text())["serial"] == serial
    assert _states(stage, number) == [PlanState.APPLIED]

    stage.run_on()
    stage.actor("alice").merge(number)
    stage.run_on()
    assert stage.headline(number).startswith("Merged as ")
    assert stage.runs() == []
    assert len(stage.comments(number)) == 1
    _nowhere(stage, number, tmp_path, capfd)


def _nowhere(stage: Stage, number: int, directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The password is in no comment, status, database file or log line."""
    secret = PASSWORD
    assert secret in (directory / "terraform/network.tfstate").read_text()  # it was really used
    assert secret not in stage.comment(number)
    assert secret not in repr(list(stage.box.world.comments.values()))
    assert secret not in repr((stage.box.world.statuses, stage.box.world.pipelines))
    said = capfd.readouterr()
    assert secret not in said.out + said.err
    files = [one for one in (directory / "state").rglob("*") if one.is_file()]
    assert any(one.suffix == ".db" for one in files), files
    for one in files:
        assert secret.encode() not in one.read_bytes(), one


def test_a_plan_that_was_asked_for_is_made_again(terraform: Stage) -> None:
    number = terraform.propose("grow", {"network/size.tf": SIZE % "small"})
    terraform.play()
    terraform.say(number, "alice", "/plan network")
    assert _history(terraform, number) == [("mrbot plan network", "done")]
    assert "planned: network" in terraform.comment(number)
    assert _states(terraform, number) == [PlanState.READY]


def test_a_lock_is_freed_by_discard_and_another_change_can_plan(terraform: Stage) -> None:
    stage = terraform
    first = stage.propose("grow", {"network/size.tf": SIZE % "small"})
    stage.play()
    second = stage.propose("shrink", {"network/other.tf": SIZE % "tiny"})
    stage.play()
    assert stage.headline(second).startswith("Cannot be decided")
    assert "/discard there" in stage.comment(second)

    stage.say(first, "alice", "/discard")
    assert "freed: network" in _answer(stage, first)
    assert "has not been planned" in stage.comment(first)
    assert stage.gate(first) == "pending"
    stage.say(second, "alice", "/plan")
    assert stage.headline(second).startswith("Waiting: ")
    assert "2 to create" in stage.comment(second)
