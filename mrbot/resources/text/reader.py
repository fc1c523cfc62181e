"""Configuration and scripts that no other reader understands: each file as its lines.

One resource a file, its address the path, its kind a word by the path (`systemd`, `nginx`, `shell`,
`template`, `sql`, `certificate`, ...; `script` by its first line). The value holds `lines`,
`final_newline`, `line_ending` (`lf`, `crlf`, `mixed`) and, by name, the `secrets` that were in the
lines; of a file that is too large, binary or not UTF-8 it holds `sha256`, `lines_in_all` and
`bytes`, and the text is unknown. A template is its text, not what it renders to.

What the lines mean is for rules and policies to say: this reader refuses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from mrbot.change.files import shown
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.model import Source
from mrbot.resources.text.kinds import kind_of, kind_of_script, style_of
from mrbot.resources.text.lines import text_lines
from mrbot.resources.text.secret_objects import may_be_manifest

FORMAT = "text"


def reads(path: str) -> bool:
    """Whether a file by this path is configuration, or runs."""
    return kind_of(path) is not None


def looks_like(file: TextFile) -> bool:
    """Whether `file` says in its first line what runs it."""
    return kind_of_script(file.text) is not None


def declare(files: Sequence[TextFile]) -> Side:
    """Each of `files` as its lines."""
    side = Side()
    for file in files:
        kind = kind_of(file.path) or kind_of_script(file.text) or "text"
        style, manifest = style_of(kind, file.path, file.text), may_be_manifest(file.path)
        read = text_lines(file.text, style, manifest=manifest)
        for line, problem in read.problems:
            side.fault(file.path, line, problem, relevant=False)
        side.add(
            Declared(
                key=(file.path,),
                address=shown(file.path),
                kind=kind,
                value=read.value,
                source=Source(path=file.path, line=1),
                unknown=read.unknown,
                sensitive=read.sensitive,
            )
        )
    return side
