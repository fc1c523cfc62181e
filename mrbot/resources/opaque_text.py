"""Files that are read as text although a reader found resources in them: without the secrets in these.

As text, a secret is known by the name beside it only; the data of a Kubernetes `Secret` has any name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.masking import strings
from mrbot.resources.model import SENSITIVE
from mrbot.resources.text_lines import MAX_BYTES

MIN_SECRET = 4
"""Shortest line of a secret that is looked for, in characters: shorter ones are everywhere."""


def without_secrets(files: Iterable[TextFile], sides: Collection[Side]) -> Iterator[TextFile]:
    """`files`; those that are opaque with a mark in the place of each line of a secret in them."""
    opaque = {path for side in sides for path in side.opaque}
    found: dict[str, set[str]] = {path: set() for path in opaque}
    for side in sides if opaque else ():
        for resource in side.declared.values():
            if resource.source.path in opaque:
                found[resource.source.path].update(_secrets(resource))
    for file in files:
        secrets = found.get(file.path)
        yield replace(file, text=_hidden(file.text, secrets), _parsed={}) if secrets else file


def _secrets(resource: Declared) -> Iterator[str]:
    hidden = set(resource.sensitive)
    for path, text in strings(resource.value):
        if any(path[:end] in hidden for end in range(len(path) + 1)):
            yield from (line.strip() for line in text.splitlines())


def _hidden(text: bytes, secrets: Iterable[str]) -> bytes:
    if len(text) > MAX_BYTES:  # of so long a text no line is shown
        return text
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= MIN_SECRET:
            text = text.replace(secret.encode(), SENSITIVE.encode())
    return text
