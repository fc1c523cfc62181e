"""The sandbox as a process of its own, and its seed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from mrbot.sandbox.__main__ import main

SEED = {
    "users": [{"login": "alice", "token": "alice-token"}],
    "groups": [{"path": "acme/platform", "members": ["alice"]}],
    "projects": [{"path": "acme/infra", "members": {"alice": "developer"}, "files": {"a.tf": ""}}],
    "hooks": [{"project": "acme/infra", "url": "http://127.0.0.1:1/hook", "secret": "s"}],
}


def test_a_seeded_process_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED))
    command = (sys.executable, "-m", "mrbot.sandbox", "--directory", str(tmp_path / "d"),
               "--seed", str(seed))  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        headers = {"PRIVATE-TOKEN": "alice-token"}
        answer = requests.get(f"{url}/api/v4/projects/acme%2Finfra", headers=headers, timeout=5)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    assert answer.json()["path_with_namespace"] == "acme/infra"


@pytest.mark.parametrize(
    ("seed", "said"),
    [
        ("{", "the document"),
        ('{"bogus": []}', "unknown parts ['bogus']"),
        ('{"users": [{"name": "x"}]}', "users"),
        ('{"projects": [{"path": "a/b", "members": ["nobody"]}]}', "no user 'nobody'"),
    ],
    ids=["not-json", "unknown-part", "missing-field", "unknown-user"],
)
def test_a_bad_seed_says_where_it_is_bad(tmp_path: Path, seed: str, said: str) -> None:
    file = tmp_path / "seed.json"
    file.write_text(seed)
    done = CliRunner().invoke(main, ["--directory", str(tmp_path / "d"), "--seed", str(file)])
    assert done.exit_code == 1
    assert said in done.output
