"""Terraform's plan JSON in mrbot's own model.

Source: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.plan.plan import Summary
from mrbot.resources.masking import Marks, dotted, either, fitted, marks_from, mask, strings
from mrbot.resources.model import (
    SENSITIVE,
    SENSITIVE_CHANGED,
    Action,
    Certainty,
    ResourceChange,
)
from mrbot.resources.paths import Path
from mrbot.resources.terraform.stateful import STATEFUL

FORMAT = "terraform"
MAJOR_VERSIONS = frozenset({"0", "1"})
"""Of the format; a minor version only adds to it."""
MAX_DEPTH = 200
"""Deepest nesting of objects and arrays in a plan."""

_ACTIONS: dict[tuple[str, ...], Action | None] = {
    ("no-op",): None,
    ("create",): Action.CREATE,
    ("read",): None,
    ("open",): None,
    ("update",): Action.UPDATE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
    ("create", "forget"): Action.REPLACE,
    ("forget", "create"): Action.REPLACE,
}
"""None: nothing that stays is touched. Data and ephemeral values are only read."""


def problem_of(document: Json) -> str | None:
    """Why `document` is no plan that can be read and trusted, None when it is one."""
    if not isinstance(document, dict):
        return "not a plan: no JSON object"
    version = document.get("format_version")
    if not isinstance(version, str) or version.partition(".")[0] not in MAJOR_VERSIONS:
        return f"format version {str(version)[:40]!r} is unknown: 0.x and 1.x are read"
    if not _sound(document):
        return f"nested deeper than {MAX_DEPTH} levels, or text that is not Unicode"
    if document.get("errored"):
        return "the plan ended in an error and is not whole"
    for section in ("resource_changes", "resource_drift", "deferred_changes"):
        if not isinstance(document.get(section), list | None):
            return f"{section} is not an array"
    for name in ("output_changes", "configuration"):
        if not isinstance(document.get(name), dict | None):
            return f"{name} is not an object"
    return next(chain(_unknown_actions(document), _unknown_deferrals(document)), None)


def read_plan(
    document: Json, project: str, environment: str | None
) -> tuple[Summary, tuple[ResourceChange, ...]]:
    """What the plan would do: counted, and one by one in the plan's order.

    Resources that stay as they are and data that is only read are left out; what is deferred, and
    actions that a provider would run, are in with action `unknown`. Sensitive values are masked,
    also those that `redact` masked before.

    Raises: BadInput with what `problem_of` says.
    """
    problem = problem_of(document)
    if problem is not None or not isinstance(document, dict):
        raise BadInput(f"the plan of {project} cannot be read: {problem}")
    changes = list(_changes(document))
    counts = Counter(what for entry, change in changes for what in _counted(entry, change))
    counts["outputs"] = sum(_words(change) != ("no-op",) for change in _outputs(document))
    found = [
        _resource(entry, change, action, project, environment)
        for entry, change in changes
        if (action := _action(entry, change)) is not None
    ]
    found.extend(_uncertain(document, project, environment))
    return Summary(**counts), tuple(found)


def _action(entry: dict[str, Json], change: dict[str, Json]) -> Action | None:
    """What happens to the resource, None for nothing; a move or import counts where all else
    stays."""
    action = _ACTIONS[_words(change)]
    if action is None and entry.get("previous_address"):
        return Action.MOVE
    return Action.IMPORT if action is None and change.get("importing") else action


def _counted(entry: dict[str, Json], change: dict[str, Json]) -> Iterator[str]:
    """The counters of `Summary` that a change adds one to."""
    words = _words(change)
    action = _ACTIONS[words]
    if entry.get("previous_address"):
        yield "move"
    if change.get("importing"):
        yield "import_"
    if action is not None:
        yield from _COUNTED.get(words, (action.value,))


_COUNTED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("create", "forget"): ("create", "forget"),
    ("forget", "create"): ("create", "forget"),
}
"""Actions that Terraform's own line counts as two: the old object is let go, not destroyed."""


def _sound(document: Json) -> bool:
    """Whether no nesting is too deep and all text can be written as UTF-8; without recursion."""
    level: list[Json] = [document]
    for _ in range(MAX_DEPTH + 1):
        following: list[Json] = []
        for value in level:
            match value:
                case dict():
                    following.extend(value.values())
                    following.extend(value.keys())
                case list():
                    following.extend(value)
                case str() if any("\ud800" <= character <= "\udfff" for character in value):
                    return False
                case _:
                    pass
        if not following:
            return True
        level = following
    return False


def _unknown_actions(document: dict[str, Json]) -> Iterator[str]:
    """A sentence for each change that is not one, or whose actions are not known."""
    entries = document.get("resource_changes") or []
    assert isinstance(entries, list)  # noqa: S101  for mypy: problem_of() looked
    for entry in entries:
        change = entry.get("change") if isinstance(entry, dict) else None
        if not isinstance(change, dict) or not isinstance(entry, dict):
            yield "a resource change without a change"
        elif _words(change) not in _ACTIONS:
            yield f"the actions {_words(change)} of {str(entry.get('address'))[:200]} are unknown"
        elif not isinstance(entry.get("address"), str) or not isinstance(entry.get("type"), str):
            yield "a resource change without an address or type"
    outputs = document.get("output_changes") or {}
    assert isinstance(outputs, dict)  # noqa: S101  for mypy: problem_of() looked
    for name, output in outputs.items():
        if not isinstance(output, dict) or _words(output) not in _ACTIONS:
            yield f"the change of the output {name[:100]} is unknown"


