"""What becomes of the processes that judge, for whoever runs mrbot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mrbot.ids import Digest
from mrbot.policy.finding import Engine

MAX_WORDS = 500
"""Longest text of a notice, in characters."""


class Event(StrEnum):
    """What happened, as the log calls it."""

    STARTED = "policy process started"
    DIED = "policy process died"
    """While nobody asked it."""
    NOT_STARTED = "policy process did not start"
    LOST = "policy process lost"
    """While it was asked: it had to be given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One event of one process. `words` is what its engine said last, or why it was given up; it is
    printable, and `MAX_WORDS` at the most."""

    event: Event
    engine: Engine
    policy: str
    digest: Digest
    pid: int | None = None
    words: str = ""


Watch = Callable[[Notice], None]
"""Is told each notice; it returns at once and raises nothing."""


def unwatched(_notice: Notice) -> None:
    """Nobody watches."""


def shortened(text: str) -> str:
    """The end of `text`, on one line."""
    line = " ".join(text.split())
    clean = "".join(sign if sign.isprintable() else "?" for sign in line)
    return clean if len(clean) <= MAX_WORDS else f"... {clean[-MAX_WORDS + 4 :]}"


def reason_and_last(reason: str, last: str) -> str:
    """The beginning of `reason` and the end of `last`, together no longer than `MAX_WORDS`."""
    start = reason[: MAX_WORDS // 2]
    if not last or last in start:
        return start
    said = f"{start}; it said: "
    return said + last[len(said) - MAX_WORDS :]
