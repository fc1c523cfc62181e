"""A plan, or why there is none, as a stored document, and back."""

from __future__ import annotations

from mrbot.errors import StoreFailure
from mrbot.ids import Digest, Json, Sha
from mrbot.plan.plan import Plan, PlanFailed, PlanFault, Summary, Tool
from mrbot.resources.model import Action, Certainty, ResourceChange, Source
from mrbot.store.document import Document, write

_COUNTS = ("create", "update", "replace", "delete", "move", "import_", "forget", "outputs")


def dump_plan(plan: Plan | PlanFailed) -> str:
    """Equal plans give equal texts."""
    match plan:
        case Plan():
            return write(_plan(plan))
        case PlanFailed():
            return write(
                {
                    "kind": "failed", "project": plan.project, "environment": plan.environment,
                    "head": plan.head, "fault": plan.fault.value, "detail": plan.detail,
                }
            )  # fmt: skip


def load_plan(text: str) -> Plan | PlanFailed:
    """What `dump_plan` wrote.

    Raises: StoreFailure when it is damaged.
    """
    document = Document.read(text, "plan")
    match document.text("kind"):
        case "plan":
            return _plan_from(document)
        case "failed":
            return PlanFailed(
                project=document.text("project"),
                environment=document.maybe_text("environment"),
                head=Sha(document.text("head")),
                fault=document.one_of("fault", PlanFault),
                detail=document.text("detail"),
            )
        case _:
            raise StoreFailure("a stored plan is damaged: its kind is unknown")


def _plan(plan: Plan) -> dict[str, Json]:
    tool: dict[str, Json] = {
        "name": plan.tool.name, "version": plan.tool.version, "origin": plan.tool.origin,
    }  # fmt: skip
    summary: dict[str, Json] = {name: getattr(plan.summary, name) for name in _COUNTS}
    return {
        "kind": "plan", "project": plan.project, "environment": plan.environment,
        "head": plan.head, "tool": tool, "summary": summary,
        "resources": [_resource(one) for one in plan.resources], "document": plan.document,
        "effect_digest": plan.effect_digest, "artefact_digest": plan.artefact_digest,
        "drifted": list(plan.drifted), "failed_checks": list(plan.failed_checks),
    }  # fmt: skip


def _resource(one: ResourceChange) -> dict[str, Json]:
    source: dict[str, Json] | None = (
        None if one.source is None else {"path": one.source.path, "line": one.source.line}
    )
    return {
        "format": one.format, "address": one.address, "kind": one.kind,
        "action": one.action.value, "before": one.before, "after": one.after,
        "unknown_paths": list(one.unknown_paths), "sensitive_paths": list(one.sensitive_paths),
        "project": one.project, "environment": one.environment,
        "certainty": one.certainty.value, "source": source, "stateful": one.stateful,
        "previous_address": one.previous_address, "why": one.why,
        "replace_paths": list(one.replace_paths),
    }  # fmt: skip


def _plan_from(document: Document) -> Plan:
    tool, summary = document.part("tool"), document.part("summary")
    return Plan(
        project=document.text("project"),
        environment=document.maybe_text("environment"),
        head=Sha(document.text("head")),
        tool=Tool(name=tool.text("name"), version=tool.text("version"), origin=tool.text("origin")),
        summary=Summary(**{name: summary.number(name) for name in _COUNTS}),
        resources=tuple(_resource_from(one) for one in document.parts("resources")),
        document=document.any("document"),
        effect_digest=Digest(document.text("effect_digest")),
        artefact_digest=Digest(document.text("artefact_digest")),
        drifted=document.texts("drifted"),
        failed_checks=document.texts("failed_checks"),
    )


def _resource_from(document: Document) -> ResourceChange:
    source = document.maybe("source")
    return ResourceChange(
        format=document.text("format"),
        address=document.text("address"),
        kind=document.text("kind"),
        action=document.one_of("action", Action),
        before=document.any("before"),
        after=document.any("after"),
        unknown_paths=document.texts("unknown_paths"),
        sensitive_paths=document.texts("sensitive_paths"),
        project=document.maybe_text("project"),
        environment=document.maybe_text("environment"),
        certainty=document.one_of("certainty", Certainty),
        source=Source(path=source.text("path"), line=source.number("line")) if source else None,
        stateful=document.flag("stateful"),
        previous_address=document.maybe_text("previous_address"),
        why=document.maybe_text("why"),
        replace_paths=document.texts("replace_paths"),
    )
