"""`mrbot doctor` about the engine, the organisation's policies and the server that holds them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mrbot.audit.record import record_bytes
from mrbot.cli.doctor_policies import policies_inspected
from mrbot.cli.replay import replay
from mrbot.config.settings import load_settings
from mrbot.hosts.inspection import Inspected, Level
from mrbot.policy.opa.remote import RemoteOpa
from mrbot.policy.opa.server import free_port
from mrbot.policy.settle import settle
from tests import needs
from tests.contract.opa_servers import AUTHZ, TOKEN, OpaServer, opa_server, write_bundle
from tests.unit.cli.recording import DENIES, made_record

ENVIRON = {"GITLAB": "t" * 20, "OPA_TOKEN": TOKEN, "WRONG": "wrong-" + "w" * 20}


def inspected(folder: Path, policies: dict[str, Any], **more: Any) -> dict[str, Inspected]:
    document = {
        "state": str(folder), "engine": "regorus", "policies": policies,
        "hosts": [{"name": "gl", "kind": "gitlab", "projects": ["a/**"], "token": {"env": "GITLAB"}}],
        "policy_owners": {"users": ["kim"]}, **more,
    }  # fmt: skip
    config = folder / "mrbot.yml"
    config.write_text(yaml.safe_dump(document))
    return {one.name: one for one in policies_inspected(load_settings(config, ENVIRON))}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpaServer]:
    folder = write_bundle(
        tmp_path_factory.mktemp("opa") / "org", "v1", DENIES.decode(), authz=AUTHZ
    )
    with opa_server(
        "--authentication=token", "--authorization=basic", "--bundle", folder
    ) as started:
        yield started


def server(running: OpaServer, token: str = "OPA_TOKEN", **more: Any) -> dict[str, Any]:
    return {"server": {"url": running.address.url, "token": {"env": token}, **more}}


def test_a_server_that_is_well_is_told_with_version_revision_and_packages(
    running: OpaServer, tmp_path: Path
) -> None:
    needs.regorus()
    found = inspected(tmp_path, server(running))

    assert found["policy engine"].level is Level.OK
    assert found["organisation's rules"].level is Level.OK
    told = found["policy server"]
    assert told.level is Level.OK
    assert told.found.startswith(f"{running.address.url}: opa ")
    assert "at v1; packages main are there" in told.found


@pytest.mark.parametrize(
    ("more", "namespaces", "hint", "mend"),
    [
        pytest.param({"token": "WRONG"}, ["main"], "401", "server.token", id="token"),
        pytest.param({"revisions": {"org": "v2"}}, ["main"], "v2", "revisions", id="revision"),
        pytest.param({}, ["main", "nosuch"], "nosuch is not there", "namespaces", id="package"),
    ],
)
def test_what_is_wrong_with_a_server_is_told_with_how_to_mend_it(
    running: OpaServer,
    tmp_path: Path,
    more: dict[str, Any],
    namespaces: list[str],
    hint: str,
    mend: str,
) -> None:
    needs.regorus()
    told = inspected(tmp_path, {**server(running, **more), "namespaces": namespaces})[
        "policy server"
    ]

    assert told.level is Level.MISSING
    assert hint in told.found
    assert told.mend is not None
    assert mend in told.mend
    assert ENVIRON["WRONG"] not in told.found


def test_a_server_that_is_down_is_told(tmp_path: Path) -> None:
    needs.regorus()
    told = inspected(tmp_path, {"server": {"url": f"http://127.0.0.1:{free_port()}"}})

    assert told["policy server"].level is Level.MISSING
    assert "Connection refused" in told["policy server"].found


def test_a_server_is_looked_at_although_there_is_no_engine(
    running: OpaServer, tmp_path: Path
) -> None:
    told = inspected(tmp_path, server(running), engine="opa", opa={"path": "/nowhere/opa"})

    assert told["policy engine"].level is Level.MISSING
    assert told["policy server"].level is Level.OK


def test_a_directory_of_policies_is_asked(tmp_path: Path) -> None:
    needs.regorus()
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "main.rego").write_bytes(DENIES)

    fine = inspected(tmp_path, {"path": str(folder)})["organisation's policies"]
    lost = inspected(tmp_path, {"path": str(folder), "namespaces": ["mian"]})
    (folder / "main.rego").write_text("package main\n\ndeny contains }\n")
    broken = inspected(tmp_path, {"path": str(folder)})["organisation's policies"]

    assert fine.level is Level.OK
    assert lost["organisation's policies"].level is Level.MISSING
    assert "there is no package 'mian'" in lost["organisation's policies"].found
    assert broken.level is Level.MISSING
    assert "main.rego:3" in broken.found


# From the server's answer to a replay without it.


def test_a_decision_by_a_server_is_replayed_when_the_server_is_gone_and_says_so(
    tmp_path: Path, run: Any
) -> None:
    needs.regorus()
    bundle = write_bundle(tmp_path / "org", "v7", DENIES.decode())
    engine = settle("regorus", None, 20)
    try:
        with opa_server("--bundle", bundle) as started:
            asked = RemoteOpa(started.address, seconds=20)
            record = made_record(tmp_path / "repo", engine, server=asked)
    finally:
        engine.close()
    path = tmp_path / "record.json"
    path.write_bytes(record_bytes(record))

    result = run(replay, path, "--config", "none.yml")

    assert result.exit_code == 0
    assert result.stdout.startswith("not judged again: organisation's policies, on a server (")
    assert "v7" in result.stdout
    assert "same verdict: rejected" in result.stdout
    assert "aws_db_instance.orders may not be deleted" in path.read_text()
    assert "timer_rego_query_eval_ns" in path.read_text()
    assert os.environ["PATH"] not in path.read_text()
