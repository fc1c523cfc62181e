"""GitLab pipelines: how they start, move and end, and the commit statuses that are jobs of them."""

from __future__ import annotations

from mrbot.sandbox.events import PipelineMoved
from mrbot.sandbox.model import Change, Job, Pipeline, Project, User
from mrbot.sandbox.world import World

FINISHED = frozenset({"success", "failed", "canceled", "skipped"})
_NEXT = {"created": "pending", "pending": "running"}

_EVENTS = {"pending": "enqueue", "running": "run", "success": "success", "failed": "drop",
           "canceled": "cancel", "skipped": "skip"}  # fmt: skip
_MAY = {
    "pending": frozenset({"created", "skipped", "manual"}),
    "running": frozenset({"created", "pending"}),
    "success": frozenset({"created", "pending", "running"}),
    "failed": frozenset({"created", "pending", "running"}),
    "canceled": frozenset({"created", "pending", "running"}),
    "skipped": frozenset({"created", "pending"}),
}


class WrongTransitionError(Exception):
    """GitLab refuses to move a status that way; the message is GitLab's."""


def change_ref(change: Change) -> str:
    """The ref of a merge request's own pipelines."""
    return f"refs/merge-requests/{change.number}/head"


def status_of(pipeline: Pipeline) -> str:
    """What the pipeline's jobs add up to, earlier tries left out."""
    states = [job.status for job in pipeline.jobs if not job.retried]
    if not states:
        return "created"
    if "running" in states:
        return "running"
    waiting = [state for state in states if state in ("created", "pending")]
    if waiting:
        if len(waiting) < len(states):
            return "running"
        return "pending" if "pending" in waiting else "created"
    for state in ("manual", "failed", "canceled"):
        if state in states:
            return state
    return "success" if "success" in states else "skipped"


def start(
    world: World,
    project: Project,
    *,
    ref: str,
    sha: str,
    source: str,
    user: User,
    variables: dict[str, str] | None = None,
    inputs: dict[str, object] | None = None,
    change: Change | None = None,
    jobs: bool = True,
) -> Pipeline:
    """A new pipeline stands in state `created`; `jobs=False` makes an empty one for statuses."""
    now = world.now()
    pipeline = Pipeline(
        id=world.next_id(), iid=project.next_pipeline, project_id=project.id, ref=ref, sha=sha,
        source=source, user_id=user.id, created_at=now, updated_at=now,
        outcome=project.pipeline_outcome, variables=variables or {}, inputs=inputs or {},
        change_number=change.number if change else None,
    )  # fmt: skip
    project.next_pipeline += 1
    if jobs:
        name, stage = ("validate", "test") if change else ("deploy", "deploy")
        job = Job(
            id=world.next_id(), name=name, stage=stage, status="created",
            user_id=user.id, created_at=now,
        )  # fmt: skip
        pipeline.jobs.append(job)
    world.pipelines[pipeline.id] = pipeline
    if jobs:
        world.emit(PipelineMoved(project=project, pipeline=pipeline))
    return pipeline


def start_for_change(world: World, project: Project, change: Change, user: User) -> None:
    """The change's head has a pipeline, if the project runs any for changes."""
    if project.kind == "gitlab" and project.ci == "merge_requests":
        start(
            world, project, ref=change_ref(change), sha=change.head,
            source="merge_request_event", user=user, change=change,
        )  # fmt: skip


def start_for_push(world: World, project: Project, branch: str, sha: str, user: User) -> None:
    """A pushed branch has a pipeline, if the project and its `.gitlab-ci.yml` ask for one.

    With `ci="merge_requests"` only the default branch has them, as with GitLab's template
    Workflows/MergeRequest-Pipelines.
    """
    wanted = project.ci == "branches" or (
        project.ci == "merge_requests" and branch == project.default_branch
    )
    if project.kind != "gitlab" or not wanted:
        return
    if world.repository(project).read(sha, ".gitlab-ci.yml") is not None:
        start(world, project, ref=branch, sha=sha, source="push", user=user)


