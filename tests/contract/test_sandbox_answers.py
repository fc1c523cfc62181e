"""Every endpoint of the sandbox, driven by the real client libraries, against the contract."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gitlab
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth, Github, GithubException, GithubIntegration
from gitlab.exceptions import GitlabError
from werkzeug.routing import Map

from mrbot.sandbox import Sandbox
from mrbot.sandbox.server import application
from tests.contract.openapi import (
    Contract,
    ContractAdapter,
    Violation,
    pygithub_checked,
)

GITLAB, GITHUB = "acme/infra", "acme/cloud"
WORKFLOW = """
run-name: deploy ${{ inputs.mrbot_intent }}
on:
  push:
  workflow_dispatch:
    inputs: {mrbot_intent: {required: true}}
"""


@functools.cache
def app_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Stage:
    """A sandbox with a project on each host, and clients whose every call is checked."""

    def __init__(self, folder: Path) -> None:
        self.box = Sandbox.start(folder, tick_s=None)
        self.gitlab_contract = Contract.load("gitlab")
        self.github_contract = Contract.load("github")
        self.tokens = {name: self.box.add_user(name) for name in ("root", "alice", "bob")}
        self.tokens["mrbot"] = self.box.add_user("mrbot", bot=True)
        self._gitlab_project()
        self._github_project()
        self._sessions: list[requests.Session] = []
        self._clients: list[Github | GithubIntegration] = []

    def close(self) -> None:
        for session in self._sessions:
            session.close()
        for client in self._clients:
            client.close()
        self.box.stop()

    def _gitlab_project(self) -> None:
        box = self.box
        box.add_group("acme", {"root": "owner"})
        box.add_group("acme/platform", ["alice", "bob"])
        members = {"mrbot": "maintainer", "alice": "developer", "bob": "developer"}
        box.add_project(GITLAB, members=members)
        box.protect_branch(GITLAB, "main", push="nobody")
        box.commit(GITLAB, "feature", {"a.tf": "a = 1\n", "README.md": None}, author="alice")

    def _github_project(self) -> None:
        box = self.box
        self.key = app_key()
        public = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.app = box.add_app("gate", public.decode(), owner="root", account="acme")
        members = {"root": "admin", "mrbot": "write", "alice": "write", "bob": "write"}
        files = {"README.md": "x", ".github/workflows/deploy.yml": WORKFLOW}
        box.add_project(GITHUB, kind="github", members=members, files=files)
        box.protect_branch(GITHUB, "main", required_statuses=["mrbot/main"], required_approvals=1)
        box.commit(GITHUB, "f/one", {"a.tf": "a = 1\n", "README.md": None}, author="alice")

    def gitlab(self, login: str = "mrbot") -> gitlab.Gitlab:
        session = requests.Session()
        session.mount("http://", ContractAdapter(self.gitlab_contract))
        self._sessions.append(session)
        return gitlab.Gitlab(self.box.url, private_token=self.tokens[login], session=session)

    @property
    def _options(self) -> dict[str, Any]:
        return {"base_url": f"{self.box.url}/api/v3", "seconds_between_requests": None,
                "seconds_between_writes": None, "retry": None}  # fmt: skip

    def github(self, login: str) -> Github:
        client = Github(auth=Auth.Token(self.tokens[login]), **self._options)
        self._clients.append(client)
        return client

    def integration(self) -> GithubIntegration:
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )  # fmt: skip
        client = GithubIntegration(auth=Auth.AppAuth(self.app.id, pem.decode()), **self._options)
        self._clients.append(client)
        return client


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    found = Stage(tmp_path)
    with pygithub_checked(found.github_contract):
        yield found
    found.close()


@contextlib.contextmanager
def refused(status: int) -> Iterator[None]:
    with pytest.raises((GitlabError, GithubException)) as caught:
        yield
    code = getattr(caught.value, "response_code", None) or getattr(caught.value, "status", None)
    assert code == status


# GitLab


def gitlab_people(stage: Stage) -> None:
    host = stage.gitlab()
    host.auth()
    host.version()
    (bob,) = host.users.list(username="bob")
    host.users.get(bob.id)
    host.users.list(iterator=True)
    group = host.groups.get("acme/platform")
    group.members.list(get_all=True)
    names = {one.username for one in group.members_all.list(get_all=True)}
    assert names == {"alice", "bob", "root"}
    project = host.projects.get(GITLAB)
    project.members_all.list(user_ids=[bob.id])
    assert project.members_all.get(bob.id).access_level == 30
    with refused(404):
        host.projects.get("no/such")


def gitlab_repository(stage: Stage) -> None:
    project = stage.gitlab().projects.get(GITLAB)
    project.protectedbranches.list(get_all=True)
    project.protectedbranches.get("main")
    head = project.branches.get("feature").commit["id"]
    project.commits.get(head)
    assert project.files.get("a.tf", "feature").decode() == b"a = 1\n"


def gitlab_change(stage: Stage) -> None:
    project = stage.gitlab("alice").projects.get(GITLAB)
    change = project.mergerequests.create(
        {"source_branch": "feature", "target_branch": "main", "title": "T", "labels": ["x"]}
    )
    project.mergerequests.list(state="opened", order_by="updated_at", sort="asc", get_all=True)
    change.commits()
    change.diffs.list(get_all=True)
    change.reviewer_details.list(get_all=True)
    change.title, change.labels = "Draft: T", ["y"]
    change.save()
    change.title, change.state_event = "T", "close"
    change.save()
    change.state_event = "reopen"
    change.save()
    change.approvals.get()
    with refused(409):
        change.approve(sha="0" * 40)
    # The answer of an approval replaces the object's attributes: each one starts from a fresh read.
    project.mergerequests.get(1).approve(sha=change.sha)
    project.mergerequests.get(1).unapprove()
    change = project.mergerequests.get(1)
    with refused(409):
        change.merge(sha="0" * 40)
    merged = change.merge(sha=change.sha, should_remove_source_branch=True)
    assert merged["state"] == "merged"
    (shipped,) = project.commits.get(merged["merge_commit_sha"]).merge_requests(get_all=True)
    assert shipped["iid"] == 1


def gitlab_notes(stage: Stage) -> None:
    stage.box.open_change(GITLAB, "alice", "feature")
    change = stage.gitlab().projects.get(GITLAB).mergerequests.get(1)
    note = change.notes.create({"body": "one"})
    note.body = "two"
    note.save()
    note.awardemojis.create({"name": "eyes"})
    assert [one.name for one in note.awardemojis.list(get_all=True)] == ["eyes"]
    assert change.notes.get(note.id).body == "two"
    change.notes.list(order_by="created_at", sort="asc", per_page=100, get_all=True)
    note.delete()
    with refused(404):
        change.notes.get(note.id)


def gitlab_statuses(stage: Stage) -> None:
    stage.box.open_change(GITLAB, "alice", "feature")
    project = stage.gitlab().projects.get(GITLAB)
    change = project.mergerequests.get(1)
    commit = project.commits.get(change.sha, lazy=True)
    body = {"name": "mrbot", "pipeline_id": change.head_pipeline["id"]}
    commit.statuses.create({**body, "state": "pending", "description": "d"})
    with refused(400):
        commit.statuses.create({**body, "state": "pending"})
    commit.statuses.create({**body, "state": "success", "target_url": "http://localhost/x"})
    (one,) = commit.statuses.list(name="mrbot", all=True, get_all=True)
    assert one.status == "success"


def gitlab_pipelines(stage: Stage) -> None:
    stage.box.open_change(GITLAB, "alice", "feature")
    project = stage.gitlab().projects.get(GITLAB)
    line = project.pipelines.create(
        {"ref": "main", "variables": [{"key": "A", "value": "b"}], "inputs": {"x": "y"}}
    )
    line.variables.list(get_all=True)
    line.jobs.list(get_all=True)
    project.pipelines.list(ref="main", source="api", order_by="id", sort="desc", get_all=True)
    project.pipelines.latest(ref="main")
    line.cancel()
    line.retry()
    project.pipelines.get(line.id)
    token = stage.box.add_trigger_token(GITLAB, "mrbot")
    project.trigger_pipeline("main", token, variables={"A": "b"})
    change = project.mergerequests.get(1)
    change.pipelines.create()
    assert len(change.pipelines.list(get_all=True)) == 2


def gitlab_hooks(stage: Stage) -> None:
    stage.box.open_change(GITLAB, "alice", "feature")
    host = stage.gitlab()
    project = host.projects.get(GITLAB)
    hook = project.hooks.create({
        "url": "http://127.0.0.1:1/hook", "merge_requests_events": True, "note_events": True,
        "token": "t", "signing_token": "whsec_" + "a" * 43 + "=",
    })  # fmt: skip
    hook.test("merge_requests_events")
    stage.box.wait_for_deliveries()
    project.hooks.list(get_all=True)
    project.hooks.get(hook.id)
    path = f"/projects/{project.id}/hooks/{hook.id}/events"
    (event,) = host.http_list(path, get_all=True)
    host.http_post(f"{path}/{event['id']}/resend")
    hook.delete()


# GitHub


def github_people(stage: Stage) -> None:
    host = stage.github("root")
    assert host.get_user().login == "root"
    host.get_user("bob")
    host.get_rate_limit()
    organization = host.get_organization("acme")
    bob = host.get_user("bob")
    assert not organization.has_in_members(bob)
    assert organization.has_in_members(host.get_user("root"))
    host.get_user("root").get_organization_membership("acme")
    team = organization.get_team_by_slug("platform")
    assert [one.login for one in team.get_members()] == ["alice", "bob"]
    team.get_team_membership("bob")
    repository = host.get_repo(GITHUB)
    assert repository.get_collaborator_permission("alice") == "write"
    assert repository.get_collaborator_role_name("alice") == "write"


def github_app(stage: Stage) -> None:
    integration = stage.integration()
    integration.get_app()
    list(integration.get_installations())
    found = integration.get_repo_installation(*GITHUB.split("/"))
    integration.get_app_installation(found.id)
    stage.tokens["gate"] = integration.get_access_token(found.id).token
    host = stage.github("gate")
    repository = host.get_repo(GITHUB)
    assert [one.full_name for one in found.get_repos()] == [GITHUB]
    head = repository.get_branch("f/one").commit.sha
    run = repository.create_check_run("gate", head, status="in_progress")
    note = {"path": "a.tf", "start_line": 1, "end_line": 1, "annotation_level": "notice",
            "message": "m"}  # fmt: skip
    output = {"title": "t", "summary": "s", "annotations": [note]}
    run.edit(conclusion="success", output=output)
    repository.get_check_run(run.id)
    assert len(list(repository.get_commit(head).get_check_runs(check_name="gate"))) == 1


def github_repository(stage: Stage) -> None:
    repository = stage.github("root").get_repo(GITHUB)
    branch = repository.get_branch("main")
    assert branch.get_protection().required_status_checks.contexts == ["mrbot/main"]
    head = repository.get_git_ref("heads/f/one").object.sha
    repository.get_git_commit(head)
    repository.get_commit(head)
    list(repository.get_commits(sha="f/one"))
    file = repository.get_contents("README.md", ref="main")
    assert not isinstance(file, list)
    assert file.decoded_content == b"x"
    path = f"/repos/{GITHUB}/rules/branches/main"
    repository.requester.requestJsonAndCheck("GET", path)
    with refused(404):
        repository.get_branch("nowhere")
    with refused(404):
        stage.github("root").get_repo("no/such")


def github_pull(stage: Stage) -> None:
    repository = stage.github("alice").get_repo(GITHUB)
    pull = repository.create_pull(base="main", head="f/one", title="T", body="B", draft=False)
    list(repository.get_pulls(state="open", head="acme:f/one", sort="updated", direction="asc"))
    assert {one.filename for one in pull.get_files()} == {"a.tf", "README.md"}
    list(pull.get_commits())
    with refused(422):
        pull.create_review(event="APPROVE")
    bob = stage.github("bob").get_repo(GITHUB)
    review = bob.get_pull(1).create_review(event="APPROVE", commit=bob.get_commit(pull.head.sha))
    review.dismiss("old")
    bob.get_pull(1).create_review(event="APPROVE")
    assert [one.state for one in pull.get_reviews()] == ["DISMISSED", "APPROVED"]
    pull.edit(title="New", body="C", base="main")
    pull.edit(state="closed")
    pull.edit(state="open")
    with refused(405):
        pull.merge(sha=pull.head.sha)
    commit = repository.get_commit(pull.head.sha)
    commit.create_status("success", context="mrbot/main", description="d", target_url="http://x/")
    assert commit.get_combined_status().state == "success"
    list(commit.get_statuses())
    stage.github("root").get_repo(GITHUB).requester.requestJsonAndCheck(
        "GET", f"/repos/{GITHUB}/commits/{pull.head.sha}/statuses"
    )
    with refused(409):
        pull.merge(sha="0" * 40)
    merged = pull.merge(sha=pull.head.sha, merge_method="squash", commit_title="T")
    assert [one.number for one in repository.get_commit(merged.sha).get_pulls()] == [1]


def github_comments(stage: Stage) -> None:
    stage.box.open_change(GITHUB, "alice", "f/one")
    repository = stage.github("mrbot").get_repo(GITHUB)
    pull = repository.get_pull(1)
    comment = pull.create_issue_comment("one")
    comment.edit("two")
    comment.create_reaction("eyes")
    comment.create_reaction("eyes")
    assert [one.content for one in comment.get_reactions()] == ["eyes"]
    assert pull.get_issue_comment(comment.id).body == "two"
    list(pull.get_issue_comments())
    with refused(422):
        pull.create_issue_comment("x" * 65_537)
    comment.delete()
    pull.as_issue()
    pull.add_to_labels("a", "b")
    pull.remove_from_labels("a")
    assert [one.name for one in pull.get_labels()] == ["b"]


def github_actions(stage: Stage) -> None:
    repository = stage.github("mrbot").get_repo(GITHUB)
    workflow = repository.get_workflow("deploy.yml")
    inputs = {"mrbot_intent": "k"}
    told = workflow.create_dispatch("main", inputs, throw=True, return_run_details=True)
    assert workflow.create_dispatch("main", inputs, throw=True) is True
    with refused(422):
        workflow.create_dispatch("main", {"bogus": "x"}, throw=True)
    run = repository.get_workflow_run(told.id)
    list(run.jobs())
    run.cancel()
    run.rerun()
    list(workflow.get_runs(event="workflow_dispatch", branch="main"))
    list(repository.get_workflow_runs(status="queued"))


def github_deployments(stage: Stage) -> None:
    repository = stage.github("mrbot").get_repo(GITHUB)
    head = repository.get_branch("main").commit.sha
    made = repository.create_deployment(
        head, environment="production", required_contexts=[], auto_merge=False,
        payload={"mrbot_intent": "k"}, description="d",
    )  # fmt: skip
    made.create_status("in_progress", description="d", environment_url="http://x/")
    repository.get_deployment(made.id)
    assert [one.state for one in made.get_statuses()] == ["in_progress"]
    list(repository.get_deployments(sha=head, environment="production"))


def github_hooks(stage: Stage) -> None:
    repository = stage.github("root").get_repo(GITHUB)
    config = {"url": "http://127.0.0.1:1/hook", "secret": "s", "content_type": "json"}
    hook = repository.create_hook("web", config, ["push", "pull_request"])
    stage.box.wait_for_deliveries()
    list(repository.get_hooks())
    repository.get_hook(hook.id)
    (ping,) = repository.get_hook_deliveries(hook.id)
    assert ping.id is not None
    repository.get_hook_delivery(hook.id, ping.id)
    path = f"/repos/{GITHUB}/hooks/{hook.id}/deliveries/{ping.id}/attempts"
    repository.requester.requestJsonAndCheck("POST", path)
    hook.delete()


STORIES = [
    gitlab_people, gitlab_repository, gitlab_change, gitlab_notes, gitlab_statuses,
    gitlab_pipelines, gitlab_hooks, github_people, github_app, github_repository, github_pull,
    github_comments, github_actions, github_deployments, github_hooks,
]  # fmt: skip

UNTOLD = {
    ("GET", "/api/v3/repos/<owner>/<repo>/git/refs/<refs:ref>"): "an older spelling of git/ref",
    ("POST", "/api/v4/projects/<seg:name>/ref/<seg:ref>/trigger/pipeline"): "python-gitlab sends "
    "the ref in the body",
}
"""Routes that no client library calls, each with the reason for having it."""


@pytest.mark.parametrize("story", STORIES, ids=[story.__name__ for story in STORIES])
def test_both_sides_keep_the_contract(stage: Stage, story: Callable[[Stage], None]) -> None:
    story(stage)


def test_no_route_of_the_sandbox_is_left_out(tmp_path: Path) -> None:
    told: set[tuple[str, str]] = set()
    routes: set[tuple[str, str]] = set()
    for at, story in enumerate(STORIES):
        stage = Stage(tmp_path / str(at))
        with pygithub_checked(stage.github_contract):
            story(stage)
        stage.close()
        found = application(stage.box.world, stage.box.webhooks).url_map
        routes = _routes(found)
        matcher = found.bind("localhost")
        for call in stage.box.requests:
            rule, _ = matcher.match(call.raw_path, method=call.method, return_rule=True)
            told.add((call.method, rule.rule))
    assert routes - told - set(UNTOLD) == set()


def _routes(url_map: Map) -> set[tuple[str, str]]:
    return {
        (method, rule.rule)
        for rule in url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/api/")
        and not rule.rule.endswith("<path:rest>")
        and method not in ("HEAD", "OPTIONS")
    }


# The checker itself


def test_an_unknown_path_is_a_violation() -> None:
    for contract, path in (
        (Contract.load("gitlab"), "/api/v4/nothing"),
        (Contract.load("github"), "/api/v3/nothing"),
    ):
        with pytest.raises(Violation, match="no such path"):
            contract.check_request("GET", f"http://localhost{path}", {}, None)


@pytest.mark.parametrize(
    ("url", "method", "body", "said"),
    [
        ("projects/1/merge_requests?bogus=1", "GET", None, "undocumented query"),
        ("projects/1/merge_requests?state=maybe", "GET", None, "state"),
        ("projects/1/merge_requests/1/notes", "POST", b'{"body":"x","bogus":1}', "bogus"),
        ("projects/1/merge_requests/1/notes", "POST", b'{"body":5}', "body"),
        ("projects/1/merge_requests/x", "GET", None, "merge_request_iid"),
        ("projects/1/merge_requests/1/merge?bogus=1", "PUT", None, "undocumented query"),
    ],
)
def test_what_the_document_does_not_allow_is_a_violation(
    url: str, method: str, body: bytes | None, said: str
) -> None:
    headers = {"Content-Type": "application/json"}
    with pytest.raises(Violation, match=said):
        Contract.load("gitlab").check_request(
            method, f"http://localhost/api/v4/{url}", headers, body
        )


def test_an_answer_of_another_shape_is_a_violation() -> None:
    contract = Contract.load("github")
    asked = contract.check_request("GET", "http://localhost:80/api/v3/rate_limit", {}, None)
    with pytest.raises(Violation, match="resources"):
        contract.check_response(asked, 200, {"Content-Type": "application/json"}, b'{"rate": {}}')


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}"])
def test_an_error_that_says_nothing_is_a_violation(body: bytes) -> None:
    contract = Contract.load("gitlab")
    asked = contract.check_request("GET", "http://localhost/api/v4/user", {}, None)
    with pytest.raises(Violation):
        contract.check_response(asked, 418, {"Content-Type": "application/json"}, body)


def test_parameters_of_a_write_may_stand_in_the_query_on_gitlab() -> None:
    contract = Contract.load("gitlab")
    url = "http://localhost/api/v4/projects/acme%2Finfra/merge_requests/1/merge"
    contract.check_request("PUT", f"{url}?sha=abc&squash=true", {}, None)
    with pytest.raises(Violation):
        contract.check_request("PUT", f"{url}?squash=perhaps", {}, None)
