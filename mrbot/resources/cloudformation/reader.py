"""CloudFormation and SAM templates, in YAML and JSON: the entries of each of their sections.

A resource is of its own kind (`AWS::S3::Bucket`) and at `<path>/<logical id>`. Entries of the other
sections are at `<path>/<section>/<name>`, of the kinds `parameter`, `mapping`, `condition`,
`output`, `rule`, `metadata`, `hook` and `globals`. `transform` is the macros over the whole, or one
that stands among the entries; `Fn::ForEach` is a loop; `template`, at `<path>`, is all the rest.

A stack is deployed from one file: what moves to another is deleted in one stack and created in
another. A `Ref` to a parameter with a default is unknown, for whoever deploys may pass another. Of
what a macro may rewrite, everything is unknown. Lines within JSON are not known.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html and
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mrbot.change.files import shown
from mrbot.ids import Json
from mrbot.resources.cloudformation.intrinsics import FOR_EACH, TRANSFORM, unknown_paths
from mrbot.resources.cloudformation.secrets import hidden_in, hidden_in_output, hidden_in_parameter
from mrbot.resources.cloudformation.stateful import loses_data, may_lose_data
from mrbot.resources.cloudformation.template import (
    RESOURCES,
    Template,
    listed,
    load,
    looks_like,
    macro_name,
    reads,
)
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.model import Source
from mrbot.resources.paths import Path

__all__ = ["FORMAT", "declare", "looks_like", "reads"]

FORMAT = "cloudformation"

_KINDS: Mapping[str, str] = {
    "Parameters": "parameter",
    "Mappings": "mapping",
    "Conditions": "condition",
    "Outputs": "output",
    "Rules": "rule",
    "Metadata": "metadata",
    "Hooks": "hook",
    "Globals": "globals",
}
_MACROS = ("Transform", TRANSFORM)
_LOGICAL_ID = re.compile(r"[A-Za-z0-9]+")
_ELSEWHERE: Mapping[str, str] = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::CloudFormation::StackSet": "TemplateURL",
    "AWS::Serverless::Application": "Location",
}
"""Properties that say where a template is, which is not read."""
_WHOLE: Path = ()
_Where = tuple[str, ...]
"""The section and the name of an entry."""


def declare(files: Sequence[TextFile]) -> Side:
    """What each template of `files` declares; a file that is none, is a fault."""
    side = Side()
    for file in sorted(files, key=lambda file: file.path):
        template = load(file, side)
        for resource in _declared_by(template, side) if template else ():
            side.add(resource)
    return side


def _declared_by(template: Template, side: Side) -> Iterator[Declared]:
    content = template.content
    macros: dict[str, Json] = {name: listed(content[name]) for name in _MACROS if name in content}
    rewritten = TRANSFORM in macros or any(map(_rewrites, listed(macros.get("Transform"))))
    for section in content:
        if section in _KINDS or section == RESOURCES:
            yield from _section(template, section, side, rewritten=rewritten)
    if macros:
        where = ("Transform", "macros")
        yield _declared(template, where, "transform", macros, unknown=rewritten, stateful=rewritten)
    known = {*_KINDS, *_MACROS, RESOURCES}
    rest = {name: value for name, value in content.items() if name not in known}
    if rest:
        yield _declared(template, (), "template", rest, unknown=rewritten)


def _rewrites(macro: Json) -> bool:
    """Whether a macro over the whole template may alter anything in it: not those by which AWS
    extends the language."""
    name = macro_name(macro)
    return not name.startswith("AWS::") or name == "AWS::Include"


def _section(
    template: Template, section: str, side: Side, *, rewritten: bool
) -> Iterator[Declared]:
    entries = template.content[section]
    if entries is None and section != RESOURCES:
        return
    if not isinstance(entries, dict):
        side.fault(template.path, template.line(section), f"{section} is not a mapping")
        return
    rewritten = rewritten or TRANSFORM in entries
    for name, body in entries.items():
        if name == TRANSFORM or name.startswith(f"{FOR_EACH}::"):
            yield _generated(template, (section, name), body)
        elif section == RESOURCES:
            yield from _resource(template, name, body, side, rewritten=rewritten)
        else:
            yield from _entry(template, (section, name), body, side, rewritten=rewritten)


def _generated(template: Template, where: _Where, body: Json) -> Declared:
    """A loop or a macro among the entries of a section: what comes of it is unknown."""
    section, name = where
    kind = FOR_EACH if name.startswith(FOR_EACH) else "transform"
    stateful = section == RESOURCES and (kind != FOR_EACH or may_lose_data(body))
    return _declared(template, where, kind, _object(body), unknown=True, stateful=stateful)


def _resource(
    template: Template, name: str, body: Json, side: Side, *, rewritten: bool
) -> Iterator[Declared]:
    line = template.line(RESOURCES, name)
    if not _LOGICAL_ID.fullmatch(name):
        side.fault(template.path, line, f"{_quoted(name)} is not a logical id: letters and digits")
    if not isinstance(body, dict):
        side.fault(template.path, line, f"the resource {_quoted(name)} is not a mapping")
        return
    kind = body.get("Type")
    where = (RESOURCES, name)
    if TRANSFORM in body and kind is None:
        yield _generated(template, where, body)
    elif not isinstance(kind, str) or "::" not in kind:
        reason = f"the resource {_quoted(name)} has no Type such as AWS::S3::Bucket"
        side.fault(template.path, line, reason)
    else:
        stateful = loses_data(kind, {} if rewritten or TRANSFORM in body else body)
        yield _declared(template, where, kind, body, unknown=rewritten, stateful=stateful)


def _entry(
    template: Template, where: _Where, body: Json, side: Side, *, rewritten: bool
) -> Iterator[Declared]:
    section, name = where
    if isinstance(body, dict) or section == "Metadata":
        unknown = rewritten or section == "Conditions"
        yield _declared(template, where, _KINDS[section], _object(body), unknown=unknown)
    else:
        reason = f"{_quoted(name)} in {section} is not a mapping"
        side.fault(template.path, template.line(*where), reason)


def _declared(
    template: Template,
    where: _Where,
    kind: str,
    value: dict[str, Json],
    *,
    unknown: bool,
    stateful: bool = False,
) -> Declared:
    """What is in `template` at `where`; with `unknown`, static reading knows nothing of it."""
    is_resource = where[:1] == (RESOURCES,) and kind == value.get("Type")
    names = where[1:] if is_resource else where
    return Declared(
        key=(template.path, *where),
        address="/".join((shown(template.path), *names)),
        kind=kind,
        value=value,
        source=Source(path=template.path, line=template.line(*where)),
        unknown=(_WHOLE,) if unknown else (*unknown_paths(value), *_elsewhere(kind, value)),
        sensitive=(*hidden_in(value), *_hidden_by_name(kind, where, value)),
        stateful=stateful,
    )


def _elsewhere(kind: str, value: dict[str, Json]) -> Iterator[Path]:
    key = _ELSEWHERE.get(kind)
    properties = value.get("Properties")
    if key is not None and isinstance(properties, dict) and key in properties:
        yield ("Properties", key)


def _hidden_by_name(kind: str, where: _Where, value: dict[str, Json]) -> Iterator[Path]:
    if kind == "parameter":
        yield from hidden_in_parameter(where[-1], value)
    if kind == "output":
        yield from hidden_in_output(where[-1], value)


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {"value": value}


def _quoted(name: str) -> str:
    return f'"{name[:100]}"'