def _unknown_deferrals(document: dict[str, Json]) -> Iterator[str]:
    """A sentence for each deferred change that is not one."""
    entries = document.get("deferred_changes") or []
    assert isinstance(entries, list)  # noqa: S101  for mypy: problem_of() looked
    for item in entries:
        entry = item.get("resource_change") if isinstance(item, dict) else None
        if not isinstance(entry, dict) or not isinstance(entry.get("change"), dict):
            yield "a deferred change without a change"
        elif not isinstance(entry.get("address"), str) or not isinstance(entry.get("type"), str):
            yield "a deferred change without an address or type"


def _words(change: dict[str, Json]) -> tuple[str, ...]:
    actions = change.get("actions")
    return tuple(str(word)[:40] for word in actions[:4]) if isinstance(actions, list) else ()


def _changes(document: dict[str, Json]) -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
    """Each resource change of a document without a problem, and the change in it."""
    entries = document.get("resource_changes")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(change := entry.get("change"), dict):
            yield entry, change


def _outputs(document: dict[str, Json]) -> Iterator[dict[str, Json]]:
    outputs = document.get("output_changes")
    for change in outputs.values() if isinstance(outputs, dict) else ():
        if isinstance(change, dict):
            yield change


def _resource(
    entry: dict[str, Json],
    change: dict[str, Json],
    action: Action,
    project: str,
    environment: str | None,
    certainty: Certainty = Certainty.PLANNED,
) -> ResourceChange:
    before, after = change.get("before"), change.get("after")
    masked = mask(before, after, marks_of(change))
    told = dict.fromkeys(masked.paths)
    told |= dict.fromkeys(_already_masked(masked.before))
    told |= dict.fromkeys(_already_masked(masked.after))
    address = str(entry.get("address") or "?")
    deposed = entry.get("deposed")
    return ResourceChange(
        format=FORMAT,
        address=f"{address} (deposed {deposed})" if deposed else address,
        kind=str(entry.get("type")),
        action=action,
        before=masked.before,
        after=masked.after,
        unknown_paths=tuple(_unknown(change.get("after_unknown"), ())),
        sensitive_paths=tuple(told),
        project=project,
        environment=environment,
        certainty=certainty,
        stateful=entry.get("type") in STATEFUL and entry.get("mode") != "data",
        previous_address=_text(entry.get("previous_address")),
        why=_text(entry.get("action_reason")),
        replace_paths=tuple(_replace_paths(change.get("replace_paths"))),
    )


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _replace_paths(paths: Json) -> Iterator[str]:
    """The dotted paths of what cannot change in place."""
    for path in paths if isinstance(paths, list) else ():
        if isinstance(path, list):
            yield dotted(tuple(step for step in path if isinstance(step, str | int)))


def marks_of(change: dict[str, Json]) -> Marks:
    """What is sensitive in a change, by both sides' marks."""
    return either(
        _side_marks(change, "before", "before_sensitive"),
        _side_marks(change, "after", "after_sensitive"),
    )


def _side_marks(change: dict[str, Json], side: str, name: str) -> Marks:
    """One side's marks. Where there are none at all (Terraform before 0.15), nothing says that a
    value may be shown, so each of them is sensitive."""
    value = change.get(side)
    if name in change:
        return fitted(value, marks_from(change[name]))
    return dict.fromkeys(value, True) if isinstance(value, dict) else value is not None


def _unknown(tree: Json, path: Path) -> Iterator[str]:
    """The dotted paths at which `after_unknown` says that a value is not known yet."""
    match tree:
        case dict():
            for key, inner in tree.items():
                yield from _unknown(inner, (*path, key))
        case list():
            for index, inner in enumerate(tree):
                yield from _unknown(inner, (*path, index))
        case None | False:
            return
        case _:
            yield dotted(path)


def _already_masked(value: Json) -> Iterator[str]:
    for path, text in strings(value):
        if text in {SENSITIVE, SENSITIVE_CHANGED}:
            yield dotted(path)


def _uncertain(
    document: dict[str, Json], project: str, environment: str | None
) -> Iterator[ResourceChange]:
    """What the plan says will happen without saying what: deferred changes, providers' actions."""
    deferred = document.get("deferred_changes")
    for item in deferred if isinstance(deferred, list) else ():
        entry = item.get("resource_change") if isinstance(item, dict) else None
        entry = entry if isinstance(entry, dict) else {}
        change = entry.get("change")
        yield _resource(
            entry,
            change if isinstance(change, dict) else {},
            Action.UNKNOWN,
            project,
            environment,
            Certainty.UNKNOWN,
        )
    for name in ("action_invocations", "deferred_action_invocations"):
        invoked = document.get(name)
        for item in invoked if isinstance(invoked, list) else ():
            entry = item if isinstance(item, dict) else {}
            yield _resource(
                {"address": entry.get("address"), "type": f"action.{entry.get('type')}"},
                {
                    "after": entry.get("config_values"),
                    "after_unknown": entry.get("config_unknown"),
                    "after_sensitive": entry.get("config_sensitive", True),
                },
                Action.UNKNOWN,
                project,
                environment,
                Certainty.UNKNOWN,
            )
