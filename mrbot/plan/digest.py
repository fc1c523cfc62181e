"""What a plan is, in a digest: the effect that is approved, and the artefact that is applied."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import rfc8785

from mrbot.errors import BadInput
from mrbot.ids import Digest, Json, Sha
from mrbot.plan.document import problem_of
from mrbot.plan.plan import Tool
from mrbot.plan.redact import hidden
from mrbot.plan.shapes import Object, as_object
from mrbot.resources.masking import Marks, replaced, same, strings

_EFFECT = "mrbot effect 1"
_ARTEFACT = "mrbot artefact 1"
_ESCAPE = "$"  # begins the keys that this module adds; `_exact` gives a plan's own another one
_LARGEST_EXACT = 2**53  # beyond it, JSON's canonical form cannot tell integers apart


def effect_digest(
    document: Json,
    arguments: Sequence[str],
    tool: Tool,
    lock: bytes | None,
    keyed_digest: Callable[[str], str],
) -> Digest:
    """What approvals bind to: the same for two plans that would do the same.

    Covers every resource and output that would change (for an update its changed attributes, for a
    deletion the object's id), moves, imports, deferred changes and providers' actions; how the
    providers are configured, with the variables named there; the arguments in order, the tool's
    name and version, and the provider lock. Sensitive values are in it as keyed digests. Times, the
    order of resources, drift, and whatever stays as it is are not.

    Raises: BadInput when `document` is no plan, or is redacted already.
    """
    problem = problem_of(document)
    if problem is not None or not isinstance(document, dict):
        raise BadInput(f"a plan without a digest: {problem}")

    def secret(value: Json) -> Json:
        return {f"{_ESCAPE}secret": keyed_digest(_canonical(value).decode("utf-8"))}

    def hide(before: Json, after: Json, marks: Marks) -> tuple[Json, Json]:
        return replaced(before, marks, secret), replaced(after, marks, secret)

    return _digest(
        {
            "what": _EFFECT,
            "tool": [tool.name, tool.version],
            "arguments": list(arguments),
            "lock": None if lock is None else hashlib.sha256(lock).hexdigest(),
            "effect": _effect(hidden(document, hide, keyed_digest)),
        }
    )


def artefact_digest(plan_file: bytes, head: Sha, lineage: str | None, serial: int | None) -> Digest:
    """What an apply binds to: these bytes, planned at `head`, for this state."""
    return _digest(
        {
            "what": _ARTEFACT,
            "plan": hashlib.sha256(plan_file).hexdigest(),
            "head": head,
            "lineage": lineage,
            "serial": serial,
        }
    )


def _effect(document: Object) -> Json:
    """The part of a plan that says what would be done."""
    entries = document.get("resource_changes")
    changes = [_entry(as_object(e)) for e in (entries if isinstance(entries, list) else ())]
    outputs = as_object(document.get("output_changes"))
    return {
        "resources": _sorted([change for change in changes if change is not None]),
        "outputs": {
            name: _change(as_object(change))
            for name, change in outputs.items()
            if as_object(change).get("actions") != ["no-op"]
        },
        "providers": _providers(document),
        "deferred": _unordered(document.get("deferred_changes")),
        "invoked": _unordered(document.get("action_invocations")),
        "invoked later": _unordered(document.get("deferred_action_invocations")),
    }


def _providers(document: Object) -> Json:
    """How the providers are configured: the same change in another region is another one."""
    providers = as_object(as_object(document.get("configuration")).get("provider_config"))
    settings = {n: as_object(p).get("expressions") for n, p in providers.items()}
    used = {text.removeprefix("var.") for _, text in strings(settings) if text.startswith("var.")}
    variables = as_object(document.get("variables"))
    return {
        "settings": {name: found for name, found in settings.items() if found is not None},
        "variables": {name: value for name, value in variables.items() if name in used},
    }


def _entry(entry: Object) -> Json:
    """One resource change, None when it changes nothing."""
    change = as_object(entry.get("change"))
    stays = change.get("actions") == ["no-op"]
    if stays and not entry.get("previous_address") and not change.get("importing"):
        return None
    names = ("address", "previous_address", "type", "deposed", "provider_name")
    return {**{name: entry.get(name) for name in names}, "change": _change(change)}


def _change(change: Object) -> Json:
    """What is done, and to what: attributes that keep their value are left out."""
    before, after, unknown = (change.get(n) for n in ("before", "after", "after_unknown"))
    if isinstance(before, dict) and after is None and not unknown:
        before = {"id": before["id"]} if "id" in before else before
    elif isinstance(before, dict) and isinstance(after, dict):
        before, after = _differing(before, after, as_object(unknown))
    told = ("actions", "replace_paths", "importing", "generated_config", "after_sensitive")
    return {
        **{name: change.get(name) for name in told},
        "before": before,
        "after": after,
        "unknown": unknown,
    }


def _differing(before: Object, after: Object, unknown: Object) -> tuple[Json, Json]:
    """Only the attributes that change, and the id of what they are changed in."""
    changed = {
        name
        for name in (*before, *after)
        if unknown.get(name) or not same(before.get(name), after.get(name))
    }
    kept = changed | {"id"}
    return (
        {name: value for name, value in before.items() if name in kept},
        {name: value for name, value in after.items() if name in changed},
    )


def _unordered(items: Json) -> Json:
    return _sorted(items) if isinstance(items, list) else items


def _sorted(items: list[Json]) -> list[Json]:
    return sorted(items, key=_canonical)


def _digest(content: Json) -> Digest:
    return Digest("sha256:" + hashlib.sha256(_canonical(content)).hexdigest())


def _canonical(value: Json) -> bytes:
    """RFC 8785's form of `value`, different for different values however large their numbers."""
    return rfc8785.dumps(_exact(value))


def _exact(value: Json) -> Json:
    match value:
        case bool():
            return value
        case int() if abs(value) >= _LARGEST_EXACT:
            return {f"{_ESCAPE}integer": str(value)}
        case float() if not abs(value) < _LARGEST_EXACT:
            return {f"{_ESCAPE}float": repr(value)}
        case list():
            return [_exact(inner) for inner in value]
        case dict():
            return {_key(key): _exact(inner) for key, inner in value.items()}
        case _:
            return value


def _key(key: str) -> str:
    return _ESCAPE + key if key.startswith(_ESCAPE) else key
