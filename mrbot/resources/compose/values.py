"""A Compose file's values as Compose takes them: what YAML's words mean to it, its merge tags, its
variables, and the secrets in its lists and texts.

Source: https://docs.docker.com/reference/compose-file/interpolation/,
https://docs.docker.com/reference/compose-file/merge/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mrbot.ids import Json
from mrbot.resources.masking import parsed, strings
from mrbot.resources.paths import Path
from mrbot.resources.secret_names import is_secret_name, secret_paths
from mrbot.resources.text.named_values import Style
from mrbot.resources.text.secrets import redacted

RESET, OVERRIDE = "!reset", "!override"
"""The tags that say how a value is merged with those of other files."""

_TRUE = frozenset({"y", "yes", "true", "on"})
_FALSE = frozenset({"n", "no", "false", "off"})
_SERVICE_SWITCHES = (
    "attach build.no_cache build.privileged build.pull healthcheck.disable init oom_kill_disable"
    " privileged read_only stdin_open tty use_api_socket volumes.*.bind.create_host_path"
    " volumes.*.read_only volumes.*.volume.nocopy"
)
_NETWORK_SWITCHES = "attachable enable_ipv4 enable_ipv6 external internal"
_SWITCHES = {
    "services": frozenset(_SERVICE_SWITCHES.split()),
    "networks": frozenset(_NETWORK_SWITCHES.split()),
    "volumes": frozenset({"external"}),
    "secrets": frozenset({"external"}),
    "configs": frozenset({"external"}),
}
"""What Compose makes a boolean of, by section, even where it is written as a string."""

_PAIRS = frozenset(
    {"environment", "labels", "annotations", "build.args", "build.labels", "deploy.labels"}
)
"""Where a list of `NAME=value` means a mapping, in any section."""

_VARIABLE = re.compile(r"\$(?:\$|(?=[A-Za-z_{]))")
_PLAIN_REFERENCE = re.compile(
    r"\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*(?::?\?[^{}]*|:?[-+])?\}"
)
_ASSIGNED = re.compile(
    r"(?<![A-Za-z0-9_.-])([A-Za-z0-9_.-]+)[\"']?[ \t]*[:=][ \t]*[\"']?(?!\$[A-Za-z_{])[^\s\"']"
)
_TEXTS = frozenset({"content", "dockerfile_inline", "o"})
"""The keys of values that are texts with names and values of their own (`o`: mount options)."""


@dataclass(slots=True)
class Taken:
    """A document's `value`, its tags taken out: at `override` stands what replaces the value of
    other files instead of being merged into it, at `reset` nothing, and other files' goes."""

    value: Json = None
    override: list[Path] = field(default_factory=list)
    reset: list[Path] = field(default_factory=list)


def taken(legacy: Json, core: Json, *, tagged: bool) -> Taken:
    """What Compose makes of a document that has the values `legacy` under YAML 1.1 and `core` under
    YAML 1.2: numbers by the first, words such as `yes` as strings unless a boolean is asked for.
    `tagged`: whether it has tags at all, so that a mapping may stand for one."""
    found = Taken()
    found.value = _take(legacy, core, (), found if tagged else None)
    return found


def _take(legacy: Json, core: Json, path: Path, tags: Taken | None) -> Json:
    if isinstance(legacy, dict) and isinstance(core, dict):
        if tags is not None and len(core) == 1 and (RESET in core or OVERRIDE in core):
            return _untagged(legacy, core, path, tags)
        pairs = (
            (key, _take(legacy[key], inner, (*path, key), tags)) for key, inner in core.items()
        )
        return {key: value for key, value in pairs if not _is_reset(tags, (*path, key))}
    if isinstance(legacy, list) and isinstance(core, list):
        both = zip(legacy, core, strict=True)
        items = [_take(old, new, (*path, i), tags) for i, (old, new) in enumerate(both)]
        return _paired(items) if _within(path) in _PAIRS and path[0] in _SWITCHES else items
    word = core if isinstance(legacy, bool) and isinstance(core, str) else legacy
    return _switched(word, path) if isinstance(word, str) else word


def _untagged(legacy: dict[str, Json], core: dict[str, Json], path: Path, tags: Taken) -> Json:
    tag = next(iter(core))
    if tag == RESET:
        tags.reset.append(path)
        return None
    tags.override.append(path)
    return _take(legacy[tag], core[tag], path, tags)


def _is_reset(tags: Taken | None, path: Path) -> bool:
    return tags is not None and bool(tags.reset) and tags.reset[-1] == path


def _switched(word: str, path: Path) -> Json:
    """`word` as a boolean where Compose takes one."""
    if word.lower() not in _TRUE | _FALSE or not path:
        return word
    return word.lower() in _TRUE if _within(path) in _SWITCHES.get(str(path[0]), ()) else word


def _within(path: Path) -> str:
    """`path` as seen from the service, volume, ... that it is in."""
    return ".".join("*" if isinstance(step, int) else step for step in path[2:])


def _paired(items: list[Json]) -> Json:
    """`items` as the mapping that they mean, so that what is hidden in it is hidden by name; as
    they are where that would lose something."""
    pairs: dict[str, Json] = {}
    for item in items:
        name, equals, value = item.partition("=") if isinstance(item, str) else ("", "", "")
        if not name or name in pairs or "$" in name:
            return items
        pairs[name] = value if equals else None
    return pairs


def variable_paths(value: Json) -> Iterator[Path]:
    """The paths in `value` of strings in which Compose puts variables; `$$` is a plain dollar."""
    for path, text in strings(value):
        if any(match[0] != "$$" for match in _VARIABLE.finditer(text)):
            yield path


def hidden_paths(value: Json) -> Iterator[Path]:
    """The paths in `value` of secrets: by `secret_paths`, in lists of `NAME=value`, as the default
    of a variable (`${TOKEN:-hunter2}`), and texts that assign some."""
    yield from secret_paths(value)
    yield from (path for path, text in strings(value) if _is_hidden(path, text))


def _is_hidden(path: Path, text: str) -> bool:
    name, assigned = _named(path, text)
    if is_secret_name(name) and assigned and not _PLAIN_REFERENCE.fullmatch(assigned):
        return True
    if name in _TEXTS:
        return _assigns_secret(text)
    pairs = ".".join(map(str, path[:-1])) in _PAIRS
    return pairs and bool(redacted(text.split("\n"), Style.NAMELESS).secrets)


def _named(path: Path, text: str) -> tuple[str, str]:
    """What the string at `path` is called, and the value that this name has."""
    last = path[-1] if path else ""
    if isinstance(last, int):
        name, _, assigned = text.partition("=")
        return name, assigned
    return last, text


def _assigns_secret(text: str) -> bool:
    """Whether `text` does; in JSON text `secret_paths` finds the very value."""
    return parsed(text) is None and any(is_secret_name(m[1]) for m in _ASSIGNED.finditer(text))
