"""What a lint says: a place, a rule, why, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much it matters. An error makes policies fail or see nothing; a note fails no lint."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing in one file. `line` counts from 1. `message` is what is so, `fix` what to do."""

    path: str
    line: int
    rule: str
    level: Level
    message: str
    fix: str


RULES = {
    "parse-error": "does not parse, or mixes the two dialects of Rego",
    "compile-error": "the engine does not take it: unsafe variables, conflicts, recursion",
    "refused-function": "calls a function that no policy may call",
    "needs-opa": "the embedded engine would refuse it",
    "shadowed-builtin": "hides built-in functions (`object`, `json`), which OPA does not compile",
    "not-formatted": "`opa fmt` would write it otherwise",
    "rego-v0": "is written in the old dialect",
    "import-rego-v1": "does not say which dialect it is",
    "near-convention": "a rule that nobody asks, with a name like one that counts",
    "wrong-shape": "a rule that counts and is no set of results",
    "unasked-package": "rules that count, in a package that is not asked",
    "result-shape": "a result that is neither a string nor an object with `msg`",
    "location-shape": "a `_loc` that is not an object with `file` and `line`",
    "require-shape": "a demand with unknown keys, without a reason or without anybody named",
    "exception-shape": "an exception that is not a list of suffixes",
    "exception-unknown": "an exception for a suffix that no rule has",
    "unknown-input-field": "a field that the input document does not have",
    "unknown-input-value": "a comparison with a value that the field never has",
    "clock": "`time.now_ns()` where `input.now` can be replayed",
    "print-left": "a `print` outside of tests",
    "sprintf-arguments": "more or fewer values than the text has places for",
    "unused-import": "an import that nothing uses",
    "test-file-without-tests": "a `_test.rego` file that holds no test",
    "test-twice": "two tests of one name in one package",
    "untested-rule": "a rule that counts and that no test names",
    "idle-ignore": "a comment that switches off what is not there",
}
"""Every rule, and what it finds."""
