"""What a reviewer must know of a file's name: that it is not what it looks like, that another file
looks the same, or that some system will not take it.

Sources: https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreprotectNTFS,
https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file,
https://www.unicode.org/reports/tr39/
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Sequence

from mrbot.change.files import FileChange, shown
from mrbot.change.notes import FileNote, NoteKind

_SHOWN = 5
"""Characters of a name that a note spells out."""

_LOOK_ALIKE = frozenset(
    {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "FULLWIDTH", "MATHEMATICAL"}
)
"""Scripts whose letters look like those of another, by the first word of a letter's name."""

_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(
    map(chr, range(0xFE00, 0xFE10))
)
"""Letters, marks and symbols that take no space or look like one."""

_WINDOWS_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:[.:].*)?",
    re.IGNORECASE | re.DOTALL,
)
_WINDOWS_REFUSES = frozenset('<>:"|?*')
_GITS_OWN = frozenset({".git", "git~1"})


def name_notes(file: FileChange) -> Iterator[FileNote]:
    """What is odd about the path of `file`, whether it is new or not."""
    oddities = [*dict.fromkeys(_oddities(file.path))]
    if oddities:
        text = "the name " + "; ".join(oddities)
        yield FileNote(path=file.path, kind=NoteKind.NAME, text=text)
    reasons = [*dict.fromkeys(why for part in file.path.split("/") for why in _reserved(part))]
    if reasons:
        text = "the name " + "; ".join(reasons)
        yield FileNote(path=file.path, kind=NoteKind.RESERVED, text=text)


def _oddities(path: str) -> Iterator[str]:
    if path.isascii() and path.isprintable() and not set(path) & set(" \"'\\"):
        return
    if surrogates := [letter for letter in path if "\udc80" <= letter <= "\udcff"]:
        yield f"has bytes that are not UTF-8 ({shown(''.join(surrogates[:_SHOWN]))})"
    if found := _spelled(path, ("Cc", "Zl", "Zp")):
        yield f"has control characters ({found})"
    if found := _spelled(path, ("Cf", "Cn", "Co"), _UNSEEN):
        yield f"has characters that are not seen or turn the text around ({found})"
    if found := _spelled(path.replace(" ", ""), ("Zs",)):
        yield f"has spaces of an uncommon kind ({found})"
    if quotes := sorted(set(path) & set("\"'\\")):
        yield f"has quotes or backslashes ({' '.join(quotes)})"
    if any(part != part.strip() for part in path.split("/")):
        yield "has spaces at an end"
    if not unicodedata.is_normalized("NFC", path):
        yield "is not in Unicode's normal form (NFC)"
    for part in path.split("/"):
        yield from _mixed(part)


def _spelled(path: str, categories: tuple[str, ...], others: str = "") -> str:
    """The characters of these categories and the `others`, by number and name."""
    letters = dict.fromkeys(path)
    found = [one for one in letters if unicodedata.category(one) in categories or one in others]
    more = ["…"] if len(found) > _SHOWN else []
    return ", ".join([*map(_name, found[:_SHOWN]), *more])


def _name(letter: str) -> str:
    return f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".rstrip()


def _mixed(part: str) -> Iterator[str]:
    """That a part of the path has letters of scripts that look alike; an ASCII ending is not seen
    as one of its letters."""
    stem, _, ending = part.rpartition(".")
    by_script: dict[str, list[str]] = {}
    for letter in stem if ending.isascii() and stem else part:
        script = unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
        if script in _LOOK_ALIKE:
            by_script.setdefault(script, []).append(letter)
    if len(by_script) > 1:
        rare = min(by_script.values(), key=len)
        yield f"mixes letters that look alike ({_spelled(''.join(rare), ('Ll', 'Lu', 'Lo'))})"


def _reserved(part: str) -> Iterator[str]:
    """Why git or Windows would not take the name."""
    # Windows drops dots and spaces at the end, and what follows a colon; HFS+ what is not seen.
    plain = "".join(one for one in part if unicodedata.category(one) != "Cf").lower()
    if plain.partition(":")[0].rstrip(". ") in _GITS_OWN:
        yield "is git's own directory's on some systems"
    elif _WINDOWS_DEVICE.fullmatch(part):
        yield "is a device's on Windows"
    if part.endswith((".", " ")):
        yield "ends in a dot or a space, which Windows drops"
    if refused := sorted(_WINDOWS_REFUSES & set(part)):
        yield f"has what Windows refuses ({' '.join(refused)})"


def collision_notes(new: Sequence[str], tree: Iterable[str]) -> Iterator[FileNote]:
    """That a path in `new` differs from another of the whole `tree`, at any level of directories,
    by case or Unicode form only: where names are not told apart, one of the two is lost."""
    wanted = {folded(level) for path in new for level in _levels(path)}
    spellings = _spellings(tree, wanted)
    for path in new:
        for level in _levels(path):
            others = sorted(spellings.get(folded(level), set()) - {level})
            if others:
                text = f"differs by case or Unicode form only from {shown(others[0])!r}"
                yield FileNote(path=path, kind=NoteKind.COLLISION, text=text)
                break


def _spellings(tree: Iterable[str], wanted: Container[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    seen: set[str] = set()
    for path in tree:
        # From the file upwards, until a directory that was met before.
        for level in reversed([*_levels(path)]):
            if level in seen:
                break
            seen.add(level)
            if (key := folded(level)) in wanted:
                found.setdefault(key, set()).add(level)
    return found


def _levels(path: str) -> Iterator[str]:
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
    yield path


def folded(path: str) -> str:
    """The one spelling of all paths that some system does not tell apart."""
    if path.isascii():
        return path.lower()
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())
    return "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
