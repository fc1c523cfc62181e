"""Reading changes and people from GitLab.

Sources: https://docs.gitlab.com/api/merge_requests/, /api/merge_request_approvals/, /api/members/
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from mrbot.change.people import Group, ReviewState
from mrbot.change.reader import HostReview
from mrbot.change.snapshot import ChangeState, HostChange
from mrbot.errors import Permanent, Transient
from mrbot.hosts.answers import Answer
from mrbot.hosts.gitlab.connection import Connection, Part, merge_request, person, project
from mrbot.hosts.transport import segment
from mrbot.ids import ChangeId, Person, RepoId, Sha

_STATES = {
    "opened": ChangeState.OPEN, "merged": ChangeState.MERGED, "closed": ChangeState.CLOSED,
    "locked": None,
}  # fmt: skip
"""`locked` lasts while GitLab merges."""

_REVIEWER_STATES = {
    "unreviewed": False, "reviewed": False, "review_started": False, "approved": False,
    "unapproved": False, "requested_changes": True,
}  # fmt: skip
"""Whether the reviewer's state asks for changes; who approved is said by `approvals`.

Source: GitLab app/models/concerns/merge_request_reviewer_state.rb
"""

_ROLES = {0: "none", 5: "none", 10: "read", 15: "read", 20: "read", 30: "write", 40: "maintain",
          50: "admin"}  # fmt: skip
"""Access levels: none, minimal, guest, planner, reporter, developer, maintainer, owner.

Source: https://docs.gitlab.com/api/members/#roles
"""


class GitLabReader(Part):
    """Implements `ChangeReader`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        # Whether the merge request, as `change` last read it, names a reviewer: until `reviews`
        # takes it, so that what is known is never older than the look it belongs to.
        self._named: dict[ChangeId, bool] = {}

    def change(self, change: ChangeId) -> HostChange:
        """The change as it is now. One call."""
        answer = self._connection.get(merge_request(change))
        # An older GitLab that does not say is asked for the reviewers all the same.
        self._named[change] = answer.anything("reviewers") != []
        return _change(change, answer)

    def reviews(self, change: ChangeId) -> tuple[HostReview, ...]:
        """Who approved or asks for changes; asking for changes outweighs. GitLab does not say on
        which commit. One call, and one more for every hundred reviewers; who asks for changes is a
        reviewer, so where the change was just read and names none, nobody is asked for."""
        approvals = self._connection.get(f"{merge_request(change)}/approvals")
        found = {
            one.id: HostReview(person=one, state=ReviewState.APPROVED, head=None)
            for one in (person(entry.part("user")) for entry in approvals.parts("approved_by"))
        }
        if not self._named.pop(change, True):
            return tuple(found.values())
        for reviewer in self._connection.items(f"{merge_request(change)}/reviewers"):
            if reviewer.one_of("state", _REVIEWER_STATES):
                one = person(reviewer.part("user"))
                found[one.id] = HostReview(
                    person=one, state=ReviewState.CHANGES_REQUESTED, head=None
                )
        return tuple(found.values())

    def contributors(self, change: ChangeId) -> frozenset[Person]:
        """Nobody: GitLab's API maps commits to addresses only. No call."""
        del change
        return frozenset()

    def group(self, repo: RepoId, name: str) -> Group:
        """The active members of the group with that full path, inherited and invited ones too.
        One call a hundred members."""
        del repo
        path = name.removeprefix("@")
        if path.isdecimal():
            # GitLab would take it for the id of some other group.
            return Group(name=name, members=frozenset(), found=False)
        try:
            members = list(self._connection.items(f"/groups/{segment(path)}/members/all"))
        except Permanent as failure:
            if failure.status == HTTPStatus.NOT_FOUND:
                return Group(name=name, members=frozenset(), found=False)
            raise
        return Group(name=name, members=frozenset(person(one) for one in members if _active(one)))

    def people(self, repo: RepoId, logins: Iterable[str]) -> dict[str, Person | None]:
        """The account behind each login. One call a login."""
        del repo
        return {login: self._person(login) for login in logins}

    def role(self, repo: RepoId, person: Person) -> str:
        """What the person may do in the project, inherited rights included. One call."""
        try:
            member = self._connection.get(f"{project(repo)}/members/all/{segment(person.id)}")
        except Permanent as failure:
            # A project that is not there is no answer to the question.
            if failure.status == HTTPStatus.NOT_FOUND and "Project Not Found" not in str(failure):
                return "none"
            raise
        level = member.number("access_level")
        if level not in _ROLES:
            raise Permanent(f"{self._connection.name}: unknown access level {level} in {repo}")
        return _ROLES[level] if _active(member) else "none"

    def merged_changes(self, repo: RepoId, sha: Sha) -> tuple[ChangeId, ...]:
        """The changes merged as commit `sha`. One call a page."""
        related = self._connection.items(
            f"{project(repo)}/repository/commits/{segment(sha)}/merge_requests"
        )
        return tuple(
            ChangeId(repo, one.number("iid"))
            for one in related
            if one.one_of("state", _STATES) is ChangeState.MERGED and _merge_sha(one) == sha
        )

    def _person(self, login: str) -> Person | None:
        for account in self._connection.items("/users", username=login):
            if account.text("username").casefold() == login.casefold():
                return person(account)
        return None


def _change(change: ChangeId, answer: Answer) -> HostChange:
    state = answer.one_of("state", _STATES)
    if state is None:
        raise Transient(f"{change}: GitLab is merging it at this moment")
    head = answer.sha("sha")
    drafts = (answer.flag_or_none("draft"), answer.flag_or_none("work_in_progress"))
    # Without either word it is not known, and what is not known is no draft's end.
    draft = any(drafts) if drafts != (None, None) else answer.flag("draft")
    target_project = answer.number("target_project_id")
    pipeline = _pipeline(answer, head, target_project)
    return HostChange(
        id=change, title=answer.text("title"), description=answer.text_or_none("description") or "",
        author=person(answer.part("author")), state=state, draft=draft,
        source_branch=answer.text("source_branch"), target_branch=answer.text("target_branch"),
        head=head, from_fork=answer.number_or_none("source_project_id") != target_project,
        labels=answer.texts("labels"), web_url=answer.text("web_url"),
        pipeline=(pipeline.number("id"), head) if pipeline else None,
        pipeline_ref=pipeline.text_or_none("ref") if pipeline else None,
        merge_sha=_merge_sha(answer) if state is ChangeState.MERGED else None,
        comments=answer.number_or_none("user_notes_count"),
    )  # fmt: skip


def _pipeline(answer: Answer, head: Sha, target_project: int) -> Answer | None:
    """The head pipeline, if a status for `head` in the target project can be filed in it."""
    found = answer.part_or_none("head_pipeline")
    if found is None or found.sha("sha") != head:
        return None
    own = found.number_or_none("project_id") in (None, target_project)
    return found if own else None


def _merge_sha(answer: Answer) -> Sha | None:
    for name in ("merge_commit_sha", "squash_commit_sha", "sha"):
        found = answer.sha_or_none(name)
        if found is not None:
            return found
    return None


def _active(member: Answer) -> bool:
    """Whether the account is neither blocked nor waiting to be let in."""
    return (
        member.text("state") == "active"
        and member.text_or_none("membership_state") in (None, "active")
    )  # fmt: skip
