"""Text of policies and files, made safe for terminals and for XML."""

from __future__ import annotations

import unicodedata

from mrbot.effects.escape import flat

MESSAGE_CHARACTERS = 2000
"""Most characters of one message on a terminal."""
REPORT_CHARACTERS = 10_000
"""Most characters of one message in a report that a program reads."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_KEPT = frozenset("\n\t")


def line(text: str) -> str:
    """`text` on one line, without what steers a terminal."""
    return flat(text, MESSAGE_CHARACTERS)


def lines(text: str) -> str:
    """`text` with its line ends, without other control characters, shortened where it is long."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    left_out = len(whole) - REPORT_CHARACTERS
    kept = whole[:REPORT_CHARACTERS]
    if not kept.isprintable():
        kept = "".join(
            " " if c not in _KEPT and unicodedata.category(c) in _HIDDEN | {"Cn"} else c
            for c in kept
        )
    return kept if left_out <= 0 else f"{kept}… ({left_out} more characters)"
