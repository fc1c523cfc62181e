"""Plans of a change, one a project and head, with what is needed to apply them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Engine, delete, select, update

from mrbot.errors import StoreFailure
from mrbot.ids import ChangeId, Sha
from mrbot.inbox.worklist import Claim
from mrbot.plan.plan import Plan, PlanFailed
from mrbot.store.moments import moment, seconds
from mrbot.store.plan_json import dump_plan, load_plan
from mrbot.store.schema import plans
from mrbot.store.transaction import insert, reading, writing
from mrbot.store.worklist import require_held


class PlanState(StrEnum):
    """What became of a plan."""

    READY = "ready"
    FAILED = "failed"
    APPLYING = "applying"
    APPLIED = "applied"
    APPLY_FAILED = "apply-failed"
    UNCERTAIN = "uncertain"
    """An apply was interrupted: what it did is not known, and it is never repeated by itself."""


_ENDS = {
    PlanState.APPLYING: {PlanState.APPLIED, PlanState.APPLY_FAILED, PlanState.UNCERTAIN,
                         PlanState.READY},
    PlanState.READY: {PlanState.APPLYING},
    PlanState.UNCERTAIN: {PlanState.APPLIED, PlanState.APPLY_FAILED},
    PlanState.FAILED: set(),
    PlanState.APPLIED: set(),
    PlanState.APPLY_FAILED: set(),
}  # fmt: skip
"""Which state may follow which. `APPLYING` to `READY`: the apply certainly changed nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlan:
    """A plan or the failure to make one, and what became of it."""

    plan: Plan | PlanFailed
    state: PlanState
    made_at: datetime


class Plans:
    """The plans of every change. What changes one needs the claim on its change, and raises
    Superseded, changing nothing, when that is lost."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(
        self, claim: Claim, plan: Plan | PlanFailed, sealed: bytes | None, now: datetime
    ) -> None:
        """This is the project's plan at its head, in place of an earlier one that nobody began to
        apply. `sealed` is the encrypted artefact, None for a failure.

        Raises: StoreFailure when an apply of the earlier one has begun.
        """
        failed = isinstance(plan, PlanFailed)
        values = {
            "document": dump_plan(plan), "sealed": None if failed else sealed,
            "state": PlanState.FAILED if failed else PlanState.READY, "made_at": seconds(now),
        }  # fmt: skip
        with writing(self._engine) as connection:
            require_held(connection, claim)
            saved = connection.execute(
                insert(connection, plans)
                .values(change=str(claim.subject), project=plan.project, head=plan.head, **values)
                .on_conflict_do_update(
                    index_elements=["change", "project", "head"], set_=values,
                    where=plans.c.state.in_([PlanState.READY, PlanState.FAILED]),
                )
            ).rowcount  # fmt: skip
            if saved != 1:
                raise StoreFailure(
                    f"the plan of {plan.project} at {plan.head} is being or was applied: it stays"
                )

    def get(self, change: ChangeId, project: str, head: Sha) -> StoredPlan | None:
        """The project's plan at that head, if there is one."""
        found = self._find(change, plans.c.project == project, plans.c.head == head)
        return found[0] if found else None

    def at(self, change: ChangeId, head: Sha) -> tuple[StoredPlan, ...]:
        """Every project's plan at that head, in order of project."""
        return self._find(change, plans.c.head == head)

    def unsettled(self, change: ChangeId) -> tuple[StoredPlan, ...]:
        """Plans whose apply has begun and not ended, at any head."""
        return self._find(change, plans.c.state.in_([PlanState.APPLYING, PlanState.UNCERTAIN]))

    def sealed(self, change: ChangeId, project: str, head: Sha) -> bytes | None:
        """The encrypted artefact, None where there is none."""
        query = select(plans.c.sealed).where(
            plans.c.change == str(change), plans.c.project == project, plans.c.head == head
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()

    def move(
        self, claim: Claim, project: str, head: Sha, was: PlanState, becomes: PlanState
    ) -> bool:
        """The plan's state is `becomes`, and it was us who moved it. False: it was not `was`.

        Raises: StoreFailure when no plan goes from the one to the other.
        """
        if becomes not in _ENDS[was]:
            raise StoreFailure(f"a plan that is {was} does not become {becomes}")
        with writing(self._engine) as connection:
            require_held(connection, claim)
            moved = connection.execute(
                update(plans)
                .where(
                    plans.c.change == str(claim.subject), plans.c.project == project,
                    plans.c.head == head, plans.c.state == was,
                )
                .values(state=becomes)
            )  # fmt: skip
            return moved.rowcount == 1

    def discard(self, claim: Claim) -> int:
        """The change's plans are gone, save those whose apply has begun. Returns how many went."""
        with writing(self._engine) as connection:
            require_held(connection, claim)
            return connection.execute(
                delete(plans).where(
                    plans.c.change == str(claim.subject),
                    plans.c.state.in_([PlanState.READY, PlanState.FAILED]),
                )
            ).rowcount

    def _find(self, change: ChangeId, *where: ColumnElement[bool]) -> tuple[StoredPlan, ...]:
        query = (
            select(plans.c.document, plans.c.state, plans.c.made_at)
            .where(plans.c.change == str(change), *where)
            .order_by(plans.c.project, plans.c.made_at)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(
            StoredPlan(
                plan=load_plan(row.document), state=PlanState(row.state),
                made_at=moment(row.made_at),
            )
            for row in rows
        )  # fmt: skip
