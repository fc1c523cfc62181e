"""One suite for every host: the adapters against the sandbox over HTTP, each call held against the
host's own API document, and counted."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mrbot.change.people import ReviewState
from mrbot.change.reader import ChangeReader
from mrbot.change.snapshot import ChangeState
from mrbot.decision.ruleset import DeploymentTarget, PipelineTarget, Target, WorkflowTarget
from mrbot.deployment.deployment import Deployer, DeploymentState, Intent
from mrbot.effects.effect import (
    Annotation,
    AnnotationLevel,
    ChangeWriter,
    Reaction,
    Status,
    StatusState,
)
from mrbot.errors import AnswerLost, HostFailure, Permanent, Transient
from mrbot.hosts.github import AppAuth, GitHubHost, TokenAuth
from mrbot.hosts.gitlab import GitLabHost
from mrbot.ids import ChangeId, Digest, Person, RepoId, Sha
from mrbot.sandbox import Sandbox
from mrbot.secret import Secret
from tests.contract.openapi import Contract, ContractAdapter

WORKFLOW = """
run-name: deploy ${{ inputs.mrbot_intent }}
on:
  workflow_dispatch:
    inputs: {mrbot_intent: {required: true}, mrbot_sha: {required: true}}
"""
KEY = Digest("sha256:" + "ab" * 32)
MARKER = "<!-- mrbot -->"


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(kw_only=True)
class Place:
    """A host with a repository in it, and mrbot's adapter for it."""

    kind: str
    box: Sandbox
    host: GitLabHost | GitHubHost
    project: str
    targets: dict[str, Target] = field(default_factory=dict)

    @property
    def repo(self) -> RepoId:
        return RepoId(self.kind, self.project)

    def open(self, author: str = "alice", source: str = "feature", **more: object) -> ChangeId:
        self.box.commit(self.project, source, {f"{source}.tf": "a = 1\n"}, author=author)
        number = self.box.open_change(self.project, author, source, **more)  # type: ignore[arg-type]
        return ChangeId(self.repo, number)

    def push(self, change: ChangeId) -> Sha:
        source = self.box.change(self.project, change.number).source
        return Sha(self.box.commit(self.project, source, {"more.tf": "b = 2\n"}, author="alice"))

    def counted(self, ask: Callable[[], object]) -> int:
        mark = self.box.mark()
        ask()
        return len(self.box.requests_since(mark))

    def person(self, login: str) -> Person:
        user = self.box.user(login)
        return Person(id=str(user.id), login=user.login, is_bot=user.bot)

    def intent(self, change: ChangeId, sha: Sha, key: Digest = KEY, target: str = "") -> Intent:
        return Intent(
            key=key, change=change, repo=self.repo, target_branch="main", sha=sha,
            environment="production", target=self.targets[target or next(iter(self.targets))],
        )  # fmt: skip


def _gitlab(box: Sandbox, tokens: dict[str, str], session: requests.Session) -> Place:
    project = "acme/infra"
    roles = {"mrbot": "maintainer", "alice": "developer", "bob": "developer", "guest": "guest"}
    box.add_project(project, members=roles)
    host = GitLabHost("gitlab", box.url, Secret(tokens["mrbot"]), session=session)
    targets: dict[str, Target] = {"pipeline": PipelineTarget(variables=(("TIER", "one"),))}
    return Place(kind="gitlab", box=box, host=host, project=project, targets=targets)


def _github(box: Sandbox, tokens: dict[str, str], session: requests.Session, *, app: bool) -> Place:
    project = "acme/cloud"
    roles = {"mrbot": "write", "alice": "write", "bob": "write", "guest": "read"}
    files = {"README.md": "x", ".github/workflows/deploy.yml": WORKFLOW}
    box.add_project(project, kind="github", members=roles, files=files)
    auth: TokenAuth | AppAuth = TokenAuth(token=Secret(tokens["mrbot"]))
    if app:
        public, private = _pems()
        made = box.add_app("gate", public, owner="alice", account="acme")
        auth = AppAuth(app_id=str(made.id), private_key=Secret(private))
    host = GitHubHost("github", f"{box.url}/api/v3", auth, session=session)
    targets: dict[str, Target] = {
        "workflow": WorkflowTarget(file="deploy.yml"),
        "deployment": DeploymentTarget(payload={"size": 3}),
    }
    return Place(kind="github", box=box, host=host, project=project, targets=targets)


