"""XML as objects: attributes as `-name`, text as `#content`, elements of one name as a list.

No entity is ever put in and nothing is fetched: a document that declares entities is refused.

Source: https://www.conftest.dev/parsers/, which takes https://github.com/basgys/goxml2json
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from mrbot.ids import Json
from mrbot.policy.parsers.text import MAX_BYTES, refuse

MAX_DEPTH = 100
"""Deepest nesting of elements."""
MAX_ELEMENTS = 500_000
"""Most elements and attributes of one document."""


@dataclass(slots=True)
class _Element:
    name: str
    children: dict[str, list[Json]] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    piece: list[str] = field(default_factory=list)

    def end_piece(self) -> None:
        text = "".join(self.piece).strip()
        self.piece.clear()
        if text:
            self.pieces.append(text)

    def value(self) -> Json:
        text = " ".join(self.pieces)
        if not self.children:
            return text
        content: dict[str, Json] = {"#content": text} if text else {}
        for name, values in self.children.items():
            content[name] = values[0] if len(values) == 1 else values
        return content


class _RefusedError(Exception):
    """Why the document is not read on."""


class _Reader:
    """Takes what expat finds. `root` stands around the document's own element."""

    def __init__(self) -> None:
        self.root = _Element("")
        self._open = [self.root]
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1 + len(attributes)
        if self._count > MAX_ELEMENTS:
            raise _RefusedError(f"more than {MAX_ELEMENTS} elements and attributes")
        if len(self._open) > MAX_DEPTH:
            raise _RefusedError(f"nested deeper than {MAX_DEPTH} levels")
        self._open[-1].end_piece()
        element = _Element(_local(name))
        for key, value in attributes.items():
            element.children.setdefault("-" + _local(key), []).append(value)
        self._open.append(element)

    def end(self, _: str) -> None:
        element = self._open.pop()
        element.end_piece()
        self._open[-1].children.setdefault(element.name, []).append(element.value())

    def text(self, text: str) -> None:
        self._open[-1].piece.append(text)

    def parted(self, *_: object) -> None:
        """A comment or instruction: the text after it is a piece of its own."""
        self._open[-1].end_piece()

    def entity(self, name: str, *_: object) -> None:
        raise _RefusedError(f'it declares the entity "{name[:100]}", and none is put in here')


def xml(text: bytes, path: str) -> Json:
    """The document's element by its name, without any prefix."""
    if len(text) > MAX_BYTES:
        refuse(path, 0, f"larger than the {MAX_BYTES} bytes of XML that are read")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.CommentHandler = reader.parted
    parser.ProcessingInstructionHandler = reader.parted
    parser.EntityDeclHandler = reader.entity
    try:
        parser.Parse(text, True)  # noqa: FBT003  expat's own name for "this is all"
    except expat.ExpatError as error:
        refuse(path, error.lineno, f"not XML: {expat.ErrorString(error.code)}")
    except (_RefusedError, ValueError, LookupError) as error:
        refuse(path, parser.CurrentLineNumber, f"not XML that is read here: {error}")
    return reader.root.value()


def _local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]
