from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mrbot.plan.isolation import Bubblewrap, NoIsolation
from mrbot.plan.plan import (
    PlanFault,
)
from mrbot.plan.process import Limits
from tests.unit.plan.worlds import (
    World,
    failed,
    fake,
    need_isolation,
    none_running,
    planned,
    program,
    world,
)


@pytest.mark.parametrize("how", ["time", "cancel"])
@pytest.mark.parametrize("choice", ["bubblewrap", "user", "none"])
def test_a_plan_that_hangs_is_ended_and_leaves_no_process(
    ground: Path, request: pytest.FixtureRequest, choice: str, how: str
) -> None:
    if choice != "none":
        need_isolation(choice)
    marker = f"{9000 + os.getpid()}.5"
    here = fake(world(ground, program(), choice), f"trap '' INT TERM; sleep {marker} & wait")
    limits = Limits(seconds=0.2 if how == "time" else 60, interrupt_grace=0.1, terminate_grace=0.1)
    cancel = threading.Event()
    if how == "cancel":
        threading.Timer(0.1, cancel.set).start()

    outcome = here.runner(limits=limits, cancelled=lambda _: cancel.is_set()).plan(here.request())

    failed(outcome, PlanFault.TIME if how == "time" else PlanFault.CANCELLED)
    assert none_running(marker)
    assert list((ground / "work").iterdir()) == []


SHOWS = """[ "$1" != show ] || echo '{"format_version": "1.2"}'"""
LINKS_ITS_PLAN = f"""
for word; do case "$word" in -out=*) ln -s /etc/passwd "${{word#-out=}}";; esac; done
{SHOWS}
"""


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("exit 1", PlanFault.INIT),
        ('[ "$1" = init ] || exit 1', PlanFault.PLAN),
        ('[ "$1" != show ] || exit 1', PlanFault.SHOW),
        ('[ "$1" != show ] || echo "{"', PlanFault.SHOW),
        ('[ "$1" != show ] || echo "{}"', PlanFault.SHOW),
        ("""[ "$1" != show ] || echo '{"format_version": "1.2", "n": NaN}'""", PlanFault.SHOW),
        (f"{SHOWS}; [ $1 != state ] || echo '{{}}'", PlanFault.SHOW),
        (SHOWS, PlanFault.SHOW),
        ('[ "$1" != show ] || head -c 70000000 /dev/zero', PlanFault.TOO_LARGE),
        (LINKS_ITS_PLAN, PlanFault.PROJECT),
    ],
    ids=[
        "init",
        "plan",
        "show",
        "no JSON",
        "no plan",
        "no number",
        "a strange state",
        "no plan file",
        "too large",
        "a link for a plan",
    ],
)
def test_a_tool_that_fails_somewhere_gives_no_plan(
    plain: World, script: str, fault: PlanFault
) -> None:
    failed(fake(plain, script).runner().plan(plain.request()), fault)


def test_a_tool_that_is_gone_is_told(plain: World) -> None:
    plain.tool = replace(plain.tool, command=("/no/such/terraform",))

    assert "/no/such/terraform" in failed(plain.runner().plan(plain.request()), PlanFault.TOOL)


def test_an_isolation_that_stops_working_is_told(plain: World) -> None:
    broken = fake(plain, 'echo "bwrap: No permissions to create new namespace" >&2; exit 1')
    broken.isolation = Bubblewrap(program=broken.tool.command[0], network=False)

    detail = failed(broken.runner().plan(broken.request()), PlanFault.ISOLATION)

    assert "No permissions" in detail


def test_a_state_lock_that_somebody_holds_fails_and_names_the_holder(plain: World) -> None:
    request = plain.request()
    text = (
        'resource "terraform_data" "a" {\n  provisioner "local-exec" {\n'
        f'    command = "touch {plain.ground}/backend/began; sleep 60"\n  }}\n}}\n'
    )
    slow = plain.again(request, text)
    found = planned(plain.runner().plan(slow))
    began, cancel = plain.ground / "backend" / "began", threading.Event()
    runner = plain.runner(cancelled=lambda _: cancel.is_set())
    holder = threading.Thread(target=runner.apply, args=(plain.again(slow, text), found))
    holder.start()
    try:
        while not began.exists():
            time.sleep(0.01)
        detail = failed(plain.runner().plan(plain.again(request)), PlanFault.PLAN)
    finally:
        cancel.set()
        holder.join()

    assert "Error acquiring the state lock" in detail


def test_without_isolation_the_runner_still_gives_a_clean_environment(
    plain: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MRBOT_TOKEN", "planted")
    assert isinstance(plain.isolation, NoIsolation)

    detail = failed(fake(plain, "env; exit 1").runner().plan(plain.request()), PlanFault.INIT)

    names = {line.partition("=")[0] for line in detail.splitlines()}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {
        "CHECKPOINT_DISABLE", "GIT_TERMINAL_PROMPT", "HOME", "LANG", "PATH", "TF_CLI_CONFIG_FILE",
        "TF_INPUT", "TF_IN_AUTOMATION", "TF_VAR_secret", "TMPDIR",
    }  # fmt: skip
    assert "TF_VAR_secret=***" in detail


def test_a_lock_file_is_honoured_and_the_providers_it_selects_are_checked(plain: World) -> None:
    selected = '{"provider_selections": {"registry.terraform.io/hashicorp/external": "2.3.4"}}'
    tool = f"[ $1 != init ] || echo $* > args; [ $1 != version ] || echo '{selected}'"
    request = plain.request()
    project = request.checkout / "envs" / "prod"
    (project / ".terraform.lock.hcl").write_text("# providers\n")

    detail = failed(fake(plain, tool).runner().plan(request), PlanFault.PROJECT)

    assert "hashicorp/external runs programs while planning" in detail
    assert "-lockfile=readonly" in (project / "args").read_text()


def test_a_tool_that_hides_which_providers_it_selected_gives_no_plan(plain: World) -> None:
    request = plain.request()
    (request.checkout / "envs" / "prod" / ".terraform.lock.hcl").write_text("# providers\n")

    tool = "[ $1 != version ] || echo '{}'"
    detail = failed(fake(plain, tool).runner().plan(request), PlanFault.INIT)

    assert "which providers" in detail
