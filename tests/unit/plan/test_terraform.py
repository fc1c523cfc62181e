from __future__ import annotations

import json
import os

import pytest

from mrbot.plan.plan import (
    ApplyFault,
    PlanFault,
    Summary,
)
from mrbot.resources.model import Action
from tests.unit.plan.worlds import (
    HEAD,
    PROJECT,
    SECRET,
    World,
    applied,
    failed,
    planned,
    refused,
)


def test_a_project_without_resources_gives_an_empty_plan(isolated: World) -> None:
    isolated.environment = {}

    found = planned(isolated.runner().plan(isolated.request("")))

    assert found.plan.summary.empty
    assert found.plan.resources == ()


def test_exactly_what_was_planned_is_applied(isolated: World) -> None:
    request = isolated.request(PROJECT, "-var=size=2")

    found = planned(isolated.runner().plan(request))
    plan = found.plan
    assert plan.summary == Summary(create=3, outputs=1)
    assert {(r.address, r.action) for r in plan.resources} >= {
        ("terraform_data.plain", Action.CREATE),
        ("module.part.terraform_data.inner", Action.CREATE),
    }
    assert (plan.project, plan.environment, plan.head) == ("prod", "production", HEAD)
    assert plan.tool == isolated.tool.tool

    outcome = applied(isolated.runner().apply(isolated.again(request), found))

    assert "3 added" in outcome.detail
    assert '"size 2"' in json.dumps(isolated.state())
    empty = planned(isolated.runner().plan(isolated.again(request)))
    assert empty.plan.summary.empty


def test_no_secret_is_in_anything_but_the_sealed_artefact(isolated: World) -> None:
    shouting = PROJECT + (
        'resource "terraform_data" "loud" {\n  provisioner "local-exec" {\n'
        '    command = "echo it is $TF_VAR_secret and $KEY; echo $KEY | base64"\n  }\n}\n'
    )
    isolated.apply_environment = {"KEY": "correct-horse-battery"}
    request = isolated.request(shouting)

    found = planned(isolated.runner().plan(request))
    outcome = applied(isolated.runner().apply(isolated.again(request, shouting), found))

    assert SECRET not in repr(found.plan)
    assert SECRET not in outcome.detail
    assert "it is *** and ***" in outcome.detail
    assert "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5" not in outcome.detail
    assert SECRET in json.dumps(isolated.state()), "the project itself got it"


def test_what_runs_at_apply_sees_nothing_of_the_bots(
    isolated: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MRBOT_DATABASE_URL", "postgresql://planted")
    bot = os.getpid()
    attack = (
        f"env; cat {isolated.ground}/state/key; cat /proc/{bot}/environ; cat /proc/*/environ; true"
    )
    text = (
        'resource "terraform_data" "a" {\n  provisioner "local-exec" {\n'
        f'    command = "{attack}"\n  }}\n}}\n'
    )
    isolated.environment = {}
    request = isolated.request(text)

    found = planned(isolated.runner().plan(request))
    outcome = applied(isolated.runner().apply(isolated.again(request, text), found))

    assert "TF_IN_AUTOMATION=1" in outcome.detail
    assert "planted" not in outcome.detail
    assert SECRET not in outcome.detail
    assert (
        outcome.detail.count("can't open")
        + outcome.detail.count("No such file")
        + (outcome.detail.count("Permission denied"))
        >= 2
    )


def test_a_plan_whose_state_moved_on_is_stale(isolated: World) -> None:
    request = isolated.request()
    first = planned(isolated.runner().plan(request))
    other = isolated.again(request)
    second = planned(isolated.runner().plan(other))
    applied(isolated.runner().apply(isolated.again(request), second))
    before = isolated.state()["serial"]

    refused(isolated.runner().apply(isolated.again(request), first), ApplyFault.STALE)

    assert isolated.state()["serial"] == before


def test_source_that_terraform_refuses_fails_with_its_words(isolated: World) -> None:
    text = 'resource "terraform_data" "a" {\n  input = var.absent\n}\n'

    detail = failed(isolated.runner().plan(isolated.request(text)), PlanFault.PLAN)

    assert "Reference to undeclared input variable" in detail
    assert "on main.tf line 2" in detail


def test_an_apply_past_its_time_is_interrupted_and_frees_the_lock(isolated: World) -> None:
    text = (
        'resource "terraform_data" "a" {\n  provisioner "local-exec" {\n'
        f'    command = "touch {isolated.ground}/backend/began; sleep 60"\n  }}\n}}\n'
    )
    isolated.environment = {}
    request = isolated.request(text)
    found = planned(isolated.runner().plan(request))
    began = isolated.ground / "backend" / "began"

    runner = isolated.runner(cancelled=lambda _: began.exists())
    refused(runner.apply(isolated.again(request, text), found), ApplyFault.CANCELLED, started=True)

    assert not (isolated.ground / "backend" / ".terraform.tfstate.lock.info").exists()
    planned(isolated.runner().plan(isolated.again(request, "")))
