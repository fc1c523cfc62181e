"""A machine to plan on: a repository, a state, a tool and an isolation, as settings give them."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mrbot.ids import Sha
from mrbot.plan.isolation import Bubblewrap, Isolation
from mrbot.plan.plan import (
    Applied,
    ApplyFailed,
    ApplyFault,
    PlanFailed,
    PlanFault,
    Planned,
    PlanRequest,
    PlanRunner,
)
from mrbot.plan.precheck import PlanTimeRules
from mrbot.plan.process import Limits
from mrbot.plan.settle import Paths, settle_isolation
from mrbot.plan.terraform import TerraformRunner
from mrbot.plan.terraform_settings import TerraformSettings
from mrbot.plan.tool import FoundTool, settle_tool
from mrbot.plan.vault import Vault
from mrbot.secret import Secret
from tests.needs import missing


def program() -> FoundTool:
    """The tofu or terraform on PATH."""
    found = shutil.which("tofu") or shutil.which("terraform")
    if found is None:
        missing("tofu or terraform on PATH")
    return settle_tool(found or "")


def need_isolation(choice: str) -> None:
    """This machine can have the isolation."""
    if choice == "bubblewrap" and shutil.which("bwrap") is None:
        missing("bubblewrap (apt-get install bubblewrap)")
    if choice == "user" and os.geteuid() != 0:
        missing("root, to become another user")


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


def fake(world: World, script: str) -> World:
    """The world with a tool that is a shell script."""
    path = world.ground / "fake"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    world.tool = FoundTool(tool=world.tool.tool, command=(str(path),), readable=(path,))
    if isinstance(world.isolation, Bubblewrap):
        world.isolation = replace(world.isolation, readable=(path,))
    return world


def await_path(path: Path) -> None:
    for _ in range(1000):
        if path.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} never appeared")


def none_running(marker: str) -> bool:
    """Whether no process has `marker` among its arguments, within a moment."""
    for _ in range(200):
        if not any(marker.encode() in arguments(entry) for entry in Path("/proc").glob("[0-9]*")):
            return True
        time.sleep(0.01)
    return False


def arguments(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
