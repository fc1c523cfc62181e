"""Both Rego engines, and how tests ask them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

from mrbot.ids import Json
from mrbot.policy.bundle import bundle
from mrbot.policy.finding import Bundle, Document, Evaluated, EvaluationFailed
from mrbot.policy.notice import Watch, unwatched
from mrbot.policy.opa.binary import examine
from mrbot.policy.opa.engine import opa_engine
from mrbot.policy.regorus.engine import RegorusEngine
from mrbot.policy.supervised import SupervisedEngine
from tests import needs


def start(
    name: str, seconds: float = 10, judges: int = 4, watch: Watch = unwatched
) -> SupervisedEngine:
    """The engine of this name; the running test is skipped where it is not there."""
    if name == "opa":
        return opa_engine(examine(needs.opa()), seconds=seconds, judges=judges, watch=watch)
    needs.regorus()
    return RegorusEngine(seconds=seconds, judges=judges, watch=watch)


def made(*texts: str, namespaces: tuple[str, ...] = ("main",), **data: Json) -> Bundle:
    files = {f"policy/p{number}.rego": text.encode() for number, text in enumerate(texts)}
    return bundle("team", files, namespaces, {"d.json": json.dumps(data).encode()})


def doc(content: Json = None, name: str = "change") -> Document:
    return Document(name=name, content={} if content is None else content)


def judged(engine: SupervisedEngine, policies: Bundle, *contents: Json) -> Evaluated:
    documents = tuple(doc(content) for content in contents or ({},))
    outcome = engine.evaluate(policies, documents)
    assert isinstance(outcome, Evaluated), outcome
    return outcome


def failed(engine: SupervisedEngine, policies: Bundle, *contents: Json) -> EvaluationFailed:
    outcome = engine.evaluate(policies, tuple(doc(content) for content in contents or ({},)))
    assert isinstance(outcome, EvaluationFailed), outcome
    assert outcome.detail
    return outcome


def said(outcome: Evaluated) -> list[str]:
    return [finding.msg for finding in outcome.findings]


V1 = "package main\nimport rego.v1\n"
LOOP = """
deny contains "x" if {
    some a in numbers.range(1, 3000)
    some b in numbers.range(1, 3000)
    some c in numbers.range(1, 3000)
    a * b * c < 0
}
"""
"""Runs for hours."""
FINE = made(V1 + 'deny contains "fires" if input.fire\n')


def members(group: int) -> list[int]:
    """The processes of a process group. One that was killed is there until its last thread is not:
    until then it has its sockets."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and os.getpgid(int(folder.name)) == group:
                state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
                threads = len(list((folder / "task").iterdir()))
                found += [int(folder.name)] if state != "Z" or threads > 1 else []
        except (OSError, IndexError):
            continue
    return found


def gone(groups: Iterable[int]) -> bool:
    """Whether all processes of these groups end, which takes a busy machine a moment."""
    end = time.monotonic() + 20
    while any(map(members, groups)) and time.monotonic() < end:
        time.sleep(0.02)
    return not any(map(members, groups))
