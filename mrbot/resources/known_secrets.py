"""What one reader knows to be secret, hidden in what others make of the same file.

As text, a secret is known by the name beside it only; the data of a Kubernetes `Secret` has any name.
A Compose file with `apiVersion` and `kind` in it is an object to the Kubernetes reader, which knows
nothing of environments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.masking import strings
from mrbot.resources.model import SENSITIVE
from mrbot.resources.paths import Path
from mrbot.resources.text.lines import MAX_BYTES

MIN_SECRET = 4
"""Shortest line of a secret that is looked for, in characters: shorter ones are everywhere."""
MAX_SECRETS = 1_000
"""Most lines of secrets in one file that are looked for; where there are more, all is hidden."""


def share_secrets(sides: Collection[Side]) -> None:
    """In what several readers made of one file, a secret of one is a secret of all."""
    readers: dict[str, set[int]] = defaultdict(set)
    for number, side in enumerate(sides):
        for resource in side.declared.values():
            readers[resource.source.path].add(number)
    shared = {path for path, numbers in readers.items() if len(numbers) > 1}
    known = _known(sides, shared)
    for side in sides:
        for key, resource in side.declared.items():
            secrets = known.get(resource.source.path)
            if secrets:
                more = tuple(_paths_of(resource, secrets))
                side.declared[key] = replace(resource, sensitive=(*resource.sensitive, *more))


def without_secrets(files: Iterable[TextFile], sides: Collection[Side]) -> Iterator[TextFile]:
    """`files`; those that are opaque with a mark in the place of each line of a secret in them."""
    known = _known(sides, {path for side in sides for path in side.opaque})
    for file in files:
        secrets = known.get(file.path)
        yield replace(file, text=_hidden(file.text, secrets), _parsed={}) if secrets else file


def _known(sides: Collection[Side], paths: Collection[str]) -> dict[str, set[str]]:
    """By path, each line of every secret in it."""
    found: dict[str, set[str]] = defaultdict(set)
    for side in sides if paths else ():
        for resource in side.declared.values():
            if resource.source.path in paths:
                found[resource.source.path].update(_secrets(resource))
    return found


def _secrets(resource: Declared) -> Iterator[str]:
    hidden = set(resource.sensitive)
    for path, text in strings(resource.value):
        if any(path[:end] in hidden for end in range(len(path) + 1)):
            lines = (line.strip() for line in text.splitlines())
            yield from (line for line in lines if len(line) >= MIN_SECRET)


def _paths_of(resource: Declared, secrets: Collection[str]) -> Iterator[Path]:
    if len(secrets) > MAX_SECRETS:
        yield ()
        return
    for path, text in strings(resource.value):
        if any(secret in text for secret in secrets):
            yield path


def _hidden(text: bytes, secrets: Iterable[str]) -> bytes:
    if len(text) > MAX_BYTES:  # of so long a text no line is shown
        return text
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret.encode(), SENSITIVE.encode())
    return text
