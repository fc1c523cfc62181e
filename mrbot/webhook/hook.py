"""What the HTTP edge knows of one configured host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mrbot.ids import HostKind, RepoId
from mrbot.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class HookConfig:
    """How deliveries of one host are verified, and which of them are wanted.

    `secret` is GitHub's webhook secret or GitLab's secret token; `signing_token` GitLab's
    `whsec_...`. With both, a GitLab delivery may be either signed or carry the token: leave
    `secret` out once every hook signs. `bots` are the account ids of mrbot itself on that host.
    """

    name: str
    kind: HostKind
    secret: Secret | None = None
    signing_token: Secret | None = None
    accepts: Callable[[RepoId], bool]
    bots: frozenset[str] = frozenset()
