"""What an approval is bound to, as digests and as a code that people can type."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import rfc8785

from mrbot.change.files import FileChange, shown
from mrbot.change.people import Binding, Bound
from mrbot.ids import Digest, Json
from mrbot.plan.plan import Plan, PlanFailed

CODE_LENGTH = 10
"""Hexadecimal digits of an approval code: 40 bits, compared with bindings that were shown."""


def digest_of(document: Json) -> Digest:
    """The digest of a JSON document, whatever the order of its keys.

    Source: RFC 8785.
    """
    return Digest("sha256:" + hashlib.sha256(rfc8785.dumps(document)).hexdigest())


def bound(file: FileChange) -> Bound:
    """The file as an approver sees it."""
    return Bound(
        path=file.path,
        old_path=file.old_path or file.path,
        old_blob=file.old_blob or "",
        new_blob=file.new_blob or "",
        old_mode=file.old_mode,
        new_mode=file.new_mode,
    )


def effect_of(plans: Iterable[Plan | PlanFailed]) -> Digest | None:
    """One digest for what all plans together would change; None where there is none."""
    effects: dict[str, Json] = {
        plan.project: plan.effect_digest for plan in plans if isinstance(plan, Plan)
    }
    return digest_of(effects) if effects else None


def binding_document(binding: Binding) -> Json:
    """The binding as JSON, the same for equal bindings."""
    return {
        "target_branch": binding.target_branch,
        "head": binding.head,
        "effect_digest": binding.effect_digest,
        "policy_digest": binding.policy_digest,
        "files": [
            {
                "path": _distinct(one.path),
                "old_path": _distinct(one.old_path),
                "old_blob": one.old_blob,
                "new_blob": one.new_blob,
                "old_mode": one.old_mode,
                "new_mode": one.new_mode,
            }
            for one in sorted(binding.files)
        ],
    }


def _distinct(path: str) -> str:
    """`path` as Unicode text, and no two paths alike."""
    return shown(path.replace("\\", "\\\\"))


def approve_code(binding: Binding) -> str:
    """What `mrbot approve CODE` takes: it names head, target, files, plan effect and policies."""
    return digest_of(binding_document(binding)).removeprefix("sha256:")[:CODE_LENGTH]
