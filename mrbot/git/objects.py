"""Reads objects by their ids, many at once; nothing is fetched for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mrbot.change.repository import Blob
from mrbot.git.command import Git

MISSING = "missing"
"""The kind of an object that is not here."""


def kinds(git: Git, oids: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Each object's kind (`blob`, `tree`, `commit`, `tag` or MISSING) and its size in bytes."""
    wanted = sorted(set(oids))
    if not wanted:
        return {}
    out = git.run(["cat-file", "--batch-check", "--buffer"], stdin="\n".join(wanted).encode())
    found = {}
    for line in out.decode().splitlines():
        oid, kind, *size = line.split(" ")
        found[oid] = (kind, int(size[0]) if size else 0)
    return found


def contents(git: Git, oids: Sequence[str]) -> dict[str, Blob]:
    """The objects' contents; each of `oids` must be here, and be there once."""
    if not oids:
        return {}
    out = git.run(["cat-file", "--batch", "--buffer"], stdin="\n".join(oids).encode())
    found: dict[str, Blob] = {}
    at = 0
    for oid in oids:
        end = out.index(b"\n", at)
        size = int(out[at:end].split(b" ")[2])
        found[oid] = Blob(oid=oid, content=out[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return found
