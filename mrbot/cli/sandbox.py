"""`mrbot sandbox`: the small GitLab and GitHub for trying rules and policies."""

from __future__ import annotations

import time
from pathlib import Path

import click

from mrbot.sandbox import Sandbox


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--port", default=8929, show_default=True)
def sandbox(directory: Path, port: int) -> None:
    """Serve an empty sandbox host from DIRECTORY until Ctrl-C.

    `python -m mrbot.sandbox` takes a seed file and more options.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with Sandbox.start(directory, port=port) as host:
        print(f"sandbox host at {host.url} (Ctrl-C ends it)")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return
