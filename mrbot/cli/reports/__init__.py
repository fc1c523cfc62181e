"""What `mrbot policy check` found, for people and for machines. One module a format; its function
bears the format's name."""

from __future__ import annotations

import importlib

from mrbot.policy.checking.result import Checked

_MODULES = {
    "text": "text",
    "stdout": "text",
    "json": "json_report",
    "junit": "junit",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
}
FORMATS = tuple(_MODULES)
"""conftest's name for `text`, `stdout`, is among them."""


def report(format_: str, checked: Checked, *, exit_code: int) -> str:
    """All that is to be printed, with its last line end."""
    module = importlib.import_module(f"{__name__}.{_MODULES[format_]}")
    text: str = module.report(checked, exit_code)
    return text
