"""Which engine judges: settled once at start, and never changed silently."""

from __future__ import annotations

from typing import Literal

from mrbot.errors import BadSettings
from mrbot.policy.failure import failure
from mrbot.policy.finding import (
    Bundle,
    Document,
    Engine,
    EvaluationFailed,
    EvaluationFault,
    PolicyEngine,
)
from mrbot.policy.notice import Watch, unwatched
from mrbot.policy.opa.binary import examine, find_opa
from mrbot.policy.regorus import engine as regorus
from mrbot.policy.supervised import failed

Choice = Literal["auto", "opa", "regorus"]

NO_ENGINE = f"there is no Rego engine: put opa (1.0 or newer) on PATH, or {regorus.INSTALL}"
"""What is said wherever an engine would be needed."""


class NoEngine:
    """A `PolicyEngine` for a machine without one: every policy fails, none passes."""

    @property
    def engine(self) -> Engine:
        """None."""
        return Engine(name="none", version="")

    def evaluate(self, bundle: Bundle, documents: tuple[Document, ...]) -> EvaluationFailed:
        """A failure that says how to get an engine."""
        del documents
        return failed(failure(EvaluationFault.ENGINE, NO_ENGINE), self.engine, bundle)

    def close(self) -> None:
        """Nothing was started."""


def settle(
    choice: Choice, opa_path: str | None, deadline_s: float, watch: Watch = unwatched
) -> PolicyEngine:
    """The engine that was chosen; `auto` takes OPA where there is one, else regorus.

    `opa_path` is OPA's program where it is not on PATH: naming one that is not there is an error,
    not a reason to take regorus. `deadline_s` is for one evaluation, in seconds. `watch` is told
    what becomes of the processes that judge.

    Raises: BadSettings when what was chosen is not there or does not run, with how to mend it.
    """
    if deadline_s <= 0:
        raise BadSettings(f"a policy's time limit must be more than 0 s, not {deadline_s:g}")
    if choice == "regorus":
        return regorus.RegorusEngine(seconds=deadline_s, watch=watch)
    found = find_opa(opa_path)
    if found is not None:
        # OPA's client takes a sixth of a second to import: commands without OPA do not wait for it.
        from mrbot.policy.opa.engine import opa_engine

        return opa_engine(examine(found), seconds=deadline_s, watch=watch)
    if opa_path is not None:
        raise BadSettings(f"there is no program {opa_path!r}: name opa's own path, or none")
    if choice == "opa":
        advice = "https://www.openpolicyagent.org/docs#1-download-opa"
        raise BadSettings(f"opa is not on PATH: install it ({advice}) or name its path")
    if regorus.is_installed():
        return regorus.RegorusEngine(seconds=deadline_s, watch=watch)
    raise BadSettings(NO_ENGINE)
