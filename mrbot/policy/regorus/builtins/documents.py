"""`json.*` and `yaml.*`: text, and parts of documents."""

from __future__ import annotations

import json
import re
from typing import Any

from mrbot.policy.regorus.builtins.json_text import dumps, loads
from mrbot.policy.regorus.builtins.native import native
from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind, string

_OTHERWISE = re.compile(
    r"^---|^\.\.\.|<<|(?:^|[\s\[{,:-])(?:!|[&*]\S)|\d_|0[oO]\d|\t|[\x85\u2028\u2029\ufeff]"
    r"|(?<![\w.:+'\"-])[-+]?0\d|(?:^|[\s\[{,])[-+]?\.(?:inf|nan)\b"
    r"|(?:^|[{,]|[-?] ) *(?:(?:~|null) *)?:(?:\s|$)|[\]}]\s*:(?:\s|$)|(?:^|[\s\[{,-])\?(?:\s|$)"
    r"|\?[,\]}]|\d{4}-\d\d?-\d\d?\s*:(?:\s|$)",
    re.MULTILINE | re.IGNORECASE,
)
"""What may be in YAML that Go reads otherwise: tags, anchors, merged keys, several documents, numbers like
`1_0`, `010` and `.inf`, and keys that are null, a date or no scalar."""


def _unmarshal(text: Value) -> Any:  # noqa: ANN401
    return loads(string(text, 1))


def _json_is_valid(text: Value) -> bool:
    if not isinstance(text, str):
        return False
    try:
        json.loads(text, parse_constant=_refuse, parse_float=str, parse_int=str)
    except RecursionError as error:
        raise BadArgument("the text nests too deeply") from error
    except ValueError:
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _yaml_unmarshal(text: Value) -> Any:  # noqa: ANN401
    return native("yaml.unmarshal", _yaml(string(text, 1)))


def _yaml_is_valid(text: Value) -> bool:
    return isinstance(text, str) and bool(native("yaml.is_valid", _yaml(text)))


def _yaml(text: str) -> str:
    if _OTHERWISE.search(text):
        raise BadArgument(
            "YAML with tags, anchors, merged keys, tabs, several documents, numbers like 1_0, 010 and"
            " .inf, or keys that are no scalar is read otherwise in this engine"
        )
    return text


_Path = list[Value]


def _paths(value: Value) -> list[_Path]:
    if not isinstance(value, list | set):
        raise BadArgument(f"argument 2 must be an array or a set, not {kind(value)}")
    return [_path(item) for item in value]


def _path(value: Value) -> _Path:
    match value:
        case "":
            return []
        case str():
            parts = value.lstrip("/").split("/")
            return [part.replace("~1", "/").replace("~0", "~") for part in parts]
        case list() if all(isinstance(part, str) for part in value):
            return value
        case _:
            raise BadArgument("a path is a string, or an array of strings")


_Leaf = None
_Tree = dict[Value, Any]


def _tree(paths: list[_Path]) -> _Tree:
    """Paths as nested objects; what is below the end of another path is covered by it."""
    root: _Tree = {}
    for path in paths:
        node: Any = root
        for part in path[:-1]:
            node = node.setdefault(part, {})
            if node is _Leaf:
                break
        else:
            if path:
                node[path[-1]] = _Leaf
    return root


def _filter(document: Value, paths: Value) -> Value:
    if not isinstance(document, dict):
        raise BadArgument(f"argument 1 must be an object, not {kind(document)}")
    return _kept(document, _tree(_paths(paths)))


def _kept(value: Value, tree: _Tree | None) -> Value:
    if tree is _Leaf:
        return value
    match value:
        case dict():
            return {key: _kept(one, tree[key]) for key, one in value.items() if key in tree}
        case list():
            places = ((str(index), one) for index, one in enumerate(value))
            return [_kept(one, tree[place]) for place, one in places if place in tree]
        case set():
            raise BadArgument("a set within the document cannot be filtered here")
        case _:
            return value


def _remove(document: Value, paths: Value) -> Value:
    if not isinstance(document, dict):
        raise BadArgument(f"argument 1 must be an object, not {kind(document)}")
    return _left(document, _tree(_paths(paths)))


def _left(value: Value, tree: _Tree) -> Value:
    match value:
        case dict():
            return {
                key: _left(one, tree.get(key, {}))
                for key, one in value.items()
                if tree.get(key, {}) is not _Leaf
            }
        case list():
            below = ((tree.get(str(index), {}), one) for index, one in enumerate(value))
            return [_left(one, inner) for inner, one in below if inner is not _Leaf]
        case set() if tree:
            raise BadArgument("nothing can be removed from a set here")
        case _:
            return value


FUNCTIONS = {
    "json.filter": (2, _filter),
    "json.is_valid": (1, _json_is_valid),
    "json.marshal": (1, dumps),
    "json.remove": (2, _remove),
    "json.unmarshal": (1, _unmarshal),
    "yaml.is_valid": (1, _yaml_is_valid),
    "yaml.unmarshal": (1, _yaml_unmarshal),
}
