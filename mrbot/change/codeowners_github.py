"""GitHub's CODEOWNERS: the last line that matches a path owns it; a line without owners frees it.

Source: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import re2

from mrbot.change.files import shown
from mrbot.change.owners import Owned, Ownership, Skipped

SHOWN_CHARACTERS = 120
"""Characters of a line that are shown to people."""

_BLANK = " \t\r\f\v"
_BLANKS = str.maketrans(dict.fromkeys(_BLANK, " "))
_WITHIN = r"[^/\x00]"
_ANY = r"[^\x00]"

_USER = re2.compile(r"@[A-Za-z0-9][A-Za-z0-9_-]*")
_TEAM = re2.compile(r"@[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9_.-]+")
_EMAIL = re2.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    number: int
    pattern: str
    users: tuple[str, ...]
    teams: tuple[str, ...]
    emails: tuple[str, ...]

    @property
    def has_owners(self) -> bool:
        return bool(self.users or self.teams or self.emails)


def ownership(text: str, matching: Callable[[int, str], tuple[str, ...]]) -> Ownership:
    """What `text` says of the paths that `matching` finds for a line's number and expression.

    Raises: whatever `matching` raises.
    """
    lines: list[_Line] = []
    skipped: list[Skipped] = []
    for number, line in enumerate(text.split("\n"), 1):
        entry, problem = _parse(number, line.strip(_BLANK))
        lines += [entry] if entry else []
        skipped += [Skipped(line=number, reason=problem)] if problem else []
    owned: list[Owned] = []
    taken: set[str] = set()
    for entry in reversed(lines):
        found = matching(entry.number, expression(entry.pattern))
        paths = tuple(path for path in found if path not in taken)
        taken.update(paths)
        if paths and entry.has_owners:
            owned.append(_owned(entry, paths))
    return Ownership(owned=tuple(reversed(owned)), skipped=tuple(skipped))


def _owned(line: _Line, paths: tuple[str, ...]) -> Owned:
    return Owned(
        name=_shown(line.pattern),
        users=line.users,
        groups=line.teams,
        roles=(),
        emails=line.emails,
        count=1,
        optional=False,
        paths=paths,
        line=line.number,
    )


def _parse(number: int, line: str) -> tuple[_Line | None, str]:
    """The entry, if the line is one, and what is wrong with it, if anything is."""
    if not line or line.startswith("#"):
        return None, ""
    pattern, rest = _split(line)
    if problem := _problem(pattern):
        return None, f"`{_shown(pattern)}`: {problem}"
    owners = dict.fromkeys(_words(rest.partition("#")[0]))
    users = tuple(one[1:] for one in owners if _USER.fullmatch(_printable(one)))
    teams = tuple(one[1:] for one in owners if _TEAM.fullmatch(_printable(one)))
    emails = tuple(one for one in owners if _EMAIL.fullmatch(_printable(one)))
    entry = _Line(number=number, pattern=pattern, users=users, teams=teams, emails=emails)
    known = {*(f"@{one}" for one in (*users, *teams)), *emails}
    wrong = [one for one in owners if one not in known]
    if not wrong:
        return entry, ""
    problem = f"not a @user, @organisation/team or address: {_shown(' '.join(wrong))}"
    if entry.has_owners:
        return entry, f"{problem} (the other owners are kept)"
    return None, f"{problem} (the line names no other owner, so GitHub skips it)"


def _split(line: str) -> tuple[str, str]:
    at = 0
    while at < len(line) and line[at] not in _BLANK:
        at += 2 if line[at] == "\\" else 1
    return line[:at], line[at:]


def _words(text: str) -> list[str]:
    # Not str.split(), to which a no-break space is a blank too.
    return [one for one in text.translate(_BLANKS).split(" ") if one]


def _problem(pattern: str) -> str:
    if pattern.startswith("!"):
        return "GitHub has no negation"
    if "#" in pattern:
        return "`#` begins a comment, and GitHub has no escape for it"
    if "***" in pattern:
        return "`***` is not a pattern, `**` is"
    if len(pattern) - len(pattern.rstrip("\\")) & 1:
        return "nothing follows the backslash"
    if pattern == "/":
        return "it matches nothing; `*` matches everything"
    return ""


def expression(pattern: str) -> str:
    """What a valid pattern matches, as an RE2 expression over `/` and a path.

    A pattern with a `/` before its end begins at the root, any other anywhere. It covers what is
    below the directories it matches, unless its last segment is a bare `*`.
    """
    segments = pattern.removeprefix("/").split("/")
    if "/" not in pattern[:-1]:
        segments.insert(0, "**")
    *above, last = segments
    parts = (f"(?:{_WITHIN}+/)*" if one == "**" else f"{_segment(one)}/" for one in above)
    directory = "/" + "".join(parts)
    match last:
        case "" | "**":
            return f"{directory}{_ANY}+"
        case "*":
            return f"{directory}{_WITHIN}+"
        case _:
            return f"{directory}{_segment(last)}(?:/{_ANY}+)?"


def _segment(segment: str) -> str:
    out: list[str] = []
    characters = iter(segment)
    for character in characters:
        match character:
            case "*":
                out.append(f"{_WITHIN}*")
            case "?":
                out.append(_WITHIN)
            case "\\":
                out.append(_literal(next(characters, "\\")))
            case _:
                out.append(_literal(character))
    return "".join(out)


def _literal(character: str) -> str:
    plain = character.isascii() and character.isalnum()
    return character if plain else rf"\x{{{ord(character):x}}}"


def _printable(text: str) -> str:
    return text if text.isascii() else shown(text)


def _shown(text: str) -> str:
    whole = shown(text)
    return whole if len(whole) <= SHOWN_CHARACTERS else f"{whole[:SHOWN_CHARACTERS]}..."
