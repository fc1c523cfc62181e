"""Reading changes and people from GitHub.

Sources: https://docs.github.com/rest/pulls/pulls, /rest/pulls/reviews, /rest/teams/members,
/rest/collaborators/collaborators
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from mrbot.change.people import Group, ReviewState
from mrbot.change.reader import HostReview, Role
from mrbot.change.snapshot import ChangeState, HostChange
from mrbot.errors import Permanent
from mrbot.hosts.answers import Answer
from mrbot.hosts.github.connection import Part, owner, repository
from mrbot.hosts.github.credentials import person, person_or_ghost
from mrbot.hosts.transport import segment
from mrbot.ids import ChangeId, Person, RepoId, Sha

COMMITS_LIMIT = 250
"""GitHub lists no more commits of a change."""

_OPEN = {"open": True, "closed": False}

_REVIEW_STATES = {
    "APPROVED": ReviewState.APPROVED, "CHANGES_REQUESTED": ReviewState.CHANGES_REQUESTED,
    "DISMISSED": ReviewState.DISMISSED, "COMMENTED": None, "PENDING": None,
}  # fmt: skip
"""What a review decides; comments and reviews not yet sent decide nothing."""

_ROLES = {name: name for name in Role.RANK}
_PERMISSIONS = {"admin": "admin", "write": "write", "read": "read", "none": "none"}


class GitHubReader(Part):
    """Implements `ChangeReader`."""

    def change(self, change: ChangeId) -> HostChange:
        """The change as it is now. One call."""
        return _change(change, self._connection.get(owner(change.repo), _pull(change)))

    def reviews(self, change: ChangeId) -> tuple[HostReview, ...]:
        """Each person's latest decisive review. One call a hundred reviews."""
        latest: dict[str, HostReview] = {}
        # GitHub lists reviews in the order in which they were given.
        for review in self._connection.items(owner(change.repo), f"{_pull(change)}/reviews"):
            state = review.one_of("state", _REVIEW_STATES)
            if state is not None:
                one = person_or_ghost(review.part_or_none("user"))
                head = review.sha_or_none("commit_id")
                latest[one.id] = HostReview(person=one, state=state, head=head)
        return tuple(latest.values())

    def contributors(self, change: ChangeId) -> frozenset[Person]:
        """The accounts that GitHub maps to authors and committers. One call a hundred commits.

        Raises:
            Permanent: there are more commits than GitHub lists.
        """
        path = f"{_pull(change)}/commits"
        commits = list(self._connection.items(owner(change.repo), path))
        if len(commits) >= COMMITS_LIMIT:
            raise Permanent(
                f"{change}: too many commits to map: GitHub lists only {COMMITS_LIMIT}; squash them"
            )
        # An account that is not known is null, or an empty object.
        accounts = (commit.part_or_none(name) for commit in commits for name in _SIDES)
        return frozenset(
            person(one) for one in accounts if one is not None and one.number_or_none("id")
        )

    def group(self, repo: RepoId, name: str) -> Group:
        """The members of the team `org/team`, or `team` of the repository's organisation, those of
        teams within it too. One call a hundred members."""
        organisation, _, slug = name.removeprefix("@").rpartition("/")
        organisation = organisation or owner(repo)
        nobody = Group(name=name, members=frozenset(), found=False)
        if "/" in organisation:
            return nobody
        try:
            path = f"/orgs/{segment(organisation)}/teams/{segment(slug)}/members"
            members = frozenset(person(one) for one in self._connection.items(organisation, path))
        except Permanent as failure:
            if failure.status == HTTPStatus.NOT_FOUND:
                return nobody
            raise
        return Group(name=name, members=members)

    def people(self, repo: RepoId, logins: Iterable[str]) -> dict[str, Person | None]:
        """The account behind each login. One call a login."""
        return {login: self._person(owner(repo), login) for login in logins}

    def role(self, repo: RepoId, person: Person) -> str:
        """What the person may do in the repository. One call."""
        path = f"{repository(repo)}/collaborators/{segment(person.login)}/permission"
        try:
            answer = self._connection.get(owner(repo), path)
        except Permanent as failure:
            if failure.status == HTTPStatus.NOT_FOUND:
                return "none"
            raise
        user = answer.part_or_none("user")
        if user is None or str(user.number("id")) != person.id:
            # The login belongs to somebody else by now.
            return "none"
        known = _ROLES.get(answer.text_or_none("role_name") or "")
        # A role that the organisation made up rests on one of GitHub's own.
        return known or answer.one_of("permission", _PERMISSIONS)

    def merged_changes(self, repo: RepoId, sha: Sha) -> tuple[ChangeId, ...]:
        """The changes merged as commit `sha`. One call a page."""
        path = f"{repository(repo)}/commits/{segment(sha)}/pulls"
        return tuple(
            ChangeId(repo, pull.number("number"))
            for pull in self._connection.items(owner(repo), path)
            if pull.text_or_none("merged_at") and pull.sha_or_none("merge_commit_sha") == sha
        )

    def _person(self, account: str, login: str) -> Person | None:
        try:
            return person(self._connection.get(account, f"/users/{segment(login)}"))
        except Permanent as failure:
            if failure.status == HTTPStatus.NOT_FOUND:
                return None
            raise


_SIDES = ("author", "committer")


def _pull(change: ChangeId) -> str:
    return f"{repository(change.repo)}/pulls/{change.number}"


def _change(change: ChangeId, answer: Answer) -> HostChange:
    base, head = answer.part("base"), answer.part("head")
    merged = answer.flag("merged")
    is_open = answer.one_of("state", _OPEN)
    return HostChange(
        id=change, title=answer.text("title"), description=answer.text_or_none("body") or "",
        author=person_or_ghost(answer.part_or_none("user")),
        state=_state(merged=merged, is_open=is_open), draft=answer.flag("draft"),
        source_branch=head.text("ref"), target_branch=base.text("ref"), head=head.sha("sha"),
        from_fork=_repository_id(head) != base.part("repo").number("id"),
        labels=tuple(label.text("name") for label in answer.parts("labels")),
        web_url=answer.text("html_url"),
        merge_sha=answer.sha("merge_commit_sha") if merged else None,
        comments=answer.number_or_none("comments"),
    )  # fmt: skip


def _state(*, merged: bool, is_open: bool) -> ChangeState:
    if merged:
        return ChangeState.MERGED
    return ChangeState.OPEN if is_open else ChangeState.CLOSED


def _repository_id(side: Answer) -> int | None:
    """The repository of one side, None where a fork was deleted."""
    found = side.part_or_none("repo")
    return None if found is None else found.number("id")
