from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mrbot.plan.process import (
    Cancelled,
    Command,
    Exited,
    Limits,
    NotStarted,
    Outcome,
    TimedOut,
    run,
)
from mrbot.plan.watched import Captured

SHORT = Limits(seconds=0.1, interrupt_grace=0.1, terminate_grace=0.1)
LONG = Limits(seconds=30, interrupt_grace=5, terminate_grace=5)


def shell(script: str, where: Path, *, limits: Limits = LONG, **extra: str) -> Outcome:
    command = Command(argv=("/bin/sh", "-c", script))
    return run(
        command, directory=where, environment={"PATH": "/usr/bin:/bin"} | extra, limits=limits
    )


def finished(outcome: Outcome) -> Exited:
    assert isinstance(outcome, Exited), outcome
    return outcome


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid: int) -> bool:
    """Whether the process ends; the kernel may take a moment to tear a killed one down."""
    for _ in range(200):
        if not alive(pid):
            return True
        time.sleep(0.01)
    return False


def test_a_command_that_says_nothing_gives_nothing(tmp_path: Path) -> None:
    outcome = shell(":", tmp_path)

    assert outcome == Exited(code=0, stdout=Captured(), stderr=Captured())


def test_output_and_exit_code_come_back_apart(tmp_path: Path) -> None:
    outcome = finished(shell("echo out; echo err >&2; pwd; exit 3", tmp_path))

    assert outcome.code == 3
    assert outcome.stdout.data == f"out\n{tmp_path}\n".encode()
    assert outcome.stderr.data == b"err\n"


@pytest.mark.parametrize(
    ("size", "kept", "dropped"),
    [(99, 99, 0), (100, 100, 0), (101, 100, 1), (300_000, 100, 299_900)],
    ids=["below", "at", "above", "far above"],
)
def test_the_end_of_the_output_is_kept_and_the_rest_counted(
    tmp_path: Path, size: int, kept: int, dropped: int
) -> None:
    limits = Limits(seconds=30, output_bytes=100)

    outcome = finished(shell(f"head -c {size - 1} /dev/zero; printf x", tmp_path, limits=limits))

    assert outcome.stdout.dropped == dropped
    assert outcome.stdout.data == b"\0" * (kept - 1) + b"x"


def test_nothing_of_the_bots_environment_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MRBOT_TOKEN", "hunter2")

    outcome = finished(shell("env", tmp_path, GIVEN="yes"))

    lines = set(outcome.stdout.data.decode().splitlines())
    assert lines - {f"PWD={tmp_path}"} == {"PATH=/usr/bin:/bin", "GIVEN=yes"}


def test_a_command_that_asks_a_question_reads_the_end_of_its_input(tmp_path: Path) -> None:
    outcome = finished(shell("read answer || echo nobody answers", tmp_path))

    assert outcome.stdout.data == b"nobody answers\n"


def test_no_descriptor_of_the_bot_is_inherited(tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        outcome = finished(shell("ls -l /proc/self/fd", tmp_path))

    assert b"secret" not in outcome.stdout.data


def test_a_command_past_its_time_is_ended_with_all_it_started(tmp_path: Path) -> None:
    script = "trap '' INT TERM; sleep 60 & echo $$ $! > pids; echo began; wait"

    outcome = shell(script, tmp_path, limits=SHORT)

    assert isinstance(outcome, TimedOut)
    assert outcome.stdout.data == b"began\n"
    assert all(gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())


def test_a_command_past_its_time_is_first_asked_to_stop(tmp_path: Path) -> None:
    limits = Limits(seconds=0.1, interrupt_grace=30, terminate_grace=30)

    outcome = shell(
        "trap 'echo freed the lock; exit 1' INT; while :; do :; done", tmp_path, limits=limits
    )

    assert isinstance(outcome, TimedOut)
    assert outcome.stdout.data == b"freed the lock\n"


def test_a_cancelled_command_is_ended(tmp_path: Path) -> None:
    cancel = threading.Event()
    threading.Timer(0.05, cancel.set).start()

    outcome = run(
        Command(argv=("/bin/sleep", "60")),
        directory=tmp_path,
        environment={},
        limits=LONG,
        cancelled=cancel.is_set,
    )

    assert isinstance(outcome, Cancelled)


def test_a_command_that_is_cancelled_already_never_starts(tmp_path: Path) -> None:
    command = Command(argv=("/bin/sh", "-c", "touch started"))

    outcome = run(command, directory=tmp_path, environment={}, limits=LONG, cancelled=lambda: True)

    assert isinstance(outcome, Cancelled)
    assert not (tmp_path / "started").exists()


def test_what_a_finished_command_left_running_is_ended_and_not_waited_for(tmp_path: Path) -> None:
    outcome = finished(shell("sleep 60 & echo $! > pid; echo done", tmp_path))

    assert outcome.stdout.data == b"done\n"
    assert gone(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("program", ["/no/such/program", "sh", "/etc/passwd"])
def test_a_program_that_cannot_be_run_is_told_by_name(tmp_path: Path, program: str) -> None:
    outcome = run(Command(argv=(program,)), directory=tmp_path, environment={}, limits=LONG)

    assert isinstance(outcome, NotStarted)
    assert program in outcome.reason


def test_a_directory_that_is_not_there_starts_nothing(tmp_path: Path) -> None:
    assert isinstance(shell(":", tmp_path / "absent"), NotStarted)


def test_an_endless_file_is_cut_and_no_core_is_written(tmp_path: Path) -> None:
    outcome = finished(shell("ulimit -c; ulimit -f", tmp_path))

    core, blocks = outcome.stdout.data.split()
    assert core == b"0"
    assert int(blocks) * 512 == 2 * 1024**3


def test_the_command_dies_when_the_bot_is_killed(tmp_path: Path) -> None:
    bot = """
import sys
from pathlib import Path
from mrbot.plan.process import Command, Limits, run
script = "echo $$ > pid.new; mv pid.new pid; exec sleep 60"
command = Command(argv=("/bin/sh", "-c", script))
environment = {"PATH": "/usr/bin:/bin"}
run(command, directory=Path(sys.argv[1]), environment=environment, limits=Limits(seconds=60))
"""
    with subprocess.Popen([sys.executable, "-c", bot, str(tmp_path)]) as process:
        while not (tmp_path / "pid").exists():
            assert process.poll() is None
            time.sleep(0.01)
        pid = int((tmp_path / "pid").read_text())
        process.send_signal(signal.SIGKILL)

    assert gone(pid)