def _pems() -> tuple[str, str]:
    public = _key().public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    private = _key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return public.decode(), private.decode()


@pytest.fixture(params=["gitlab", "github-token", "github-app"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with Sandbox.start(tmp_path / "box", tick_s=None) as box, requests.Session() as session:
        logins = ("mrbot", "alice", "bob", "guest", "stranger")
        tokens = {login: box.add_user(login, bot=login == "mrbot") for login in logins}
        box.add_group("acme", {"alice": "owner", "mrbot": "reporter"})
        box.add_group("acme/platform", ["alice", "bob"])
        name, _, auth = request.param.partition("-")
        session.mount("http://", ContractAdapter(Contract.load(name)))
        found = (
            _gitlab(box, tokens, session)
            if name == "gitlab"
            else _github(box, tokens, session, app=auth == "app")
        )
        found.host.identity()
        yield found


def test_the_adapter_implements_all_three_ports(place: Place) -> None:
    ports: tuple[ChangeReader, ChangeWriter, Deployer] = (place.host, place.host, place.host)
    assert len(set(map(id, ports))) == 1


# Reading


def test_an_open_change_is_read_with_one_call(place: Place) -> None:
    change = place.open(title="Grow", description="more disk", labels=["big"])
    assert place.counted(lambda: place.host.change(change)) == 1
    found = place.host.change(change)
    stored = place.box.change(place.project, change.number)
    assert (found.id, found.title, found.description) == (change, "Grow", "more disk")
    assert found.author == place.person("alice")
    assert (found.state, found.draft, found.from_fork) == (ChangeState.OPEN, False, False)
    assert (found.source_branch, found.target_branch) == ("feature", "main")
    assert (found.head, found.labels, found.merge_sha) == (stored.head, ("big",), None)
    assert found.comments == 0
    assert found.web_url.startswith(place.box.url)


def test_a_draft_is_a_draft(place: Place) -> None:
    change = place.open(title="Draft: grow", draft=True)
    assert place.host.change(change).draft


def test_a_closed_change_is_closed(place: Place) -> None:
    change = place.open()
    place.box.close(place.project, change.number, "alice")
    assert place.host.change(change).state is ChangeState.CLOSED


def test_a_merged_change_names_the_commit_it_was_merged_as(place: Place) -> None:
    change = place.open()
    sha = place.box.merge(place.project, change.number, "bob")
    found = place.host.change(change)
    assert (found.state, found.merge_sha) == (ChangeState.MERGED, sha)


def test_a_change_that_is_not_there_is_a_permanent_failure(place: Place) -> None:
    with pytest.raises(Permanent) as caught:
        place.host.change(ChangeId(place.repo, 99))
    assert caught.value.status == 404
    assert "may not see it" in str(caught.value)


def test_without_reviews_there_are_none(place: Place) -> None:
    assert place.host.reviews(place.open()) == ()


def test_an_approval_is_told_with_its_head_where_the_host_knows_it(place: Place) -> None:
    change = place.open()
    place.box.approve(place.project, change.number, "bob")
    seen = place.box.change(place.project, change.number).head
    place.push(change)
    (review,) = place.host.reviews(change)
    assert (review.person, review.state) == (place.person("bob"), ReviewState.APPROVED)
    assert review.head == (None if place.kind == "gitlab" else seen)
    expected = 2 if place.kind == "gitlab" else 1
    assert place.counted(lambda: place.host.reviews(change)) == expected


def test_an_approval_that_was_taken_back_is_no_approval(place: Place) -> None:
    change = place.open()
    place.box.approve(place.project, change.number, "bob")
    place.box.unapprove(place.project, change.number, "bob")
    states = [review.state for review in place.host.reviews(change)]
    assert states == ([] if place.kind == "gitlab" else [ReviewState.DISMISSED])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("APPROVED", "COMMENTED"), ReviewState.APPROVED),
        (("APPROVED", "CHANGES_REQUESTED"), ReviewState.CHANGES_REQUESTED),
        (("CHANGES_REQUESTED", "APPROVED"), ReviewState.APPROVED),
        (("CHANGES_REQUESTED", "COMMENTED"), ReviewState.CHANGES_REQUESTED),
        (("COMMENTED",), None),
    ],
)
def test_the_latest_decisive_review_counts(
    place: Place, given: tuple[str, ...], expected: ReviewState | None
) -> None:
    if place.kind == "gitlab":
        return  # it has approvals only
    change = place.open()
    for state in given:
        place.box.review(place.project, change.number, "bob", state, "words")  # type: ignore[arg-type]
    found = [review.state for review in place.host.reviews(change)]
    assert found == ([] if expected is None else [expected])


