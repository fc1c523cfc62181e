"""`python -m mrbot.sandbox`: a sandbox that runs until it is interrupted.

The seed is a JSON document; every part of it may be left out:

    {"users": [{"login": "alice", "token": "alice-token"}],
     "groups": [{"path": "acme/platform", "members": ["alice"]}],
     "projects": [{"path": "acme/infra", "kind": "gitlab", "members": {"alice": "developer"},
                   "files": {"main.tf": ""}}],
     "hooks": [{"project": "acme/infra", "url": "http://localhost:8000/hook", "secret": "..."}]}
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

import click

from mrbot.sandbox.server import TICK_S, Sandbox

_PARTS = ("users", "groups", "projects", "hooks")


@click.command()
@click.option("--directory", type=click.Path(path_type=Path), required=True, help="For the git.")
@click.option("--port", default=0, show_default=True, help="0 takes any free one.")
@click.option("--seed", type=click.Path(path_type=Path, exists=True), help="A JSON document.")
@click.option("--tick", default=TICK_S, show_default=True, help="Seconds per pipeline state.")
def main(directory: Path, port: int, seed: Path | None, tick: float) -> None:
    """Serve a small GitLab- and GitHub-compatible host on loopback."""
    with Sandbox.start(directory, port=port, tick_s=tick) as sandbox:
        if seed is not None:
            plant(sandbox, seed)
        click.echo(sandbox.url)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("stopped")


def plant(sandbox: Sandbox, seed: Path) -> None:
    """Everything in the seed is in the sandbox.

    Raises:
        click.ClickException: the seed cannot be read, or names a thing or option that is not there.
    """
    add = {
        "users": sandbox.add_user, "groups": sandbox.add_group,
        "projects": sandbox.add_project, "hooks": sandbox.add_hook,
    }  # fmt: skip
    part = "the document"
    try:
        document = json.loads(seed.read_text())
        unknown = sorted(set(document) - set(_PARTS))
        if unknown:
            raise click.ClickException(f"{seed}: unknown parts {unknown}; there are {_PARTS}")
        for part in _PARTS:
            for one in document.get(part, []):
                add[part](**one)  # type: ignore[operator]
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise click.ClickException(f"{seed}: {part}: {wrong}") from wrong


if __name__ == "__main__":
    main()
