"""A decision as JSON: what `mrbot review --format json` prints and a record keeps.

The schema is published as `config/schema/decision.v1.json`.
"""

from __future__ import annotations

from mrbot.change.files import FileChange, shown
from mrbot.change.notes import FileNote
from mrbot.decision.approval import Standing
from mrbot.decision.decide import Decision, blocks
from mrbot.decision.verdict import Reason, name_of, reasons_of
from mrbot.ids import Json
from mrbot.plan.plan import Plan, PlanFailed
from mrbot.policy.comparison import Comparison, Said
from mrbot.policy.finding import Demand, Evaluated, EvaluationFailed, Finding, Served
from mrbot.resources.model import NotUnderstood, ResourceChange


def decision_document(decision: Decision) -> dict[str, Json]:
    """The whole decision. Paths that are not UTF-8 keep their bytes as lone surrogates, which JSON
    writes as `\\udcNN`; every other text is plain."""
    change, assessment = decision.change, decision.assessment
    return {
        "version": 1,
        "change": str(change.id),
        "verdict": name_of(decision.verdict),
        "reasons": [_reason(reason) for reason in reasons_of(decision.verdict)],
        "base": change.base,
        "target": change.target,
        "head": change.head,
        "target_branch": change.host.target_branch,
        "files": [_file(file) for file in change.files],
        "resources": [_resource(resource) for resource in assessment.reading.resources],
        "findings": [_finding(finding) for finding in decision.findings],
        "requirements": [_standing(standing) for standing in decision.standings],
        "not_understood": [_not_understood(one) for one in assessment.reading.not_understood],
        "notes": [_note(note) for note in assessment.notes],
        "plans": [_plan(plan) for plan in assessment.plans],
        "policies": [_evaluation(one) for one in assessment.evaluations],
        "edited_policies": comparison_document(assessment.edited_policies),
        "projects": [project.name for project in assessment.projects],
        "protected": [*assessment.protected],
        "code": decision.code,
        "effect_digest": assessment.binding.effect_digest,
        "policy_digest": assessment.binding.policy_digest,
        "evaluated_at": decision.now.isoformat(),
    }


def _reason(reason: Reason) -> Json:
    return {
        "code": reason.code,
        "weight": reason.weight.name.lower(),
        "text": reason.text,
        "path": reason.path,
        "line": reason.line,
    }


def _file(file: FileChange) -> Json:
    return {
        "path": file.path,
        "old_path": file.old_path,
        "status": file.status,
        "old_mode": file.old_mode,
        "new_mode": file.new_mode,
    }


def _resource(resource: ResourceChange) -> Json:
    source = resource.source
    return {
        "format": resource.format,
        "address": resource.address,
        "kind": resource.kind,
        "action": resource.action,
        "before": resource.before,
        "after": resource.after,
        "unknown_paths": [*resource.unknown_paths],
        "sensitive_paths": [*resource.sensitive_paths],
        "project": resource.project,
        "environment": resource.environment,
        "certainty": resource.certainty,
        "source": None if source is None else {"path": shown(source.path), "line": source.line},
        "stateful": resource.stateful,
        "previous_address": resource.previous_address,
        "why": resource.why,
        "replace_paths": [*resource.replace_paths],
    }


def _finding(finding: Finding) -> Json:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "blocks": blocks(finding),
        "msg": finding.msg,
        "namespace": finding.namespace,
        "policy": finding.policy,
        "document": finding.document,
        "path": finding.path,
        "line": finding.line,
        "metadata": finding.metadata,
        "excepted": finding.excepted,
    }


def _standing(standing: Standing) -> Json:
    requirement = standing.requirement
    return {
        "name": requirement.name,
        "origin": requirement.origin,
        "source": requirement.source,
        "count": requirement.require.count,
        "users": [*requirement.require.users],
        "groups": [*requirement.require.groups],
        "role": requirement.require.role,
        "counted": [person.login for person in standing.counted],
        "discounted": [{"login": one.person.login, "why": one.why} for one in standing.discounted],
        "missing": standing.missing,
    }


def _not_understood(one: NotUnderstood) -> Json:
    return {
        "path": shown(one.path),
        "line": one.line or None,
        "reason": one.reason,
        "relevant": one.relevant,
    }


def _note(note: FileNote) -> Json:
    return {"path": shown(note.path), "kind": note.kind, "text": note.text}


def _plan(plan: Plan | PlanFailed) -> Json:
    match plan:
        case Plan():
            summary = plan.summary
            return {
                "project": plan.project,
                "environment": plan.environment,
                "head": plan.head,
                "tool": f"{plan.tool.name} {plan.tool.version}",
                "summary": {
                    "create": summary.create,
                    "update": summary.update,
                    "replace": summary.replace,
                    "delete": summary.delete,
                    "move": summary.move,
                    "import": summary.import_,
                    "forget": summary.forget,
                    "outputs": summary.outputs,
                },
                "effect_digest": plan.effect_digest,
                "drifted": [*plan.drifted],
                "failed_checks": [*plan.failed_checks],
                "failed": None,
            }
        case PlanFailed():
            return {
                "project": plan.project,
                "environment": plan.environment,
                "head": plan.head,
                "tool": None,
                "summary": None,
                "effect_digest": None,
                "drifted": [],
                "failed_checks": [],
                "failed": f"{plan.fault}: {plan.detail}",
            }


def _evaluation(one: Evaluated | EvaluationFailed) -> Json:
    engine = f"{one.engine.name} {one.engine.version}"
    match one:
        case Evaluated():
            return {
                "policy": one.policy,
                "digest": one.digest,
                "engine": engine,
                "namespaces": [*one.namespaces],
                "demands": [_demand(demand) for demand in one.demands],
                "failed": None,
                **_server(one.served),
            }
        case EvaluationFailed():
            return {
                "policy": one.policy,
                "digest": one.digest,
                "engine": engine,
                "namespaces": [],
                "demands": [],
                "failed": f"{one.fault}: {one.detail}",
                **_server(one.served),
            }


def _server(served: Served | None) -> dict[str, Json]:
    """Only there where a server has judged, which it alone can do again."""
    if served is None:
        return {}
    revisions: list[Json] = [
        {"bundle": bundle, "revision": revision} for bundle, revision in served.revisions
    ]
    return {"server": {"where": served.where, "revisions": revisions, "replayable": False}}


def comparison_document(found: Comparison | None) -> Json:
    """What two sets of policies say otherwise, as `edited_policies` of a decision."""
    if found is None:
        return None
    return {"both": found.both, "before": _said(found.before), "after": _said(found.after)}


def _said(said: Said) -> Json:
    return {
        "findings": [_finding(finding) for finding in said.findings],
        "demands": [_demand(demand) for demand in said.demands],
        "failed": [*said.failed],
    }


def _demand(demand: Demand) -> Json:
    return {
        "msg": demand.msg,
        "count": demand.count,
        "users": [*demand.users],
        "groups": [*demand.groups],
        "roles": [*demand.roles],
        "rule": demand.rule,
        "namespace": demand.namespace,
    }
