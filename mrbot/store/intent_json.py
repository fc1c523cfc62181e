"""A deployment intent as a stored document, and back."""

from __future__ import annotations

from mrbot.decision.ruleset import DeploymentTarget, PipelineTarget, Target, WorkflowTarget
from mrbot.deployment.deployment import Intent
from mrbot.errors import StoreFailure
from mrbot.ids import Digest, Json, RepoId, Sha
from mrbot.store.document import Document, write
from mrbot.store.moments import change_from


def dump_intent(intent: Intent) -> str:
    """Equal intents give equal texts."""
    return write(
        {
            "key": intent.key, "change": str(intent.change), "host": intent.repo.host,
            "path": intent.repo.path, "target_branch": intent.target_branch, "sha": intent.sha,
            "environment": intent.environment, "target": _target(intent.target),
        }
    )  # fmt: skip


def load_intent(text: str) -> Intent:
    """The intent that `dump_intent` wrote.

    Raises: StoreFailure when it is damaged.
    """
    document = Document.read(text, "deployment")
    change = change_from(document.text("change"))
    return Intent(
        key=Digest(document.text("key")),
        change=change,
        repo=RepoId(document.text("host"), document.text("path")),
        target_branch=document.text("target_branch"),
        sha=Sha(document.text("sha")),
        environment=document.text("environment"),
        target=_target_from(document.part("target")),
    )


def _target(target: Target) -> dict[str, Json]:
    match target:
        case PipelineTarget(variables=variables, inputs=inputs):
            return {"kind": "pipeline", "variables": _pairs(variables), "inputs": _pairs(inputs)}
        case WorkflowTarget(file=file, inputs=inputs):
            return {"kind": "workflow", "file": file, "inputs": _pairs(inputs)}
        case DeploymentTarget(task=task, payload=payload):
            return {"kind": "deployment", "task": task, "payload": payload}


def _target_from(document: Document) -> Target:
    match document.text("kind"):
        case "pipeline":
            return PipelineTarget(
                variables=document.pairs("variables"), inputs=document.pairs("inputs")
            )
        case "workflow":
            return WorkflowTarget(file=document.text("file"), inputs=document.pairs("inputs"))
        case "deployment":
            return DeploymentTarget(task=document.text("task"), payload=document.any("payload"))
        case _:
            raise StoreFailure("a stored deployment is damaged: the kind of its target is unknown")


def _pairs(pairs: tuple[tuple[str, str], ...]) -> list[Json]:
    return [[key, value] for key, value in pairs]
