"""From settings to the parts: whether a policy server is asked, and by whom."""

from __future__ import annotations

from pathlib import Path

import yaml

from mrbot.app import compose, organisation_of, policy_server
from mrbot.config.settings import load_settings
from mrbot.config.settings_value import Settings
from mrbot.decision.material import PolicyFolder, ServedPolicies
from mrbot.policy.finding import EvaluationFailed, EvaluationFault
from mrbot.policy.opa.remote import RemoteOpa
from mrbot.policy.opa.server import free_port
from mrbot.policy.served import NO_SERVER
from tests import needs

TOKEN = "opa-token-0123456789"


def settings(folder: Path, policies: dict[str, object] | None) -> Settings:
    document = {
        "state": str(folder / "state"), "engine": "regorus", "plan": {"isolation": "none"},
        "hosts": [{"name": "gl", "kind": "gitlab", "projects": ["a/**"], "token": {"env": "GL"}}],
        "policy_owners": {"users": ["kim"]},
    }  # fmt: skip
    config = folder / "mrbot.yml"
    config.write_text(yaml.safe_dump(document | ({"policies": policies} if policies else {})))
    return load_settings(config, {"GL": "t" * 20, "OPA": TOKEN})


def test_a_worker_asks_the_server_that_the_settings_name(tmp_path: Path) -> None:
    needs.regorus()
    url = f"http://127.0.0.1:{free_port()}"
    read = settings(tmp_path, {"server": {"url": url, "token": {"env": "OPA"}}})
    tools = compose(read).tools()
    try:
        assert isinstance(tools.server, RemoteOpa)
        assert tools.organisation.policies == ServedPolicies(where=url)
        assert tools.organisation.namespaces == ("main",)
        said = tools.server.evaluate(("main",), ())
    finally:
        tools.engine.close()

    assert isinstance(said, EvaluationFailed)
    assert said.fault is EvaluationFault.ENGINE
    assert said.served is not None
    assert said.served.where == url
    assert TOKEN not in repr(said)


def test_without_a_server_nobody_is_asked(tmp_path: Path) -> None:
    read = settings(tmp_path, None)

    assert policy_server(read) is NO_SERVER
    assert isinstance(organisation_of(read, None, None).policies, PolicyFolder)
