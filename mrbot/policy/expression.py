"""Regular expressions that options of the policy commands are given."""

from __future__ import annotations

import re2

from mrbot.errors import BadInput


def expression(option: str, pattern: str) -> re2._Regexp:
    """`pattern`, compiled.

    Raises: BadInput, which names the option, when it is none. re2 writes no log of its own then.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise BadInput(f"{option} {pattern!r} is not a regular expression: {error}") from error
