"""GitLab's CODEOWNERS: in every section the last entry that matches a path owns it.

All sections ask at once. Patterns mean what Ruby's `File.fnmatch` makes of them (FNM_PATHNAME and
FNM_DOTMATCH), so `**` is any depth only as `**/`, classes work, and a pattern without a trailing
`/` covers no directory's contents.

Source: https://docs.gitlab.com/user/project/codeowners/reference/
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass, field

import re2

from mrbot.change.files import shown
from mrbot.change.owners import Owned, Ownership, Skipped

SHOWN_CHARACTERS = 120
"""Characters of a line that are shown to people."""

COUNT_LIMIT = 999_999
"""Approvals a section may ask for. A larger number is taken for this one: neither can be met."""

_Matching = Callable[[int, str], tuple[str, ...]]

_BLANK = " \t\r\f\v"
_BLANKS = str.maketrans(dict.fromkeys(_BLANK, " "))
_WITHIN = r"[^/\x00]"
_NOTHING = r"[^\x00-\x{10ffff}]"
_OWNER_CHARACTERS = frozenset(string.ascii_letters + string.digits + "@_.-/+" + _BLANK)
_NAME = re2.compile(r"(^|[^0-9A-Za-z_@])(@@?)([0-9A-Za-z_.][0-9A-Za-z_.-]*(?:/[0-9A-Za-z_.-]+)*)")
_ROLES = {"developer": "write", "maintainer": "maintain", "owner": "admin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owners:
    users: tuple[str, ...]
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    emails: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    line: int
    pattern: str
    owners: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    name: str
    optional: bool
    count: int
    owners: str
    ignored: str


@dataclass(slots=True)
class _Section:
    """Entries and exclusions (line numbers) by normalised pattern, in order of first sight."""

    name: str
    required: bool = False
    entries: dict[str, _Entry] = field(default_factory=dict)
    exclusions: dict[str, int] = field(default_factory=dict)


def ownership(text: str, matching: _Matching) -> Ownership:
    """What `text` says of the paths that `matching` finds for a line's number and expression.

    An entry without a usable owner is among the owned all the same: GitLab would approve it by
    itself, so the caller has to hold the change. A name without `/` is among the users, though it
    may be that of a top-level group.

    Raises: whatever `matching` raises.
    """
    sections, skipped = _parse(text)
    owned = [one for section in sections for one in _owned(section, matching)]
    return Ownership(
        owned=tuple(sorted(owned, key=lambda one: one.line)),
        skipped=tuple(skipped),
    )


def _owned(section: _Section, matching: _Matching) -> list[Owned]:
    # Wherever it stands in its section, an exclusion cannot be undone there.
    taken = {
        path
        for pattern, line in section.exclusions.items()
        for path in matching(line, expression(pattern))
    }
    owned: list[Owned] = []
    for pattern, entry in reversed(section.entries.items()):
        found = matching(entry.line, expression(pattern))
        paths = tuple(path for path in found if path not in taken)
        taken.update(paths)
        if paths:
            owned.append(_entry_owned(section, entry, paths))
    return owned


def _entry_owned(section: _Section, entry: _Entry, paths: tuple[str, ...]) -> Owned:
    owners, _ = _references(entry.owners)
    title = f"[{section.name}] " if section.name else ""
    return Owned(
        name=_shown(f"{title}{entry.pattern}"),
        users=owners.users,
        groups=owners.groups,
        roles=owners.roles,
        emails=owners.emails,
        count=entry.count,
        optional=not section.required,
        paths=paths,
        line=entry.line,
    )


def _parse(text: str) -> tuple[list[_Section], list[Skipped]]:
    # GitLab keeps what stands before the first header in a section of this name.
    section = _Section(name="")
    sections = {"codeowners": section}
    header = _Header(name="", optional=False, count=1, owners="", ignored="")
    skipped: list[Skipped] = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip(_BLANK)
        if not stripped or stripped.startswith("#"):
            continue
        if found := _header(stripped):
            header = found
            section = sections.setdefault(header.name.casefold(), _Section(name=header.name))
            section.required |= not header.optional
            problem = _header_problem(header)
        else:
            problem = _add(section, header, number, stripped)
        skipped += [Skipped(line=number, reason=problem)] if problem else []
    return list(sections.values()), skipped


def _header(line: str) -> _Header | None:
    rest = line.removeprefix("^")
    name, closed, after = rest[1:].partition("]")
    if not rest.startswith("[") or not closed:
        return None
    digits, closed, beyond = after[1:].partition("]")
    numbered = after.startswith("[") and bool(closed) and (digits == "" or _is_number(digits))
    after = beyond if numbered else after
    count = min(int(digits.lstrip("0")[:9] or 0), COUNT_LIMIT) if numbered else 0
    length = next((at for at, one in enumerate(after) if one not in _OWNER_CHARACTERS), len(after))
    owners = after[:length] if after[:1] in _BLANK else ""
    return _Header(
        name=name,
        optional=line.startswith("^"),
        count=max(1, count),
        owners=owners.strip(_BLANK),
        ignored=after.removeprefix(owners),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _header_problem(header: _Header) -> str:
    if header.ignored:
        return f"a section's header, of which GitLab ignores: {_shown(header.ignored)}"
    if header.optional and header.count > 1:
        return "an optional section asks for approvals, and GitLab requires none of them"
    return ""


def _add(section: _Section, header: _Header, number: int, line: str) -> str:
    """What is wrong with the entry, after it was put into the section as far as it is usable."""
    pattern, owners = _split(line)
    if pattern.startswith("!"):
        if pattern == "!":
            return "`!` excludes nothing without a pattern"
        section.exclusions[_normalised(pattern[1:])] = number
        return ""
    section.required |= not header.optional
    owners = owners or header.owners
    section.entries[_normalised(pattern)] = _Entry(
        line=number, pattern=pattern, owners=owners, count=header.count
    )
    if line.lstrip("^" + _BLANK).startswith("["):
        return f"read as an entry, not as a section's header: {_shown(line)}"
    _, ignored = _references(owners)
    return f"not a @user, @group, @@role or address: {_shown(ignored)}" if ignored else ""


def _split(line: str) -> tuple[str, str]:
    for at, character in enumerate(line):
        if character in _BLANK and line[at - 1] != "\\":
            return line[:at], line[at:].strip(_BLANK)
    return line, ""


def _references(text: str) -> tuple[_Owners, str]:
    """The owners that a text refers to, wherever in it they stand, and the words that refer to
    none."""
    names: dict[str, None] = {}
    roles: dict[str, None] = {}
    emails: dict[str, None] = {}
    ignored: list[str] = []
    for word in text.translate(_BLANKS).split(" "):
        found = [(at, name.rstrip(".")) for _, at, name in _NAME.findall(shown(word))]
        own = [name for at, name in found if at == "@" and name]
        asked = [_ROLES.get(name.removesuffix("s")) for at, name in found if at == "@@"]
        names.update(dict.fromkeys(own))
        roles.update(dict.fromkeys(role for role in asked if role))
        local, _, domain = word.partition("@")
        if local and domain and not found:
            emails[shown(word)] = None
        elif word and not own and not any(asked):
            ignored.append(word)
    owners = _Owners(
        users=tuple(name for name in names if "/" not in name),
        groups=tuple(name for name in names if "/" in name),
        roles=tuple(roles),
        emails=tuple(emails),
    )
    return owners, " ".join(ignored)


def _normalised(pattern: str) -> str:
    if pattern == "*":
        return "/**/*"
    pattern = pattern.removeprefix("\\") if pattern.startswith("\\#") else pattern
    for blank in _BLANK:
        pattern = pattern.replace(f"\\{blank}", " ")
    pattern = pattern if pattern.startswith("/") else f"/**/{pattern}"
    return f"{pattern}**/*" if pattern.endswith("/") else pattern


def expression(pattern: str) -> str:
    """What a normalised pattern matches, as an RE2 expression over `/` and a path.

    Source: https://docs.ruby-lang.org/en/3.1/File.html#method-c-fnmatch
    """
    out: list[str] = []
    at = 0
    while at < len(pattern):
        part, at = _part(pattern, at)
        out.append(part)
    return "".join(out)


def _part(pattern: str, at: int) -> tuple[str, int]:
    if pattern.startswith("**/", at) and pattern[at - 1 : at] == "/":
        while pattern.startswith("**/", at):
            at += 3
        return f"(?:{_WITHIN}*/)*", at
    match pattern[at]:
        case "*":
            while pattern.startswith("*", at):
                at += 1
            return f"{_WITHIN}*", at
        case "?":
            return _WITHIN, at + 1
        case "[":
            return _class(pattern, at + 1)
        case "\\" if at + 1 < len(pattern):
            return _literal(ord(pattern[at + 1])), at + 2
        case character:
            return _literal(ord(character)), at + 1


def _class(pattern: str, at: int) -> tuple[str, int]:
    """The class whose first character is at `at`, and where it ends. One without an end, like an
    empty one, matches nothing."""
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    ranges: list[tuple[int, int]] = []
    while at < len(pattern) and pattern[at] != "]":
        low, at = _member(pattern, at)
        high = low
        if pattern.startswith("-", at) and not pattern.startswith("-]", at):
            high, at = _member(pattern, at + 1)
        # Ruby takes both ends of a range that runs backwards, and nothing between them.
        ranges += [(low, low), (high, high)] if high < low else [(low, high)]
    if at >= len(pattern):
        return _NOTHING, at
    if negated:
        return rf"[^/\x00{_ranges(ranges)}]", at + 1
    members = _ranges([part for one in ranges for part in _without_slash(*one)])
    return (f"[{members}]" if members else _NOTHING), at + 1


def _member(pattern: str, at: int) -> tuple[int, int]:
    at += pattern.startswith("\\", at)
    return (ord(pattern[at]) if at < len(pattern) else 0), at + 1


def _without_slash(low: int, high: int) -> list[tuple[int, int]]:
    slash = ord("/")
    return [(a, b) for a, b in ((low, min(high, slash - 1)), (max(low, slash + 1), high)) if a <= b]


def _ranges(ranges: list[tuple[int, int]]) -> str:
    return "".join(f"{_literal(low)}-{_literal(high)}" for low, high in ranges)


def _literal(code: int) -> str:
    character = chr(code)
    plain = character.isascii() and character.isalnum()
    return character if plain else rf"\x{{{code:x}}}"


def _shown(text: str) -> str:
    whole = shown(text)
    return whole if len(whole) <= SHOWN_CHARACTERS else f"{whole[:SHOWN_CHARACTERS]}..."
