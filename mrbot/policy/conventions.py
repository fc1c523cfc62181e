"""Conftest's conventions: which rules count, and what their results mean.

* `deny`, `violation`, `warn`, each optionally with a suffix (`deny_public_bucket`), are sets whose
  members are strings or objects with `msg`, optionally `_loc` (`file`, `line`), and metadata.
* `exception` is a set of lists of suffixes; the rules with those suffixes are taken back (`""`
  takes back the bare rules).
* A result whose `_excepted` is a text (why, and until when) is taken back by its own policy.
* `require` is mrbot's own: a set of `{"msg", "count", "users", "groups", "roles"}`.

A rule that does not fire is undefined or empty. Conftest passes over results of any other shape
(`deny if ...`, which is `true`); here they are failures, since their author meant something.

Source: https://github.com/open-policy-agent/conftest/blob/master/policy/engine.go
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mrbot.ids import Json
from mrbot.policy.failure import Failure
from mrbot.policy.finding import Demand, Document, EvaluationFault, Finding, Severity

EXCEPTION = "exception"
EXCEPTED = "_excepted"
REQUIRE = "require"

MAX_RESULTS = 10_000
"""Most results that one package may give for one document."""
MAX_COUNT = 100
"""Most approvals that one demand may ask for."""

_RULE = re.compile(r"(warn|deny|violation)((?:_[a-zA-Z0-9]+)*)")
DEMAND_KEYS = frozenset({"msg", "count", "users", "groups", "roles"})
"""What a demand may say."""
_NOT_METADATA = frozenset({"msg", "_loc", EXCEPTED})
_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What one package said of one document, in a fixed order."""

    findings: tuple[Finding, ...] = ()
    demands: tuple[Demand, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where results come from: the policy set, the package, and the document that was judged."""

    policy: str
    namespace: str
    document: Document


def counts(name: str) -> bool:
    """Whether a rule of this name is asked."""
    return name in {EXCEPTION, REQUIRE} or _RULE.fullmatch(name) is not None


def judge(values: Mapping[str, Json], origin: Origin) -> Judged | Failure:
    """The findings and demands in a package's evaluated document: `{"deny": [...], ...}`.

    A rule that is undefined is left out of `values`; names that do not count are passed over.
    """
    excepted = _excepted(values.get(EXCEPTION, []), origin)
    if isinstance(excepted, Failure):
        return excepted
    findings: list[Finding] = []
    demands: list[Demand] = []
    for rule, value in sorted(values.items()):
        results = _members(rule, value, origin) if counts(rule) else []
        if isinstance(results, Failure):
            return results
        for result in results if rule != EXCEPTION else []:
            made = _demand(result, origin) if rule == REQUIRE else _finding(rule, result, origin)
            match made:
                case Failure():
                    return made
                case Demand():
                    demands.append(made)
                case Finding():
                    findings.append(_taken_back(made, excepted))
    return Judged(
        findings=tuple(sorted(findings, key=_order)), demands=tuple(sorted(demands, key=repr))
    )


def _order(finding: Finding) -> tuple[str, ...]:
    where = (finding.path or "", f"{finding.line or 0:09d}")
    metadata = json.dumps(finding.metadata, sort_keys=True)
    return (finding.rule, finding.msg, *where, metadata, finding.excepted or "")


def _failure(origin: Origin, rule: str, problem: str) -> Failure:
    where = f"{origin.namespace}.{rule}, judging {origin.document.name}"
    return Failure(fault=EvaluationFault.SHAPE, detail=f"{where}: {problem}")


def _members(rule: str, value: Json, origin: Origin) -> list[Json] | Failure:
    if not isinstance(value, list):
        detail = (
            f"it is {_said(value)}, not a set of results: write `{rule} contains msg if {{ ... }}`"
        )
        return _failure(origin, rule, detail)
    if len(value) > MAX_RESULTS:
        return _failure(origin, rule, f"{len(value)} results are more than {MAX_RESULTS}")
    return value


def _excepted(value: Json, origin: Origin) -> frozenset[str] | Failure:
    """The suffixes that are taken back."""
    groups = _members(EXCEPTION, value, origin)
    if isinstance(groups, Failure):
        return groups
    suffixes: set[str] = set()
    for group in groups:
        names = [name for name in group if isinstance(name, str)] if isinstance(group, list) else []
        if not isinstance(group, list) or len(names) != len(group):
            return _failure(
                origin, EXCEPTION, f'{_said(group)} is not a list of rule suffixes such as ["foo"]'
            )
        suffixes.update(names)
    return frozenset(suffixes)


def _taken_back(finding: Finding, excepted: frozenset[str]) -> Finding:
    suffix = finding.rule.removeprefix(finding.severity).removeprefix("_")
    if suffix not in excepted:
        return finding
    return replace(finding, excepted=f"{finding.namespace}.{EXCEPTION}[{json.dumps(suffix)}]")


def _finding(rule: str, result: Json, origin: Origin) -> Finding | Failure:
    fields: Json = {"msg": result} if isinstance(result, str) else result
    if not isinstance(fields, dict) or not isinstance(fields.get("msg"), str):
        return _failure(
            origin, rule, f"{_said(result)} is neither a string nor an object with a string `msg`"
        )
    excepted = fields.get(EXCEPTED)
    if EXCEPTED in fields and not (isinstance(excepted, str) and excepted.strip()):
        return _failure(
            origin, rule, f"`{EXCEPTED}` is {_said(excepted)}, not a text that says why"
        )
    metadata = {key: value for key, value in fields.items() if key not in _NOT_METADATA}
    where = _location(fields.get("_loc"), metadata, origin.document)
    if where is None:
        return _failure(
            origin, rule, f"`_loc` is {_said(fields['_loc'])}, not an object with `file` and `line`"
        )
    matched = _RULE.fullmatch(rule)
    return Finding(
        rule=rule,
        severity=Severity(matched.group(1) if matched else Severity.DENY),
        msg=str(fields["msg"]),
        namespace=origin.namespace,
        policy=origin.policy,
        document=origin.document.name,
        path=where[0],
        line=where[1],
        file=origin.document.path,
        metadata=dict(metadata) or None,
        excepted=excepted if isinstance(excepted, str) else None,
    )


def _location(
    loc: Json, metadata: Mapping[str, Json], document: Document
) -> tuple[str | None, int | None] | None:
    """A path and a line: of `_loc`, else of the resource that `resource` is or names. None when
    `_loc` is there and malformed."""
    if loc is not None:
        found = _path_and_line(loc, "file")
        return None if found == (None, None) else found
    resource = metadata.get("resource")
    if isinstance(resource, str):
        content = document.content
        resources = content.get("resources") if isinstance(content, dict) else None
        named = [
            one
            for one in (resources if isinstance(resources, list) else [])
            if isinstance(one, dict) and one.get("address") == resource
        ]
        resource = named[0] if len(named) == 1 else None
    return _path_and_line(resource.get("source") if isinstance(resource, dict) else None, "path")


def _path_and_line(value: Json, path_key: str) -> tuple[str | None, int | None]:
    if not isinstance(value, dict) or not isinstance(value.get(path_key), str):
        return None, None
    line = value.get("line")
    if isinstance(line, str) and line.isdecimal() and len(line) < 10:
        line = int(line)
    whole = isinstance(line, int) and not isinstance(line, bool) and line > 0
    return str(value[path_key]), line if whole and isinstance(line, int) else None


def _demand(result: Json, origin: Origin) -> Demand | Failure:
    if not isinstance(result, dict):
        return _failure(origin, REQUIRE, f"{_said(result)} is not an object with `msg` and `count`")
    if unknown := sorted(set(result) - DEMAND_KEYS):
        known = ", ".join(sorted(DEMAND_KEYS))
        return _failure(origin, REQUIRE, f"unknown key {unknown[0]!r}: it takes {known}")
    msg, count = result.get("msg"), result.get("count", 1)
    if not isinstance(msg, str) or not msg.strip():
        return _failure(origin, REQUIRE, "`msg` must say why the approval is needed")
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_COUNT:
        return _failure(
            origin, REQUIRE, f"`count` is {_said(count)}, not a number from 1 to {MAX_COUNT}"
        )
    who = tuple(_names(result.get(key, [])) for key in ("users", "groups", "roles"))
    users, groups, roles = who
    if users is None or groups is None or roles is None:
        return _failure(
            origin, REQUIRE, "`users`, `groups` and `roles` are lists of names that are not empty"
        )
    if not (users or groups or roles):
        return _failure(origin, REQUIRE, "nobody is asked: name `users`, `groups` or `roles`")
    return Demand(
        msg=msg,
        count=count,
        users=users,
        groups=groups,
        roles=roles,
        rule=REQUIRE,
        namespace=origin.namespace,
        policy=origin.policy,
    )


def _names(value: Json) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    names = [name for name in value if isinstance(name, str) and name.strip()]
    return tuple(sorted(set(names))) if len(names) == len(value) else None


def _said(value: Json | Sequence[Json]) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