def head_pipeline(world: World, project: Project, change: Change) -> Pipeline | None:
    """The newest pipeline of the change's head; its own pipelines hide those of the branch."""
    lines = [line for line in world.pipelines_of(project) if line.sha == change.head]
    own = [line for line in lines if line.change_number == change.number]
    branch = [line for line in lines if line.ref == change.source]
    return next(iter([*own, *branch]), None)


def advance(world: World, project: Project, pipeline: Pipeline, status: str) -> None:
    """Every job that is not a posted status has `status`; a webhook tells of it."""
    for job in pipeline.jobs:
        if not job.external and not job.retried and job.status not in FINISHED:
            _move(world, job, status)
    _tell(world, project, pipeline)


def tick(world: World) -> None:
    """Every pipeline that runs by itself has gone one state further."""
    for pipeline in list(world.pipelines.values()):
        moved = False
        for job in pipeline.jobs:
            if pipeline.held or job.external or job.retried:
                continue
            if job.status in _NEXT or job.status == "running":
                _move(world, job, _NEXT.get(job.status, pipeline.outcome))
                moved = True
        if moved:
            _tell(world, world.projects[pipeline.project_id], pipeline)


def cancel(world: World, project: Project, pipeline: Pipeline) -> None:
    """No job of the pipeline is left waiting or running."""
    for job in pipeline.jobs:
        if job.status not in FINISHED:
            _move(world, job, "canceled")
    _tell(world, project, pipeline)


def retry(world: World, project: Project, pipeline: Pipeline) -> None:
    """Failed and canceled jobs run again as new jobs; the old ones count no more."""
    for job in list(pipeline.jobs):
        if job.status in ("failed", "canceled") and not job.retried and not job.external:
            job.retried = True
            fresh = Job(
                id=world.next_id(), name=job.name, stage=job.stage, status="pending",
                user_id=job.user_id, created_at=world.now(),
            )  # fmt: skip
            pipeline.jobs.append(fresh)
    _tell(world, project, pipeline)


def post_status(
    world: World,
    project: Project,
    pipeline: Pipeline,
    *,
    user: User,
    name: str,
    state: str,
    description: str | None,
    target_url: str | None,
) -> Job:
    """The pipeline has a job that shows the posted status.

    A waiting or running status of the same name and user is moved; anything else is hidden by a new
    one, whoever wrote it.

    Raises:
        WrongTransitionError: GitLab knows no such move (pending to pending, for one).

    Source: GitLab app/services/ci/create_commit_status_service.rb
    """
    open_jobs = (
        job
        for job in pipeline.jobs
        if job.external and not job.retried and job.status in ("pending", "running", "created")
    )
    job = next((job for job in open_jobs if (job.name, job.user_id) == (name, user.id)), None)
    if job is None:
        for older in pipeline.jobs:
            older.retried = older.retried or older.name == name
        job = Job(
            id=world.next_id(), name=name, stage="external", status="created",
            user_id=user.id, created_at=world.now(), external=True,
        )  # fmt: skip
        pipeline.jobs.append(job)
    elif job.status not in _MAY[state]:
        event = _EVENTS[state]
        raise WrongTransitionError(
            f"Cannot transition status via :{event} from :{job.status} "
            f'(Reason(s): Status cannot transition via "{event}")'
        )
    _move(world, job, state)
    job.description = description if description is not None else job.description
    job.target_url = target_url if target_url is not None else job.target_url
    _tell(world, project, pipeline)
    return job


def _move(world: World, job: Job, status: str) -> None:
    now = world.now()
    job.status = status
    if status == "running":
        job.started_at = now
    if status in FINISHED:
        job.started_at = job.started_at or now
        job.finished_at = now


def _tell(world: World, project: Project, pipeline: Pipeline) -> None:
    pipeline.updated_at = world.now()
    world.emit(PipelineMoved(project=project, pipeline=pipeline))
