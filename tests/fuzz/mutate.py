"""Texts made from other texts, at random but for the generator that is given."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from random import Random
from typing import Any

import yaml

from mrbot.ids import Json
from tests.fuzz.corpus import DICTIONARY, ODD

MAX_BYTES = 64 * 2**10
"""Longest text that is made, in bytes: what the bounds of `bounds` are for."""
MAX_MUTATIONS = 6
"""Most mutations of one text."""
_GROWN = 12
"""One text in so many is grown up to the limit."""

_TOKEN = re.compile(rb"\w+|\s+|[^\w\s]")
_ODD_VALUES: tuple[Json, ...] = (
    None, True, False, 0, -1, 2**63, 2**64, 10**30, 1.5, -0.0, 1e308, "", " ", "\u2028", "a.b", "a\nb",
    "${x}", "{{ x }}", "[[", "0", "no", "\0", "\u202e", "é", [], {}, [[]], [{}], {"": ""}, {"a": {"": []}},
    {"!Ref": "a"}, "x" * 300, {"Fn::Sub": ["a", {}]}, {"name": "TOKEN", "value": "v"}, "(sensitive)",
    "(sensitive, changed)",
)  # fmt: skip
Mutation = Callable[[bytes, Sequence[bytes], Random], bytes]


def mutated(seeds: Sequence[bytes], random: Random) -> bytes:
    """A text made of one of `seeds`, or of an odd one, by a few mutations."""
    text = random.choice(seeds) if random.random() < 0.9 else random.choice(ODD)
    if random.random() < 0.4:
        text = in_shape(text, random)
    for _ in range(random.randint(0, MAX_MUTATIONS)):
        text = random.choice(MUTATIONS)(text, seeds, random)[:MAX_BYTES]
    if random.randrange(_GROWN) == 0:
        text = grown(text, random)
    return text[:MAX_BYTES]


def varied(text: bytes, seeds: Sequence[bytes], random: Random) -> bytes:
    """`text` with little changed, as a change changes a file."""
    text = in_shape(text, random) if random.random() < 0.5 else text
    for _ in range(random.randint(0, 2)):
        text = random.choice(MUTATIONS)(text, seeds, random)
    return text[:MAX_BYTES]


def grown(text: bytes, random: Random) -> bytes:
    """A piece of `text` over and over, or one inside the other: what is slow for long texts."""
    start, end = _span(text, random, 60)
    piece = text[start:end] or b"["
    size = random.choice((2_000, 20_000, MAX_BYTES))
    times = max(1, size // len(piece))
    match random.randrange(4):
        case 0:
            return text[:start] + piece * times + text[end:]
        case 1:
            return piece * times
        case 2:
            lines = text[:start].count(b"\n")
            return b"\n".join(piece.replace(b"\n", b" ") + b"%d" % n for n in range(lines + times))
        case _:
            other = random.choice(DICTIONARY)
            return text[:start] + (piece + other) * (size // len(piece + other)) + text[end:]


def in_shape(text: bytes, random: Random) -> bytes:
    """`text` with values exchanged, removed and doubled where it is YAML or JSON; else as it is."""
    value = _loaded(text)
    if not isinstance(value, dict | list):
        return text
    value = json.loads(json.dumps(value))
    try:
        for _ in range(random.randint(1, 3)):
            _alter(value, random)
        if random.random() < 0.5:
            return json.dumps(value, ensure_ascii=random.random() < 0.5).encode()
        return yaml.safe_dump(value, allow_unicode=True, sort_keys=False).encode()
    except RecursionError:
        return text


@lru_cache(maxsize=500)
def _loaded(text: bytes) -> Json:
    if len(text) > 10_000 or b"&a [x" in text:
        return None
    try:
        documents = [one for one in yaml.load_all(text, _Lenient) if one is not None]
        value = documents[0] if len(documents) == 1 else documents
        json.dumps(value).encode()
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, AttributeError):
        return None
    return value


class _Lenient(yaml.CSafeLoader):
    """Custom tags are what they tag, times are words."""


_Lenient.add_multi_constructor(
    "!",
    lambda loader, _suffix, node: {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda n: loader.construct_sequence(n, deep=True),
        yaml.MappingNode: lambda n: loader.construct_mapping(n, deep=True),
    }[type(node)](node),
)
_Lenient.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in found if not tag.endswith("timestamp")]
    for first, found in _Lenient.yaml_implicit_resolvers.items()
}


def _alter(root: dict[str, Json] | list[Json], random: Random) -> None:
    places = list(_places(root))
    if not places:
        return
    holder, key = random.choice(places)
    other_holder, other_key = random.choice(places)
    value = json.loads(json.dumps(other_holder[other_key]))
    match random.randrange(7):
        case 0:
            del holder[key]
        case 1:
            holder[key] = copy.deepcopy(random.choice(_ODD_VALUES))
        case 2:
            holder[key] = value
        case 3:
            holder[key] = [holder[key], value]
        case 4:
            holder[key] = {str(other_key): holder[key]}
        case 5 if isinstance(holder, list):
            holder.insert(key, value)
        case 6 if isinstance(holder, list):
            random.shuffle(holder)
        case _ if isinstance(holder, dict):
            odd = random.choice(DICTIONARY).decode("utf-8", "ignore")
            holder[random.choice((str(other_key), odd))] = value


def _places(root: dict[str, Json] | list[Json]) -> Iterator[tuple[Any, Any]]:
    """Every mapping or list in `root`, with each of its keys or indices."""
    pending: list[dict[str, Json] | list[Json]] = [root]
    while pending:
        holder = pending.pop()
        inside = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, inner in inside:
            yield holder, key
            if isinstance(inner, dict | list):
                pending.append(inner)


def _span(text: bytes, random: Random, longest: int) -> tuple[int, int]:
    start = random.randint(0, len(text))
    return start, min(len(text), start + random.randint(1, longest))


def _flip(text: bytes, _: Sequence[bytes], random: Random) -> bytes:
    if not text:
        return bytes([random.randrange(256)])
    at = random.randrange(len(text))
    return text[:at] + bytes([random.randrange(256)]) + text[at + 1 :]


def _insert(text: bytes, _: Sequence[bytes], random: Random) -> bytes:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(DICTIONARY) + text[at:]


def _delete(text: bytes, _: Sequence[bytes], random: Random) -> bytes:
    start, end = _span(text, random, 40)
    return text[:start] + text[end:]


def _double(text: bytes, _: Sequence[bytes], random: Random) -> bytes:
    start, end = _span(text, random, 80)
    return text[:end] + text[start:end] * random.choice((1, 1, 2, 50)) + text[end:]


def _splice(text: bytes, seeds: Sequence[bytes], random: Random) -> bytes:
    other = random.choice((*seeds, *ODD))
    return text[: random.randint(0, len(text))] + other[random.randint(0, len(other)) :]


def _cut(text: bytes, _: Sequence[bytes], random: Random) -> bytes:
    return text[: random.randint(0, len(text))]


def _token(text: bytes, _: Sequence[bytes], random: Random) -> bytes:
    """One word is another."""
    found = list(_TOKEN.finditer(text[:8_000]))
    if not found:
        return text
    old, new = random.choice(found), random.choice((*DICTIONARY, random.choice(found)[0]))
    return text[: old.start()] + new + text[old.end() :]


def _lines(text: bytes, seeds: Sequence[bytes], random: Random) -> bytes:
    """A line is elsewhere, twice, gone, indented otherwise, or from another text."""
    lines = text.split(b"\n")
    at, to = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(5):
        case 0:
            lines[at], lines[to] = lines[to], lines[at]
        case 1:
            lines.insert(to, lines[at])
        case 2:
            del lines[at]
        case 3:
            lines[at] = random.choice((b" ", b"  ", b"\t")) + lines[at]
        case _:
            lines.insert(to, random.choice(random.choice(seeds).split(b"\n")))
    return b"\n".join(lines)


def _breaks(text: bytes, _: Sequence[bytes], random: Random) -> bytes:
    return text.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", "\u2028".encode(), b"\0")))


MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _insert, _insert, _delete, _double, _splice, _cut),
    *(_token, _token, _token, _lines, _lines, _lines, _breaks),
)
