"""A mirror without the contents of files, which are fetched by their ids ahead of being read.

git calls it a partial clone, and would fetch what is missing by itself, one object at a time and
whenever it looks at one; only from 2.44 on it can be told not to. So nothing on disk says that this
repository is one. Its remote is a promisor by the settings of the fetching commands alone, and to
every command that reads, what is not here is missing.

Source: https://git-scm.com/docs/partial-clone
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from mrbot.errors import GitFailure
from mrbot.git.command import Git, Remote
from mrbot.git.objects import MISSING, kinds

REMOTE = "mrbot"
"""What the remote is called in the settings of a fetching command."""

ABSENT_LIMIT = 8
"""Objects, of those asked for at once, that the server may lack: each costs a request more."""

_ABSENT = re.compile(r"not our ref ([0-9a-f]{40,64})")


def fetch(git: Git, specs: Sequence[str], *options: str, leaving_out: str = "blob:none") -> None:
    """The commits and trees that `specs` name are here, without what the filter leaves out.

    Raises: GitFailure when the server cannot be reached or has no such ref.
    """
    command = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", *options, REMOTE, *specs]
    _promised(git, leaving_out).run(command)


def bring(git: Git, oids: Iterable[str]) -> None:
    """Those of the objects that are missing are here, fetched in one request. What the server does
    not have stays missing.

    Raises: GitFailure when the server cannot be reached, or lacks more than ABSENT_LIMIT of them.
    """
    lost = {oid for oid, (kind, _) in kinds(git, oids).items() if kind == MISSING}
    command = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--stdin", REMOTE]
    for _ in range(ABSENT_LIMIT + 1):
        if not lost:
            return
        try:
            # As git itself does: nothing that is here helps the server to send them.
            asking = _promised(git, "blob:none", ("fetch.negotiationAlgorithm", "noop"))
            asking.run(command, stdin="\n".join(sorted(lost)).encode())
        except GitFailure as error:
            absent = lost.intersection(_ABSENT.findall(str(error)))
            if not absent:
                raise
            lost -= absent
        else:
            return
    raise GitFailure(f"the server lacks more than {ABSENT_LIMIT} objects of its own commits")


def is_served(remote: Remote, ref: str) -> bool:
    """Whether the server leaves objects out when asked to, and sends them by their ids later.

    Every server of protocol version 2 does the second; one of before may refuse it.

    Raises: GitFailure when the server cannot be reached or has no such ref.
    """
    with tempfile.TemporaryDirectory(prefix="mrbot-git-") as directory:
        git = Git(directory=Path(directory), remote=remote)
        git.run(["init", "--bare", "--quiet", "--template=", "."])
        fetch(git, [f"+{ref}:refs/probe"], "--depth=1", leaving_out="tree:0")
        out = git.run(["log", "-1", "--no-show-signature", "--format=%T", "refs/probe", "--"])
        tree = out.decode().strip()
        if kinds(git, [tree])[tree][0] != MISSING:
            return False
        try:
            bring(git, [tree])
        except GitFailure:
            return False
        return kinds(git, [tree])[tree][0] != MISSING


def _promised(git: Git, leaving_out: str, *more: tuple[str, str]) -> Git:
    """`git` with its remote as a promisor, for commands that fetch and for no others."""
    url = "" if git.remote is None else git.remote.url
    of_remote = {"url": url, "promisor": "true", "partialclonefilter": leaving_out}
    # The filter comes from here and not from `--filter`, which git writes into the repository.
    settings = tuple((f"remote.{REMOTE}.{key}", value) for key, value in of_remote.items())
    return replace(git, settings=(*git.settings, *settings, *more))
