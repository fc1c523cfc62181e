"""`mrbot doctor` against a host that behaves like the real ones."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mrbot.cli.doctor import doctor
from mrbot.sandbox import Sandbox

GITLAB, GITHUB = "acme/infra", "acme/cloud"
PUBLIC = "https://mrbot.example.org"

SETTINGS = """\
state: {state}
engine: regorus
public_url: {public}
plan: {{isolation: none}}
hosts:
  - name: one
    kind: {kind}
    url: {url}
    projects: [{project}]
    {login}
    webhook: {{{proof}: {{env: HOOK}}}}
policy_owners:
  users: [olga]
"""


@dataclass
class Ward:
    """A sandbox with one repository on it, set up well, and the settings of a server for it."""

    box: Sandbox
    kind: str
    project: str
    config: Path
    run: Callable[..., Any]
    status: str = "mrbot/main"
    output: str = ""
    code: int = -1
    hook: Any = field(default=None)

    def look(self, *options: str) -> None:
        result = self.run(doctor, "--config", self.config, *options)
        self.output, self.code = result.stdout, result.exit_code

    def level(self, name: str) -> str:
        """The level of the check with that name about the repository."""
        start = f"one:{self.project} {name}: "
        for line in self.output.splitlines():
            if line[9:].startswith(start):
                return line.split()[0]
        raise AssertionError(f"there is no {name}: {self.output}")

    def rewrite(self, old: str, new: str) -> None:
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))


def write(tmp_path: Path, url: str, kind: str, project: str, login: str) -> Path:
    (tmp_path / "state").mkdir()
    config = tmp_path / "mrbot.yml"
    proof = "token" if kind == "gitlab" else "secret"
    config.write_text(
        SETTINGS.format(
            state=tmp_path / "state", public=PUBLIC, kind=kind, url=url, project=project,
            login=login, proof=proof,
        )
    )  # fmt: skip
    return config


@pytest.fixture
def box(tmp_path, monkeypatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("HOOK", "h" * 20)
    with Sandbox.start(tmp_path / "sandbox", tick_s=None) as started:
        for login in ("mrbot", "alice"):
            monkeypatch.setenv("TOKEN", started.add_user(login, bot=login == "mrbot"))
        monkeypatch.setenv("TOKEN", started.add_token("mrbot"))
        yield started


@pytest.fixture
def gitlab(box, tmp_path, run) -> Ward:
    box.add_project(GITLAB, members={"mrbot": "maintainer", "alice": "developer"},
                    pipelines_must_succeed=True)  # fmt: skip
    box.protect_branch(GITLAB, "main", push="nobody")
    hook = box.add_hook(GITLAB, f"{PUBLIC}/webhooks/gitlab/one", secret="h" * 20)
    config = write(tmp_path, box.url, "gitlab", GITLAB, "token: {env: TOKEN}")
    return Ward(box=box, kind="gitlab", project=GITLAB, config=config, run=run, hook=hook)


@pytest.fixture
def github(box, tmp_path, run) -> Ward:
    box.add_project(GITHUB, kind="github", members={"mrbot": "admin", "alice": "write"})
    box.protect_branch(GITHUB, "main", push="nobody", required_statuses=["mrbot/main"])
    hook = box.add_hook(GITHUB, f"{PUBLIC}/webhooks/github/one", secret="h" * 20, events=["*"])
    config = write(tmp_path, box.url, "github", GITHUB, "token: {env: TOKEN}")
    return Ward(box=box, kind="github", project=GITHUB, config=config, run=run, hook=hook)


@pytest.fixture
def app(box, tmp_path, run, monkeypatch) -> Ward:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    monkeypatch.setenv("KEY", private.decode())
    box.add_project(GITHUB, kind="github", members={"alice": "admin"})
    made = box.add_app("gate", public.decode(), owner="alice", account="acme")
    box.protect_branch(
        GITHUB, "main", push="nobody", required_statuses=["mrbot/main"], required_app=made
    )
    login = f"app: {{id: {made.id}, private_key: {{env: KEY}}}}"
    config = write(tmp_path, box.url, "github", GITHUB, login)
    return Ward(box=box, kind="github", project=GITHUB, config=config, run=run)


def test_settings_that_are_not_there_are_missing(tmp_path, run):
    result = run(doctor, "--config", tmp_path / "none.yml")
    assert result.exit_code == 2
    assert result.stdout.startswith("missing  settings: ")
    assert "mrbot init" in result.stdout


def test_every_mistake_in_the_settings_is_listed(gitlab):
    gitlab.rewrite("engine: regorus", "engine: guess\nworkers: none")
    gitlab.look()
    assert gitlab.code == 2
    assert gitlab.output.count("missing  settings: ") == 2


def test_a_gitlab_project_set_up_well_only_warns_of_what_gitlab_cannot_do(gitlab):
    gitlab.look()
    levels = {name: gitlab.level(name) for name in ("role", "webhook", "gate", "protection", "git")}
    assert levels == {
        "role": "ok",
        "webhook": "ok",
        "gate": "warning",
        "protection": "ok",
        "git": "ok",
    }
    assert "anybody with the Developer role may set a status of the same name" in gitlab.output
    assert gitlab.code == 1


def test_nothing_is_changed_and_nothing_is_made(gitlab, tmp_path):
    gitlab.look()
    assert {call.method for call in gitlab.box.requests} == {"GET"}
    assert list((tmp_path / "state").iterdir()) == []
    assert f"{tmp_path}/state/key will be made at the first start" in gitlab.output


def test_no_line_holds_a_secret(gitlab):
    gitlab.look()
    for name in ("TOKEN", "HOOK"):
        assert os.environ[name] not in gitlab.output


def gitlab_gate_is_off(ward: Ward) -> None:
    ward.box.project(GITLAB).only_allow_merge_if_pipeline_succeeds = False


def branch_is_open(ward: Ward) -> None:
    ward.box.project(GITLAB).protected.clear()


def maintainers_push(ward: Ward) -> None:
    ward.box.protect_branch(GITLAB, "main", push="maintainer")


def hook_is_elsewhere(ward: Ward) -> None:
    ward.hook.url = "https://other.example.org/"


def hook_is_deaf(ward: Ward) -> None:
    ward.hook.events = frozenset({"push_events", "push"})


def hook_is_disabled(ward: Ward) -> None:
    ward.hook.disabled_until = ward.box.world.now()


def bot_is(role: str) -> Callable[[Ward], None]:
    levels = {"developer": 30, "reporter": 20, "write": 30, "read": 20}

    def change(ward: Ward) -> None:
        ward.box.project(ward.project).members[ward.box.user("mrbot").id] = levels[role]

    return change


@pytest.mark.parametrize(
    ("spoil", "check", "level", "said"),
    [
        (gitlab_gate_is_off, "gate", "missing", "tick 'Pipelines must succeed'"),
        (branch_is_open, "protection", "missing", "every Developer may push past the gate"),
        (maintainers_push, "protection", "warning", "Maintainers may push to main past the gate"),
        (hook_is_elsewhere, "webhook", "missing", f"add {PUBLIC}/webhooks/gitlab/one"),
        (hook_is_deaf, "webhook", "missing", "Merge request events, Comments, Pipeline events"),
        (hook_is_disabled, "webhook", "missing", "GitLab switched it off"),
        (bot_is("developer"), "role", "warning", "the bot is Developer"),
        (bot_is("reporter"), "role", "missing", "can set no status"),
    ],
    ids=["gate off", "open branch", "pushers", "no hook", "deaf hook", "disabled hook",
         "developer", "reporter"],
)  # fmt: skip
def test_what_is_wrong_on_gitlab_is_said_with_how_to_mend_it(gitlab, spoil, check, level, said):
    spoil(gitlab)
    gitlab.look()
    assert gitlab.level(check) == level
    assert said in gitlab.output
    assert gitlab.code == (2 if "missing " in gitlab.output else 1)


def test_a_github_repository_with_a_token_can_be_spoofed_by_writers(github):
    github.look()
    assert github.level("webhook") == "ok"
    assert github.level("gate") == "warning"
    assert github.level("bypass") == "ok"
    assert github.level("git") == "ok"
    assert "anybody with write access may set it" in github.output
    assert github.code == 1


def no_required_status(ward: Ward) -> None:
    ward.box.protect_branch(GITHUB, "main", required_statuses=["build"])


def no_protection(ward: Ward) -> None:
    ward.box.project(GITHUB).protected.clear()


@pytest.mark.parametrize(
    ("spoil", "check", "level", "said"),
    [
        (no_required_status, "gate", "missing", "require the status check 'mrbot/main' on main"),
        (no_protection, "gate", "missing", "does not hold the merge"),
        (hook_is_elsewhere, "webhook", "missing", f"add {PUBLIC}/webhooks/github/one"),
        (hook_is_deaf, "webhook", "missing", "pull_request, pull_request_review, issue_comment"),
        (bot_is("write"), "webhook", "warning", "cannot be looked up"),
        (bot_is("read"), "role", "missing", "can set no status"),
    ],
    ids=["another status", "no protection", "no hook", "deaf hook", "no admin", "reader"],
)
def test_what_is_wrong_on_github_is_said_with_how_to_mend_it(github, spoil, check, level, said):
    spoil(github)
    github.look()
    assert github.level(check) == level
    assert said in github.output


def test_an_app_whose_check_alone_is_required_holds_the_merge(app):
    app.look()
    assert app.level("gate") == "ok"
    assert app.level("git") == "ok"
    assert app.level("webhook") == "warning"
    assert "only this App can set it" in app.output


def test_an_app_whose_check_anybody_may_set_is_warned_of(app):
    app.box.protect_branch(GITHUB, "main", push="nobody", required_statuses=["mrbot/main"])
    app.look()
    assert app.level("gate") == "warning"
    assert "as the check's source" in app.output


def test_a_token_that_is_refused_ends_the_host_and_says_so(gitlab, monkeypatch):
    monkeypatch.setenv("TOKEN", "wrong")
    gitlab.look()
    assert gitlab.code == 2
    assert "missing  one credentials: " in gitlab.output


def test_a_project_that_is_not_there_is_missing(gitlab):
    gitlab.rewrite(f"projects: [{GITLAB}]", "projects: [acme/gone]")
    gitlab.look()
    assert "missing  one:acme/gone repository: " in gitlab.output
    assert "missing  one:acme/gone git: " in gitlab.output


def test_patterns_are_said_and_a_project_can_be_named(gitlab):
    gitlab.rewrite(f"projects: [{GITLAB}]", 'projects: ["acme/**"]')
    gitlab.look()
    assert "acme/**: not looked into; name a project with --project one:PATH" in gitlab.output
    gitlab.look("--project", f"one:{GITLAB}")
    assert gitlab.level("webhook") == "ok"
    gitlab.look("--project", "one:other/infra")
    assert "missing  one:other/infra allowed: " in gitlab.output


@pytest.mark.parametrize("named", ["one", "two:acme/x", ":x"])
def test_a_project_that_makes_no_sense_is_refused(gitlab, named):
    result = gitlab.run(doctor, "--config", gitlab.config, "--project", named)
    assert result.exit_code == 2


def test_the_short_webhook_address_is_ours_too(gitlab):
    gitlab.hook.url = f"{PUBLIC}/webhooks/gitlab"
    gitlab.look()
    assert gitlab.level("webhook") == "ok"


def test_a_server_without_webhooks_or_address_is_warned_of(gitlab):
    gitlab.rewrite(f"public_url: {PUBLIC}\n", "")
    gitlab.look()
    assert "write `public_url`" in gitlab.output
    gitlab.rewrite("    webhook: {token: {env: HOOK}}\n", "")
    gitlab.look()
    assert "no delivery is accepted" in gitlab.output


def test_an_isolation_of_none_is_warned_of(gitlab):
    gitlab.look()
    assert "warning  isolation: none: a plan's code can read all that the bot can" in gitlab.output


def test_a_key_that_others_may_read_is_missing(gitlab, tmp_path):
    (tmp_path / "state" / "key").write_text("k" * 44)
    (tmp_path / "state" / "key").chmod(0o644)
    gitlab.look()
    assert "missing  key: " in gitlab.output


def test_a_database_of_another_version_is_missing(gitlab, tmp_path):
    with sqlite3.connect(tmp_path / "state" / "mrbot.db") as connection:
        connection.execute("create table other (x)")
    connection.close()
    gitlab.look()
    assert "missing  storage: " in gitlab.output
