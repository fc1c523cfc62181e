"""The comment about a very large change, at each host's limit."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from bench.figure import Effort, Row, compared
from bench.judging import judge
from bench.sample import infrastructure
from mrbot.decision.decide import Decision
from mrbot.decision.document import decision_document
from mrbot.effects.comment import Beside, CommentLimit
from mrbot.effects.render import render

GITHUB_LIMIT = CommentLimit(characters=65_536, bytes=262_144)
GITLAB_LIMIT = CommentLimit(characters=1_000_000, bytes=4_000_000)


def measure(work: Path, effort: Effort) -> list[Row]:
    """The decision as JSON, which leaves nothing out, against the Markdown that people read."""
    judging = judge("auto")
    try:
        decision = judging.decision(infrastructure(work / "comment", 100))
    finally:
        judging.engine.close()
    count = effort.rendered_resources
    large = _enlarged(decision, count)
    return compared(
        {
            f"{count:,} resources: as JSON": lambda: json.dumps(decision_document(large)),
            f"{count:,} resources: comment, GitLab": lambda: render(large, Beside(), GITLAB_LIMIT),
            f"{count:,} resources: comment, GitHub": lambda: render(large, Beside(), GITHUB_LIMIT),
        },
        effort,
    )


def _enlarged(decision: Decision, count: int) -> Decision:
    """The same decision about `count` resources, each under an address of its own."""
    reading = decision.assessment.reading
    resources = tuple(
        replace(resource, address=f"{resource.address}_{number}")
        for number, resource in enumerate(islice(cycle(reading.resources), count))
    )
    assessment = replace(decision.assessment, reading=replace(reading, resources=resources))
    return replace(decision, assessment=assessment)
