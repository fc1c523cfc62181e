"""The standard output, where a report that does not get there is never taken for told."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

EXIT_NOT_TOLD = 2
"""The report cannot be written."""
EXIT_CLOSED_PIPE = 141
"""Whoever read the output has left: what a shell gives for a process that SIGPIPE ends (128 + 13)."""


class _NotTold(OSError):
    """Without the `errno` for which click would end with 1, a denial: that of a closed pipe."""


class _Output(io.FileIO):
    """Remembers the first write that failed; what comes after it is passed over."""

    lost: OSError | None = None

    def write(self, content: ReadableBuffer) -> int:
        if self.lost is None:
            try:
                return super().write(content)
            except OSError as error:
                self.lost = error
                raise _NotTold(str(error)) from error
        return memoryview(content).nbytes


@contextmanager
def told() -> Iterator[None]:
    """What is printed within has reached the standard output afterwards, or the process ends with a code
    that is not 0, whichever was meant."""
    if sys.stderr is None:  # what is told there would be printed among the report
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  # as long as the process
    if sys.stdout is None:
        _stop("it is closed")
    output = _Output(sys.stdout.fileno(), "w", closefd=False)
    sys.stdout = stream = _text(output, cast("io.TextIOWrapper", sys.stdout))
    try:
        yield
    finally:
        with suppress(_NotTold):
            stream.flush()
        if output.lost is not None:
            if output.lost.errno == errno.EPIPE:
                sys.exit(EXIT_CLOSED_PIPE)
            _stop(output.lost.strerror or str(output.lost))


def _text(output: _Output, like: io.TextIOWrapper) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(output),
        encoding=like.encoding,
        errors=like.errors,
        line_buffering=like.line_buffering or like.write_through,
    )


def _stop(why: str) -> NoReturn:
    print(f"mrbot: the standard output cannot be written: {why}", file=sys.stderr)
    sys.exit(EXIT_NOT_TOLD)
