"""What the engines themselves say of a bundle: OPA's compiler and formatter, and the embedded engine
with its preflight. Nothing is evaluated."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mrbot.ids import Json
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.lint.complaint import Complaint, Level
from mrbot.policy.opa.binary import Binary, loads, tool
from mrbot.policy.opa.folder import Folder, write
from mrbot.policy.refused import REFUSED
from mrbot.policy.regorus.engine import RegorusJudge
from mrbot.policy.regorus.process import Confinement
from mrbot.policy.source import Dialect, Source

MAX_ERRORS = 100
"""Most errors that OPA's compiler lists."""


def checked_by_opa(
    binary: Binary, sources: tuple[Source, ...], data: Json, *, seconds: float
) -> tuple[Complaint, ...] | Failure:
    """`parse-error`, `compile-error` and `refused-function`, as OPA finds them."""
    with tempfile.TemporaryDirectory(prefix="mrbot-opa-") as made:
        where = Path(made, "bundle")
        where.mkdir()
        folder = write(where, sources, data, {})
        capabilities = Path(made, "capabilities.json")
        capabilities.write_text(binary.capabilities)
        options = ("--bundle", "--format=json", f"--max-errors={MAX_ERRORS}")
        allowed = f"--capabilities={capabilities}"
        told = tool(binary, ("check", *options, allowed, str(where)), Deadline(seconds))
        if isinstance(told, Failure):
            return told
        if told.code == 0:
            return ()
        said = told.stderr.data.decode(errors="replace")
        answer = loads(said)
        errors = answer.get("errors") if isinstance(answer, dict) else None
        if not isinstance(errors, list) or not errors:
            detail = f"opa check failed: {folder.names.named(said)[-500:]}"
            return failure(EvaluationFault.ENGINE, detail)
        return tuple(_of_opa(folder, one) for one in errors if isinstance(one, dict))


def checked_by_regorus(
    confinement: Confinement,
    sources: tuple[Source, ...],
    data: Json,
    *,
    seconds: float,
    judges: bool,
) -> tuple[Complaint, ...]:
    """`needs-opa`, `refused-function` and, when the embedded engine `judges`, `compile-error`.

    Where OPA judges, that the embedded engine would refuse something is a warning.
    """
    judge = RegorusJudge(confinement, sources)
    try:
        packages = frozenset(source.package for source in sources)
        found = judge.refusals(data, packages, Deadline(seconds))
    finally:
        judge.close()
    return tuple(_of_regorus(one, judges=judges) for one in found)


def unformatted(
    binary: Binary, sources: tuple[Source, ...], *, seconds: float
) -> tuple[Complaint, ...] | Failure:
    """`not-formatted`, at the first line that differs."""
    found: list[Complaint] = []
    with tempfile.TemporaryDirectory(prefix="mrbot-opa-") as made:
        folder = write(Path(made), sources, {}, {})
        for dialect in Dialect:
            old = ("--v0-compatible",) if dialect is Dialect.V0 else ()
            mine = [number for number, one in enumerate(sources) if one.dialect is dialect]
            if not mine:
                continue
            files = [str(folder.path / folder.names.name(number)) for number in mine]
            told = tool(binary, ("fmt", "--list", *old, *files), Deadline(seconds))
            if isinstance(told, Failure):
                return told
            listed = told.stdout.data.decode(errors="replace").splitlines()
            found += [
                _differing(binary, folder, sources[number], number, old, seconds)
                for number in mine
                if str(folder.path / folder.names.name(number)) in listed
            ]
    return tuple(found)


def _differing(
    binary: Binary,
    folder: Folder,
    source: Source,
    number: int,
    old: tuple[str, ...],
    seconds: float,
) -> Complaint:
    file = str(folder.path / folder.names.name(number))
    told = tool(binary, ("fmt", *old, file), Deadline(seconds))
    line = 1
    if not isinstance(told, Failure):
        ours = source.module.text.split("\n")
        theirs = told.stdout.data.decode(errors="replace").split("\n")
        pairs = enumerate(zip(ours, theirs, strict=False), start=1)
        line = next((at for at, (mine, wanted) in pairs if mine != wanted), len(ours))
    return Complaint(
        path=source.module.path,
        line=line,
        rule="not-formatted",
        level=Level.WARNING,
        message="from here on, `opa fmt` would write it otherwise",
        fix=f"run it on this file: {' '.join(('opa fmt --write', *old))}",
    )


def _of_opa(folder: Folder, error: dict[str, Json]) -> Complaint:
    message, code = folder.names.named(str(error.get("message"))), str(error.get("code"))
    place = error.get("location")
    if not isinstance(place, dict):
        place = {}
    row = place.get("row")
    path = folder.names.path_of(str(place.get("file", ""))) or ""
    line = row if isinstance(row, int) else 1
    for name, why in REFUSED.items():
        if message.startswith(f"undefined function {name}"):
            return _refused(path, line, name, why)
    rule = "parse-error" if code == "rego_parse_error" else "compile-error"
    return Complaint(
        path=path, line=line, rule=rule, level=Level.ERROR, message=message, fix=_advice(message)
    )


def _of_regorus(refused: Failure, *, judges: bool) -> Complaint:
    path, line = refused.path or "", refused.line or 1
    said = refused.detail.partition("\n")[0].rstrip(".")
    for name, why in REFUSED.items():
        if refused.detail.startswith(f"{name} may not be called:"):
            return _refused(path, line, name, why)
    if refused.fault is EvaluationFault.UNSUPPORTED or not judges:
        return Complaint(
            path=path,
            line=line,
            rule="needs-opa",
            level=Level.ERROR if judges else Level.WARNING,
            message=f"the embedded engine refuses this: {said}",
            fix="judge with OPA (`engine: opa`), or write it without"
            if judges
            else "nothing is needed while OPA judges; without OPA, every change is undecidable",
        )
    return Complaint(
        path=path,
        line=line,
        rule="compile-error",
        level=Level.ERROR,
        message=said,
        fix=_advice(said),
    )


def _refused(path: str, line: int, name: str, why: str) -> Complaint:
    return Complaint(
        path=path,
        line=line,
        rule="refused-function",
        level=Level.ERROR,
        message=f"`{name}` may not be called: {why}",
        fix="give the fact to the policy: in its data, or in the input",
    )


def _advice(message: str) -> str:
    return next(
        (advice for part, advice in _ADVICE if part in message),
        "mend it: no rule of the directory judges anything before",
    )


_ADVICE = (
    ("unsafe", "give the variable a value: assign it (`x := ...`), or `some x in ...`"),
    ("undefined function", "check the name; functions of other packages need an import"),
    ("keyword is required", "write v1 (`deny contains msg if {...}`): opa fmt --v0-v1 --write"),
    ("recursive", "a rule may not depend on itself: break the circle"),
    ("multiple default", "keep one default of the rule"),
    ("conflict", "let all bodies of a rule give the same kind of value, or rename one"),
)
