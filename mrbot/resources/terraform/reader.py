"""Terraform and OpenTofu: what the configuration in a tree declares, one resource a block.

Kinds: `aws_s3_bucket` (a resource's type), `data.aws_ami`, `ephemeral.*`, `module`, `provider`,
`variable`, `output`, `local`, `moved`, `import`, `removed`, `check`, `terraform` (the settings
blocks of a directory as one), `variables` (a `.tfvars` file), `lock` (one provider of
`.terraform.lock.hcl`). Addresses are Terraform's own within a directory (`var.x`, `local.x`).

Values: attributes by name; nested blocks as lists of objects under the block's type; a label is a
level of its own (`"backend": [{"s3": {...}}]`). A `dynamic "ingress"` gives `ingress` its content
once, and lists `ingress` as unknown: how many there will be only a plan knows. It stands whole under
`dynamic`, which tells it from the blocks that are there in any case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.model import Source
from mrbot.resources.paths import Path
from mrbot.resources.secret_names import is_secret_name, secret_paths
from mrbot.resources.syntax.hcl import Block, Body, Fault, parse
from mrbot.resources.terraform.json_syntax import LABELS, parse_json, parse_json_variables
from mrbot.resources.terraform.secret_attributes import secret_attributes
from mrbot.resources.terraform.stateful import STATEFUL

FORMAT = "terraform"

_LOCK_FILE = ".terraform.lock.hcl"
_CONFIGURATION = (".tf", ".tofu", ".tf.json", ".tofu.json")
_VARIABLES = (".tfvars", ".tfvars.json")
_READ = _CONFIGURATION + _VARIABLES
_UNNAMED = {"moved": ("from", "to"), "import": ("to", "id"), "removed": ("from",)}
"""Blocks without labels, and the attributes that tell one from another."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A block before it is a resource: files may still add to it."""

    directory: str
    address: str
    kind: str
    body: Body
    source: Source


def reads(path: str) -> bool:
    """Whether a file by this path is Terraform's or OpenTofu's."""
    name = PurePosixPath(path).name
    is_hidden = name.startswith(".")  # and so ignored, but for variables
    return name == _LOCK_FILE or name.endswith(_VARIABLES if is_hidden else _READ)


def declare(files: Sequence[TextFile]) -> Side:
    """What `files` declare together; `*_override.tf` files as Terraform merges them.

    Source: https://developer.hashicorp.com/terraform/language/files/override
    """
    side = Side()
    found: dict[tuple[str, ...], _Found] = {}
    for file in sorted(files, key=lambda file: (_overrides(file.path), file.path)):
        parsed = _parse(file)
        if isinstance(parsed, Fault):
            side.fault(file.path, parsed.line, parsed.reason)
            continue
        for block in _found(file.path, parsed, side):
            _join(found, block, side)
    secret = _secret_variables(found.values())
    for key, block in found.items():
        side.add(_declared(key, block, secret.get(block.directory, frozenset())))
    return side


def _overrides(path: str) -> bool:
    name = PurePosixPath(path).name
    ending = next((one for one in _CONFIGURATION if name.endswith(one)), None)
    stem = name.removesuffix(ending) if ending else ""
    return stem == "override" or stem.endswith("_override")


def _parse(file: TextFile) -> Body | Fault:
    if file.path.endswith(".tfvars.json"):
        return parse_json_variables(file.text, file.path)
    return parse_json(file.text, file.path) if file.path.endswith(".json") else parse(file.text)


def _found(path: str, body: Body, side: Side) -> Iterator[_Found]:
    """The resources-to-be of one file."""
    name, directory = PurePosixPath(path).name, str(PurePosixPath(path).parent)
    variables = path.endswith(_VARIABLES)
    if variables and not body.blocks:
        yield _Found(directory, shown(name), "variables", body, Source(path=path, line=1))
        return
    for attribute, value in body.attributes.items():
        side.fault(path, value.line, f'"{attribute[:100]}" stands outside any block')
    for block in body.blocks:
        source = Source(path=path, line=block.line)
        wanted = 1 if name == _LOCK_FILE else LABELS.get(block.type, len(block.labels))
        if variables or len(block.labels) != wanted:
            what = "no block" if variables else f"{wanted} labels, not {len(block.labels)}"
            side.fault(path, block.line, f'"{block.type[:100]}" takes {what}')
        elif name == _LOCK_FILE:
            yield _Found(directory, f"lock.{block.labels[0]}", "lock", block.body, source)
        elif block.type == "locals":
            for local, value in block.body.attributes.items():
                place = Source(path=path, line=value.line)
                yield _Found(directory, f"local.{local}", "local", Body({"value": value}), place)
        else:
            yield _Found(directory, _address(block), _kind(block), block.body, source)


def _kind(block: Block) -> str:
    match block.type:
        case "resource":
            return block.labels[0]
        case "data" | "ephemeral":
            return f"{block.type}.{block.labels[0]}"
        case _:
            return block.type


