"""A host that fails in every way, for every kind of call, and recovers: nothing is lost, nothing is
done twice, and nothing is green meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest

from mrbot.git.command import Remote
from mrbot.git.mirror import Mirror
from mrbot.ids import RepoId
from mrbot.inbox.worker import Worker
from mrbot.pipeline.tools import HostTools
from tests.e2e.world import GATE, PROJECT, Kind, World, world

DEPLOY = "mrbot/deploy/production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """How an answer goes wrong. `refused`: the host says for good that it will not."""

    status: int
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    after_accept: bool = False
    refused: bool = False


WRONGS = {
    "401": Wrong(status=401, refused=True),
    "403": Wrong(status=403, refused=True),
    "404": Wrong(status=404, refused=True),
    "409": Wrong(status=409),
    "422": Wrong(status=422, refused=True),
    "429": Wrong(status=429, headers={"Retry-After": "30"}),
    "500": Wrong(status=500),
    "500 after it was done": Wrong(status=500, after_accept=True),
    "502 in HTML": Wrong(status=502, body="<html>Bad Gateway</html>"),
    "no answer": Wrong(status=0),
    "no answer after it was done": Wrong(status=0, after_accept=True),
}

READS = {
    "gitlab": (r"/merge_requests/\d+$", r"/merge_requests/\d+/approvals$", r"/members/all"),
    "github": (r"/pulls/\d+$", r"/pulls/\d+/reviews$", r"/teams/"),
}
COMMENTS = {"gitlab": r"/notes(/\d+)?$", "github": r"/issues/(\d+/comments|comments/\d+)$"}
STARTS = {"gitlab": r"/pipeline$", "github": r"/dispatches$"}


def fail(w: World, wrong: Wrong, method: str, path: str, times: int = 2) -> None:
    """The next such calls go wrong."""
    w.box.fail_next(
        method, path, wrong.status, wrong.body, headers=wrong.headers, times=times,
        after_accept=wrong.after_accept,
    )  # fmt: skip


def recover(w: World, worker: Worker, number: int) -> None:
    """Every fault has come and gone, and mrbot has dealt with it; what was parked is tried again,
    as it is when the next webhook comes or the host is asked again."""
    for _ in range(20):
        w.settle(worker)
        if not w.mrbot.store.worklist.parked():
            return
        w.mrbot.store.worklist.mark(w.id(number), w.now())
    raise AssertionError(f"it never recovers: {w.errors[-5:]}")


def ever_green(w: World, name: str = GATE) -> bool:
    """Whether any commit has ever carried a success of that name."""
    with w.box.world.lock:
        if w.kind == "github":
            return any((s.context, s.state) == (name, "success") for s in w.box.world.statuses)
        jobs = [job for line in w.box.world.pipelines.values() for job in line.jobs]
        return any((job.name, job.status) == (name, "success") for job in jobs)


@pytest.mark.parametrize("wrong", WRONGS.values(), ids=WRONGS)
@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_a_host_that_fails_and_recovers_changes_nothing_in_the_end(
    kind: Kind, wrong: Wrong, tmp_path: Path
) -> None:
    with world(tmp_path, kind) as w, w.working() as worker:
        fail_all(w, wrong)
        number = w.propose()
        recover(w, worker, number)
        assert w.errors
        assert not ever_green(w)
        assert "Waiting" in w.headline(number)

        fail_all(w, wrong)
        w.box.comment(PROJECT, number, "kim", "/recheck")
        w.box.approve(PROJECT, number, "kim")
        recover(w, worker, number)
        assert w.gate(number) == "success"

        fail(w, wrong, "POST", STARTS[kind], times=1)
        fail(w, wrong, "*", COMMENTS[kind])
        w.box.merge(PROJECT, number, "alice")
        recover(w, worker, number)
        for _ in range(3):
            w.box.tick()
        w.mrbot.store.worklist.mark(w.id(number), w.now())
        recover(w, worker, number)
        (deployment,) = w.mrbot.store.deployments.of(w.id(number))
        if wrong.refused:
            assert w.runs() == 0
            assert "deployment FAILED" in w.headline(number)
            assert not ever_green(w, DEPLOY)
        else:
            assert w.runs() == 1
            assert "and deployed" in w.headline(number)
            assert w.status(deployment.intent.sha, DEPLOY)[0] == "success"
        assert [c.state.value for c in w.mrbot.store.commands.history(w.id(number))] == ["done"]


def fail_all(w: World, wrong: Wrong) -> None:
    """Each kind of call that an open change needs goes wrong twice."""
    for path in READS[w.kind]:
        # That a member or a group is "not found" is an answer, and no fault: nobody belongs there.
        if wrong.status != 404 or path != READS[w.kind][2]:
            fail(w, wrong, "GET", path)
    fail(w, wrong, "POST", r"/statuses/")
    fail(w, wrong, "*", COMMENTS[w.kind])


@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_what_nobody_may_write_to_is_parked_and_says_so(kind: Kind, tmp_path: Path) -> None:
    with world(tmp_path, kind) as w, w.working() as worker:
        fail(w, WRONGS["403"], "POST", r"/statuses/", times=1000)
        number = w.propose()
        w.settle(worker)
        (parked,) = w.mrbot.store.worklist.parked()
        assert parked.subject == w.id(number)
        assert "403" in parked.error
        assert not ever_green(w)


@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_a_repository_that_cannot_be_fetched_takes_the_green_back(
    kind: Kind, tmp_path: Path
) -> None:
    with world(tmp_path, kind) as w:
        with w.working() as worker:
            number = approved(w, worker)
        w.hosts = partial(elsewhere, w, tmp_path)
        with w.working() as worker:
            w.poll(worker)
        state, description = w.status(w.box.change(PROJECT, number).head)
        assert state in {"failed", "error"}
        assert description.startswith("mrbot cannot read the repository: git fetch failed")

        w.hosts = dict
        with w.working() as worker:
            w.poll(worker)
        assert w.gate(number) == "success"


@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_a_new_change_whose_repository_cannot_be_fetched_says_why(
    kind: Kind, tmp_path: Path
) -> None:
    with world(tmp_path, kind) as w:
        w.hosts = partial(elsewhere, w, tmp_path)
        with w.working() as worker:
            number = w.propose()
            w.settle(worker)
        state, description = w.status(w.box.change(PROJECT, number).head)
        assert state in {"failed", "error"}
        assert "cannot read the repository" in description


def elsewhere(w: World, state: Path, hosts: dict[str, HostTools]) -> dict[str, HostTools]:
    """Hosts whose git finds no repository where it is looked for."""

    def repository(_repo: RepoId) -> Mirror:
        return Mirror(state / "mirror.git", Remote(url=f"{w.box.url}/acme/absent.git"))

    return {name: replace(host, repository=repository) for name, host in hosts.items()}


@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_a_hiccup_keeps_the_green_and_a_host_that_goes_on_failing_does_not(
    kind: Kind, tmp_path: Path
) -> None:
    with world(tmp_path, kind) as w, w.working() as worker:
        number = approved(w, worker)
        fail(w, WRONGS["500"], "GET", READS[kind][1], times=3)
        w.mrbot.store.worklist.mark(w.id(number), w.now())
        w.once(worker)
        assert w.gate(number) == "success"
        w.once(worker)
        assert w.gate(number) == "success"
        w.once(worker)
        assert w.gate(number) in {"failed", "error"}
        w.settle(worker)
        assert w.gate(number) == "success"


def test_a_defect_of_ours_takes_the_green_back(tmp_path: Path) -> None:
    with world(tmp_path, "gitlab") as w:
        with w.working() as worker:
            number = approved(w, worker)
        w.hosts = broken
        with w.working() as worker:
            w.poll(worker)
        head = w.box.change(PROJECT, number).head
        assert w.status(head) == (
            "failed", "mrbot failed here (ZeroDivisionError): its log says where"
        )  # fmt: skip
        (parked,) = w.mrbot.store.worklist.parked()
        assert "ZeroDivisionError" in parked.error


def broken(hosts: dict[str, HostTools]) -> dict[str, HostTools]:
    """Hosts whose repositories are a defect."""

    def repository(_repo: RepoId) -> Mirror:
        raise ZeroDivisionError

    return {name: replace(host, repository=repository) for name, host in hosts.items()}


def approved(w: World, worker: Worker, **more: str) -> int:
    """A change that mrbot has approved."""
    number = w.propose(**more)
    w.settle(worker)
    assert w.gate(number) == "pending"
    w.box.approve(PROJECT, number, "kim")
    w.settle(worker)
    assert w.gate(number) == "success"
    return number


# No false green

Deed = Callable[[World, int], None]


def leave_the_group(w: World, _: int) -> None:
    for group in w.box.world.groups.values():
        group.members.pop(w.box.user("kim").id)


def ask_for_more(w: World, _: int) -> None:
    rules = "version: 1\notherwise:\n  require: {count: 2}\n"
    w.box.commit(PROJECT, "main", {".mrbot.yml": rules}, author="kim")


def push_something_else(w: World, _: int) -> None:
    w.box.commit(PROJECT, "feature", {"app/a.txt": "other\n"}, author="alice")


BAD_TURNS: dict[str, Deed] = {
    "the approval is withdrawn": lambda w, n: w.box.unapprove(PROJECT, n, "kim"),
    "it becomes a draft": lambda w, n: w.box.edit_change(
        PROJECT, n, "alice", draft=True, title="Draft: Change feature"
    ),
    "something else is pushed": push_something_else,
    "the approver leaves the group": leave_the_group,
    "the rules ask for more": ask_for_more,
}


@pytest.mark.parametrize("deed", BAD_TURNS.values(), ids=BAD_TURNS)
@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_a_green_is_taken_back_when(deed: Deed, kind: Kind, tmp_path: Path) -> None:
    with world(tmp_path, kind) as w, w.working() as worker:
        number = approved(w, worker)
        deed(w, number)
        w.poll(worker)
        assert w.gate(number) == "pending"


@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_a_green_whose_answer_was_lost_is_taken_back_too(kind: Kind, tmp_path: Path) -> None:
    with world(tmp_path, kind) as w, w.working() as worker:
        number = w.propose()
        w.settle(worker)
        w.box.approve(PROJECT, number, "kim")
        fail(w, WRONGS["no answer after it was done"], "POST", r"/statuses/", times=1)
        w.once(worker)
        assert w.gate(number) == "success"
        w.box.unapprove(PROJECT, number, "kim")
        w.settle(worker)
        assert w.gate(number) == "pending"


@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_who_changes_their_mind_while_it_is_judged_is_heard(kind: Kind, tmp_path: Path) -> None:
    with world(tmp_path, kind) as w, w.working() as worker:
        number = w.propose()
        w.settle(worker)
        w.box.approve(PROJECT, number, "kim")

        def withdraw(step: str) -> None:
            if step == "judge":
                w.on_step = lambda _step: None
                w.box.unapprove(PROJECT, number, "kim")

        w.on_step = withdraw
        w.settle(worker)
        assert not ever_green(w)
        assert "Waiting" in w.headline(number)


@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_a_change_that_is_retargeted_leaves_no_green_behind(kind: Kind, tmp_path: Path) -> None:
    with world(tmp_path, kind) as w, w.working() as worker:
        number = approved(w, worker)
        head = w.box.change(PROJECT, number).head
        w.box.commit(PROJECT, "production", {"README.md": "production\n"}, author="kim")
        w.box.edit_change(PROJECT, number, "alice", target="production")
        w.settle(worker)
        assert w.status(head, "mrbot/main")[0] == "pending"
        assert w.status(head, "mrbot/production")[0] != "success"
        w.box.edit_change(PROJECT, number, "alice", target="main")
        w.settle(worker)
        assert w.status(head, "mrbot/main")[0] == "success"


@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_what_was_approved_for_one_branch_is_not_deployed_from_another(
    kind: Kind, tmp_path: Path
) -> None:
    with world(tmp_path, kind) as w, w.working() as worker:
        w.box.commit(PROJECT, "production", {"README.md": "production\n"}, author="kim")
        number = approved(w, worker)
        w.box.edit_change(PROJECT, number, "alice", target="production")
        w.box.merge(PROJECT, number, "alice")
        w.settle(worker)
        assert w.runs() == 0
        assert "WITHOUT mrbot's approval" in w.headline(number)


@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_two_changes_with_one_commit_are_green_only_together(kind: Kind, tmp_path: Path) -> None:
    with world(tmp_path, kind) as w, w.working() as worker:
        first, second = twins(w, worker)
        assert w.gate(first) == w.gate(second) == "pending"
        w.box.approve(PROJECT, second, "kim")
        w.settle(worker)
        assert w.gate(first) == w.gate(second) == "success"
        w.box.unapprove(PROJECT, first, "kim")
        w.settle(worker)
        assert w.gate(first) == w.gate(second) == "pending"


@pytest.mark.parametrize("kind", ["gitlab", "github"])
def test_a_twin_that_ended_in_the_middle_of_a_write_holds_up_nobody(
    kind: Kind, tmp_path: Path
) -> None:
    with world(tmp_path, kind) as w, w.working() as worker:
        first, second = twins(w, worker)
        w.box.unapprove(PROJECT, first, "kim")
        fail(w, WRONGS["no answer"], "POST", r"/statuses/", times=1)
        w.once(worker)
        w.box.close(PROJECT, first, "alice")
        w.settle(worker)
        w.box.approve(PROJECT, second, "kim")
        w.settle(worker)
        assert w.gate(second) == "success"


def twins(w: World, worker: Worker) -> tuple[int, int]:
    """An approved change, and another that proposes the same commit into the same branch."""
    first = approved(w, worker)
    head = w.box.change(PROJECT, first).head
    w.box.commit(PROJECT, "twin", {}, start=head, author="alice")
    w.box.world.repository(w.box.project(PROJECT)).move("refs/heads/twin", head)
    second = w.box.open_change(PROJECT, "lee", "twin")
    w.settle(worker)
    assert w.box.change(PROJECT, second).head == head
    return first, second


def test_a_server_that_cannot_plan_approves_nothing_that_is_applied_before_the_merge(
    tmp_path: Path,
) -> None:
    rules = """\
version: 1
projects:
  - name: net
    directory: app
    kind: terraform
    environment: production
    plan: on-request
    deploy: apply-before-merge
otherwise:
  require: {count: 1}
"""
    with world(tmp_path, "gitlab", files={".mrbot.yml": rules}) as w:
        w.plans = False
        with w.working() as worker:
            number = w.propose(path="app/main.tf", text='resource "terraform_data" "a" {}\n')
            w.settle(worker)
            w.box.approve(PROJECT, number, "kim")
            w.settle(worker)
            assert w.gate(number) == "pending"
            assert not ever_green(w)
