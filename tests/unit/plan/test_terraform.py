from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mrbot.errors import BadSettings
from mrbot.ids import Sha
from mrbot.plan.artefact import pack, unpack
from mrbot.plan.isolation import Bubblewrap, Isolation, NoIsolation
from mrbot.plan.plan import (
    Applied,
    ApplyFailed,
    ApplyFault,
    PlanFailed,
    PlanFault,
    Planned,
    PlanRequest,
    PlanRunner,
    Summary,
)
from mrbot.plan.precheck import PlanTimeRules
from mrbot.plan.process import Limits
from mrbot.plan.settle import Paths, settle_isolation
from mrbot.plan.terraform import TerraformRunner
from mrbot.plan.terraform_settings import TerraformSettings
from mrbot.plan.tool import FoundTool
from mrbot.plan.vault import Vault
from mrbot.resources.model import Action
from mrbot.secret import Secret
from tests.unit.plan.conftest import program

HEAD = Sha("a" * 40)
SECRET = "hunter2-hunter2"
LIMITS = Limits(seconds=60, interrupt_grace=10, terminate_grace=5)

PROJECT = """
variable "secret" {
  type      = string
  sensitive = true
}
variable "size" {
  default = 1
}
resource "terraform_data" "plain" {
  input = "size ${var.size}"
}
resource "terraform_data" "secret" {
  input = var.secret
}
module "part" {
  source = "../../modules/part"
}
output "size" {
  value = var.size
}
"""
PART = 'resource "terraform_data" "inner" {\n  input = "inner"\n}\n'


@dataclass(kw_only=True)
class World:
    """A machine with a repository whose project `envs/prod` keeps its state in `state`."""

    ground: Path
    tool: FoundTool
    isolation: Isolation
    environment: Mapping[str, str] = field(default_factory=lambda: {"TF_VAR_secret": SECRET})
    apply_environment: Mapping[str, str] = field(default_factory=dict)
    checkouts: int = 0

    def checkout(self, text: str = PROJECT, *, backend: bool = True) -> Path:
        """A fresh checkout, as every plan and every apply gets one."""
        self.checkouts += 1
        top = self.ground / "checkouts" / str(self.checkouts)
        project = top / "envs" / "prod"
        project.mkdir(parents=True)
        if backend:
            state = self.ground / "backend" / "terraform.tfstate"
            block = f'terraform {{\n  backend "local" {{\n    path = "{state}"\n  }}\n}}\n'
            (project / "backend.tf").write_text(block)
        (project / "main.tf").write_text(text)
        (top / "modules" / "part").mkdir(parents=True)
        (top / "modules" / "part" / "main.tf").write_text(PART)
        return top

    def runner(
        self,
        *,
        limits: Limits = LIMITS,
        rules: PlanTimeRules | None = None,
        cancelled: Callable[[PlanRequest], bool] = lambda _: False,
    ) -> PlanRunner:
        settings = TerraformSettings(
            work=self.ground / "work",
            environment={name: Secret(value) for name, value in self.environment.items()},
            apply_environment={n: Secret(v) for n, v in self.apply_environment.items()},
            plan_limits=limits,
            apply_limits=limits,
            lock_timeout=0,
            rules=rules or PlanTimeRules(),
        )
        vault = Vault(Secret("k" * 43))
        return TerraformRunner(settings, self.tool, self.isolation, vault, cancelled)

    def request(self, text: str = PROJECT, *arguments: str) -> PlanRequest:
        return PlanRequest(
            project="prod",
            environment="production",
            head=HEAD,
            checkout=self.checkout(text),
            directory="envs/prod",
            arguments=arguments,
        )

    def again(self, request: PlanRequest, text: str = PROJECT) -> PlanRequest:
        return replace(request, checkout=self.checkout(text))

    def state(self) -> dict[str, object]:
        text = (self.ground / "backend" / "terraform.tfstate").read_text()
        found = json.loads(text)
        assert isinstance(found, dict)
        return found


def world(ground: Path, tool: FoundTool, choice: str) -> World:
    (ground / "backend").mkdir(mode=0o700)
    (ground / "state").mkdir(mode=0o700)
    (ground / "state" / "key").write_text(SECRET)
    if choice == "user":
        os.chown(ground / "backend", 65534, 65534)
    isolation = settle_isolation(
        "bubblewrap" if choice == "bubblewrap" else "user" if choice == "user" else "none",
        Paths(
            work=ground / "work",
            private=(ground / "state",),
            readable=tool.readable,
            writable=(ground / "backend",),
        ),
        network=False,
        must_run=(*tool.command, "version"),
    )
    return World(ground=ground, tool=tool, isolation=isolation)


@pytest.fixture
def isolated(ground: Path, tool: FoundTool, real_isolation: str) -> World:
    """Every tool in every isolation."""
    return world(ground, tool, real_isolation)


@pytest.fixture
def plain(ground: Path) -> World:
    """The program on PATH without isolation: the quickest, for what does not depend on either."""
    return world(ground, program(), "none")


def planned(outcome: Planned | PlanFailed) -> Planned:
    assert isinstance(outcome, Planned), outcome
    return outcome


def failed(outcome: Planned | PlanFailed, fault: PlanFault) -> str:
    assert isinstance(outcome, PlanFailed), outcome
    assert outcome.fault is fault, outcome
    return outcome.detail


def refused(outcome: Applied | ApplyFailed, fault: ApplyFault, *, started: bool = False) -> str:
    assert isinstance(outcome, ApplyFailed), outcome
    assert (outcome.fault, outcome.started) == (fault, started), outcome
    return outcome.detail


def applied(outcome: Applied | ApplyFailed) -> Applied:
    assert isinstance(outcome, Applied), outcome
    return outcome


# --- planning and applying, with every tool in every isolation


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


# --- what an apply binds to


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


# --- what is refused before it runs


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


# --- a tool that does not behave


def fake(world: World, script: str) -> World:
    """The world with a tool that is a shell script."""
    path = world.ground / "fake"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    world.tool = FoundTool(tool=world.tool.tool, command=(str(path),), readable=(path,))
    if isinstance(world.isolation, Bubblewrap):
        world.isolation = replace(world.isolation, readable=(path,))
    return world


def alive(marker: str) -> bool:
    def has(entry: Path) -> bool:
        try:
            return marker.encode() in (entry / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return False

    for _ in range(200):
        if not any(map(has, Path("/proc").glob("[0-9]*"))):
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("how", ["time", "cancel"])
@pytest.mark.parametrize("choice", ["bubblewrap", "user", "none"])
def test_a_plan_that_hangs_is_ended_and_leaves_no_process(
    ground: Path, request: pytest.FixtureRequest, choice: str, how: str
) -> None:
    if choice != "none" and not usable(choice):
        pytest.skip(f"missing: {choice}")
    marker = f"{9000 + os.getpid()}.5"
    here = fake(world(ground, program(), choice), f"trap '' INT TERM; sleep {marker} & wait")
    limits = Limits(seconds=0.2 if how == "time" else 60, interrupt_grace=0.1, terminate_grace=0.1)
    cancel = threading.Event()
    if how == "cancel":
        threading.Timer(0.1, cancel.set).start()

    outcome = here.runner(limits=limits, cancelled=lambda _: cancel.is_set()).plan(here.request())

    failed(outcome, PlanFault.TIME if how == "time" else PlanFault.CANCELLED)
    assert not alive(marker)
    assert list((ground / "work").iterdir()) == []


def usable(choice: str) -> bool:
    import shutil

    return shutil.which("bwrap") is not None if choice == "bubblewrap" else os.geteuid() == 0


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