def _address(block: Block) -> str:
    attributes = block.body.attributes
    match block.type:
        case "resource":
            return ".".join(block.labels)
        case "variable":
            return f"var.{block.labels[0]}"
        case "provider" if "alias" in attributes:
            return f"provider.{block.labels[0]}.{attributes['alias'].value}"
        case kind if kind in _UNNAMED:
            told = (attributes[name].value for name in _UNNAMED[kind] if name in attributes)
            return f"{kind}[{' -> '.join(_bare(value) for value in told)}]"
        case _:
            return ".".join((block.type, *block.labels))


def _bare(value: Json) -> str:
    """An expression's source without the `${}` around it."""
    text = value if isinstance(value, str) else repr(value)
    return text[2:-1] if text.startswith("${") and text.endswith("}") else text


def _join(found: dict[tuple[str, ...], _Found], block: _Found, side: Side) -> None:
    """`block` is among `found`: as itself, or as part of the one it adds to or overrides."""
    key: tuple[str, ...] = (block.directory, block.address)
    if block.source.path.endswith((".tofu", ".tofu.json")):
        # OpenTofu reads main.tofu in place of main.tf, Terraform only the other: each is judged.
        key = (*key, "tofu")
    first = found.get(key)
    if first is None:
        found[key] = block
    elif block.kind == "terraform":
        for name in [name for name in block.body.attributes if name in first.body.attributes]:
            reason = f"{name} is set in {shown(first.source.path)} too, and shown from there"
            side.fault(block.source.path, block.source.line, reason, relevant=False)
        joined = {**block.body.attributes, **first.body.attributes}
        found[key] = replace(first, body=Body(joined, first.body.blocks + block.body.blocks))
    elif _overrides(block.source.path):
        found[key] = replace(first, body=_overridden(first.body, block.body))
    else:
        where = f"{shown(first.source.path)}:{first.source.line}"
        reason = f"{block.address[:200]} is declared a second time (first: {where})"
        side.fault(block.source.path, block.source.line, reason)


def _overridden(body: Body, by: Body) -> Body:
    replaced = {block.type for block in by.blocks}
    kept = tuple(block for block in body.blocks if block.type not in replaced)
    return Body({**body.attributes, **by.attributes}, kept + by.blocks)


def _secret_variables(blocks: Iterable[_Found]) -> dict[str, set[str]]:
    """By directory, the variables that any file there declares as sensitive."""
    found: dict[str, set[str]] = {}
    for block in blocks:
        sensitive = block.body.attributes.get("sensitive")
        if block.kind == "variable" and sensitive and sensitive.value in (True, "true"):
            found.setdefault(block.directory, set()).add(block.address.removeprefix("var."))
    return found


def _declared(key: tuple[str, ...], block: _Found, secret: Collection[str]) -> Declared:
    value, unknown = _flat(block.body)
    return Declared(
        key=key,
        address=block.address,
        kind=block.kind,
        value=value,
        source=block.source,
        unknown=unknown,
        sensitive=(
            *secret_paths(value),
            *_named_secret(block, value),
            *secret_attributes(block.kind, value, unknown),
            *((name,) for name in value if block.kind == "variables" and name in secret),
        ),
        stateful=block.kind in STATEFUL,
        partial=_overrides(block.source.path),
    )


_NAMED = {"variable": "default", "output": "value", "local": "value"}
"""Kinds whose own name says what their value is, and the attribute that holds it."""


def _named_secret(block: _Found, value: dict[str, Json]) -> Iterator[Path]:
    attribute = _NAMED.get(block.kind)
    if attribute is None or value.get(attribute) is None:
        return
    if value.get("sensitive") is True:
        yield (attribute,)
    elif is_secret_name(block.address):
        inside = {block.address: value[attribute]}
        yield from ((attribute, *path[1:]) for path in secret_paths(inside))


def _flat(body: Body, *, opened: bool = True) -> tuple[dict[str, Json], tuple[Path, ...]]:
    """A body as one JSON object, and the paths in it that are not known. Unless `opened`, a dynamic
    block in it stands for itself only: the number of copies must not double with each level."""
    value: dict[str, Json] = {}
    unknown: list[Path] = []
    for name, attribute in body.attributes.items():
        value[name] = attribute.value
        unknown.extend((name, *path) for path in attribute.unknown)
    lists: dict[str, list[Json]] = {}

    def put(name: str, labels: tuple[str, ...], inner: Body, *, opened: bool = opened) -> None:
        content, paths = _flat(inner, opened=opened)
        items = lists.setdefault(name, _items(value.get(name)))
        unknown.extend((name, len(items), *labels, *path) for path in paths)
        wrapped: Json = content
        for label in reversed(labels):
            wrapped = {label: wrapped}
        items.append(wrapped)

    for block in body.blocks:
        dynamic = block.type == "dynamic" and len(block.labels) == 1
        put(block.type, block.labels, block.body, opened=opened and not dynamic)
        if dynamic and opened:
            unknown.append(block.labels)
            for inner in block.body.blocks:
                if inner.type == "content":
                    put(block.labels[0], (), inner.body)
    return {**value, **lists}, tuple(unknown)


def _items(value: Json) -> list[Json]:
    """What JSON gives as an attribute beside blocks of the same name."""
    return [*value] if isinstance(value, list) else [] if value is None else [value]
