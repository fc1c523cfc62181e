"""What both hosts' comments have in common. Pure."""

from __future__ import annotations

from mrbot.inbox.delivery import Ignored

COMMENT_LIMIT = 65_536
"""Characters of a comment that may hold commands: GitHub's own limit; GitLab's is 1,000,000."""


def too_long(body: str) -> Ignored | None:
    """Why a comment is not read for commands, if it is too long for that."""
    if len(body) <= COMMENT_LIMIT:
        return None
    return Ignored(
        reason=f"a comment of {len(body)} characters is not read for commands (limit "
        f"{COMMENT_LIMIT}): write the command in a comment of its own",
        unreadable=True,
    )
