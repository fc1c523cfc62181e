"""Policies that lie on a server which the operator runs: what was asked of them, and which they were.

What these digests cover decides what an approval is bound to and what a recorded answer answers.
"""

from __future__ import annotations

import hashlib
import json

from mrbot.errors import BadInput
from mrbot.ids import Digest, Json
from mrbot.policy.finding import Document, Engine, EvaluationFailed, EvaluationFault, Served

POLICY = "organisation"
"""Whose policies lie on a server."""


def asked_digest(namespaces: tuple[str, ...], documents: tuple[Document, ...]) -> Digest:
    """What a server was asked: the packages, and each document that can be sent."""
    return _sha256([[*namespaces], [[one.name, _sent(one)] for one in documents]])


def policies_digest(namespaces: tuple[str, ...], served: Served) -> Digest:
    """Which policies these are, as far as it is known: where they lie, and their revisions."""
    return _sha256([served.where, [*namespaces], [[*one] for one in served.revisions]])


def unanswered(
    namespaces: tuple[str, ...], documents: tuple[Document, ...], where: str, detail: str
) -> EvaluationFailed:
    """That nobody could be asked, and why."""
    served = Served(where=where, revisions=(), asked=asked_digest(namespaces, documents))
    return EvaluationFailed(
        fault=EvaluationFault.ENGINE,
        detail=detail,
        engine=Engine(name="none", version=""),
        policy=POLICY,
        digest=policies_digest(namespaces, served),
        served=served,
    )


class NoServer:
    """A `PolicyServer` where none is set up: what it should have judged is not known."""

    def evaluate(
        self, namespaces: tuple[str, ...], documents: tuple[Document, ...]
    ) -> EvaluationFailed:
        """A failure that says so."""
        detail = "these policies lie on a server, and none is set up here"
        return unanswered(namespaces, documents, "none", detail)


NO_SERVER = NoServer()


def _sent(document: Document) -> Json:
    try:
        document.text  # noqa: B018  reading it checks it
    except BadInput:
        return None
    return document.content


def _sha256(content: Json) -> Digest:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return Digest("sha256:" + hashlib.sha256(text.encode()).hexdigest())
