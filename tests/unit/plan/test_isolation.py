from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import cast

import pytest

from mrbot.errors import BadSettings
from mrbot.plan.isolation import (
    Bubblewrap,
    Isolation,
    NoIsolation,
    OtherUser,
    confine,
    hand_over,
    refused,
)
from mrbot.plan.process import Cancelled, Exited, Limits, TimedOut, run
from mrbot.plan.settle import Choice, Paths, settle_isolation
from tests.needs import missing
from tests.unit.plan.worlds import await_path, none_running

TRUE = ("/bin/true",)
LIMITS = Limits(seconds=30, interrupt_grace=5, terminate_grace=5)


def paths(ground: Path, *, writable: tuple[Path, ...] = ()) -> Paths:
    """A bot with a state directory, a key file and a directory for plans."""
    state = ground / "state"
    state.mkdir(mode=0o700, exist_ok=True)
    (state / "mrbot.db").write_text("hunter2")
    key = ground / "key"
    key.write_text("hunter2")
    key.chmod(0o600)
    return Paths(work=ground / "work", private=(state, key), writable=writable)


def settled(ground: Path, choice: str, *, network: bool = True) -> Isolation:
    return settle_isolation(cast("Choice", choice), paths(ground), network=network, must_run=TRUE)


def inside(
    isolation: Isolation, ground: Path, script: str, *, limits: Limits = LIMITS
) -> tuple[int, str]:
    own = ground / "work" / "own"
    own.mkdir(mode=0o700, exist_ok=True)
    assert hand_over(isolation, own) is None
    command = confine(isolation, ("/bin/sh", "-c", script), directory=own, writable=(own,))
    outcome = run(command, directory=own, environment={"PATH": "/usr/bin:/bin"}, limits=limits)
    assert isinstance(outcome, Exited), outcome
    return outcome.code, (outcome.stdout.data + outcome.stderr.data).decode()


def test_an_isolated_command_runs_and_writes_its_own_directory(
    ground: Path, real_isolation: str
) -> None:
    isolation = settled(ground, real_isolation)

    code, said = inside(isolation, ground, "echo kept > file; pwd; exit 4")

    assert (code, said) == (4, f"{ground / 'work' / 'own'}\n")
    assert (ground / "work" / "own" / "file").read_text() == "kept\n"


@pytest.mark.parametrize(
    "attack",
    [
        "cat {ground}/key",
        "cat {ground}/state/mrbot.db",
        "ls {ground}/state/*.db",
        "cat /proc/{bot}/environ",
        "cat /proc/{bot}/maps",
        "ls /proc/{bot}/root/",
        "kill -0 {bot}",
        "cat /etc/shadow",
        "echo x > /other",
        "echo x > /usr/other",
        "mount -t tmpfs none /mnt",
        "chown 0:0 /proc/self/fd/1 && cat /proc/sysrq-trigger",
    ],
)
def test_an_isolated_command_reaches_nothing_of_the_bots(
    ground: Path, real_isolation: str, attack: str
) -> None:
    isolation = settled(ground, real_isolation)
    bot = os.getpid()
    assert bot > 10, "its number must not be one that the isolated processes have"

    code, said = inside(isolation, ground, attack.format(ground=ground, bot=bot))

    assert code != 0
    assert "hunter2" not in said
    assert (ground / "key").read_text() == "hunter2"


def test_what_an_isolated_command_writes_elsewhere_never_reaches_the_bot(
    ground: Path, real_isolation: str
) -> None:
    isolation = settled(ground, real_isolation)

    inside(
        isolation, ground, f"echo x >> {ground}/key; echo x > {ground}/work/other; rm -rf {ground}"
    )

    assert (ground / "key").read_text() == "hunter2"
    assert sorted(path.name for path in (ground / "work").iterdir()) == ["own"]


def test_without_isolation_the_same_command_reaches_it_all(ground: Path) -> None:
    isolation = settled(ground, "none")

    code, said = inside(isolation, ground, f"cat {ground}/key; cat /proc/{os.getpid()}/comm")

    assert code == 0
    assert "hunter2" in said


@pytest.mark.parametrize("network", [True, False], ids=["network", "no network"])
def test_a_network_exists_only_where_it_was_asked_for(
    ground: Path, real_isolation: str, network: bool
) -> None:
    own = os.readlink("/proc/self/ns/net")

    code, said = inside(settled(ground, real_isolation, network=network), ground,
                        "readlink /proc/self/ns/net")  # fmt: skip

    assert code == 0
    assert (said.strip() == own) is network


@pytest.mark.parametrize("how", ["time", "cancel"])
def test_an_isolated_command_is_asked_to_stop_and_leaves_nothing_behind(
    ground: Path, real_isolation: str, how: str
) -> None:
    isolation = settled(ground, real_isolation)
    own = ground / "work" / "own"
    own.mkdir(mode=0o700)
    hand_over(isolation, own)
    marker = f"{3600 + os.getpid()}.5"
    script = (
        f"trap 'echo freed; exit 1' INT; sleep {marker} & touch began; while :; do sleep .01; done"
    )
    command = confine(isolation, ("/bin/sh", "-c", script), directory=own, writable=(own,))
    cancel = threading.Event()
    if how == "cancel":
        threading.Thread(target=lambda: (await_path(own / "began"), cancel.set())).start()

    outcome = run(
        command,
        directory=own,
        environment={"PATH": "/usr/bin:/bin"},
        limits=LIMITS if how == "cancel" else Limits(seconds=0.3, interrupt_grace=5),
        cancelled=cancel.is_set,
    )

    assert isinstance(outcome, Cancelled if how == "cancel" else TimedOut)
    assert outcome.stdout.data == b"freed\n"
    assert none_running(marker)