def test_reviews_on_later_pages_count(place: Place) -> None:
    if place.kind == "gitlab":
        return
    change = place.open()
    for _ in range(100):
        place.box.review(place.project, change.number, "bob", "COMMENTED", "words")
    place.box.approve(place.project, change.number, "bob")
    assert [review.state for review in place.host.reviews(change)] == [ReviewState.APPROVED]
    assert place.counted(lambda: place.host.reviews(change)) == 2


def test_contributors_are_the_accounts_behind_the_commits(place: Place) -> None:
    change = place.open()
    calls = place.counted(lambda: place.host.contributors(change))
    found = place.host.contributors(change)
    if place.kind == "gitlab":
        assert (found, calls) == (frozenset(), 0)
    else:
        assert {one.login for one in found} == {"alice"}
        assert calls == 1


def test_a_group_has_its_members(place: Place) -> None:
    group = place.host.group(place.repo, "acme/platform")
    logins = {one.login for one in group.members}
    # GitLab's members are those of the groups above, too.
    extra = {"mrbot"} if place.kind == "gitlab" else set()
    assert (group.found, logins) == (True, {"alice", "bob"} | extra)
    assert place.counted(lambda: place.host.group(place.repo, "acme/platform")) == 1


def test_a_team_without_organisation_is_of_the_repositorys(place: Place) -> None:
    group = place.host.group(place.repo, "platform")
    assert group.found == (place.kind == "github")


def test_a_group_that_is_not_there_is_not_found(place: Place) -> None:
    for name in ("acme/nobody", "acme/..", "", ".", "..", "42", "@"):
        group = place.host.group(place.repo, name)
        assert (group.found, group.members) == (False, frozenset()), name


def test_people_are_looked_up_by_login(place: Place) -> None:
    found = place.host.people(place.repo, ["alice", "BOB", "nobody-here"])
    assert found == {
        "alice": place.person("alice"), "BOB": place.person("bob"), "nobody-here": None
    }  # fmt: skip
    assert place.counted(lambda: place.host.people(place.repo, ["alice", "bob"])) == 2
    assert place.counted(lambda: place.host.people(place.repo, [])) == 0


def test_a_role_is_what_the_host_says_now(place: Place) -> None:
    for login, role in (("bob", "write"), ("guest", "read"), ("stranger", "none")):
        person = place.person(login)
        assert place.host.role(place.repo, person) == role
        assert place.counted(functools.partial(place.host.role, place.repo, person)) == 1


def test_a_role_is_never_given_to_whoever_took_over_a_login(place: Place) -> None:
    before = Person(id="987654", login="bob")
    assert place.host.role(place.repo, before) == "none"


def test_the_change_that_was_merged_as_a_commit_is_found(place: Place) -> None:
    if place.kind == "gitlab":
        return  # the sandbox does not offer it; tests/unit/hosts does
    change = place.open()
    head = Sha(place.box.change(place.project, change.number).head)
    assert place.host.merged_changes(place.repo, head) == ()
    sha = Sha(place.box.merge(place.project, change.number, "bob"))
    assert place.host.merged_changes(place.repo, sha) == (change,)
    assert place.host.merged_changes(place.repo, head) == ()
    assert place.counted(lambda: place.host.merged_changes(place.repo, sha)) == 1


