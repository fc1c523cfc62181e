"""A figure: how long something took, and what it is compared with."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LEAST_ROUNDS = 3
"""A median of fewer says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured: sizes of the inputs, and when a comparison has been repeated enough."""

    changed_files: tuple[int, ...]
    diff_megabytes: int
    plan_resources: int
    judged_files: tuple[int, ...]
    policy_resources: int
    plan_megabytes: tuple[int, ...]
    deliveries: int
    rendered_resources: int
    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Durations of the same thing, in seconds; never empty."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """In seconds."""
        return statistics.median(self.seconds)

    def at(self, share: float) -> float:
        """The duration, in seconds, that `share` (0 to 1) of the samples do not exceed."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. `samples` None: not measured, and `note` says why."""

    name: str
    samples: Samples | None
    ratio: float | None = None
    note: str = ""


def timed(action: Callable[[], object]) -> float:
    """How long one call took, in seconds."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def compared(actions: Mapping[str, Callable[[], object]], effort: Effort) -> list[Row]:
    """A row for each action; the first is what the others are divided by.

    They take turns, so that a slow moment of the machine meets all of them, after a call of each
    that is not counted.
    """
    for action in actions.values():
        action()
    taken: dict[str, list[float]] = {name: [] for name in actions}
    started = time.perf_counter()
    for done in range(effort.rounds):
        if done >= LEAST_ROUNDS and time.perf_counter() - started > effort.seconds:
            break
        for name, action in actions.items():
            taken[name].append(timed(action))
    return rows({name: Samples(seconds=tuple(found)) for name, found in taken.items()})


def rows(samples: Mapping[str, Samples]) -> list[Row]:
    """A row for each; ratios are of medians, to the first one's."""
    first = next(iter(samples.values())).median
    return [
        Row(name=name, samples=one, ratio=one.median / first, note=f"{len(one.seconds)} times")
        for name, one in samples.items()
    ]
