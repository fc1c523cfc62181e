"""Readings of changes written as two mappings from path to text."""

from mrbot.resources.declared import TextFile, compare
from mrbot.resources.model import FileVersions
from mrbot.resources.read import read


def reading(before=None, after=None, skipped=None, renamed=None):
    """What changed between two trees; `renamed` maps new paths to old ones."""
    before, after, renamed = before or {}, after or {}, renamed or {}
    gone = set(before) - set(after) - set(renamed.values())
    files = []
    for path in sorted({*after, *gone, *(skipped or {})}):
        old = renamed.get(path, path)
        files.append(
            FileVersions(
                path=path,
                old_path=old,
                before=encoded(before.get(old)),
                after=encoded(after.get(path)),
            )
        )
    return read(files, skipped or {})


def encoded(text):
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


def seen(result):
    """Each resource change as (action, kind, address)."""
    return [(str(c.action), c.kind, c.address) for c in result.resources]


def only(result):
    """The one resource change of a reading in which everything was understood."""
    assert result.not_understood == ()
    (change,) = result.resources
    return change


def faults(result):
    """Each thing not understood as (path, line, relevant)."""
    return [(item.path, item.line, item.relevant) for item in result.not_understood]


def changes_by(reader, before=None, after=None):
    """What one reader alone makes of two trees (mappings from path to text): the resource changes,
    and the faults of the side after."""
    sides = [
        reader.declare([TextFile(path=path, text=encoded(text)) for path, text in tree.items()])
        for tree in (before or {}, after or {})
    ]
    return list(compare(reader.FORMAT, *sides)), sides[1].faults
