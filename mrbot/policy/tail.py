"""The end of what a process says on stderr, kept small. What is told of it is cut once more."""

from __future__ import annotations

import os
import subprocess
import threading
from typing import IO

MAX_BYTES = 256 * 1024
"""How much of the end is kept, in bytes: a Go program that crashes says why before it lists what each
of its threads was doing."""
SECONDS = 0.5
"""How long the rest is waited for after the process ended."""
_READ_BYTES = 4096


class Tail:
    """Reads a stream in the background until it ends, so that its writer never blocks."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._kept = stream, bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        """The end of what was said; complete once the process has ended."""
        self._thread.join(SECONDS)
        return bytes(self._kept[-MAX_BYTES:]).decode(errors="replace").strip()

    def _read(self) -> None:
        with self._stream:
            while data := os.read(self._stream.fileno(), _READ_BYTES):
                self._kept += data
                if len(self._kept) > 2 * MAX_BYTES:
                    del self._kept[:-MAX_BYTES]


def ending(process: subprocess.Popen[bytes]) -> int | None:
    """The exit code of a process that seems to have ended, waited for a moment; None if it runs."""
    try:
        return process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        return None
