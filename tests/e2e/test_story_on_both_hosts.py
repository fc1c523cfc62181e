"""The whole story on both hosts, each way of logging in: denied, fixed, planned, approved, merged,
deployed exactly once, followed to its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mrbot.cli.demo_files import FIX, PROPOSAL, repository_files
from mrbot.cli.demo_people import Refused
from mrbot.deployment.deployment import DeploymentState
from tests import needs
from tests.e2e.stage import PROJECT, Host, Stage, staged, target

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
    stage.push_with_git("add-storage", PROPOSAL)
    number = stage.actor("alice").open("add-storage", "Add storage and services")
    stage.play()
    assert stage.headline(number).startswith("Blocked: ")
    assert stage.gate(number) == "refused"
    first = stage.box.change(PROJECT, number).head

    fixed = stage.push_with_git("add-storage", FIX)
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
    merged = stage.box.change(PROJECT, number).merge_commit
    assert merged is not None
    assert "deployment under way" in stage.headline(number)
    assert len(stage.runs()) == 1

    stage.run_on()
    assert stage.headline(number) == f"Merged as {merged[:10]} and deployed"
    assert stage.status(merged, "mrbot/deploy/production")[0] == "success"
    assert stage.status(fixed)[0] == "success"
    assert len(stage.runs()) == 1
    assert len(stage.comments(number)) == 1


# Chapters of their own: one repository with two environments, nothing to plan

RULES = """
version: 1
projects:
  - {{name: app, directory: app, kind: files, environment: staging, deploy: pipeline}}
  - {{name: site, directory: site, kind: files, environment: production, deploy: pipeline}}
approvals:
  - name: platform owns the app
    when: {{paths: ["app/**"]}}
    require: {{count: 1, groups: [acme/platform]}}
otherwise:
  require: {{count: 1}}
deployments:
  staging: {{{target}}}
  production: {{{target}}}
