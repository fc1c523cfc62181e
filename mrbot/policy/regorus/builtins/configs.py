"""`parse_config`, which conftest gives to policies and their tests: a text of a file format as a document.

What reads files (`parse_config_file`, `parse_combined_config_files`) is not here: policies read none.

Source: https://www.conftest.dev/#writing-unit-tests
"""

from __future__ import annotations

from typing import Any

from mrbot.errors import BadInput
from mrbot.policy.parsers import parse
from mrbot.policy.regorus.builtins.values import BadArgument, Value, string


def _parse_config(parser: Value, text: Value) -> Any:  # noqa: ANN401
    name = string(parser, 1)
    try:
        return parse(name, string(text, 2).encode(), "")
    except BadInput as error:
        first = error.problems[0]
        line = f", line {first.line}" if first.line else ""
        raise BadArgument(f"parse_config{line}: {first.message}") from error


FUNCTIONS = {"parse_config": (2, _parse_config)}