def test_an_isolated_command_dies_when_the_bot_is_killed(ground: Path, real_isolation: str) -> None:
    marker = f"{7200 + os.getpid()}.5"
    bot = f"""
from pathlib import Path
from mrbot.plan.isolation import *
from mrbot.plan.process import Limits, run
from mrbot.plan.settle import Paths, settle_isolation
ground = Path({str(ground)!r})
isolation = settle_isolation({real_isolation!r}, Paths(work=ground / "work", private=()),
                             network=True, must_run=("/bin/true",))
own = ground / "work" / "own"
own.mkdir()
hand_over(isolation, own)
script = "touch began; setsid sleep {marker} & wait"
command = confine(isolation, ("/bin/sh", "-c", script), directory=own, writable=(own,))
run(command, directory=own, environment={{"PATH": "/usr/bin:/bin"}}, limits=Limits(seconds=60))
"""
    with subprocess.Popen([sys.executable, "-c", bot]) as process:
        await_path(ground / "work" / "own" / "began")
        process.send_signal(signal.SIGKILL)

    assert none_running(marker)


def test_the_strongest_isolation_is_taken_when_nothing_is_named(
    ground: Path, real_isolation: str
) -> None:
    isolation = settled(ground, "auto")

    expected = Bubblewrap if shutil.which("bwrap") else OtherUser
    assert isinstance(isolation, expected)


def test_no_isolation_is_never_chosen_by_itself(
    ground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(BadSettings) as caught:
        settled(ground, "auto")

    text = str(caught.value)
    assert "apt-get install bubblewrap" in text
    assert "'user' does not work here" in text
    assert "isolation: none" in text
    assert isinstance(settled(ground, "none"), NoIsolation)


def test_an_isolation_in_which_the_tool_does_not_start_does_not_count(
    ground: Path, real_isolation: str
) -> None:
    with pytest.raises(BadSettings, match="false under"):
        settle_isolation(
            cast("Choice", real_isolation), paths(ground), network=True, must_run=("/bin/false",)
        )


def test_an_isolation_that_lets_the_key_be_read_does_not_count(ground: Path) -> None:
    if os.geteuid() != 0:
        missing("root, to become another user")
    open_paths = paths(ground)
    (ground / "key").chmod(0o644)

    with pytest.raises(BadSettings, match=f"it can read {ground}/key"):
        settle_isolation("user", open_paths, network=True, must_run=TRUE)


def test_a_state_that_plans_must_write_and_cannot_is_told_by_name(ground: Path) -> None:
    if os.geteuid() != 0:
        missing("root, to become another user")
    backend = ground / "backend"
    backend.mkdir(mode=0o700)

    with pytest.raises(BadSettings, match=f"it cannot write {backend}"):
        settle_isolation("user", paths(ground, writable=(backend,)), network=True, must_run=TRUE)


@pytest.mark.parametrize("user", ["root", "no-such-user"])
def test_a_user_that_is_no_other_user_is_refused(ground: Path, user: str) -> None:
    with pytest.raises(BadSettings, match=f"{user}|not root"):
        settle_isolation("user", paths(ground), network=True, must_run=TRUE, user=user)


@pytest.mark.parametrize("choice", ["auto", "none"])
def test_plans_are_never_made_within_the_bots_own_directories(ground: Path, choice: str) -> None:
    state = ground / "state"
    for work, own in ((state / "work", state), (ground, state)):
        clash = Paths(work=work, private=(own,))
        with pytest.raises(BadSettings, match="put one of the two elsewhere"):
            settle_isolation(cast("Choice", choice), clash, network=True, must_run=TRUE)


def test_a_hard_link_is_not_handed_over_since_its_other_name_would_be_too(ground: Path) -> None:
    isolation = OtherUser(uid=65534, gid=65534, network=True, unshare="", setpriv="")
    (ground / "checkout").mkdir()
    (ground / "object").write_text("shared with the mirror")
    (ground / "checkout" / "main.tf").hardlink_to(ground / "object")

    assert "main.tf is a hard link" in str(hand_over(isolation, ground / "checkout"))
    assert (ground / "object").stat().st_uid == os.getuid()


def test_handing_over_follows_no_link_out_of_the_directory(ground: Path) -> None:
    if os.geteuid() != 0:
        missing("root, to give a file away")
    isolation = OtherUser(uid=65534, gid=65534, network=True, unshare="", setpriv="")
    (ground / "outside").mkdir()
    (ground / "outside" / "key").write_text("hunter2")
    (ground / "checkout").mkdir()
    (ground / "checkout" / "folder").symlink_to(ground / "outside")
    (ground / "checkout" / "file").symlink_to(ground / "outside" / "key")

    assert hand_over(isolation, ground / "checkout") is None

    assert (ground / "checkout").stat().st_uid == 65534
    assert (ground / "outside").stat().st_uid == 0
    assert (ground / "outside" / "key").stat().st_uid == 0


@pytest.mark.parametrize(
    ("isolation", "stderr", "expected"),
    [
        (NoIsolation(), b"bwrap: ", False),
        (Bubblewrap(program="/usr/bin/bwrap", network=True), b"", False),
        (Bubblewrap(program="/usr/bin/bwrap", network=True), b"bwrap: No permissions", True),
        (Bubblewrap(program="/usr/bin/bwrap", network=True), b"Error: bwrap: no", False),
    ],
    ids=["none", "silent", "refused", "the tool's own words"],
)
def test_an_isolation_that_fails_is_told_from_a_tool_that_fails(
    isolation: Isolation, stderr: bytes, expected: bool
) -> None:
    assert refused(isolation, stderr) is expected
