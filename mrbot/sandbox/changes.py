"""The life of a change: opened, pushed to, edited, approved, merged or closed, with real git."""

from __future__ import annotations

from mrbot.sandbox import comments, pipelines, workflow_runs
from mrbot.sandbox.events import ChangeAction, ChangeMoved, Pushed, Reviewed
from mrbot.sandbox.mergeability import obstacle, required_approvals
from mrbot.sandbox.model import (
    Approval,
    Change,
    Project,
    Review,
    ReviewState,
    User,
    Version,
)
from mrbot.sandbox.repository import NO_COMMIT, Repository
from mrbot.sandbox.world import World

DRAFT_PREFIXES = ("draft:", "[draft]", "(draft)")
_SYSTEM_RESET = "approvals_reset_on_push"


def head_ref(project: Project, change: Change) -> str:
    """The ref under which the host keeps the change's head."""
    if project.kind == "gitlab":
        return f"refs/merge-requests/{change.number}/head"
    return f"refs/pull/{change.number}/head"


def open_change(
    world: World,
    project: Project,
    user: User,
    *,
    source: str,
    target: str,
    title: str,
    description: str = "",
    draft: bool = False,
    labels: tuple[str, ...] = (),
) -> Change:
    """An open change of `source` into `target`, both of which exist, with its first version."""
    head = world.repository(project).branch(source) or NO_COMMIT
    now = world.now()
    change = Change(
        id=world.next_id(), number=project.next_number, project_id=project.id, author_id=user.id,
        title=title, description=description, source=source, target=target, head=head,
        created_at=now, updated_at=now, draft=draft or _titled_draft(project, title),
        labels=list(labels), checking_reads=project.checking_reads,
    )  # fmt: skip
    project.next_number += 1
    world.changes[change.id] = change
    _new_version(world, project, change, head)
    world.emit(ChangeMoved(project=project, change=change, user=user, action="open"))
    pipelines.start_for_change(world, project, change, user)
    return change


def edit(
    world: World,
    project: Project,
    change: Change,
    user: User,
    *,
    title: str | None = None,
    description: str | None = None,
    target: str | None = None,
    labels: list[str] | None = None,
    draft: bool | None = None,
) -> None:
    """The given fields have their new values; one event names every field that differs."""
    edits: dict[str, tuple[object, object]] = {}
    if title is not None and title != change.title:
        edits["title"] = (change.title, title)
        change.title = title
        if project.kind == "gitlab":
            draft = _titled_draft(project, title)
        comments.system_note(world, change, user, "changed title")
    if description is not None and description != change.description:
        edits["description"] = (change.description, description)
        change.description = description
    if labels is not None and labels != change.labels:
        edits["labels"] = (list(change.labels), list(labels))
        change.labels = list(labels)
    if draft is not None and draft != change.draft:
        edits["draft"] = (change.draft, draft)
        change.draft = draft
    if target is not None and target != change.target:
        edits["target_branch"] = (change.target, target)
        comments.system_note(
            world, change, user, f"changed target branch from `{change.target}` to `{target}`"
        )
        change.target = target
        _new_version(world, project, change, change.head)
    if edits:
        _touch(world, change)
        world.emit(
            ChangeMoved(project=project, change=change, user=user, action="update", edits=edits)
        )


def close(world: World, project: Project, change: Change, user: User) -> None:
    """The change is closed without a merge."""
    change.state, change.closed_by, change.closed_at = "closed", user.id, world.now()
    change.auto_merge_by = None
    _touch(world, change)
    comments.system_note(world, change, user, "closed")
    world.emit(ChangeMoved(project=project, change=change, user=user, action="close"))


def reopen(world: World, project: Project, change: Change, user: User) -> None:
    """A closed change is open again, at its branch's newest commit."""
    change.state, change.closed_by, change.closed_at = "opened", None, None
    head = world.repository(project).branch(change.source)
    if head and head != change.head:
        _new_version(world, project, change, head)
    _touch(world, change)
    comments.system_note(world, change, user, "reopened")
    world.emit(ChangeMoved(project=project, change=change, user=user, action="reopen"))


def approve(world: World, project: Project, change: Change, user: User) -> None:
    """The user's GitLab approval stands; it names no commit."""
    change.approvals.append(Approval(user_id=user.id, at=world.now(), sha=change.head))
    _touch(world, change)
    comments.system_note(world, change, user, "approved this merge request")
    # The approval that completes the required ones is told as "approved"; one of fewer, "approval".
    complete = len(change.approvals) >= required_approvals(project, change)
    action: ChangeAction = "approved" if complete else "approval"
    world.emit(ChangeMoved(project=project, change=change, user=user, action=action))


def unapprove(world: World, project: Project, change: Change, user: User) -> None:
    """The user's GitLab approval is gone."""
    complete = len(change.approvals) >= required_approvals(project, change)
    action: ChangeAction = "unapproved" if complete else "unapproval"
    change.approvals = [given for given in change.approvals if given.user_id != user.id]
    _touch(world, change)
    comments.system_note(world, change, user, "unapproved this merge request")
    world.emit(ChangeMoved(project=project, change=change, user=user, action=action))


def review(
    world: World, project: Project, change: Change, user: User, *, state: ReviewState, body: str
) -> Review:
    """A GitHub review of the present head; a pending one is told to nobody."""
    given = Review(
        id=world.next_id(), user_id=user.id, state=state, body=body, sha=change.head,
        at=world.now(),
    )  # fmt: skip
    change.reviews.append(given)
    _touch(world, change)
    if state != "PENDING":
        world.emit(
            Reviewed(project=project, change=change, review=given, user=user, action="submitted")
        )
    return given


