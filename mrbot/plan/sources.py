"""The configuration files that Terraform loads for a project, its modules included."""

from __future__ import annotations

import json
from pathlib import Path

from mrbot.plan.precheck import SUFFIXES
from mrbot.plan.workplace import Unusable, read_inside

FILE_BYTES = 4 * 1024 * 1024
"""Of one configuration file, at most."""
FILES = 20_000
"""Read at most for one project, modules included."""
MODULES_FILE = ".terraform/modules/modules.json"
"""Where `init` writes which module lies where, relative to the project's directory."""
_MODULES_FILE_BYTES = 16 * 1024 * 1024


def root_sources(checkout: Path, directory: Path) -> list[tuple[str, bytes]]:
    """Path in the repository and content of what the project's own directory holds.

    Raises: Unusable when a file leads out of the repository or is too large.
    """
    return _read(checkout, [directory])


def module_sources(checkout: Path, directory: Path) -> list[tuple[str, bytes]]:
    """The same for every module that `init` found or fetched; the root is not among them.

    Raises: Unusable also when it is not told where the modules lie.
    """
    text = read_inside(directory, MODULES_FILE, _MODULES_FILE_BYTES)
    if text is None:
        return []
    try:
        named = [str(module["Dir"]) for module in json.loads(text)["Modules"] if module["Key"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unusable(f"{MODULES_FILE} does not say where the modules are") from error
    return _read(checkout, [directory / name for name in dict.fromkeys(named)])


def _read(checkout: Path, folders: list[Path]) -> list[tuple[str, bytes]]:
    """Links within the repository are followed, as Terraform does: nothing foreign runs yet."""
    top = checkout.resolve()
    found: dict[Path, bytes] = {}
    for folder in folders:
        for name in sorted(_names(top, folder)):
            real = _real(top, folder / name)
            if real not in found and len(found) >= FILES:
                raise Unusable(f"the project has more than {FILES} configuration files")
            if real not in found:
                found[real] = read_inside(top, str(real.relative_to(top)), FILE_BYTES) or b""
    return [(str(path.relative_to(top)), content) for path, content in found.items()]


def _names(top: Path, folder: Path) -> list[str]:
    try:
        return [path.name for path in _real(top, folder).iterdir() if path.name.endswith(SUFFIXES)]
    except NotADirectoryError as error:
        raise Unusable(f"{folder.name} is no directory") from error


def _real(top: Path, path: Path) -> Path:
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise Unusable(f"{path.name} is a link that leads nowhere") from error
    if not real.is_relative_to(top):
        raise Unusable(f"{path.name} leads out of the repository")
    return real
