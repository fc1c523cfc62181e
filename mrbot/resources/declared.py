"""What the files say, one side at a time, and what differs between two sides.

A reader tells what one tree declares and knows nothing of changes; `compare` makes the changes, the
same way for every format: by identity, so that a block moved between files is no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.masking import dotted, mask_sides, same
from mrbot.resources.model import Action, Certainty, NotUnderstood, ResourceChange, Source
from mrbot.resources.paths import Path
from mrbot.resources.syntax.json_text import load_json
from mrbot.resources.syntax.yaml_text import Scalars, YamlDocument, load_documents, load_one

Key = tuple[str, ...]
"""What makes a resource itself within its format, on both sides of a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A file of one side of a change."""

    path: str
    text: bytes
    _parsed: dict[Scalars, tuple[YamlDocument, ...] | BadInput] = field(
        default_factory=dict, repr=False, compare=False
    )

    def documents(self, scalars: Scalars = Scalars.LEGACY) -> tuple[YamlDocument, ...]:
        """Its YAML documents, parsed once however many readers ask: what they hold is shared, and
        must not be altered.

        Raises: BadInput, as `load_documents`.
        """
        if scalars not in self._parsed:
            try:
                self._parsed[scalars] = load_documents(self.text, self.path, scalars=scalars)
            except BadInput as error:
                self._parsed[scalars] = error
        found = self._parsed[scalars]
        if isinstance(found, BadInput):
            raise found
        return found

    def data(self) -> tuple[YamlDocument, ...]:
        """Its documents: of a `.json` file the JSON, or where it is none, YAML, as most programs take
        either under any name. All that is JSON is on line 1.

        Raises: BadInput; of what is neither by that name, with what is wrong in it as JSON.
        """
        if not self.path.endswith(".json"):
            return self.documents()
        try:
            value = load_json(self.text, self.path)
        except BadInput as error:
            try:
                return self.documents()
            except BadInput:
                raise error from None
        return (replace(load_one("", self.path), value=value),)

    def forget(self) -> None:
        """What was parsed is let go of: the places of values take more memory than they do."""
        self._parsed.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One resource as a file declares it; `value` in the clear.

    `key` is unique within its side. `identity` is what it keeps when it is moved to another file,
    where that is another thing than its key; several files may declare the same. `stateful` is
    whether data goes with it when it is deleted or replaced. `text` is how it is written, where its
    readers may tell apart what has the same value. A `partial` one is part of something whose rest is
    not read, so that nobody can tell what becomes of it when it appears, goes, or is written otherwise.
    """

    key: Key
    identity: Key | None = None
    address: str
    kind: str
    value: dict[str, Json]
    source: Source
    unknown: tuple[Path, ...] = ()
    sensitive: tuple[Path, ...] = ()
    stateful: bool = False
    text: bytes | None = None
    partial: bool = False


@dataclass(slots=True)
class Side:
    """All that one tree's files of one format declare, while it is gathered.

    `faults` is what could not be read; `unread` are the files in which resources may be that are
    not in `declared`; `opaque` those whose text makes other than what is in `declared`.
    """

    declared: dict[Key, Declared] = field(default_factory=dict)
    faults: list[NotUnderstood] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)

    def add(self, resource: Declared) -> Declared | None:
        """`resource` is declared, unless its key is taken already: then by what is returned."""
        holder = self.declared.setdefault(resource.key, resource)
        return None if holder is resource else holder

    def fault(self, path: str, line: int, reason: str, *, relevant: bool = True) -> None:
        """The part of `path` at `line` (0: all of it) could not be read, because of `reason`."""
        if relevant:
            self.unread.add(path)
        self.faults.append(NotUnderstood(path=path, line=line, reason=reason, relevant=relevant))


Declare = Callable[[Sequence[TextFile]], Side]
"""A reader: everything that one side's files of its format declare. Never raises for content."""


def compare(format_: str, before: Side, after: Side) -> Iterator[ResourceChange]:
    """What differs between the sides, sensitive values masked.

    A resource that was in no file of `before` while some file there could not be read is not said
    to be created: its action is unknown, as is that of what is partial on one side. One that is in
    no file of `after` while the file it was in could not be read is not said to be deleted: the fault
    itself says what is wrong.
    """
    for old, new in _pairs(before.declared, after.declared):
        if new is None and old is not None and old.source.path in after.unread:
            continue
        if old is None or new is None or not _same(old, new):
            yield _change(format_, old, new, doubted=_is_doubted(old, new, before))
        elif old.text != new.text or set(old.unknown) != set(new.unknown):
            yield replace(_change(format_, old, new, doubted=new.partial), rewritten=True)


_Pair = tuple[Declared | None, Declared | None]


def _pairs(before: Mapping[Key, Declared], after: Mapping[Key, Declared]) -> Iterator[_Pair]:
    """Each resource with itself on the other side: by key; else by identity, where exactly one is
    left on each side that has it."""
    gone = _left_over(before, after)
    come = _left_over(after, before)
    moved = {
        identity: (gone[identity][0], come[identity][0])
        for identity in come
        if len(come[identity]) == 1 == len(gone.get(identity, ()))
    }
    for key, new in after.items():
        old = before.get(key)
        if old is None and new.identity in moved:
            old = moved[new.identity][0]
        yield old, new
    for key, old in before.items():
        if key not in after and old.identity not in moved:
            yield old, None


def _left_over(
    some: Mapping[Key, Declared], others: Mapping[Key, Declared]
) -> dict[Key, list[Declared]]:
    """Those of `some` that `others` lack by key, by identity where they have one."""
    left: dict[Key, list[Declared]] = {}
    for key, resource in some.items():
        if key not in others and resource.identity is not None:
            left.setdefault(resource.identity, []).append(resource)
    return left


def _is_doubted(old: Declared | None, new: Declared | None, before: Side) -> bool:
    """Whether nobody can tell what happens to it."""
    parts = sum(one.partial for one in (old, new) if one is not None)
    return parts == 1 or (old is None and bool(before.unread))


def _same(old: Declared, new: Declared) -> bool:
    alike = old.kind == new.kind and old.partial == new.partial
    return alike and same(old.value, new.value)


def _change(
    format_: str, old: Declared | None, new: Declared | None, *, doubted: bool
) -> ResourceChange:
    now = new or old
    assert now is not None  # noqa: S101  for mypy: a key comes from one of the sides
    masked = mask_sides(
        old.value if old else None,
        new.value if new else None,
        old.sensitive if old else (),
        new.sensitive if new else (),
    )
    action = Action.UNKNOWN if doubted else _ACTIONS[old is not None, new is not None]
    return ResourceChange(
        format=format_,
        address=now.address,
        kind=now.kind,
        action=action,
        before=masked.before,
        after=masked.after,
        unknown_paths=tuple(dict.fromkeys(dotted(path) for path in now.unknown)),
        sensitive_paths=masked.paths,
        certainty=Certainty.UNKNOWN if doubted else Certainty.STATIC,
        source=now.source,
        stateful=any(one.stateful for one in (old, new) if one is not None),
        old_path=_old_path(old, new),
    )


def _old_path(old: Declared | None, new: Declared | None) -> str | None:
    """The path that it was moved from."""
    if old is None or new is None or old.source.path == new.source.path:
        return None
    return old.source.path


_ACTIONS: Mapping[tuple[bool, bool], Action] = {
    (False, True): Action.CREATE,
    (True, True): Action.UPDATE,
    (True, False): Action.DELETE,
}
"""By whether it was there before, and is after. Only a plan knows what would be replaced."""
