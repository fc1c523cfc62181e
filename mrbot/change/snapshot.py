"""A change, pinned: all that a decision may know of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mrbot.change.commits import Commit
from mrbot.change.files import FileChange
from mrbot.change.people import Contributors, Review
from mrbot.ids import ChangeId, Person, Sha


class ChangeState(StrEnum):
    """Where the change stands on its host."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostChange:
    """What the host's API says of a change, at one moment.

    `pipeline` is GitLab's head pipeline (id, sha), if it is this change's; `merge_sha` is the
    commit that carries the change on the target branch once merged, resolved in the order merge
    commit, squash commit, head. `comments` counts people's and bots' comments, None if unsaid.
    """

    id: ChangeId
    title: str
    description: str
    author: Person
    state: ChangeState
    draft: bool
    source_branch: str
    target_branch: str
    head: Sha
    from_fork: bool
    labels: tuple[str, ...]
    web_url: str
    pipeline: tuple[int, Sha] | None = None
    pipeline_ref: str | None = None
    merge_sha: Sha | None = None
    comments: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The host's facts and git's, joined at `head`, `base` (merge base) and `target` (branch tip).

    `reviews` holds one review a person: the latest decisive one. `commits` are the newest between
    `base` and `head`, and `commits_left_out` how many more there are.
    """

    host: HostChange
    base: Sha
    target: Sha
    files: tuple[FileChange, ...]
    contributors: Contributors
    reviews: tuple[Review, ...]
    commits: tuple[Commit, ...] = ()
    commits_left_out: int = 0

    @property
    def id(self) -> ChangeId:
        """Which change this is."""
        return self.host.id

    @property
    def head(self) -> Sha:
        """The commit that is proposed."""
        return self.host.head
