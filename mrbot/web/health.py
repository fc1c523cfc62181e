"""Whether mrbot can do its work: what `/readyz` answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from mrbot.errors import MrbotError, StoreFailure
from mrbot.store.store import Store

BACKLOG_LIMIT_S = 1800.0
"""Seconds that work may wait before the workers count as gone: twice the usual limit of a plan."""

Check = Callable[[], str | None]
"""What is wrong, None when nothing is."""


def unready(store: Store, now: datetime, checks: Mapping[str, Check]) -> dict[str, str]:
    """What is wrong, by the name of what it is wrong with; empty when nothing is."""
    reasons: dict[str, str] = {}
    try:
        backlog = store.worklist.backlog(now)
    except StoreFailure as error:
        reasons["storage"] = str(error)
    else:
        if backlog.oldest_s > BACKLOG_LIMIT_S:
            reasons["worker"] = (
                f"work has waited {backlog.oldest_s:.0f} s (limit {BACKLOG_LIMIT_S:.0f} s): no "
                "worker runs (mrbot work), or it cannot keep up"
            )
    for name, check in checks.items():
        try:
            reason = check()
        except MrbotError as error:
            reason = str(error)
        if reason is not None:
            reasons[name] = reason
    return reasons