# Comments


def test_the_bot_knows_itself_and_asks_once(place: Place) -> None:
    assert place.counted(place.host.identity) == 0
    assert place.host.identity().is_bot or place.kind == "github"
    assert place.host.identity().login in {"mrbot", "gate[bot]"}


def test_a_comment_is_created_found_and_rewritten(place: Place) -> None:
    change = place.open()
    assert place.host.find_comment(change, MARKER) is None
    made = place.host.create_comment(change, f"{MARKER}\nPending")
    assert place.host.find_comment(change, MARKER) == made
    place.host.update_comment(change, made, f"{MARKER}\nApproved")
    assert place.box.world.comments[int(made.id)].body == f"{MARKER}\nApproved"
    assert made.url.startswith(place.box.url)


def test_each_writing_of_a_comment_is_one_call(place: Place) -> None:
    change = place.open()
    assert place.counted(lambda: place.host.create_comment(change, MARKER)) == 1
    assert place.counted(lambda: place.host.find_comment(change, MARKER)) == 1
    made = place.host.find_comment(change, MARKER)
    assert made is not None
    assert place.counted(lambda: place.host.update_comment(change, made, "x")) == 1
    assert place.counted(lambda: place.host.react(change, made.id, Reaction.SEEN)) == 1


def test_a_marker_in_somebody_elses_comment_is_not_adopted(place: Place) -> None:
    change = place.open()
    place.box.comment(place.project, change.number, "alice", f"{MARKER} mine now")
    assert place.host.find_comment(change, MARKER) is None
    own = place.host.create_comment(change, MARKER)
    assert place.host.find_comment(change, MARKER) == own


def test_the_oldest_of_two_own_comments_is_found_behind_many_others(place: Place) -> None:
    change = place.open()
    for at in range(105):
        place.box.comment(place.project, change.number, "alice", f"word {at}")
    first = place.host.create_comment(change, MARKER)
    place.host.create_comment(change, MARKER)
    assert place.host.find_comment(change, MARKER) == first


@pytest.mark.parametrize("reaction", Reaction)
def test_a_reaction_that_is_there_already_is_success(place: Place, reaction: Reaction) -> None:
    change = place.open()
    comment = str(place.box.comment(place.project, change.number, "alice", "/plan"))
    place.host.react(change, comment, reaction)
    place.host.react(change, comment, reaction)
    reactions = place.box.world.comments[int(comment)].reactions
    assert [one.name for one in reactions] == [reaction.value]


def test_a_comment_as_long_as_the_limit_is_accepted_and_one_more_refused(place: Place) -> None:
    change, limit = place.open(), place.host.comment_limit().characters
    place.host.create_comment(change, "x" * limit)
    with pytest.raises(Permanent, match="too long"):
        place.host.create_comment(change, "x" * (limit + 1))


# Statuses


