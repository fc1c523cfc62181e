"""`mrbot init`: first rules for a repository and first settings for a server."""

from __future__ import annotations

import os
from pathlib import Path

import click

from mrbot.config.detect import Detected, detect
from mrbot.config.init import starter_rules, starter_settings
from mrbot.decision.protected import RULE_FILE
from mrbot.errors import BadReference, Problem
from mrbot.ids import HostKind

SETTINGS_FILE = "mrbot.yml"

FILES_LOOKED_AT = 100_000
"""Files among which projects are looked for."""

_NOT_LOOKED_INTO = frozenset({"node_modules", "vendor", "venv"})


@click.command()
@click.argument(
    "directory", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--host",
    type=click.Choice([HostKind.GITLAB.value, HostKind.GITHUB.value]),
    help="Where the repository is kept; guessed without it.",
)
@click.option("--url", help="The host's address, where it is not gitlab.com or github.com.")
def init(directory: Path, host: str | None, url: str | None) -> None:
    """Write a commented .mrbot.yml (rules) and mrbot.yml (a server's settings) into DIRECTORY.

    A file that is there already is left as it is.
    """
    kind = HostKind(host) if host else _guessed(directory)
    projects = _projects(directory)
    rules_are_new = _write(directory / RULE_FILE, starter_rules(kind, projects))
    settings_are_new = _write(directory / SETTINGS_FILE, starter_settings(kind, url))
    print(f"\n{len(projects)} projects found, host: {kind}")
    print("\nWhat to do next:")
    steps = []
    if rules_are_new:
        steps.append(
            f"Read {RULE_FILE}, put it right, and try it before anybody depends on it:\n"
            f"   mrbot review --base HEAD~1 --head HEAD --rules {RULE_FILE}"
        )
        steps.append(f"Merge {RULE_FILE} to the target branch: rules are read from there alone.")
    if settings_are_new:
        steps.append(
            f"Take {SETTINGS_FILE} to the server (it belongs there, not in the repository), replace\n"
            "   each CHANGE-ME, and set the environment variables that it names."
        )
    steps.append(
        "On the server:\n   mrbot doctor --config mrbot.yml\n   mrbot serve --config mrbot.yml"
    )
    for number, step in enumerate(steps, start=1):
        print(f"{number}. {step}")


def _write(path: Path, text: str) -> bool:
    """Whether the file is new."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        print(f"kept    {path}: it is there already")
        return False
    except OSError as error:
        raise BadReference(Problem(str(path), 0, f"cannot be written: {error.strerror}")) from error
    print(f"written {path}")
    return True


def _guessed(directory: Path) -> HostKind:
    """By the CI files: GitLab unless only GitHub's are there."""
    github = (directory / ".github").is_dir() and not (directory / ".gitlab-ci.yml").exists()
    return HostKind.GITHUB if github else HostKind.GITLAB


def _projects(directory: Path) -> tuple[Detected, ...]:
    paths: list[str] = []
    for folder, names, files in os.walk(directory):
        names[:] = sorted(n for n in names if not n.startswith(".") and n not in _NOT_LOOKED_INTO)
        here = Path(folder).relative_to(directory)
        paths += [(here / name).as_posix() for name in sorted(files)]
        if len(paths) >= FILES_LOOKED_AT:
            print(f"only the first {FILES_LOOKED_AT} files were looked at: add missing projects")
            break
    return detect(paths[:FILES_LOOKED_AT])
