"""Which arguments of `terraform plan` a project or a comment may give.

An allow-list: others change where Terraform reads and writes (`-chdir`, `-state`, `-out`), switch
its safety off (`-lock=false`) or make it ask (`-input`).
"""

from __future__ import annotations

import re
from pathlib import Path

MAX_ARGUMENTS = 64
MAX_ARGUMENT_CHARACTERS = 4096

_FLAGS = frozenset({"-destroy", "-refresh-only", "-refresh=false", "-refresh=true"})
_VALUED = ("-var=", "-var-file=", "-target=", "-replace=", "-exclude=", "-parallelism=")
_ALLOWED = ", ".join(sorted({*_FLAGS, *_VALUED}))
_FILE = "-var-file="
_NUMBER = re.compile(r"-parallelism=[1-9][0-9]{0,2}")


def argument_problem(arguments: tuple[str, ...], checkout: Path, directory: Path) -> str | None:
    """Why these arguments may not be given; None when they may.

    A variable file is named relative to the project's directory and lies inside the repository.
    """
    if len(arguments) > MAX_ARGUMENTS:
        return f"more than {MAX_ARGUMENTS} arguments are given"
    for argument in arguments:
        shown = argument[:80]
        if len(argument) > MAX_ARGUMENT_CHARACTERS or "\0" in argument:
            return f"the argument {shown!r} is longer than {MAX_ARGUMENT_CHARACTERS} or holds a NUL"
        valued = argument.startswith(_VALUED) and not argument.endswith("=")
        if argument not in _FLAGS and not valued:
            return f"the argument {shown!r} is not passed on; allowed are: {_ALLOWED}"
        if argument.startswith("-parallelism=") and not _NUMBER.fullmatch(argument):
            return f"{shown!r} is no number from 1 to 999"
        if argument.startswith(_FILE):
            named = directory / argument.removeprefix(_FILE)
            real = named.resolve()
            if not (real.is_relative_to(checkout.resolve()) and real.is_file()):
                return f"{shown!r} is not a file inside the repository"
    return None
