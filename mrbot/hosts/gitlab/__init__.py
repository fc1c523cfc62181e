"""GitLab, through python-gitlab."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import requests

from mrbot.hosts.gitlab.connection import Connection
from mrbot.hosts.gitlab.deployer import GitLabDeployer
from mrbot.hosts.gitlab.reader import GitLabReader
from mrbot.hosts.gitlab.writer import GitLabWriter
from mrbot.secret import Secret

__all__ = ["GitLabHost"]


class GitLabHost(GitLabReader, GitLabWriter, GitLabDeployer):
    """One GitLab, as `ChangeReader`, `ChangeWriter` and `Deployer`. Threads may share it."""

    def __init__(
        self,
        name: str,
        url: str,
        token: Secret,
        *,
        ca_file: Path | None = None,
        proxy: str | None = None,
        session: requests.Session | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(
            Connection(
                name, url, token, session=session, ca_file=ca_file, proxy=proxy, clock=clock
            )
        )  # fmt: skip
