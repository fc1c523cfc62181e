"""Runs git: no configuration but its own, no prompt, a time limit, secrets only in the environment."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mrbot.errors import GitFailure, GitTimedOut
from mrbot.secret import Secret

GIT_TIME_LIMIT_S = 300
"""Seconds for one git command, fetches included."""

STDERR_SHOWN = 600
"""Characters of git's own message that an error repeats."""

SAFETY = (
    "protocol.allow=never",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.fsmonitor=false",
    "gc.auto=0",
    "diff.renames=true",
    "diff.renameLimit=0",
    "submodule.recurse=false",
    "transfer.fsckObjects=false",
    "advice.graftFileDeprecated=false",
)
"""No hook and no helper runs. A transfer below 1,000 bytes a second for 60 s ends by itself."""

TRANSPORTS = (
    "protocol.https.allow=always",
    "protocol.http.allow=always",
    "protocol.file.allow=user",
)
"""What is spoken with a remote: HTTP(S) and, for the user's own repository, files. Without a remote
it is nothing: git before 2.39.4 would fetch what a repository says it was promised, in its own way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """Where a mirror fetches from. `authorization` is a whole HTTP header value, never in argv."""

    url: str
    authorization: Secret | None = None
    ca_file: str | None = None
    proxy: str | None = None


def basic(user: str, password: Secret) -> Secret:
    """The `Authorization` value for HTTP basic authentication."""
    pair = f"{user}:{password.reveal()}".encode()
    return Secret(f"Authorization: Basic {base64.b64encode(pair).decode()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """git in one repository. `directory` is its git directory or work tree; `settings` are git's own,
    for these commands only."""

    directory: Path
    remote: Remote | None = None
    settings: tuple[tuple[str, str], ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What git's process sees: nothing of the bot's own environment but PATH."""
        pairs = (*SAFETY, *TRANSPORTS) if self.remote is not None else SAFETY
        settings = [(pair.partition("=")[0], pair.partition("=")[2]) for pair in pairs]
        settings += [("safe.directory", "*"), *self.settings]
        if self.remote is not None:
            if self.remote.authorization is not None:
                key = f"http.{self.remote.url}.extraHeader"
                settings.append((key, self.remote.authorization.reveal()))
            if self.remote.ca_file:
                settings.append(("http.sslCAInfo", self.remote.ca_file))
            if self.remote.proxy:
                settings.append(("http.proxy", self.remote.proxy))
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            # Paths are names: nothing in one is a pattern.
            "GIT_LITERAL_PATHSPECS": "1",
            # Content is what its id says, and only what is here: a repository's own settings could
            # otherwise replace objects, or name a program that fetches them.
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_GRAFT_FILE": "/dev/null",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_CONFIG_PARAMETERS": " ".join(_parameter(key, value) for key, value in settings),
            **self.extra,
        }

    def run(
        self, arguments: Sequence[str], *, stdin: bytes = b"", limit_s: float = GIT_TIME_LIMIT_S
    ) -> bytes:
        """What git printed.

        Raises: GitTimedOut, GitFailure with the end of git's own message, when it failed or ran out of time.
        """
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self.directory,
                env=self.environment(),
                input=stdin,
                capture_output=True,
                timeout=limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            message = f"git {arguments[0]} ran longer than {limit_s} s"
            raise GitTimedOut(message) from error
        except (OSError, ValueError) as error:
            # ValueError: an argument holds a NUL or is no text that the system knows.
            raise GitFailure(f"git could not be started in {self.directory}: {error}") from error
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()[-STDERR_SHOWN:]
            raise GitFailure(f"git {arguments[0]} failed ({done.returncode}): {said}")
        return done.stdout


def _parameter(key: str, value: str) -> str:
    """A setting as git hands it to its own children: GIT_CONFIG_COUNT came with 2.31 only.

    Before that a key with `=` in it, of a URL with a query, cannot be said, and is not understood.
    """
    pair = [key, value] if "=" in key else [f"{key}={value}"]
    return "=".join("'" + one.replace("'", "'\\''").replace("!", "'\\!'") + "'" for one in pair)
