"""`ansible.cfg`: each of its sections, kind `settings`, address `ansible.cfg#defaults`.

Source: https://docs.ansible.com/ansible/latest/reference_appendices/config.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mrbot.change.files import shown
from mrbot.errors import BadInput, Problem
from mrbot.ids import Json
from mrbot.resources.ansible.values import declared
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.syntax.yaml_text import MAX_BYTES

_DELIMITER = re.compile(r"[=:]")
_INLINE_COMMENT = re.compile(r"(?:^|\s);")


@dataclass(slots=True)
class _Section:
    name: str
    line: int
    options: dict[str, list[str]] = field(default_factory=dict)
    """The lines of each option's value."""


def decoded(file: TextFile) -> str:
    """The text of `file`.

    Raises: BadInput when it is too large, or not UTF-8.
    """
    if len(file.text) > MAX_BYTES:
        message = f"larger than the {MAX_BYTES} bytes that are read"
        raise BadInput(Problem(shown(file.path), 0, message))
    try:
        return file.text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadInput(Problem(shown(file.path), line, "not UTF-8 text")) from error


def settings(file: TextFile, side: Side) -> Iterator[Declared]:
    """The sections of `file`, or the first thing in it that Ansible would refuse as a fault."""
    try:
        sections = _sections(decoded(file), shown(file.path))
    except BadInput as error:
        side.fault(file.path, error.problems[0].line, error.problems[0].message)
        return
    for section in sections:
        address = f"{shown(file.path)}#{section.name}"
        value: dict[str, Json] = {key: "\n".join(lines) for key, lines in section.options.items()}
        yield declared(file.path, address, "settings", value, section.line)


def _sections(text: str, path: str) -> list[_Section]:
    """Raises: BadInput."""
    sections: dict[str, _Section] = {}
    here: _Section | None = None
    key, key_indent = "", 0
    for number, raw in enumerate(text.split("\n"), start=1):
        line = _uncommented(raw)
        indent = len(raw) - len(raw.lstrip())
        if not line:
            continue
        if here and key and indent > key_indent:
            here.options[key].append(line)
            continue
        key_indent = indent
        if line.startswith("[") and "]" in line:
            here, key = _Section(line[1 : line.rindex("]")], number), ""
            if sections.setdefault(here.name, here) is not here:
                raise BadInput(Problem(path, number, "a section that is here already"))
            continue
        delimiter = _DELIMITER.search(line)
        if here is None or delimiter is None:
            raise BadInput(Problem(path, number, "neither a section nor an option of one"))
        key = line[: delimiter.start()].strip().lower()
        if key in here.options:
            raise BadInput(Problem(path, number, f'the option "{key[:100]}" is here again'))
        here.options[key] = [line[delimiter.end() :].strip()]
    return [*sections.values()]


def _uncommented(line: str) -> str:
    """`line` without a comment: `#` starts one at its beginning only, `;` after a space too."""
    stripped = line.strip()
    if stripped.startswith(("#", ";")):
        return ""
    return _INLINE_COMMENT.split(stripped, maxsplit=1)[0].strip()
