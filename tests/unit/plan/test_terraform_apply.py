from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from mrbot.ids import Sha
from mrbot.plan.artefact import pack, unpack
from mrbot.plan.plan import (
    Applied,
    ApplyFailed,
    ApplyFault,
)
from tests.unit.plan.worlds import (
    PROJECT,
    World,
    applied,
    planned,
    refused,
)


def test_an_artefact_that_was_changed_is_refused(plain: World) -> None:
    request = plain.request()
    found = planned(plain.runner().plan(request))
    artefact = unpack(found.artefact)
    assert artefact is not None

    for other in (
        b"",
        found.artefact[:-1],
        pack(replace(artefact, plan_file=artefact.plan_file + b"x")),
        pack(replace(artefact, serial=7)),
        pack(replace(artefact, lineage="another")),
        pack(replace(artefact, head=Sha("b" * 40))),
        pack(replace(artefact, project="staging")),
        pack(replace(artefact, directory="envs")),
        pack(replace(artefact, arguments=("-destroy",))),
        pack(replace(artefact, lock=b'provider "registry.terraform.io/evil/evil" {}')),
    ):
        tampered = replace(found, artefact=other)
        outcome = plain.runner().apply(plain.again(request), tampered)
        refused_before_any_change(outcome, plain)

    applied(plain.runner().apply(plain.again(request), found))


def refused_before_any_change(outcome: Applied | ApplyFailed, world: World) -> None:
    assert isinstance(outcome, ApplyFailed), outcome
    assert not outcome.started
    assert not (world.ground / "backend" / "terraform.tfstate").exists()


def test_the_plan_of_another_change_is_refused_though_it_is_whole(plain: World) -> None:
    request = plain.request()
    mine = planned(plain.runner().plan(request))
    theirs = planned(plain.runner().plan(plain.again(request, PROJECT + '\n# "more"\n')))

    swapped = replace(mine, artefact=theirs.artefact)

    refused(plain.runner().apply(plain.again(request), swapped), ApplyFault.ARTEFACT)


@pytest.mark.parametrize(
    "changes",
    [{"head": Sha("b" * 40)}, {"project": "staging"}, {"directory": "envs"},
     {"arguments": ("-destroy",)}],
    ids=["head", "project", "directory", "arguments"],
)  # fmt: skip
def test_a_plan_is_applied_only_for_what_it_was_made_for(
    plain: World, changes: Mapping[str, object]
) -> None:
    request = plain.request()
    found = planned(plain.runner().plan(request))
    asked = replace(plain.again(request), **changes)  # type: ignore[arg-type]

    refused(plain.runner().apply(asked, found), ApplyFault.ARTEFACT)


def test_a_plan_that_would_do_something_else_than_was_approved_is_refused(plain: World) -> None:
    request = plain.request()
    found = planned(plain.runner().plan(request))
    approved = replace(found.plan, effect_digest=found.plan.artefact_digest)

    detail = refused(
        plain.runner().apply(plain.again(request), replace(found, plan=approved)),
        ApplyFault.ARTEFACT,
    )

    assert "something else" in detail


def test_a_plan_by_another_version_is_refused(plain: World) -> None:
    request = plain.request()
    found = planned(plain.runner().plan(request))
    plain.tool = replace(plain.tool, tool=replace(plain.tool.tool, version="0.12.0"))

    detail = refused(plain.runner().apply(plain.again(request), found), ApplyFault.TOOL)

    assert "0.12.0" in detail


def test_two_plans_of_the_same_have_the_same_effect(plain: World) -> None:
    request = plain.request()

    first, second = (planned(plain.runner().plan(plain.again(request))).plan for _ in range(2))
    other = planned(plain.runner().plan(plain.again(replace(request, arguments=("-var=size=3",)))))

    assert first.effect_digest == second.effect_digest
    assert first.effect_digest != other.plan.effect_digest


@pytest.mark.parametrize("path", [None, "terraform.tfstate", "../../x.tfstate"], ids=str)
def test_an_apply_whose_state_would_be_lost_with_the_checkout_is_refused(
    plain: World, path: str | None
) -> None:
    block = (
        ""
        if path is None
        else f'terraform {{\n  backend "local" {{\n    path = "{path}"\n  }}\n}}\n'
    )
    request = replace(plain.request(), checkout=plain.checkout(block + PROJECT, backend=False))
    found = planned(plain.runner().plan(request))
    fresh = replace(request, checkout=plain.checkout(block + PROJECT, backend=False))

    detail = refused(plain.runner().apply(fresh, found), ApplyFault.FAILED)

    assert "lost" in detail


def test_an_apply_that_fails_on_the_way_says_that_it_started(plain: World) -> None:
    text = (
        'resource "terraform_data" "a" {}\n'
        'resource "terraform_data" "b" {\n  depends_on = [terraform_data.a]\n'
        '  provisioner "local-exec" {\n'
        '    command = "echo Error: Saved plan is stale >&2; exit 1"\n  }\n}\n'
    )
    request = plain.request(text)
    found = planned(plain.runner().plan(request))

    detail = refused(
        plain.runner().apply(plain.again(request, text), found), ApplyFault.FAILED, started=True
    )

    assert "local-exec provisioner error" in detail
