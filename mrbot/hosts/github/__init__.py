"""GitHub, through PyGithub, as a person's token or as a GitHub App."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import requests

from mrbot.hosts.github.connection import Connection
from mrbot.hosts.github.credentials import AppAuth, TokenAuth
from mrbot.hosts.github.deployer import GitHubDeployer
from mrbot.hosts.github.reader import GitHubReader
from mrbot.hosts.github.writer import GitHubWriter
from mrbot.ids import RepoId
from mrbot.secret import Secret

__all__ = ["AppAuth", "GitHubHost", "TokenAuth"]


class GitHubHost(GitHubReader, GitHubWriter, GitHubDeployer):
    """One GitHub, as `ChangeReader`, `ChangeWriter` and `Deployer`. Threads may share it.

    An App needs one call more an hour and account for its token, and one when an account is new.
    """

    def __init__(
        self,
        name: str,
        api_url: str,
        auth: TokenAuth | AppAuth,
        *,
        ca_file: Path | None = None,
        proxy: str | None = None,
        session: requests.Session | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(
            Connection(
                name, api_url, auth, session=session, ca_file=ca_file, proxy=proxy, clock=clock
            )
        )  # fmt: skip

    def git_credential(self, repo: RepoId) -> Secret:
        """The password for fetching the repository with git, good for some minutes at least.

        Raises:
            Permanent: the App is not installed there.
        """
        return self._connection.credential(repo.path.partition("/")[0])
