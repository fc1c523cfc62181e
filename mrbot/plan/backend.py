"""Whether a project's state outlives its checkout."""

from __future__ import annotations

import json
from pathlib import Path

from mrbot.plan.workplace import Unusable, read_inside

BACKEND_FILE = ".terraform/terraform.tfstate"
"""Where `init` writes which backend holds the state; absent when the project names none."""
_BACKEND_FILE_BYTES = 1024 * 1024
_DEFAULT_PATH = "terraform.tfstate"


def state_in_checkout(checkout: Path, directory: Path) -> Path | None:
    """Where an apply would write a state that is lost with the checkout; None when it would not.

    Raises: Unusable when `init` did not leave word of the backend in a form that can be read.
    """
    text = read_inside(directory, BACKEND_FILE, _BACKEND_FILE_BYTES)
    path: object = _DEFAULT_PATH
    if text is not None:
        try:
            backend = json.loads(text)["backend"]
            if backend["type"] != "local":
                return None
            path = backend["config"]["path"] or _DEFAULT_PATH
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Unusable(f"{BACKEND_FILE} does not say where the state is") from error
    state = (directory / str(path)).resolve()
    return state if state.is_relative_to(checkout.resolve()) else None
