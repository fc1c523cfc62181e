"""A plan that somebody made elsewhere and hands over as JSON (`terraform show -json`).

It is read and redacted like one of our own. Nothing in it says which commit it is of: whoever hands
it over does. It has no artefact, so nothing can be applied from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from mrbot.ids import Digest, Json, Sha
from mrbot.plan.digest import effect_digest
from mrbot.plan.document import problem_of, read_plan
from mrbot.plan.observed import drifted, failed_checks
from mrbot.plan.plan import Plan, PlanFailed, PlanFault, Tool
from mrbot.plan.redact import redact

SUPPLIED_LIMIT_BYTES = 64 << 20
"""Bytes of a plan's JSON that are read: 64 MiB."""

_TOOL = "terraform"


def supplied_plan(
    text: bytes,
    project: str,
    environment: str | None,
    head: Sha,
    keyed_digest: Callable[[str], str],
) -> Plan | PlanFailed:
    """The plan of `project` at `head` that `text` is, or why it cannot be read."""

    def failed(fault: PlanFault, detail: str) -> PlanFailed:
        return PlanFailed(
            project=project, environment=environment, head=head, fault=fault, detail=detail
        )

    if len(text) > SUPPLIED_LIMIT_BYTES:
        detail = f"{len(text):,} bytes, more than the {SUPPLIED_LIMIT_BYTES:,} of a plan's JSON"
        return failed(PlanFault.TOO_LARGE, detail)
    try:
        document: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        detail = f"not JSON: {error}: write it with `terraform show -json PLANFILE`"
        return failed(PlanFault.SHOW, detail)
    problem = problem_of(document)
    if problem is not None or not isinstance(document, dict):
        return failed(PlanFault.SHOW, str(problem))
    tool = Tool(
        name=_TOOL, version=str(document.get("terraform_version") or "?"), origin="handed over"
    )
    clean = redact(document, keyed_digest)
    summary, resources = read_plan(clean, project, environment)
    return Plan(
        project=project,
        environment=environment,
        head=head,
        tool=tool,
        summary=summary,
        resources=resources,
        document=clean,
        effect_digest=effect_digest(document, (), tool, None, keyed_digest),
        artefact_digest=Digest("sha256:" + hashlib.sha256(text).hexdigest()),
        drifted=drifted(clean),
        failed_checks=failed_checks(clean),
    )