def dismiss(world: World, project: Project, change: Change, given: Review, user: User) -> None:
    """The review counts no more."""
    given.state = "DISMISSED"
    _touch(world, change)
    world.emit(
        Reviewed(project=project, change=change, review=given, user=user, action="dismissed")
    )


def merge(
    world: World,
    project: Project,
    change: Change,
    user: User,
    *,
    message: str | None = None,
    squash: bool = False,
    remove_source: bool = False,
) -> str:
    """The target branch holds the change; returns the commit that brought it there.

    Raises:
        GitError: the two conflict, or the target moved meanwhile.
    """
    repository = world.repository(project)
    target = repository.branch(change.target) or NO_COMMIT
    tree = repository.merged_tree(target, change.head) or ""
    parents = [target, change.head]
    if squash and project.kind == "github":
        parents = [target]
    elif squash:
        # GitLab squashes onto the merge base first, and merges that commit.
        theirs = repository.commit(change.head).tree
        text = f"{change.title}\n\n{change.description}"
        change.squash_commit = _commit(repository, theirs, [change.base], text, user)
        parents = [target, change.squash_commit]
    merged = _commit(repository, tree, parents, message or _message(project, change), user)
    repository.move(f"refs/heads/{change.target}", merged, old=target)
    change.merge_commit = merged
    _now_merged(world, project, change, user)
    pushed(world, project, user, f"refs/heads/{change.target}", target, merged)
    if remove_source:
        repository.delete(f"refs/heads/{change.source}")
        pushed(world, project, user, f"refs/heads/{change.source}", change.head, NO_COMMIT)
    return merged


def pushed(world: World, project: Project, user: User, ref: str, before: str, after: str) -> None:
    """Everything that follows from a moved ref has happened: events, new heads, pipelines."""
    project.pushed_at = world.now()
    world.emit(Pushed(project=project, user=user, ref=ref, before=before, after=after))
    if not ref.startswith("refs/heads/"):
        return
    branch = ref.removeprefix("refs/heads/")
    open_changes = [other for other in world.changes_of(project) if other.state == "opened"]
    for change in open_changes:
        if change.source == branch:
            _source_moved(world, project, change, user, after)
        elif change.target == branch and after != NO_COMMIT:
            _target_moved(world, project, change, user, after)
    if after != NO_COMMIT:
        pipelines.start_for_push(world, project, branch, after, user)
        workflow_runs.start_for_push(world, project, branch, after, user)


def auto_merge(world: World, project: Project, sha: str) -> None:
    """Changes at that head that were told to merge when possible are merged, if it is possible."""
    for change in world.changes_of(project):
        by = world.users.get(change.auto_merge_by or 0)
        if by and change.head == sha and not obstacle(world, project, change):
            change.auto_merge_by = None
            merge(world, project, change, by)


def _source_moved(world: World, project: Project, change: Change, user: User, after: str) -> None:
    if after == NO_COMMIT:
        if project.kind == "github":
            close(world, project, change, user)
        return
    before = change.head
    _new_version(world, project, change, after)
    change.auto_merge_by = None
    _touch(world, change)
    added = len(world.repository(project).commits(after, f"^{before}"))
    comments.system_note(world, change, user, f"added {added} commit{'s' if added != 1 else ''}")
    world.emit(
        ChangeMoved(project=project, change=change, user=user, action="update", oldrev=before)
    )
    if project.reset_approvals_on_push and change.approvals:
        change.approvals = []
        world.emit(
            ChangeMoved(
                project=project, change=change, user=user, action="unapproved",
                system_action=_SYSTEM_RESET,
            )
        )  # fmt: skip
    pipelines.start_for_change(world, project, change, user)


def _target_moved(world: World, project: Project, change: Change, user: User, after: str) -> None:
    """A change whose commits arrived by another way is merged without having been merged."""
    if change.head != change.base and world.repository(project).contains(change.head, after):
        change.merge_commit = after if project.kind == "github" else None
        _now_merged(world, project, change, user)


def _now_merged(world: World, project: Project, change: Change, user: User) -> None:
    change.state, change.merged_by, change.merged_at = "merged", user.id, world.now()
    _touch(world, change)
    comments.system_note(world, change, user, "merged")
    world.emit(ChangeMoved(project=project, change=change, user=user, action="merge"))


def _new_version(world: World, project: Project, change: Change, head: str) -> None:
    repository = world.repository(project)
    start = repository.branch(change.target) or NO_COMMIT
    base = repository.merge_base(start, head) or start
    change.head = head
    change.checking_reads = project.checking_reads
    change.versions.append(
        Version(id=world.next_id(), head=head, base=base, start=start, at=world.now())
    )
    repository.move(head_ref(project, change), head)


def _commit(repository: Repository, tree: str, parents: list[str], message: str, user: User) -> str:
    return repository.commit_tree(tree, parents, message, name=user.name, email=user.email)


def _message(project: Project, change: Change) -> str:
    if project.kind == "gitlab":
        return (
            f"Merge branch '{change.source}' into '{change.target}'\n\n{change.title}\n\n"
            f"See merge request {project.path}!{change.number}"
        )
    return (
        f"Merge pull request #{change.number} from {project.namespace}/{change.source}\n\n"
        f"{change.title}"
    )


def _titled_draft(project: Project, title: str) -> bool:
    return project.kind == "gitlab" and title.lower().startswith(DRAFT_PREFIXES)


def _touch(world: World, change: Change) -> None:
    change.updated_at = world.now()
