"""JSON, YAML and TOML, and what is written in them."""

from __future__ import annotations

import math
import re
import tomllib
from datetime import date, datetime, time, timedelta

from mrbot.change.files import shown
from mrbot.errors import BadInput, Problem
from mrbot.ids import Json
from mrbot.resources.syntax.json_text import load_json
from mrbot.resources.syntax.yaml_text import Scalars, YamlDocument, load_documents

MAX_JSON_BYTES = 32 * 2**20
"""Largest JSON document, in bytes: plans are large."""
MAX_TOML_BYTES = 4 * 2**20
"""Largest TOML document, in bytes."""
MAX_TOML_DEPTH = 100
"""Deepest nesting of tables and arrays in TOML, and most parts of a dotted key."""

# What does not end goes to the end, so that nothing is looked at twice.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|//[^\n]*+|#[^\n]*+|/\*.*?(?:\*/|\Z)', re.DOTALL)
# The library takes time in proportion to the square of a dotted key's length.
_LONG_KEY = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){%d}""" % MAX_TOML_DEPTH  # noqa: UP031
)
_NO_OFFSET = timedelta(0)
_TOML_PLACE = re.compile(r" \(at line (\d+), column \d+\)$")


def yaml(text: bytes, path: str) -> Json:
    """YAML 1.1, its custom tags left out. Several documents are a list of them."""
    loaded = load_documents(text, path, scalars=Scalars.LEGACY_KEYS)
    values: list[Json] = [_without_tags(one) for one in loaded]
    match values:
        case []:
            return None
        case [value]:
            return value
        case _:
            return values


def json(text: bytes, path: str) -> Json:
    """One JSON value."""
    return load_json(text, path, max_bytes=MAX_JSON_BYTES)


def jsonc(text: bytes, path: str) -> Json:
    """JSON with comments: `//`, `#` and `/* */`. A comma too many stays an error."""
    return json(_TOKEN.sub(_blanked, text), path)


def toml(text: bytes, path: str) -> Json:
    """TOML, its dates and times as text: at midnight, UTC and the year 0 where they say nothing."""
    if len(text) > MAX_TOML_BYTES:
        what = f"larger than the {MAX_TOML_BYTES} bytes of TOML that are read"
        raise BadInput(Problem(shown(path), 0, what))
    try:
        decoded = text.decode("utf-8-sig")
        if (key := _LONG_KEY.search(decoded)) is not None:
            what = f"a dotted key of more than {MAX_TOML_DEPTH} parts"
            raise BadInput(Problem(shown(path), decoded.count("\n", 0, key.start()) + 1, what))
        return _toml_value(tomllib.loads(decoded), 0)
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise BadInput(Problem(shown(path), line, "not UTF-8 text")) from error
    except (ValueError, RecursionError) as error:
        said = str(error)
        place = _TOML_PLACE.search(said)
        line = int(place[1]) if place else 0
        raise BadInput(
            Problem(shown(path), line, f"not TOML: {_TOML_PLACE.sub('', said)}")
        ) from error


def cyclonedx(text: bytes, path: str) -> Json:
    """A CycloneDX bill of materials in JSON."""
    return _bill(text, path, "CycloneDX", "cyclonedx convert --output-format json")


def spdx(text: bytes, path: str) -> Json:
    """An SPDX bill of materials in JSON."""
    return _bill(text, path, "SPDX", "pyspdxtools -i FILE -o FILE.json")


def _bill(text: bytes, path: str, format_: str, tool: str) -> Json:
    if not text.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        message = f"{format_} is read as JSON only: convert it first ({tool})"
        raise BadInput(Problem(shown(path), 1, message))
    return json(text, path)


def _blanked(found: re.Match[bytes]) -> bytes:
    """A comment as spaces and its line ends, so that lines stay the same; a string as it is."""
    text = found[0]
    return text if text.startswith(b'"') else re.sub(rb"[^\n]", b" ", text)


def _without_tags(document: YamlDocument) -> Json:
    tags = {tag for tag, _ in document.tags}
    return _untagged(document.value, tags) if tags else document.value


def _untagged(value: Json, tags: set[str]) -> Json:
    match value:
        case dict():
            if len(value) == 1 and (tag := next(iter(value))) in tags:
                return _untagged(value[tag], tags)
            return {key: _untagged(inner, tags) for key, inner in value.items()}
        case list():
            return [_untagged(inner, tags) for inner in value]
        case _:
            return value


def _toml_value(value: object, depth: int) -> Json:
    if depth > MAX_TOML_DEPTH:
        raise ValueError(f"nested deeper than {MAX_TOML_DEPTH} levels")
    match value:
        case dict():
            return {str(key): _toml_value(inner, depth + 1) for key, inner in value.items()}
        case list():
            return [_toml_value(inner, depth + 1) for inner in value]
        case datetime():
            return _moment(value)
        case date():
            return f"{value.isoformat()}T00:00:00Z"
        case time():
            return f"0000-01-01T{_fraction(value.isoformat())}Z"
        case float() if not math.isfinite(value):
            raise ValueError(f"{value} has no place in JSON")
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise ValueError(f"a {type(value).__name__} has no place in JSON")


def _moment(value: datetime) -> str:
    text = _fraction(value.isoformat())
    return text.removesuffix("+00:00") + ("Z" if value.utcoffset() in {None, _NO_OFFSET} else "")


def _fraction(text: str) -> str:
    """Without the zeros at the end of a fraction of seconds, as Go writes it."""
    return re.sub(r"(\.\d*?)0+(?=$|[+-])", lambda found: found[1].rstrip("."), text)
