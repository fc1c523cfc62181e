"""The part of the comment about policies: what they found, what gave no answer, and how the old and
the new policies differ where the change edits them. Pure functions."""

from __future__ import annotations

from mrbot.change.files import shown
from mrbot.decision.decide import Decision, blocks
from mrbot.effects.detail import Detail, some
from mrbot.effects.escape import code, fenced, plain
from mrbot.policy.comparison import Comparison, Said, finding_key
from mrbot.policy.finding import Demand, Evaluated, EvaluationFailed, Finding, Severity


def policies(decision: Decision, detail: Detail) -> list[str]:
    """Every finding that blocks, then warnings and exceptions; failures with the engine's words."""
    asked = sum(
        len(one.namespaces) for one in decision.assessment.evaluations if isinstance(one, Evaluated)
    )
    failed = [o for o in decision.assessment.evaluations if isinstance(o, EvaluationFailed)]
    lines: list[str] = []
    for one in failed[: detail.listed]:
        place = place_of(one.path, one.line, detail)
        lines.append(f"- **Not evaluated** {plain(one.policy)}: {plain(one.fault)}{place}")
        lines += ["", fenced(one.detail, detail.text * 2), ""]
    if len(failed) > detail.listed:
        lines.append(f"- … and {len(failed) - detail.listed:,} more **not evaluated**")
    found = decision.findings
    if decision.assessment.edited_policies is not None:  # what old and new say alike is told once
        found = tuple({finding_key(one): one for one in found}.values())
    ordered = sorted(found, key=lambda f: (not blocks(f), f.excepted is not None))
    lines += some(ordered, detail.listed, lambda f: _finding(f, detail), "findings")
    if not lines:
        noun = "package" if asked == 1 else "packages"
        lines = [f"No policy objects ({asked} {noun} asked)." if asked else "No policy was asked."]
    return [*lines, *_served(decision, detail)]


def _served(decision: Decision, detail: Detail) -> list[str]:
    """That a server has judged, and by which policies: its address is nobody's business."""
    found = [one for one in decision.assessment.evaluations if one.served is not None]
    if not found:
        return []
    lines = [""]
    for one in found:
        held = one.served.revisions if one.served is not None else ()
        which = ", ".join(
            f"{code(bundle, detail.text)} at {code(revision, detail.text)}"
            for bundle, revision in held[: detail.listed]
        )
        more = f" and {len(held) - detail.listed:,} more" if len(held) > detail.listed else ""
        what = f"{which}{more}" if which else "at a revision that is not known"
        lines.append(
            f"The policies of the {plain(one.policy)} lie on a policy server ({what}). "
            "What it said is recorded; it **cannot be replayed** from the record."
        )
    return lines


def edited_policies(decision: Decision, detail: Detail) -> list[str]:
    """What only the policies of the target branch said, and what only those of the change did; nothing
    where the change edits none."""
    found = decision.assessment.edited_policies
    if found is None:
        return []
    what = "They judge it as they are and as they would be, and both have to pass."
    return [
        f"**This change edits policies.** {what} {_alike(found)}",
        "",
        *_only("the policies as they are", found.before, detail),
        *_only("the policies as they would be", found.after, detail),
    ]


def _alike(found: Comparison) -> str:
    if found.same:
        return f"They say the same of it: {_counted(found.both, 'result')}."
    return (
        f"{_counted(found.both, 'result')} of theirs {'is' if found.both == 1 else 'are'} the same."
    )


def _only(who: str, said: Said, detail: Detail) -> list[str]:
    lines = [
        f"- **Only {who}** gave no answer: {plain(one, detail.text)}"
        for one in said.failed[: detail.listed]
    ]
    if (more := len(said.failed) - detail.listed) > 0:
        lines.append(f"- … and {more:,} more without an answer")
    ordered = sorted(said.findings, key=lambda f: (not blocks(f), f.excepted is not None))
    lines += some(
        ordered, detail.listed, lambda f: f"Only {who}: {_finding(f, detail)}", "only there"
    )
    return lines + some(
        said.demands, detail.listed, lambda d: f"Only {who}: {_demand(d, detail)}", "only there"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _demand(demand: Demand, detail: Detail) -> str:
    who = ", ".join((*demand.users, *demand.groups) or demand.roles)
    asked = f"asks for {_counted(demand.count, 'approval')} by {who}"
    return f"{plain(asked, detail.text)}: {plain(demand.msg, detail.text)}"


def _finding(finding: Finding, detail: Detail) -> str:
    word = "Warns" if finding.severity == Severity.WARN else "**Denies**"
    if finding.excepted is not None:
        word = f"Excepted ({code(finding.excepted, 200)})"
    metadata = finding.metadata if isinstance(finding.metadata, dict) else {}
    name = str(metadata.get("id") or finding.rule)
    place = place_of(finding.about, finding.line, detail)
    text = f"{word} {code(name, 100)}: {plain(finding.msg, detail.text)}{place}"
    fix = metadata.get("fix")
    return f"{text}<br>Fix: {plain(str(fix), detail.text)}" if fix else text


def place_of(path: str | None, line: int | None, detail: Detail) -> str:
    """` (path line N)`, or nothing."""
    parts = [code(shown(path), detail.text)] if path else []
    parts += [f"line {line}"] if line else []
    return f" ({' '.join(parts)})" if parts else ""
