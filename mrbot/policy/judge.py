"""The port between the supervised engine and its two kinds of process."""

from __future__ import annotations

from typing import Protocol

from mrbot.policy.answer import Answer
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure
from mrbot.policy.question import Question


class Judge(Protocol):
    """A process with one bundle loaded."""

    @property
    def proof(self) -> str:
        """What every answer of this judge bears."""
        ...

    @property
    def pid(self) -> int:
        """Of its process group."""
        ...

    def alive(self) -> bool:
        """Whether it can be asked."""
        ...

    def words(self) -> str:
        """The end of what its process said on stderr, with paths as people know them."""
        ...

    def answer(self, text: bytes, deadline: Deadline) -> Answer | Failure:
        """The value of the question's rule for one input, as JSON `text`."""
        ...

    def close(self) -> None:
        """Its process has ended. May be called again."""
        ...


class Starter(Protocol):
    """Starts judges."""

    def __call__(self, asked: Question, deadline: Deadline) -> Judge | Failure:
        """A judge with the question's bundle loaded and checked."""
        ...
