"""Web pages for people: what there is in the sandbox, readable without JavaScript.

The pages ask for no sign-in and change nothing. They show private projects too: the sandbox listens
on loopback only, and holds nothing that is real.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template

from mrbot.sandbox import mergeability, pipelines, status_reports
from mrbot.sandbox.markdown import render
from mrbot.sandbox.model import Change, Project
from mrbot.sandbox.world import World

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_DELIVERIES_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A status or check of a change's head, as a row of the page."""

    name: str
    state: str
    description: str
    url: str
    by: str


def blueprint(world: World) -> Blueprint:
    """The pages."""
    routes = Blueprint("pages", __name__)
    _overview(routes, world)
    _change_pages(routes, world)
    _run_pages(routes, world)

    @routes.app_template_filter("markdown")
    def markdown(text: str) -> str:
        return render(text)

    @routes.app_context_processor
    def shared() -> dict[str, object]:
        return {"world": world, "tone": tone, "change_path": change_path}

    @routes.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return routes


def tone(state: str) -> str:
    """Which of five colours a state is shown in."""
    words = {
        "good": ("success", "approved", "merged", "mergeable", "passed", "open", "opened"),
        "bad": ("failed", "failure", "error", "changes_requested", "closed", "cancelled",
                "canceled", "timed_out", "conflict"),
        "busy": ("pending", "running", "created", "in_progress", "queued", "manual", "checking",
                 "requested", "blocked"),
    }  # fmt: skip
    return next((name for name, those in words.items() if state.lower() in those), "calm")


def change_path(project: Project, change: Change) -> str:
    """Where a change's page is, as on the host itself."""
    if project.kind == "gitlab":
        return f"/{project.path}/-/merge_requests/{change.number}"
    return f"/{project.path}/pull/{change.number}"


def _overview(routes: Blueprint, world: World) -> None:
    @routes.get("/")
    def home() -> str:
        return render_template("home.html", projects=list(world.projects.values()))

    @routes.get("/<path:name>/-/hooks")
    def hooks(name: str) -> str:
        project = _project(world, name)
        mine = [hook for hook in world.hooks.values() if hook.project_id == project.id]
        return render_template("hooks.html", project=project, hooks=mine, limit=_DELIVERIES_SHOWN)

    @routes.get("/<path:name>")
    def project(name: str) -> str:
        found = _project(world, name.rstrip("/"))
        lines = world.pipelines_of(found)[:20]
        runs = [run for run in world.workflow_runs.values() if run.project_id == found.id]
        return render_template(
            "project.html", project=found, changes=world.changes_of(found), pipelines=lines,
            status_of=pipelines.status_of, runs=runs[::-1][:20],
        )  # fmt: skip


def _change_pages(routes: Blueprint, world: World) -> None:
    @routes.get("/<path:name>/-/merge_requests/<int:number>")
    @routes.get("/<path:name>/pull/<int:number>")
    def change(name: str, number: int) -> str:
        project = _project(world, name)
        found = world.change(project, number)
        if found is None:
            abort(404)
        repository = world.repository(project)
        return render_template(
            "change.html", project=project, change=found,
            comments=world.comments_of(found), reports=reports(world, project, found),
            obstacle=mergeability.obstacle(world, project, found),
            commits=repository.commits(found.head, f"^{found.base}"),
            files=repository.changed_files(found.base, found.head),
            pipeline=pipelines.head_pipeline(world, project, found),
            status_of=pipelines.status_of,
        )  # fmt: skip

    @routes.get("/<path:name>/-/commit/<sha>")
    @routes.get("/<path:name>/commit/<sha>")
    def commit(name: str, sha: str) -> str:
        project = _project(world, name)
        repository = world.repository(project)
        found = repository.resolve(sha)
        if found is None:
            abort(404)
        one = repository.commit(found)
        diff = repository.text("show", "--format=", "--first-parent", "-m", found)
        return render_template("commit.html", project=project, commit=one, diff=diff)


def _run_pages(routes: Blueprint, world: World) -> None:
    @routes.get("/<path:name>/-/pipelines/<int:number>")
    def pipeline(name: str, number: int) -> str:
        project, line = _project(world, name), world.pipelines.get(number)
        if line is None or line.project_id != project.id:
            abort(404)
        return render_template(
            "pipeline.html", project=project, pipeline=line, status=pipelines.status_of(line)
        )

    @routes.get("/<path:name>/actions/runs/<int:number>")
    def run(name: str, number: int) -> str:
        project, found = _project(world, name), world.workflow_runs.get(number)
        if found is None or found.project_id != project.id:
            abort(404)
        return render_template("run.html", project=project, run=found)


def reports(world: World, project: Project, change: Change) -> list[Report]:
    """What stands on the change's head, newest of each name."""
    if project.kind == "gitlab":
        line = pipelines.head_pipeline(world, project, change)
        jobs = [job for job in (line.jobs if line else []) if not job.retried]
        return [
            Report(
                name=job.name, state=job.status, description=job.description or "",
                url=job.target_url or "", by=world.users[job.user_id].login,
            )
            for job in jobs
        ]  # fmt: skip
    found = [
        Report(
            name=one.context, state=one.state, description=one.description or "",
            url=one.target_url or "", by=world.users[one.creator_id].login,
        )
        for one in status_reports.newest_by_context(world, project, change.head)
    ]  # fmt: skip
    for run in world.check_runs.values():
        if (run.project_id, run.sha) == (project.id, change.head):
            title = str(run.output.get("title") or "")
            found.append(
                Report(
                    name=run.name, state=run.conclusion or run.status, description=title,
                    url=run.details_url or "", by=world.apps[run.app_id].slug,
                )
            )  # fmt: skip
    return found


def _project(world: World, name: str) -> Project:
    found = world.project(name)
    if found is None:
        abort(404)
    return found
