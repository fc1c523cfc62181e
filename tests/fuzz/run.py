"""Inputs for a target, one after the other, and the smallest that fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

from tests.fuzz.bounds import Failure, failure_of
from tests.fuzz.case import Case
from tests.fuzz.mutate import mutated, varied
from tests.fuzz.targets import Target

MEASURED = 40
"""Of one input in so many, memory is measured, which takes several times as long."""
ATTEMPTS = 600
"""Most attempts to make a failing input smaller."""

_ODD_FOLDERS = ("caf\udce9/", "a\nb/", "\u202ea b/", "templates/", "x" * 300 + "/", "./", "\u00e9/")


def case_of(target: Target, seed: int, number: int) -> Case:
    """The input of that number: the same for the same seed, whatever was made before it."""
    random = Random(f"{seed} {target.name} {number}")
    path, text = random.choice(target.seeds)
    texts = [text for _, text in target.seeds]
    after = mutated([text] * 3 + texts, random)
    before = varied(after if random.random() < 0.5 else text, texts, random)
    if random.randrange(20) == 0:
        path = random.choice(_ODD_FOLDERS) + path
    return Case(path, before, after)


def failures(target: Target, seed: int, numbers: Iterable[int]) -> Iterator[tuple[Case, Failure]]:
    """Each input that fails."""
    for number in numbers:
        case = case_of(target, seed, number)
        failure = failure_of(target, case, measured=number % MEASURED == 0)
        if failure is not None:
            yield case, failure


def smaller(target: Target, case: Case, failure: Failure) -> Case:
    """`case` with as much taken away as can be while it fails in the same way."""
    left = 40 if failure.kind in {"time", "memory"} else ATTEMPTS

    def fails(candidate: Case) -> bool:
        nonlocal left
        left -= 1
        found = failure_of(target, candidate, measured=failure.kind == "memory")
        return found is not None and found.kind == failure.kind

    for name in ("before", "after"):
        text: bytes = getattr(case, name)
        size = len(text)
        while size and left > 0:
            at = 0
            while at < len(text) and left > 0:
                shorter = text[:at] + text[at + size :]
                candidate = (
                    replace(case, before=shorter)
                    if name == "before"
                    else replace(case, after=shorter)
                )
                if fails(candidate):
                    text, case = shorter, candidate
                else:
                    at += size
            size //= 2
    return case
