"""What an apply needs of a plan, as one archive: the plan file, the provider lock and what they
belong to.

Terraform's plan file holds the configuration, the variables (secrets included) and the state's
identity; `init` in a fresh checkout brings modules and providers back, held to the lock.
"""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass

from mrbot.ids import Sha

PLAN_FILE_BYTES = 64 * 1024 * 1024
"""Of a plan file, at most. It is compressed: documents of several times this size fit."""
LOCK_BYTES = 1024 * 1024
"""Of a provider lock file, at most; a usual one has a few KiB."""

_VERSION = 1
_PLAN, _LOCK, _ABOUT = "plan.tfplan", "terraform.lock.hcl", "about.json"
_LIMITS = {_PLAN: PLAN_FILE_BYTES, _LOCK: LOCK_BYTES, _ABOUT: 64 * 1024}


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A saved plan. `lineage` and `serial` name the state it was made from; None when there was
    no state yet. `lock` is None when the project uses no provider but Terraform's own."""

    project: str
    directory: str
    head: Sha
    arguments: tuple[str, ...]
    lineage: str | None
    serial: int | None
    plan_file: bytes
    lock: bytes | None


def pack(artefact: Artefact) -> bytes:
    """The archive; equal artefacts give equal bytes."""
    about = {
        "version": _VERSION,
        "project": artefact.project,
        "directory": artefact.directory,
        "head": artefact.head,
        "arguments": list(artefact.arguments),
        "lineage": artefact.lineage,
        "serial": artefact.serial,
    }
    members = {_ABOUT: json.dumps(about, sort_keys=True).encode(), _PLAN: artefact.plan_file}
    if artefact.lock is not None:
        members[_LOCK] = artefact.lock
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def unpack(archive: bytes) -> Artefact | None:
    """What was packed; None when these are not, to the last byte, what `pack` gives."""
    found = _read(archive)
    return found if found is not None and pack(found) == archive else None


def _read(archive: bytes) -> Artefact | None:
    members = _members(archive)
    if members is None or not {_ABOUT, _PLAN} <= members.keys():
        return None
    try:
        about = json.loads(members[_ABOUT])
        if about["version"] != _VERSION:
            return None
        lineage, serial = about["lineage"], about["serial"]
        return Artefact(
            project=str(about["project"]),
            directory=str(about["directory"]),
            head=Sha(str(about["head"])),
            arguments=tuple(map(str, about["arguments"])),
            lineage=None if lineage is None else str(lineage),
            serial=None if serial is None else int(serial),
            plan_file=members[_PLAN],
            lock=members.get(_LOCK),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _members(archive: bytes) -> dict[str, bytes] | None:
    """Every member by name, none of them unknown, repeated, too large or anything but a file."""
    members: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as opened:
            for entry in opened:
                limit = _LIMITS.get(entry.name)
                if limit is None or entry.name in members or entry.size > limit:
                    return None
                file = opened.extractfile(entry) if entry.isreg() else None
                if file is None:
                    return None
                members[entry.name] = file.read()
    except (tarfile.TarError, EOFError, OSError):
        return None
    return members
