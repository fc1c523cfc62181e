"""The directories of one run: the bot's own side of files that hostile code may have touched.

Paths in a checkout come from the change's author, and after a run its files come from whatever ran
there: nothing here follows a symbolic link below the directory it starts from.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mrbot.errors import BadInput
from mrbot.plan.isolation import Isolation, hand_over

MAX_DIRECTORY_CHARACTERS = 1024
"""Of a project's directory, relative to the repository."""
_PASSABLE = 0o711
_CANNOT_OPEN = {errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.EACCES}


class Unusable(BadInput):
    """A path in a checkout cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A run's own directories. The tool may write `out`, `home` and `tmp`, and read `cli_config`;
    only the bot can replace them, so that reading `out` cannot lead elsewhere."""

    root: Path
    out: Path
    home: Path
    tmp: Path
    cli_config: Path

    @property
    def writable(self) -> tuple[Path, ...]:
        """What the tool may write."""
        return (self.out, self.home, self.tmp)


@contextmanager
def workplace(work: Path, isolation: Isolation, cli_config: bytes) -> Iterator[Workplace]:
    """New directories below `work`, handed over to the isolation, and removed at the end."""
    with tempfile.TemporaryDirectory(dir=work, prefix="run-", ignore_cleanup_errors=True) as made:
        root = Path(made)
        root.chmod(_PASSABLE)
        place = Workplace(
            root=root,
            out=root / "out",
            home=root / "home",
            tmp=root / "tmp",
            cli_config=root / "cli.tfrc",
        )
        for folder in place.writable:
            folder.mkdir(mode=0o700)
            hand_over(isolation, folder)
        place.cli_config.write_bytes(cli_config)
        place.cli_config.chmod(0o444)
        yield place


def project_directory(checkout: Path, directory: str) -> Path:
    """The project's directory, a real one inside the checkout.

    Raises: Unusable when it is not there, leads out of the checkout, or is a symbolic link.
    """
    named = PurePosixPath(directory or ".")
    if len(directory) > MAX_DIRECTORY_CHARACTERS or not directory.isprintable():
        raise Unusable(f"the project's directory is no usable name: {directory[:80]!r}")
    if named.is_absolute() or ".." in named.parts:
        raise Unusable(f"the project's directory {directory} must lie inside the repository")
    os.close(_folder(checkout, named.parts))
    return checkout.joinpath(*named.parts)


def exists_inside(top: Path, name: str) -> bool:
    """Whether anything of that name, be it a broken link, is directly in `top`."""
    return os.path.lexists(top / name)


def read_inside(top: Path, path: str, limit: int) -> bytes | None:
    """The whole file `path`, relative to `top`; None when there is none.

    Raises: Unusable when it is a link, no regular file, or larger than `limit` bytes.
    """
    parts = PurePosixPath(path).parts
    try:
        handle = _walk(top, parts, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Unusable(f"{path} is not a regular file")
    with os.fdopen(handle, "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Unusable(f"{path} is larger than {limit} bytes")
    return data


def replace_inside(top: Path, path: str, data: bytes, *, mode: int = 0o644) -> None:
    """The file `path`, relative to `top`, is a new one that holds `data`.

    Raises: Unusable when a directory on the way is a link or not there.
    """
    *folders, name = PurePosixPath(path).parts
    folder = _folder(top, tuple(folders))
    try:
        try:
            os.unlink(name, dir_fd=folder)
        except FileNotFoundError:
            pass
        except (IsADirectoryError, PermissionError) as error:
            raise Unusable(f"{path} is a directory") from error
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(name, flags, mode, dir_fd=folder), "wb") as file:
            file.write(data)
    finally:
        os.close(folder)


def _folder(top: Path, parts: tuple[str, ...]) -> int:
    try:
        return _walk(top, parts)
    except FileNotFoundError as error:
        raise Unusable(f"there is no directory {'/'.join(parts)} in the repository") from error


def _walk(top: Path, parts: tuple[str, ...], flags: int = os.O_RDONLY | os.O_DIRECTORY) -> int:
    """A descriptor of `top`/`parts`, each opened from the one before and none of them a link.

    Raises: Unusable; FileNotFoundError.
    """
    handle = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        wanted = flags if last else os.O_RDONLY | os.O_DIRECTORY
        try:
            below = os.open(part, wanted | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=handle)
        except OSError as error:
            where = "/".join(parts[: at + 1])
            if error.errno in _CANNOT_OPEN:
                raise Unusable(f"{where} is a symbolic link, or cannot be opened") from error
            raise
        finally:
            os.close(handle)
        handle = below
    return handle