"""


@pytest.fixture(params=["gitlab", "github"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    host: Host = request.param
    files = {
        ".mrbot.yml": RULES.format(target=target(host)),
        "app/size.txt": "1\n",
        "site/size.txt": "1\n",
    }
    with staged(tmp_path, host, files) as found:
        yield found


def _approved(stage: Stage, *paths: str) -> int:
    number = stage.propose("grow", dict.fromkeys(paths, "2\n"))
    stage.play()
    assert stage.gate(number) == "pending"
    stage.approve(number, "kim")
    assert (stage.headline(number), stage.gate(number)) == ("Approved", "success")
    return number


def _merged(stage: Stage, number: int) -> str:
    stage.run_on()  # GitLab merges once the change's own pipeline has ended
    stage.actor("alice").merge(number)
    merged = stage.box.change(PROJECT, number).merge_commit
    assert merged is not None
    return merged


def test_a_change_of_two_environments_is_deployed_once_to_each(stage: Stage) -> None:
    number = _approved(stage, "app/size.txt", "site/size.txt")
    merged = _merged(stage, number)
    stage.play()
    assert len(stage.runs()) == 2
    stage.run_on()
    assert stage.headline(number).endswith("and deployed")
    for environment in ("staging", "production"):
        assert stage.status(merged, f"mrbot/deploy/{environment}")[0] == "success"
    assert len(stage.runs()) == 2


def test_a_deployment_that_fails_is_shown_as_failed_and_not_started_again(stage: Stage) -> None:
    number = _approved(stage, "app/size.txt")
    stage.box.project(PROJECT).pipeline_outcome = "failed"
    merged = _merged(stage, number)
    stage.run_on()
    assert stage.headline(number) == f"Merged as {merged[:10]}, deployment FAILED"
    assert stage.status(merged, "mrbot/deploy/staging")[0] == "refused"
    assert stage.status(merged, "mrbot/deploy/production")[0] == "absent"
    assert len(stage.runs()) == 1


def test_a_run_on_another_commit_than_the_approved_one_is_no_deployment(stage: Stage) -> None:
    number = _approved(stage, "app/size.txt")
    merged = _merged(stage, number)
    stage.box.commit(PROJECT, "main", {"app/size.txt": "666\n"}, author="lee")
    stage.run_on()
    assert stage.headline(number) == f"Merged as {merged[:10]}, deployment FAILED"
    (deployment,) = stage.tools.store.deployments.of(stage.id(number))
    assert deployment.state is DeploymentState.WRONG_COMMIT
    assert f"not on the approved {merged[:10]}" in stage.comment(number)
    assert stage.status(merged, "mrbot/deploy/staging")[0] == "refused"


def test_what_is_merged_without_an_approval_is_not_deployed_and_is_said_to_be(
    stage: Stage,
) -> None:
    number = stage.propose("grow", {"app/size.txt": "2\n"})
    stage.play()
    stage.box.merge(PROJECT, number, "lee")
    stage.run_on()
    assert "WITHOUT mrbot's approval: nothing was deployed" in stage.headline(number)
    assert stage.runs() == []
    assert stage.tools.store.deployments.of(stage.id(number)) == ()


def test_webhooks_that_are_delivered_again_repeat_nothing(stage: Stage) -> None:
    number = _approved(stage, "app/size.txt")
    stage.say(number, "kim", "/recheck")
    _merged(stage, number)
    stage.run_on()
    before = (stage.comments(number), stage.runs(), _commands(stage, number))
    assert before[2] == [("mrbot recheck", "done")]
    for delivery in list(stage.hook.deliveries):
        stage.box.webhooks.send_again(stage.hook, delivery)
    stage.play()
    assert (stage.comments(number), stage.runs(), _commands(stage, number)) == before


def _commands(stage: Stage, number: int) -> list[tuple[str, str]]:
    history = stage.tools.store.commands.history(stage.id(number))
    return [(one.command.text, one.state.value) for one in history]


def test_only_members_of_the_group_count_for_the_group(stage: Stage) -> None:
    number = stage.propose("grow", {"app/size.txt": "2\n"})
    stage.play()
    stage.approve(number, "lee")
    assert stage.gate(number) == "pending"
    stage.approve(number, "kim")
    assert stage.gate(number) == "success"


def test_an_approval_is_given_for_one_target_branch(stage: Stage) -> None:
    stage.box.commit(PROJECT, "release", {"notes.txt": "1\n"}, author="kim")
    number = _approved(stage, "app/size.txt")
    stage.box.edit_change(PROJECT, number, "alice", target="release")
    stage.play()
    assert stage.gate(number) == "pending"
    assert "given for target branch main: approve again" in stage.comment(number)
    stage.box.edit_change(PROJECT, number, "alice", target="main")
    stage.play()
    assert stage.gate(number) == "success"


def test_a_push_to_what_was_approved_voids_the_approval_and_says_why(stage: Stage) -> None:
    number = _approved(stage, "app/size.txt")
    stage.push("grow", {"app/size.txt": "3\n"})
    stage.play()
    assert stage.gate(number) == "pending"
    assert "since then app/size" in stage.comment(number).replace("\\", "")
    stage.approve(number, "kim")
    assert stage.gate(number) == "success"


def test_a_push_beside_what_was_approved_leaves_the_approval(stage: Stage) -> None:
    number = _approved(stage, "app/size.txt")
    head = stage.push("grow", {"notes.txt": "unrelated\n"})
    stage.play()
    assert (stage.headline(number), stage.status(head)[0]) == ("Approved", "success")


def test_two_changes_of_one_branch_are_judged_apart_and_come_to_rest(stage: Stage) -> None:
    stage.box.commit(PROJECT, "release", {"notes.txt": "1\n"}, author="kim")
    first = _approved(stage, "app/size.txt")
    second = stage.box.open_change(PROJECT, "alice", "grow", target="release")
    stage.play()
    assert (stage.gate(first), stage.gate(second)) == ("success", "pending")


def test_looking_again_later_writes_nothing(stage: Stage) -> None:
    number = _approved(stage, "app/size.txt")
    stage.later(minutes=10)
    stage.tools.store.worklist.mark(stage.id(number), stage.tools.clock())
    mark = stage.box.mark()
    stage.play()
    asked = stage.calls(mark)
    assert asked
    assert {one.split(" ")[0] for one in asked} == {"GET"}
