"""A real decision on a real git repository, recorded."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from mrbot.audit.record import Record, recorded
from mrbot.change.people import Directory
from mrbot.change.snapshot import ChangeState, HostChange
from mrbot.config.shipped import shipped
from mrbot.decision.decide import decide
from mrbot.decision.material import Organisation, PolicyFolder, ServedPolicies, TextFile
from mrbot.decision.ruleset import PolicyInput, Require
from mrbot.gather import gather, pinned
from mrbot.git.command import Git
from mrbot.git.repository import GitRepository
from mrbot.ids import ChangeId, HostKind, Person, RepoId
from mrbot.judgement import assess
from mrbot.policy.finding import PolicyEngine, PolicyServer
from mrbot.policy.served import NO_SERVER

NOW = datetime(2026, 11, 22, 21, 10, tzinfo=UTC)
CHANGE = ChangeId(RepoId("gitlab", "acme/infra"), 7)

BEFORE = """\
resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}

resource "aws_db_instance" "orders" {
  engine            = "postgres"
  storage_encrypted = true
}
"""
AFTER = """\
resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}

resource "aws_security_group" "web" {
  name = "web"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""

DENIES = b"""package main

deny contains msg if {
  some resource in input.resources
  resource.action == "delete"
  msg := sprintf("%s may not be deleted", [resource.address])
}
"""


def git(folder: Path, *arguments: str) -> str:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org",
        "GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.org",
    }  # fmt: skip
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True
    )
    return done.stdout.decode().strip()


def made_record(
    folder: Path,
    engine: PolicyEngine,
    policy: bytes = DENIES,
    server: PolicyServer | None = None,
) -> Record:
    """The decision about a change that deletes a database and opens a port, by `policy` or, where
    there is a `server`, by what it holds."""
    folder.mkdir(exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "main.tf").write_text(BEFORE)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=before")
    (folder / "main.tf").write_text(AFTER)
    git(folder, "commit", "--quiet", "--all", "--message=after")
    repository = GitRepository(Git(directory=folder))
    head, target = repository.resolve("HEAD"), repository.resolve("HEAD~1")
    host = HostChange(
        id=CHANGE, title="Open the web servers", description="", author=Person(id="1", login="ann"),
        state=ChangeState.OPEN, draft=False, source_branch="web", target_branch="main", head=head,
        from_fork=False, labels=(), web_url="",
    )  # fmt: skip
    change = pinned(host, repository, target, people=frozenset(), reviews=())
    rules = shipped("config") / "default-rules.yml"
    policies: PolicyFolder | ServedPolicies = PolicyFolder(
        directory="policies", origin="organisation",
        files=(TextFile(path="main.rego", content=policy),),
    )  # fmt: skip
    if server is not None:
        policies = ServedPolicies(where="a server")
    organisation = Organisation(
        rules=TextFile(path=rules.name, content=rules.read_bytes()), default=True,
        policies=policies, namespaces=("main",), input=PolicyInput.CHANGE,
        owners=Require(count=1, role="admin"),
    )  # fmt: skip
    material = gather(
        change, repository, dialect=HostKind.GITLAB, organisation=organisation, plans=(),
        planning=False, now=NOW,
    )  # fmt: skip
    assessment = assess(material, change, engine, server or NO_SERVER)
    decision = decide(change, assessment, Directory(), NOW, planning=False)
    return recorded(change, material, Directory(), engine.engine, decision)
