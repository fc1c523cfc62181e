"""A repository that has another one's objects and nothing of its settings.

What git prints of content depends on the repository it is asked in: on settings, on attributes of
the work tree and of `info/attributes`, on grafts, on promised objects that are fetched when they
are looked at. Here is none of them, and what is written here is gone afterwards.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mrbot.git.command import Git


@contextmanager
def neutral(git: Git) -> Iterator[Git]:
    """Commands in an empty bare repository that reads the objects of `git`'s own.

    Raises: GitFailure when `git` is in no repository.
    """
    out = git.run(["rev-parse", "--show-object-format", "--git-path", "objects"])
    form, _, objects = out.rstrip(b"\n").partition(b"\n")
    with tempfile.TemporaryDirectory(prefix="mrbot-git-") as directory:
        plain = Git(directory=Path(directory))
        arguments = ["init", "--bare", "--quiet", "--template=", "."]
        plain.run([*arguments, f"--object-format={form.decode()}"])
        alternates = Path(directory, "objects", "info", "alternates")
        alternates.parent.mkdir(exist_ok=True)
        place = git.directory.resolve() / os.fsdecode(objects)
        alternates.write_bytes(os.fsencode(place) + b"\n")
        yield plain
