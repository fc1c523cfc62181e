"""A database and the values that the store tests put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from mrbot.change.people import Binding, Bound, ReviewState
from mrbot.change.snapshot import ChangeState
from mrbot.ids import ChangeId, Digest, Person, RepoId, Sha
from mrbot.inbox.delivery import ChangeMayHaveChanged, Commented, Delivery, ReviewGiven
from mrbot.inbox.worklist import Claim
from mrbot.store.changes import Changes, KnownChange
from mrbot.store.opening import open_store
from mrbot.store.worklist import StoredWorklist

NOW = datetime(2026, 11, 22, 21, 10, tzinfo=UTC)
REPO = RepoId("gl", "group/infra")
CHANGE = ChangeId(REPO, 7)
HEAD, OTHER_HEAD = Sha("a" * 40), Sha("b" * 40)
ANN, BEN = Person(id="1", login="ann"), Person(id="2", login="ben")


def digest(letter: str) -> Digest:
    return Digest("sha256:" + letter * 64)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path}/mrbot.db"


@pytest.fixture
def engine(url) -> Iterator[Engine]:
    engine = open_store(url)
    yield engine
    engine.dispose()


@pytest.fixture
def claim(engine) -> Callable[..., Claim]:
    """Takes the claim on a change, even from whoever holds it: their lease has run out."""
    clock = [NOW]

    def take(change: ChangeId = CHANGE, worker: str = "w") -> Claim:
        worklist = StoredWorklist(engine)
        clock[0] += timedelta(hours=1)
        worklist.mark(change, clock[0])
        while True:
            taken = worklist.claim(worker, clock[0], 60)
            assert taken is not None
            if taken.subject == change:
                return taken

    return take


def binding(head: Sha = HEAD, effect: str | None = "e", blob: str = "2") -> Binding:
    bound = Bound(
        path="main.tf", old_path="main.tf", old_blob="1", new_blob=blob, old_mode="100644",
        new_mode="100644",
    )  # fmt: skip
    return Binding(
        target_branch="main", head=head, files=frozenset({bound}),
        effect_digest=digest(effect) if effect else None, policy_digest=digest("c"),
    )  # fmt: skip


def hint(key: str = "k", change: int = 7, repo: RepoId = REPO) -> Delivery:
    return Delivery(
        repo=repo, key=key, event="merge_request", cause=ChangeMayHaveChanged(change=change)
    )


def comment(key: str = "k", body: str = "/apply", number: str = "1", author=ANN) -> Delivery:
    return Delivery(
        repo=REPO, key=key, event="note", fact=f"comment:{number}",
        cause=Commented(change=7, comment=number, body=body, author=author),
    )  # fmt: skip


def review(key: str = "k", person=ANN, state=ReviewState.APPROVED, head=HEAD) -> Delivery:
    return Delivery(
        repo=REPO, key=key, event="merge_request",
        cause=ReviewGiven(change=7, person=person, state=state, head=head),
    )  # fmt: skip


def known(
    engine: Engine, number: int, *, repo=REPO, state=ChangeState.OPEN, head=HEAD, into="main"
) -> None:
    Changes(engine).save(
        KnownChange(
            id=ChangeId(repo, number), state=state, head=head, target_branch=into, title="t",
            verdict="pending", updated_at=later(number),
        )
    )  # fmt: skip
