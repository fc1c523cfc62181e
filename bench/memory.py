"""Judges one sample and prints this process's peak memory before and after, in MiB.

git and the policy engine are processes of their own and not in it.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from bench.judging import judge
from bench.sample import Sample

_STATUS = Path("/proc/self/status")


def peak_mib() -> float:
    """The most that was resident at once, in MiB; 0 where the system does not say.

    Not `getrusage`, whose figure begins with the memory of the process that started this one.
    Source: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html (VmHWM)
    """
    if not _STATUS.exists():
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    """Arguments: a repository, its base and its head."""
    directory, base, head = sys.argv[1:]
    judging = judge("auto")
    try:
        before = peak_mib()
        judging.decision(Sample(directory=Path(directory), base=base, head=head))
        print(json.dumps([before, peak_mib()]))
    finally:
        judging.engine.close()


if __name__ == "__main__":
    main()
