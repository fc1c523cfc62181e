"""What git says of each commit of a change."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from mrbot.change.commits import MESSAGE_LIMIT, Commit
from mrbot.change.people import Signature
from mrbot.errors import GitFailure
from mrbot.git.command import Git
from mrbot.ids import Sha

_FORMAT = "%H%x00%P%x00%an%x00%ae%x00%cn%x00%ce%x00%cI%x00%B"
_FIELDS = 8

# RE2, for a message may be as long and as hostile as its author likes.
_CO_AUTHOR = re2.compile(
    r"(?im)^[ \t]*co-authored-by[ \t]*:([^<>\n]*(?:\n[ \t]+[^<>\n]*)?)<[ \t]*([^<>\s]+)[ \t]*>"
)


def commits(git: Git, base: Sha, head: Sha) -> tuple[Commit, ...]:
    """Every commit reachable from `head` and not from `base`, merges included, as git orders them:
    the newest first.

    Raises: GitFailure.
    """
    # NUL parts everything, for it is the one byte that no name and no message can hold.
    arguments = ["log", "-z", "--no-show-signature", "--no-mailmap", "--encoding=UTF-8"]
    out = git.run([*arguments, f"--format={_FORMAT}", f"{base}..{head}", "--"])
    texts = out.decode("utf-8", "replace").split("\0")
    if len(texts) % _FIELDS != 1:
        raise GitFailure(f"git log printed {len(texts)} fields, not {_FIELDS} for each commit")
    return tuple(_commit(texts[at : at + _FIELDS]) for at in range(0, len(texts) - 1, _FIELDS))


def _commit(fields: list[str]) -> Commit:
    sha, parents, author, author_email, committer, committer_email, committed, message = fields
    return Commit(
        sha=Sha(sha),
        parents=len(parents.split()),
        author=Signature(name=author, email=author_email.lower()),
        committer=Signature(name=committer, email=committer_email.lower()),
        committed_at=committed,
        message=message[:MESSAGE_LIMIT].rstrip("\n"),
        co_authors=frozenset(_co_authors(message)),
    )


def _co_authors(message: str) -> Iterator[Signature]:
    """Anywhere in the message: what git takes for trailers is for settings to say."""
    for name, address in _CO_AUTHOR.findall(message):
        yield Signature(name=" ".join(name.split()), email=address.lower())
