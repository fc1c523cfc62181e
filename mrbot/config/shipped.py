"""Where the files that ship with mrbot are: policies and configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mrbot.errors import BadSettings

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(name: Literal["policies", "config"]) -> Path:
    """The directory of that name: inside the package once installed, beside it in a checkout.

    Raises: BadSettings when the installation lacks it.
    """
    for found in (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name):
        if found.is_dir():
            return found
    raise BadSettings(f"this installation of mrbot has no {name} directory: install it again")