def _status(place: Place, change: ChangeId, state: StatusState, **more: object) -> Status:
    read = place.host.change(change)
    pipeline = read.pipeline[0] if read.pipeline else None
    return Status(
        repo=place.repo, sha=read.head, name="mrbot/main", state=state, description="says so",
        pipeline=pipeline, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _shown(place: Place, sha: Sha) -> list[str]:
    """What the host shows for the status now."""
    world, project = place.box.world, place.box.project(place.project)
    if place.kind == "gitlab":
        jobs = [job for line in world.pipelines_of(project) for job in line.jobs if job.external]
        return [job.status for job in jobs if not job.retried]
    if runs := [run for run in world.check_runs.values() if run.sha == sha]:
        return [runs[-1].conclusion or runs[-1].status]
    return [one.state for one in world.statuses if one.sha == sha][-1:]


_FAILING = {"gitlab": "failed", "github": "failure"}


@pytest.mark.parametrize("state", StatusState)
def test_a_status_is_set_with_one_call_and_again_without_harm(
    place: Place, state: StatusState
) -> None:
    change = place.open()
    status = _status(place, change, state, url="https://mrbot.example/1", summary="long")
    known = place.host.set_status(status, None)
    assert place.counted(lambda: place.host.set_status(status, known)) == 1
    (shown,) = _shown(place, status.sha)
    assert (shown == "success") == (state is StatusState.SUCCESS)


def test_a_status_moves_back_and_forth(place: Place) -> None:
    change = place.open()
    known: str | None = None
    for state in ("PENDING", "SUCCESS", "PENDING", "FAILURE", "SUCCESS", "ERROR", "PENDING"):
        status = _status(place, change, StatusState[state])
        known = place.host.set_status(status, known)
        (shown,) = _shown(place, status.sha)
        assert (shown == "success") == (state == "SUCCESS"), state
        assert (shown in {"pending", "in_progress"}) == (state == "PENDING"), state


def test_annotations_are_shown_where_the_host_shows_any(place: Place) -> None:
    change = place.open()
    notes = tuple(
        Annotation(path="a.tf", line=n, level=level, title="rule", message="text")
        for n, level in enumerate((*AnnotationLevel, *[AnnotationLevel.NOTICE] * 47), start=1)
    )
    known: str | None = None
    for state, count in (("PENDING", 50), ("FAILURE", 50), ("FAILURE", 1), ("SUCCESS", 0)):
        status = replace(_status(place, change, StatusState[state]), annotations=notes[:count])
        known = place.host.set_status(status, known)
        runs = [one for one in place.box.world.check_runs.values() if one.sha == status.sha]
        shown = len(runs[-1].annotations) if runs else 0
        assert shown == (count if runs and state != "PENDING" else 0)


def test_a_status_joins_the_changes_own_pipeline(place: Place) -> None:
    change = place.open()
    read = place.host.change(change)
    if place.kind == "github":
        assert read.pipeline is None
        return
    place.host.set_status(_status(place, change, StatusState.PENDING), None)
    lines = place.box.world.pipelines_of(place.box.project(place.project))
    assert [(line.id, line.sha) for line in lines] == [read.pipeline]
    assert read.pipeline_ref == f"refs/merge-requests/{change.number}/head"


def test_a_long_description_is_cut(place: Place) -> None:
    change = place.open()
    status = _status(place, change, StatusState.PENDING)
    place.host.set_status(
        Status(repo=status.repo, sha=status.sha, name="n", state=StatusState.FAILURE,
               description="ä" * 300, summary="s" * 70_000, pipeline=status.pipeline),
        None,
    )  # fmt: skip


# Deployments


def _merged(place: Place) -> tuple[ChangeId, Sha]:
    change = place.open()
    return change, Sha(place.box.merge(place.project, change.number, "bob"))


def _targets(place: Place) -> list[str]:
    return list(place.targets)


def test_a_deployment_is_started_with_one_call_and_found_by_its_key(place: Place) -> None:
    change, sha = _merged(place)
    for target in _targets(place):
        intent = place.intent(change, sha, target=target)
        assert place.host.find(intent) is None
        mark = place.box.mark()
        run = place.host.start(intent)
        assert len(place.box.requests_since(mark)) == 1
        found = place.host.find(intent)
        assert found is not None
        assert (found.id, found.sha) == (run.id, sha)
        assert run.sha in (None, sha)
        assert run.state is DeploymentState.RUNNING
        other = place.intent(change, sha, Digest("sha256:" + "cd" * 32), target)
        assert place.host.find(other) is None


def test_a_start_whose_answer_is_lost_is_found_afterwards(place: Place) -> None:
    change, sha = _merged(place)
    for target in _targets(place):
        intent = place.intent(change, sha, target=target)
        place.box.fail_next("POST", "pipeline$|dispatches$|deployments$", 0, after_accept=True)
        with pytest.raises(AnswerLost):
            place.host.start(intent)
        assert place.host.find(intent) is not None


def test_a_start_that_was_refused_is_certainly_not_there(place: Place) -> None:
    change, sha = _merged(place)
    for target in _targets(place):
        intent = place.intent(change, sha, target=target)
        place.box.fail_next("POST", "pipeline$|dispatches$|deployments$", 403)
        with pytest.raises(Permanent):
            place.host.start(intent)
        assert place.host.find(intent) is None


@pytest.mark.parametrize(
    ("gitlab", "github", "expected"),
    [
        ("running", "in_progress", DeploymentState.RUNNING),
        ("success", "success", DeploymentState.SUCCEEDED),
        ("failed", "failure", DeploymentState.FAILED),
        ("canceled", "cancelled", DeploymentState.CANCELED),
        ("skipped", "timed_out", DeploymentState.FAILED),
    ],
)
def test_a_run_is_followed_with_one_call(
    place: Place, gitlab: str, github: str, expected: DeploymentState
) -> None:
    change, sha = _merged(place)
    intent = place.intent(change, sha)
    run = place.host.start(intent)
    place.box.advance(int(run.id), gitlab if place.kind == "gitlab" else github)
    assert place.counted(lambda: place.host.state(intent, run.id)) == 1
    found = place.host.state(intent, run.id)
    assert (found.id, found.sha, found.state) == (run.id, sha, expected)


def test_a_run_that_is_cancelled_is_cancelled_and_twice_does_no_harm(place: Place) -> None:
    change, sha = _merged(place)
    intent = place.intent(change, sha)
    run = place.host.start(intent)
    assert place.counted(lambda: place.host.cancel(intent, run.id)) == 1
    place.host.cancel(intent, run.id)
    assert place.host.state(intent, run.id).state is DeploymentState.CANCELED


def test_a_target_of_the_other_host_is_refused_without_a_call(place: Place) -> None:
    change, sha = _merged(place)
    wrong: Target = WorkflowTarget(file="x") if place.kind == "gitlab" else PipelineTarget()
    place.targets = {"wrong": wrong}
    intent = place.intent(change, sha)
    mark = place.box.mark()
    for ask in (place.host.start, place.host.find):
        with pytest.raises(Permanent, match="rule file"):
            ask(intent)
    assert place.box.requests_since(mark) == []


# Faults, over a real connection


_READS: dict[int, type[HostFailure]] = {
    0: Transient, 401: Permanent, 403: Permanent, 404: Permanent, 409: Transient, 422: Permanent,
    429: Transient, 500: Transient, 503: Transient,
}  # fmt: skip
_CREATES: dict[int, type[HostFailure]] = {
    0: AnswerLost, 403: Permanent, 409: Transient, 422: Permanent, 429: Transient, 500: AnswerLost,
    502: AnswerLost, 503: AnswerLost,
}  # fmt: skip


def test_a_failing_read_is_what_its_status_says(place: Place) -> None:
    change = place.open()
    for status, expected in _READS.items():
        # An App tries once more after 401, with a new token.
        again = place.host.identity().login == "gate[bot]"
        times = 2 if status == 401 and again else 1
        place.box.fail_next("GET", "(merge_requests|pulls)/", status, times=times)
        with pytest.raises(expected) as caught:
            place.host.change(change)
        assert (type(caught.value), caught.value.status) == (expected, status)
    assert place.host.change(change).id == change


def test_a_failing_create_is_what_its_status_says(place: Place) -> None:
    change = place.open()
    said = {"message": "no", "documentation_url": "https://docs.example"}
    for status, expected in _CREATES.items():
        place.box.fail_next("POST", "(notes|comments)$", status, said)
        with pytest.raises(expected) as caught:
            place.host.create_comment(change, MARKER)
        assert type(caught.value) is expected
    assert place.host.find_comment(change, MARKER) is None


def test_a_comment_whose_answer_was_lost_is_found_by_its_marker(place: Place) -> None:
    change = place.open()
    place.box.fail_next("POST", "(notes|comments)$", 502, after_accept=True)
    with pytest.raises(AnswerLost):
        place.host.create_comment(change, MARKER)
    assert place.host.find_comment(change, MARKER) is not None


def test_nothing_is_asked_twice_behind_the_callers_back(place: Place) -> None:
    change = place.open()
    place.box.fail_next("GET", "(merge_requests|pulls)/", 429, headers={"Retry-After": "7"})
    mark = place.box.mark()
    with pytest.raises(Transient) as caught:
        place.host.change(change)
    assert caught.value.retry_after == 7
    assert len(place.box.requests_since(mark)) == 1
