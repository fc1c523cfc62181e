"""GitHub Apps: JSON Web Tokens, installation tokens, and the check runs that only Apps write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mrbot.sandbox import Sandbox
from mrbot.sandbox.model import App
from tests.unit.sandbox.conftest import GITHUB, Client

REPO = f"/repos/{GITHUB}"
START = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Scene:
    sandbox: Sandbox
    app: App
    key: rsa.RSAPrivateKey
    now: datetime

    def client(self, token: str) -> Client:
        return Client(root=f"{self.sandbox.url}/api/v3", token=token)

    def jwt(self, *, key: rsa.RSAPrivateKey | None = None, minutes: int = 5, **more: Any) -> str:
        claims = {
            "iss": str(self.app.id), "iat": int(self.now.timestamp()) - 60,
            "exp": int((self.now + timedelta(minutes=minutes)).timestamp()), **more,
        }  # fmt: skip
        return jwt.encode(claims, key or self.key, algorithm="RS256")

    def installation_token(self) -> str:
        client = self.client(self.jwt())
        installation = client("GET", f"{REPO}/installation").json()["id"]
        made = client("POST", f"/app/installations/{installation}/access_tokens", {})
        assert made.status_code == 201
        return str(made.json()["token"])


@pytest.fixture
def scene(tmp_path: Path, key: rsa.RSAPrivateKey) -> Iterator[Scene]:
    clock = [START]
    with Sandbox.start(tmp_path, tick_s=None, clock=lambda: clock[0]) as sandbox:
        pem = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        sandbox.add_user("root")
        sandbox.add_user("alice", token="alice-token")
        sandbox.add_group("acme", {"root": "owner"})
        app = sandbox.add_app("mrbot", pem.decode(), owner="root", account="acme")
        sandbox.add_project(GITHUB, kind="github", members={"root": "admin", "alice": "write"})
        sandbox.commit(GITHUB, "feature", {"a.tf": "a\n"}, author="alice")
        sandbox.open_change(GITHUB, "alice", "feature")
        found = Scene(sandbox, app, key, START)
        yield found
        clock[0] = START


def test_an_app_is_known_by_its_key(scene: Scene) -> None:
    assert scene.client(scene.jwt())("GET", "/app").json()["slug"] == "mrbot"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"minutes": -1}, 401, id="expired"),
        pytest.param({"minutes": 11}, 401, id="lives-too-long"),
        pytest.param({"iss": "999"}, 404, id="unknown-app"),
    ],
)
def test_a_bad_json_web_token_is_refused(scene: Scene, change: dict[str, Any], status: int) -> None:
    assert scene.client(scene.jwt(**change))("GET", "/app").status_code == status


def test_a_token_signed_by_another_key_is_refused(scene: Scene) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert scene.client(scene.jwt(key=other))("GET", "/app").status_code == 401
    assert scene.client("nonsense")("GET", "/app").status_code == 401


def test_an_unsigned_token_is_refused(scene: Scene) -> None:
    forged = jwt.encode({"iss": str(scene.app.id), "iat": 1, "exp": 9999999999}, "", "none")
    assert scene.client(forged)("GET", "/app").status_code == 401


def test_an_installation_token_acts_as_the_bot_for_one_hour(
    tmp_path: Path, key: rsa.RSAPrivateKey
) -> None:
    clock = [START]
    with Sandbox.start(tmp_path, tick_s=None, clock=lambda: clock[0]) as sandbox:
        pem = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        sandbox.add_user("root")
        app = sandbox.add_app("mrbot", pem.decode(), owner="root", account="acme")
        sandbox.add_project(GITHUB, kind="github")
        scene = Scene(sandbox, app, key, START)
        client = scene.client(scene.installation_token())
        assert client("GET", REPO).status_code == 200
        assert client("GET", "/user").json()["login"] == "mrbot[bot]"
        clock[0] = START + timedelta(minutes=61)
        refused = client("GET", REPO)
        assert (refused.status_code, refused.json()["message"]) == (401, "Bad credentials")


def test_only_apps_write_check_runs(scene: Scene) -> None:
    body = {"name": "mrbot", "head_sha": scene.sandbox.change(GITHUB, 1).head}
    refused = scene.client("alice-token")("POST", f"{REPO}/check-runs", body)
    assert refused.status_code == 403
    assert refused.json()["message"] == "You must authenticate via a GitHub App."
    made = scene.client(scene.installation_token())("POST", f"{REPO}/check-runs", body)
    assert (made.status_code, made.json()["app"]["slug"]) == (201, "mrbot")


def test_a_required_check_of_an_app_is_not_faked_by_a_status(scene: Scene) -> None:
    scene.sandbox.protect_branch(
        GITHUB, "main", required_statuses=["mrbot"], required_app=scene.app
    )
    person, app = scene.client("alice-token"), scene.client(scene.installation_token())
    sha = scene.sandbox.change(GITHUB, 1).head
    person("POST", f"{REPO}/statuses/{sha}", {"state": "success", "context": "mrbot"})
    assert person("PUT", f"{REPO}/pulls/1/merge", {}).status_code == 405
    run = app("POST", f"{REPO}/check-runs", {"name": "mrbot", "head_sha": sha}).json()["id"]
    assert person("PUT", f"{REPO}/pulls/1/merge", {}).status_code == 405
    app("PATCH", f"{REPO}/check-runs/{run}", {"conclusion": "success"})
    assert person("PUT", f"{REPO}/pulls/1/merge", {}).status_code == 200


def test_neutral_and_skipped_checks_count_as_passing(scene: Scene) -> None:
    scene.sandbox.protect_branch(GITHUB, "main", required_statuses=["mrbot"])
    app = scene.client(scene.installation_token())
    sha = scene.sandbox.change(GITHUB, 1).head
    body = {"name": "mrbot", "head_sha": sha, "conclusion": "neutral"}
    app("POST", f"{REPO}/check-runs", body)
    assert app("GET", f"{REPO}/pulls/1").json()["mergeable_state"] == "clean"


def note(at: int) -> dict[str, object]:
    return {"path": "a.tf", "start_line": at, "end_line": at, "annotation_level": "notice",
            "message": "m"}  # fmt: skip


def test_fifty_annotations_fit_into_a_request_and_updates_add_to_them(scene: Scene) -> None:
    app = scene.client(scene.installation_token())
    sha = scene.sandbox.change(GITHUB, 1).head
    output = {"title": "t", "summary": "s", "annotations": [note(at) for at in range(50)]}
    made = app("POST", f"{REPO}/check-runs", {"name": "m", "head_sha": sha, "output": output})
    run = f"{REPO}/check-runs/{made.json()['id']}"
    shown = app("PATCH", run, {"output": output}).json()
    assert shown["output"]["annotations_count"] == 100
    output["annotations"] = [note(at) for at in range(51)]
    assert app("PATCH", run, {"output": output}).status_code == 422


def test_a_long_summary_is_refused(scene: Scene) -> None:
    app = scene.client(scene.installation_token())
    sha = scene.sandbox.change(GITHUB, 1).head
    output = {"title": "t", "summary": "x" * 65_536}
    body = {"name": "m", "head_sha": sha, "output": output}
    assert app("POST", f"{REPO}/check-runs", body).status_code == 422
