from __future__ import annotations

import io
import tarfile
from dataclasses import replace

import pytest

from mrbot.ids import Sha
from mrbot.plan.artefact import LOCK_BYTES, Artefact, pack, unpack

PLAN = Artefact(
    project="prod",
    directory="envs/prod",
    head=Sha("a" * 40),
    arguments=("-var=size=2",),
    lineage="052b713a-0172-e93c-9d8b-9d8fecefad54",
    serial=3,
    plan_file=b"PK\x03\x04...",
    lock=b'provider "registry.terraform.io/hashicorp/aws" {}\n',
)


def archive(*members: tuple[str, bytes, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as opened:
        for name, data, kind in members:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type, entry.linkname = len(data), kind, "about.json"
            opened.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "artefact",
    [PLAN, replace(PLAN, lock=None, lineage=None, serial=None, arguments=())],
    ids=["full", "without state and providers"],
)
def test_what_was_packed_comes_back(artefact: Artefact) -> None:
    assert unpack(pack(artefact)) == artefact
    assert pack(artefact) == pack(artefact)


ABOUT = (
    b'{"version": 1, "project": "p", "directory": "", "head": "", "arguments": [], '
    b'"lineage": null, "serial": null}'
)
FILE = tarfile.REGTYPE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        archive(),
        archive(("about.json", ABOUT, FILE)),
        archive(("plan.tfplan", b"x", FILE)),
        archive(("about.json", b"{}", FILE), ("plan.tfplan", b"x", FILE)),
        archive(("about.json", b"[", FILE), ("plan.tfplan", b"x", FILE)),
        archive(("about.json", ABOUT.replace(b"1", b"2"), FILE), ("plan.tfplan", b"x", FILE)),
        archive(*[("about.json", ABOUT, FILE), ("plan.tfplan", b"x", FILE)] * 2),
        archive(("about.json", ABOUT, FILE), ("plan.tfplan", b"", tarfile.SYMTYPE)),
        archive(("about.json", ABOUT, FILE), ("../plan.tfplan", b"x", FILE)),
        archive(
            ("about.json", ABOUT, FILE),
            ("plan.tfplan", b"x", FILE),
            ("terraform.lock.hcl", b"x" * (LOCK_BYTES + 1), FILE),
        ),
        archive(
            ("about.json", ABOUT, FILE), ("plan.tfplan", b"x", FILE), ("../etc/passwd", b"", FILE)
        ),
        pack(PLAN)[:700],
    ],
    ids=["nothing", "a plan file", "empty", "no plan", "no description", "description without keys",
         "description no JSON", "another version", "repeated", "a link", "another name",
         "too large", "one more", "cut"],
)  # fmt: skip
def test_what_is_no_artefact_is_refused(data: bytes) -> None:
    assert unpack(data) is None


def test_every_changed_byte_makes_it_another_artefact_or_none() -> None:
    data = pack(PLAN)

    assert unpack(data[:-1]) is None
    assert unpack(data + b"\0") is None
    for at in range(0, len(data), 7):
        assert unpack(bytes([*data[:at], data[at] ^ 1, *data[at + 1 :]])) != PLAN
