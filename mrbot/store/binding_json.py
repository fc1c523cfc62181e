"""A binding as a stored document, and back."""

from __future__ import annotations

from mrbot.change.people import Binding, Bound
from mrbot.ids import Digest, Json, Sha
from mrbot.store.document import Document, write


def dump_binding(binding: Binding) -> str:
    """Equal bindings give equal texts."""
    files: list[Json] = [
        [one.path, one.old_path, one.old_blob, one.new_blob, one.old_mode, one.new_mode]
        for one in sorted(binding.files)
    ]
    return write(
        {
            "target_branch": binding.target_branch, "head": binding.head, "files": files,
            "effect_digest": binding.effect_digest, "policy_digest": binding.policy_digest,
        }
    )  # fmt: skip


def load_binding(text: str) -> Binding:
    """The binding that `dump_binding` wrote.

    Raises: StoreFailure when it is damaged.
    """
    document = Document.read(text, "binding")
    effect = document.maybe_text("effect_digest")
    return Binding(
        target_branch=document.text("target_branch"),
        head=Sha(document.text("head")),
        files=frozenset(_bound(one) for one in document.items("files")),
        effect_digest=None if effect is None else Digest(effect),
        policy_digest=Digest(document.text("policy_digest")),
    )


def _bound(value: Json) -> Bound:
    document = Document({"file": value}, "binding")
    match document.texts("file"):
        case (path, old_path, old_blob, new_blob, old_mode, new_mode):
            return Bound(
                path=path, old_path=old_path, old_blob=old_blob, new_blob=new_blob,
                old_mode=old_mode, new_mode=new_mode,
            )  # fmt: skip
        case _:
            raise document.damaged("file")
