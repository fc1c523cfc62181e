from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mrbot.errors import BadSettings
from mrbot.plan.plan import (
    PlanFault,
)
from mrbot.plan.terraform_settings import TerraformSettings
from mrbot.secret import Secret
from tests.unit.plan.worlds import (
    PART,
    PROJECT,
    World,
    failed,
    planned,
)


@pytest.mark.parametrize(
    "directory", ["..", "/etc", "absent", "linked", "envs/prod/main.tf"], ids=str
)
def test_a_directory_outside_the_repository_is_refused(plain: World, directory: str) -> None:
    request = replace(plain.request(), directory=directory)
    (request.checkout / "linked").symlink_to("envs/prod")

    failed(plain.runner().plan(request), PlanFault.PROJECT)


@pytest.mark.parametrize(
    "argument",
    ["-chdir=/", "-out=/tmp/x", "-state=x", "-lock=false", "-input=true", "--destroy", "x",
     "-var-file=/etc/passwd", "-var-file=../../../other", "-parallelism=9999", "-var=", "-var=\0"],
)  # fmt: skip
def test_an_argument_that_reaches_further_than_the_plan_is_refused(
    plain: World, argument: str
) -> None:
    detail = failed(plain.runner().plan(plain.request(PROJECT, argument)), PlanFault.PLAN)

    assert "Terraform" not in detail, "Terraform was not even asked"


def test_a_variable_file_inside_the_repository_is_used(plain: World) -> None:
    request = plain.request(PROJECT, "-var-file=../../common.tfvars")
    (request.checkout / "common.tfvars").write_text('size = "5"\n')

    found = planned(plain.runner().plan(request))

    assert "size 5" in json.dumps(found.plan.document)


def test_programs_that_a_plan_would_run_are_refused_with_their_place(plain: World) -> None:
    text = 'data "external" "a" {\n  program = ["sh", "-c", "touch /tmp/owned"]\n}\n'

    detail = failed(plain.runner().plan(plain.request(text)), PlanFault.PROJECT)

    assert detail.startswith("envs/prod/main.tf:1: ")


def test_programs_that_a_module_would_run_are_refused_too(plain: World) -> None:
    request = plain.request()
    (request.checkout / "modules" / "part" / "more.tf").write_text(
        'provider "terraform" {\n  exec {\n  }\n}\n'
    )

    detail = failed(plain.runner().plan(request), PlanFault.PROJECT)

    assert "modules/part/more.tf:2" in detail


def test_a_module_outside_the_repository_is_refused(plain: World) -> None:
    (plain.ground / "checkouts").mkdir()
    (plain.ground / "checkouts" / "foreign").mkdir()
    (plain.ground / "checkouts" / "foreign" / "main.tf").write_text(PART)
    text = 'module "part" {\n  source = "../../../foreign"\n}\n'

    detail = failed(plain.runner().plan(plain.request(text)), PlanFault.PROJECT)

    assert "leads out of the repository" in detail


def test_configuration_that_is_a_link_is_read_where_it_leads(plain: World) -> None:
    request = plain.request()
    (request.checkout / "shared.tf").write_text('data "external" "a" {\n}\n')
    (request.checkout / "envs" / "prod" / "shared.tf").symlink_to("../../shared.tf")

    detail = failed(plain.runner().plan(request), PlanFault.PROJECT)

    assert detail.startswith("shared.tf:1")


@pytest.mark.parametrize("target", ["/etc/passwd", "absent.tf"], ids=["out", "nowhere"])
def test_configuration_that_leads_out_of_the_repository_is_refused(
    plain: World, target: str
) -> None:
    request = plain.request()
    (request.checkout / "envs" / "prod" / "more.tf").symlink_to(target)

    assert "more.tf" in failed(plain.runner().plan(request), PlanFault.PROJECT)


def test_providers_that_the_repository_brings_along_are_refused(plain: World) -> None:
    request = plain.request()
    (request.checkout / "envs" / "prod" / "terraform.d").mkdir()

    assert "terraform.d" in failed(plain.runner().plan(request), PlanFault.PROJECT)


def test_a_terraform_directory_that_was_checked_in_is_never_used(plain: World) -> None:
    request = plain.request()
    (request.checkout / "envs" / "prod" / ".terraform").symlink_to(plain.ground / "state")

    planned(plain.runner().plan(request))

    assert [path.name for path in (plain.ground / "state").iterdir()] == ["key"]


def test_a_lock_file_that_is_a_link_is_refused(plain: World) -> None:
    request = plain.request()
    (request.checkout / "envs" / "prod" / ".terraform.lock.hcl").symlink_to("/etc/passwd")

    assert "symbolic link" in failed(plain.runner().plan(request), PlanFault.PROJECT)


@pytest.mark.parametrize("name", ["TF_DATA_DIR", "TF_CLI_ARGS_plan", "TF_LOG", "HOME", "A=B", ""])
def test_a_variable_that_would_undo_what_is_promised_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadSettings):
        TerraformSettings(work=tmp_path, environment={name: Secret("x")})
