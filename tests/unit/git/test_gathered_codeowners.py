"""Which CODEOWNERS file of a real repository is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mrbot.decision.material import TextFile
from mrbot.gather import gather
from mrbot.ids import HostKind
from tests.build import NOW, make_change, make_organisation
from tests.unit.git.conftest import Scratch


def found(scratch: Scratch, dialect: HostKind) -> TextFile | None:
    head = scratch.commit()
    change = make_change(files=[])
    at_head = replace(change.host, head=head)
    change = replace(change, host=at_head, base=head, target=head)
    material = gather(
        change, scratch.read, dialect=dialect, organisation=make_organisation(),
        plans=(), planning=False, now=NOW,
    )  # fmt: skip
    return material.codeowners


@pytest.mark.parametrize(
    ("dialect", "path"),
    [
        (HostKind.GITLAB, "CODEOWNERS"),
        (HostKind.GITHUB, ".github/CODEOWNERS"),
        (HostKind.LOCAL, ".github/CODEOWNERS"),
    ],
)
def test_each_host_has_its_own_first_place(scratch: Scratch, dialect: HostKind, path: str) -> None:
    assert found(scratch, dialect) is None
    for place in ("docs/CODEOWNERS", "CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS"):
        scratch.write(place, f"* @{place}\n")
    read = found(scratch, dialect)
    assert read == TextFile(path=path, content=f"* @{path}\n".encode())


def test_a_link_in_its_place_is_not_read_as_a_file_that_names_nobody(scratch: Scratch) -> None:
    scratch.link("CODEOWNERS", "docs/OWNERS")
    scratch.write("docs/OWNERS", "* @kim\n")
    assert found(scratch, HostKind.GITLAB) is None
    scratch.write(".gitlab/CODEOWNERS", "* @kim\n")
    read = found(scratch, HostKind.GITLAB)
    assert read is not None
    assert read.path == ".gitlab/CODEOWNERS"
