"""Kustomize: what a kustomization file says. What it builds is `build`'s to say.

Kind: `kustomization`; address: the file's path; value: the whole file. What lies in other
repositories is named in it, and not followed: another ref there is a change here.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.kubernetes.reader import secret_data
from mrbot.resources.kustomize.file import NAMES, sole
from mrbot.resources.masking import strings
from mrbot.resources.model import Source
from mrbot.resources.paths import Path
from mrbot.resources.secret_names import is_secret_name, secret_paths
from mrbot.resources.syntax.yaml_text import Scalars, load_documents

FORMAT = "kustomize"

_INLINE = frozenset({"patch", "patchesstrategicmerge", "generators", "transformers"})
"""Where, in any case, YAML stands in a string."""


def reads(path: str) -> bool:
    """Whether Kustomize would take the file by this path for a kustomization."""
    return PurePosixPath(path).name in NAMES


def declare(files: Sequence[TextFile]) -> Side:
    """The kustomizations that `files` are."""
    side = Side()
    for file in files:
        try:
            document = sole(file)
        except BadInput as error:
            side.fault(file.path, error.problems[0].line, error.problems[0].message)
            continue
        content = document.value if document and isinstance(document.value, dict) else {}
        side.add(_declared(file.path, content, document.line if document else 1))
    return side


def _declared(path: str, content: dict[str, Json], line: int) -> Declared:
    return Declared(
        key=(path, "kustomization"),
        address=shown(path),
        kind="kustomization",
        value=content,
        source=Source(path=path, line=line),
        sensitive=tuple(_sensitive(content)),
    )


def _sensitive(content: dict[str, Json]) -> Iterator[Path]:
    """Secrets by name, all that a secret is made of, and YAML in strings that holds a secret."""
    yield from secret_paths(content)
    for at, text in strings(content):
        names = [step.lower() for step in at if isinstance(step, str)]
        if "literals" in names:
            if names[0] == "secretgenerator" or is_secret_name(text.partition("=")[0]):
                yield at
        elif names and (names[-1] in _INLINE or names[0] in _INLINE) and _holds_secret(text):
            yield at


def _holds_secret(text: str) -> bool:
    """Whether YAML that stands in a string holds a secret, or cannot be looked into."""
    if "Secret" in text and "data" in text.lower():
        return True
    try:
        documents = load_documents(text, "", scalars=Scalars.LEGACY)
    except BadInput:
        return True
    return any(_is_secret(document.value) for document in documents)


def _is_secret(value: Json) -> bool:
    """Whether a patch, or one operation of it, sets a secret."""
    if isinstance(value, list):
        return any(_is_secret(item) for item in value)
    if not isinstance(value, dict):
        return False
    if any(secret_paths(value)) or any(secret_data(value)):
        return True
    place = value.get("path")
    words = place.split("/") if isinstance(place, str) else []
    return "value" in value and any(is_secret_name(w) or w in {"data", "stringData"} for w in words)
