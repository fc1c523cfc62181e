"""`mrbot replay`: makes a recorded decision again, from its record alone."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from mrbot.audit.record import Record, Replayed
from mrbot.audit.record import replay as judged_again
from mrbot.cli.kept_record import DAMAGED, kept_record
from mrbot.config.settings import load_settings
from mrbot.config.settings_value import EngineSettings, Settings
from mrbot.effects.escape import flat
from mrbot.errors import BadReference, BadSettings
from mrbot.ids import Json
from mrbot.policy.finding import PolicyEngine
from mrbot.policy.settle import settle

EXIT_DIFFERENT = 1
"""The decision came out otherwise."""

SHOWN_LIMIT = 200
"""Characters of each side of a difference."""


@click.command()
@click.argument("record")
@click.option(
    "--config",
    default="mrbot.yml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The server's settings: where numbers are looked up, and OPA's path.",
)
def replay(record: str, config: Path) -> None:
    """Make the decision of RECORD again: a file, or a number of the ledger.

    Needs no network, no host and no git. Exits 0 when it comes to the same, 1 when it does not,
    2 when the record cannot be read.
    """
    settings = load_settings(config, os.environ) if config.exists() else None
    kept = kept_record(record, settings, config)
    engine = _engine(kept, settings)
    try:
        result = _judged(kept, engine)
    finally:
        engine.close()
    _print(kept, result)
    sys.exit(EXIT_DIFFERENT if result.differences else 0)


def _engine(record: Record, settings: Settings | None) -> PolicyEngine:
    """An engine of the recorded kind, else whichever there is, and then it is said."""
    wanted = EngineSettings() if settings is None else settings.engine
    recorded = record.engine.name
    if recorded == "opa" or recorded == "regorus":
        try:
            opa = wanted.opa_path if recorded == "opa" else None
            return settle(recorded, opa, wanted.deadline_s)  # type: ignore[arg-type]  # one of the two
        except BadSettings as error:
            print(f"mrbot: {recorded} judged then and cannot now: {error}", file=sys.stderr)
    return settle("auto", wanted.opa_path, wanted.deadline_s)


def _judged(record: Record, engine: PolicyEngine) -> Replayed:
    try:
        return judged_again(record, engine)
    except DAMAGED as error:
        raise BadReference(f"the record is damaged: {type(error).__name__}") from error


def _print(record: Record, result: Replayed) -> None:
    for one in record.served:
        held = one.served.revisions if one.served is not None else ()
        which = ", ".join(f"{bundle} {revision}" for bundle, revision in held) or "unknown"
        print(
            flat(f"not judged again: {one.policy}'s policies, on a server (revision {which}): ")
            + "what it said then is taken from the record"
        )
    if result.other_engine is not None:
        then, now = record.engine, result.other_engine
        said = f"then {then.name} {then.version}, now {now.name} {now.version}"
        print(flat(f"another engine version: {said}"))
    before, after = _part(record.outcome, "verdict"), _part(result.outcome, "verdict")
    if not result.differences:
        print(
            f"same verdict: {after} ({flat(str(record.change.id))} at {flat(record.change.head)})"
        )
        return
    print("different" if before == after else f"different verdict: then {before}, now {after}")
    for name in result.differences:
        print(f"  {flat(name)}")
        print(f"    then {_part(record.outcome, name)}")
        print(f"    now  {_part(result.outcome, name)}")


def _part(outcome: Json, name: str) -> str:
    value = outcome.get(name) if isinstance(outcome, dict) else None
    # A file may hold anything: JSON escapes whatever could move a terminal's cursor.
    text = value if isinstance(value, str) and value.isalnum() else json.dumps(value)
    return text if len(text) <= SHOWN_LIMIT else f"{text[:SHOWN_LIMIT]}… ({len(text)} characters)"
