"""How many calls a host is asked for one proposed change, whatever its size."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.stage import Host, Stage, staged

BUDGET = {"gitlab": 8, "github": 6}
"""Calls for "opened, planned, commented, status set", reading the change again included,
and the look that GitLab's pipeline event of mrbot's own status asks for."""

PROJECTS = 10


def _rules(*, planned: bool, groups: int) -> str:
    kind = "terraform" if planned else "files"
    projects = "\n".join(
        f"  - {{name: p{n}, directory: p{n}, kind: {kind}, environment: e{n}}}"
        for n in range(PROJECTS)
    )
    rules = "\n".join(
        f"  - {{name: rule {n}, when: always, require: {{count: 1, groups: [acme/g{n}]}}}}"
        for n in range(groups)
    )
    approvals = f"approvals:\n{rules}\n" if groups else ""
    return f"version: 1\nprojects:\n{projects}\n{approvals}otherwise:\n  require: {{count: 1}}\n"


def _opened(stage: Stage, changed: int) -> tuple[list[str], list[str]]:
    """mrbot's calls for a change of so many projects, from its opening until the status is set; and
    those after that, until there is nothing left to do."""
    stage.push("grow", {f"p{n}/main.tf": 'resource "terraform_data" "a" {}\n' for n in range(changed)})  # fmt: skip  # noqa: E501
    stage.play()
    mark = stage.box.mark()
    number = stage.actor("alice").open("grow", "Grow")
    assert stage.box.wait_for_deliveries()
    assert stage.look()
    calls = stage.calls(mark)
    assert stage.headline(number).startswith("Waiting: ")
    assert stage.gate(number) == "pending"
    stage.play()
    return calls, stage.calls(mark)[len(calls) :]


@pytest.mark.parametrize("changed", [1, PROJECTS], ids=["one project", "ten projects"])
@pytest.mark.parametrize("host", ["gitlab", "github", "github-app"])
def test_an_opened_change_costs_no_more_calls_than_its_budget(
    tmp_path: Path, host: Host, changed: int
) -> None:
    kind = host.partition("-")[0]
    rules = _rules(planned=host == "github", groups=0)
    with staged(tmp_path, host, {".mrbot.yml": rules}) as stage:
        calls, after = _opened(stage, changed)
    assert len(calls) + len(after) <= BUDGET[kind], Counter(calls + after)
    assert sum("statuses" in one or "check-runs" in one for one in calls) == 2  # held, then judged


@pytest.mark.parametrize("host", ["gitlab", "github"])
def test_each_group_costs_one_call_more(tmp_path: Path, host: Host) -> None:
    with staged(tmp_path, host, {".mrbot.yml": _rules(planned=False, groups=3)}) as stage:
        for number in range(3):
            stage.box.add_group(f"acme/g{number}", ["kim"])
        calls, _ = _opened(stage, 1)
    assert len(calls) <= BUDGET[host] + 3, Counter(calls)
    assert sum("members" in one for one in calls) == 3
