"""The peak memory of a process that does one thing with one sample, in MiB.

git and the policy engine are processes of their own and not in it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench.figure import Row
from bench.sample import Sample

_STATUS = Path("/proc/self/status")


def peak_mib(status: Path = _STATUS) -> float:
    """The most that was resident at once, in MiB; 0 where the system does not say.

    Not `getrusage`, whose figure begins with the memory of the process that started this one.
    Source: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html (VmHWM)
    """
    if not status.exists():
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def peak_row(name: str, module: str, sample: Sample) -> Row:
    """The peaks that `module` prints by `print_peaks`. In a process of its own, since a process's
    peak never falls again."""
    arguments = [str(sample.directory), sample.base, sample.head]
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, check=True
    )
    idle, peak = json.loads(done.stdout)
    name = f"{name}: memory"
    if not idle:
        return Row(name=name, samples=None, note="peak memory is read from Linux's /proc")
    note = f"peak {peak:,.0f} MiB of memory, {idle:,.0f} MiB before it begins"
    return Row(name=name, samples=None, ratio=peak / idle, note=note)


def print_peaks(action: Callable[[Sample], object]) -> None:
    """Prints the peak before and after `action` on the sample that this process's arguments name: a
    repository, its base and its head."""
    directory, base, head = sys.argv[1:]
    before = peak_mib()
    action(Sample(directory=Path(directory), base=base, head=head))
    print(json.dumps([before, peak_mib()]))
