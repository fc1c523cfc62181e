"""Whom CODEOWNERS asks to approve a change, exactly as the host itself would read the file.

The dialects differ in about one pattern of six, so each has a module of its own: it says what a
line means and which entry wins. This one holds the bytes, the paths and the bounds. Patterns become
RE2 expressions, which take linear time whatever the file says.

In those expressions a path is `/` and its name, and is enclosed in NULs, so `[^/\\x00]` is a
character within a segment. A byte that is not UTF-8 is one character, a lone surrogate.
"""

from __future__ import annotations

from collections.abc import Sequence

import re2

from mrbot.change import codeowners_github, codeowners_gitlab
from mrbot.change.files import FileChange
from mrbot.change.owners import Ownership
from mrbot.errors import BadRules, Problem
from mrbot.ids import HostKind

LIMIT_BYTES = 3_000_000
"""Bytes of a CODEOWNERS file: GitHub does not load one of 3 MB, and mrbot reads no larger one.

Source: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

PATTERN_LIMIT = 32_768
"""Characters of one pattern's expression; a pattern has a quarter of that or more."""

SCAN_LIMIT_BYTES = 2_000_000_000
"""Bytes of paths read for all patterns together, weighted: about ten seconds of work at worst."""

EASY_WILDCARDS = 8
"""Wildcards of a pattern that cost nothing. One with more is weighted by `WILDCARD_WEIGHT` for each
of them, for RE2 may have to follow them all at once."""

WILDCARD_WEIGHT = 4

MATCH_LIMIT = 1_000_000
"""Pairs of a pattern and a path it matches."""

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


def ownership(dialect: HostKind, content: bytes, files: Sequence[FileChange]) -> Ownership:
    """Every entry that owns a changed path, old or new, and every line the host would not use.

    `content` is the file on the target branch. A plain git repository has GitHub's dialect. Only
    spelling is judged: whether an owner exists and has access is for the host to say.

    Raises: BadRules when the file is too large or binary, or when judging these paths by it takes
        more work than mrbot does. The hosts then ask nobody, so nobody may conclude approval.
    """
    text = _text(content)
    paths = _Paths(files)
    match dialect:
        case HostKind.GITHUB | HostKind.LOCAL:
            return codeowners_github.ownership(text, paths.matching)
        case HostKind.GITLAB:
            return codeowners_gitlab.ownership(text, paths.matching)


def _text(content: bytes) -> str:
    if len(content) >= LIMIT_BYTES:
        raise _bad(
            f"it has {len(content)} bytes, and a file of {LIMIT_BYTES} or more is not loaded: "
            "use fewer, wider patterns"
        )
    if b"\0" in content:
        raise _bad("it holds NUL bytes, so it is binary and names no owners: write it as text")
    return content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


class _Paths:
    """The changed paths as one text, so that each pattern costs one scan. Counts the work done."""

    def __init__(self, files: Sequence[FileChange]) -> None:
        self._at: dict[int, str] = {}
        self._scanned = self._matched = 0
        text = bytearray()
        for path in dict.fromkeys(path for file in files for path in file.paths):
            self._at[len(text)] = path
            # A lone surrogate is a character to RE2 where a stray byte would match nothing.
            text += b"\0/" + path.encode("utf-8", "surrogatepass") + b"\0"
        self._text = bytes(text)

    def matching(self, line: int, expression: str) -> tuple[str, ...]:
        """The paths that `expression`, made of the pattern on `line`, matches as a whole.

        Raises: BadRules when the expression, or the work done so far, is beyond the limits.
        """
        wildcards = expression.count("[")
        weight = WILDCARD_WEIGHT * wildcards if wildcards > EASY_WILDCARDS else 1
        self._scanned += len(self._text) * weight
        if self._scanned > SCAN_LIMIT_BYTES:
            raise _bad(
                f"patterns times changed paths exceed {SCAN_LIMIT_BYTES} bytes of work: "
                "use fewer patterns, and fewer wildcards in each",
                line,
            )
        if len(expression) > PATTERN_LIMIT:
            raise _bad("the pattern is too long to be matched: shorten it", line)
        try:
            pattern = re2.compile(rf"\x00{expression}\x00", _OPTIONS)
        except re2.error as error:
            raise _bad("the pattern is too large to be matched: simplify it", line) from error
        found = tuple(self._at[match.start()] for match in pattern.finditer(self._text))
        self._matched += len(found)
        if self._matched > MATCH_LIMIT:
            raise _bad(f"its patterns match the changed paths more than {MATCH_LIMIT} times", line)
        return found


def _bad(message: str, line: int = 0) -> BadRules:
    return BadRules(Problem("CODEOWNERS", line, message))
