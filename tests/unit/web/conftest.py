"""A store with one change in it, and a client for its pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from mrbot.audit.record import FORMAT
from mrbot.change.snapshot import ChangeState
from mrbot.effects.effect import CommentRef
from mrbot.ids import ChangeId, Digest, RepoId, Sha
from mrbot.plan.vault import Vault
from mrbot.secret import Secret
from mrbot.store.changes import KnownChange
from mrbot.store.opening import open_store
from mrbot.store.store import Store
from mrbot.web import Metrics, web_blueprint

NOW = datetime(2026, 11, 22, 21, 10, tzinfo=UTC)
CHANGE = ChangeId(RepoId("gitlab", "acme/sub/infra"), 7)
HEAD = Sha("a" * 40)
PAGE = "/changes/gitlab/acme/sub/infra/7"


def outcome(**more: Any) -> dict[str, Any]:
    """A decision document that blocks, with one of everything."""
    found: dict[str, Any] = {
        "version": 1, "change": str(CHANGE), "verdict": "rejected",
        "reasons": [
            {"code": "denied", "weight": "rejected", "text": "aws_db_instance.orders is deleted",
             "path": "infra/prod/main.tf", "line": 12},
            {"code": "approval-missing", "weight": "pending", "text": "1 of 2 approvals by @sre",
             "path": None, "line": None},
        ],
        "base": "b" * 40, "target": "c" * 40, "head": HEAD, "target_branch": "main",
        "files": [
            {"path": "infra/prod/main.tf", "old_path": None, "status": "modified",
             "old_mode": "100644", "new_mode": "100644"},
            {"path": ".gitlab-ci.yml", "old_path": None, "status": "modified",
             "old_mode": "100644", "new_mode": "100644"},
        ],
        "resources": [
            {"format": "terraform", "address": "aws_s3_bucket.logs", "kind": "aws_s3_bucket",
             "action": "update", "before": {"bucket": "logs", "acl": "private", "tags": {}},
             "after": {"bucket": "logs", "acl": "public-read", "tags": {"team": "web"}},
             "previous_address": "aws_s3_bucket.old",
             "unknown_paths": [], "sensitive_paths": [], "project": "network-prod",
             "environment": "production", "certainty": "planned",
             "source": {"path": "infra/prod/main.tf", "line": 3}},
            {"format": "terraform", "address": "aws_db_instance.orders", "kind": "aws_db_instance",
             "action": "delete", "before": {"engine": "postgres"}, "after": None, "stateful": True,
             "unknown_paths": [], "sensitive_paths": [], "project": "network-prod",
             "environment": "production", "certainty": "planned",
             "source": {"path": "infra/prod/main.tf", "line": 12}},
        ],
        "notes": [
            {"path": "infra/prod/link", "kind": "symlink", "text": "a symbolic link to '/etc'"},
        ],
        "findings": [
            {"rule": "deny_delete", "severity": "deny", "blocks": True,
             "msg": "aws_db_instance.orders is deleted", "namespace": "mrbot.terraform.deletion",
             "policy": "organisation", "document": "change", "path": "infra/prod/main.tf",
             "line": 12, "metadata": {"id": "TF-DEL-1", "fix": "keep it, or move it first"},
             "excepted": None},
            {"rule": "warn_public", "severity": "warn", "blocks": False,
             "msg": "aws_s3_bucket.logs can be read by everybody", "namespace": "main",
             "policy": "repository", "document": "change", "path": None, "line": None,
             "metadata": None, "excepted": None},
        ],
        "requirements": [
            {"name": "production is seen by two", "origin": "rule", "source": ".mrbot.yml at main",
             "count": 2, "users": [], "groups": ["acme/sre"], "role": "write",
             "counted": ["ben"], "discounted": [
                 {"login": "ann", "why": "wrote commits of this change"}], "missing": 1},
            {"name": "policy owners", "origin": "owners", "source": "organisation", "count": 1,
             "users": ["olga"], "groups": [], "role": "write", "counted": ["olga"],
             "discounted": [], "missing": 0},
        ],
        "not_understood": [
            {"path": "infra/prod/big.tf", "line": None, "reason": "larger than 5 MiB",
             "relevant": True}],
        "plans": [
            {"project": "network-prod", "environment": "production", "head": HEAD,
             "tool": "terraform 1.11.4", "effect_digest": "sha256:" + "e" * 64, "failed": None,
             "summary": {"create": 0, "update": 1, "replace": 0, "delete": 1, "move": 0,
                         "import": 0, "forget": 0, "outputs": 0}},
            {"project": "dns", "environment": "production", "head": HEAD, "tool": None,
             "summary": None, "effect_digest": None,
             "failed": "the tool failed: Error: no valid credential sources found"},
        ],
        "policies": [
            {"policy": "organisation", "digest": "sha256:" + "d" * 64, "engine": "opa 1.22.2",
             "namespaces": ["mrbot.terraform.deletion"], "demands": [], "failed": None}],
        "projects": ["network-prod", "dns"], "protected": [".gitlab-ci.yml"], "code": "K7QM-2F4D",
        "effect_digest": "sha256:" + "e" * 64, "policy_digest": "sha256:" + "f" * 64,
        "evaluated_at": NOW.isoformat(),
    }  # fmt: skip
    return {**found, **more}


@dataclass
class Site:
    """mrbot's web side over a real store. `clock` may be set on; `reasons` are a check's."""

    store: Store
    engine: Engine
    clock: datetime = NOW
    reasons: list[str | None] = field(default_factory=lambda: [None])
    client: FlaskClient = None  # type: ignore[assignment]

    def record(self, at: int = 0, **more: Any) -> int:
        """A decision is on the ledger, `at` minutes after the first."""
        content = json.dumps({"format": FORMAT, "outcome": outcome(**more)}).encode()
        moment = NOW + timedelta(minutes=at)
        entry = self.store.ledger.append(
            kind="decision", subject=str(CHANGE), at=moment.isoformat(), content=content
        )
        return entry.number

    def know(self, verdict: str = "rejected", **more: Any) -> None:
        """The change is known."""
        values: dict[str, Any] = {
            "id": CHANGE, "state": ChangeState.OPEN, "head": HEAD, "target_branch": "main",
            "title": "Move the order database", "updated_at": NOW, **more,
        }  # fmt: skip
        self.store.changes.save(KnownChange(verdict=verdict, **values))

    def show(self, record: int) -> None:
        """The comment shows the record."""
        comment = CommentRef(
            id="5", url="https://gitlab.example.org/acme/-/merge_requests/7#note_5"
        )
        digest = Digest("sha256:" + "1" * 64)
        self.store.publications.save_comment(CHANGE, comment, digest, str(record), NOW)

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def html(self, path: str = PAGE) -> str:
        answer = self.get(path)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)


@pytest.fixture
def make(tmp_path) -> Iterator[Callable[..., Site]]:
    made: list[Site] = []

    def build(*, pages: bool = True) -> Site:
        engine = open_store(f"sqlite:///{tmp_path}/{len(made)}.db")
        site = Site(store=Store(engine, Vault(Secret("k" * 40))), engine=engine)
        app = Flask("site", static_folder=None)
        metrics = Metrics(site.store, lambda: site.clock)
        app.register_blueprint(
            web_blueprint(
                site.store, lambda: site.clock, {"policy engine": lambda: site.reasons[0]},
                pages=pages, metrics=metrics,
            )
        )  # fmt: skip
        metrics.count_delivery("gitlab", "stored")
        site.client = app.test_client()
        made.append(site)
        return site

    yield build
    for one in made:
        one.engine.dispose()


@pytest.fixture
def site(make) -> Site:
    return make()
