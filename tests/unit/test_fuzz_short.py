"""A short run of the fuzzer, the same every time; `make fuzz` goes further."""

from __future__ import annotations

from itertools import count, cycle, islice

import pytest

from tests.fuzz import bounds
from tests.fuzz.bounds import failure_of
from tests.fuzz.case import Case
from tests.fuzz.corpus import ODD
from tests.fuzz.mutate import MAX_BYTES
from tests.fuzz.run import case_of, failures, smaller
from tests.fuzz.targets import TARGETS, Target

SEED = 1
INPUTS = 60
"""Of each target."""

EACH = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


@EACH
def test_nothing_at_random_breaks(target):
    assert list(failures(target, SEED, range(INPUTS))) == []


@EACH
def test_no_odd_text_breaks(target):
    for text, (path, before) in zip(ODD * 3, cycle(target.seeds), strict=False):
        case = Case(path, before, text)
        assert failure_of(target, case) is None, case


@EACH
def test_no_sample_breaks_or_takes_much_memory(target):
    for path, text in target.seeds:
        assert failure_of(target, Case(path, text, text), measured=True) is None, path


def test_inputs_are_the_same_for_the_same_seed_and_bounded():
    cases = [case_of(target, 7, number) for target in TARGETS for number in range(20)]
    again = [case_of(target, 7, number) for target in reversed(TARGETS) for number in range(20)]

    assert {repr(case) for case in cases} == {repr(case) for case in again}
    assert len({repr(case) for case in cases}) > len(cases) * 0.9
    assert all(len(text) <= MAX_BYTES for case in cases for text in (case.before, case.after))


def made(run, *documented):
    return Target("made", run, (("a", b"seed \n text {}"),), documented=documented)


def broken(case):
    if b"{" in case.after:
        raise KeyError("x")


def slow(case):
    while True:
        pass


def greedy(case):
    bytearray(64 * 2**20)


def test_an_error_that_is_not_documented_is_found_and_made_small():
    case, failure = next(failures(made(broken), SEED, count()))

    assert failure.kind.startswith("KeyError")
    assert smaller(made(broken), case, failure).after == b"{"
    assert list(islice(failures(made(broken, KeyError), SEED, range(50)), 1)) == []


def test_a_target_that_does_not_end_is_interrupted(monkeypatch):
    monkeypatch.setattr(bounds, "HANG_SECONDS", 0.05)

    assert failure_of(made(slow), Case("a", b"", b"")).kind == "time"


def test_a_target_that_takes_too_long_or_too_much_is_found(monkeypatch):
    monkeypatch.setattr(bounds, "SECONDS", -1.0)
    monkeypatch.setattr(bounds, "PEAK_BYTES", 2**20)
    case = Case("a", b"", b"")

    assert failure_of(made(greedy), case).kind == "time"
    assert failure_of(made(greedy), case, measured=True).kind == "memory"
