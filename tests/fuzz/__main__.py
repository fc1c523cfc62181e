"""`python -m tests.fuzz [--seconds N] [--seed S] [TARGET ...]`: every target with random inputs.

A small fuzzer of our own: coverage-guided ones (atheris) have no wheels for every Python that mrbot
runs on. Ends with 1 where an input failed; each kind of failure is told once, with its input as it
can be pasted into a test, made as small as it goes.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
import time
from collections.abc import Sequence

from tests.fuzz.run import failures, smaller
from tests.fuzz.targets import TARGETS, Target

ADDRESS_SPACE_BYTES = 3 * 2**30
"""Most memory of this process: what asks for more gets a MemoryError."""


def main(arguments: Sequence[str] | None = None) -> int:
    """How many kinds of failure were found, at most 1."""
    names = [target.name for target in TARGETS]
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=float, default=60.0, help="in all (60)")
    parser.add_argument(
        "--seed", type=int, default=int(time.time()), help="for the same inputs again"
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(names))
    options = parser.parse_args(arguments)
    unknown = {*options.targets} - {*names}
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, resource.RLIM_INFINITY))
    chosen = [one for one in TARGETS if not options.targets or one.name in options.targets]
    print(f"seed {options.seed}", flush=True)
    found = sum(_fuzzed(one, options.seed, options.seconds / len(chosen)) for one in chosen)
    print(f"{found} kinds of failure (seed {options.seed})")
    return 1 if found else 0


def _fuzzed(target: Target, seed: int, seconds: float) -> int:
    """How many kinds of failure `target` showed within `seconds`."""
    end = time.monotonic() + seconds
    kinds: set[str] = set()
    tried = 0
    for number in itertools.takewhile(lambda _: time.monotonic() < end, itertools.count()):
        tried += 1
        for case, failure in failures(target, seed, [number]):
            if failure.kind in kinds:
                continue
            kinds.add(failure.kind)
            print(f"\n{target.name}, input {number}, seed {seed}: {failure.kind}\n{failure.detail}")
            print(repr(smaller(target, case, failure)), flush=True)
    print(f"{target.name}: {tried} inputs, {len(kinds)} kinds of failure", flush=True)
    return len(kinds)


if __name__ == "__main__":
    sys.exit(main())
