"""After the merge: one deployment for each environment, started once and followed to its end."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from mrbot.change.files import FileChange
from mrbot.change.repository import Blob
from mrbot.change.snapshot import HostChange
from mrbot.config.rulefile import parse_rules
from mrbot.decision.landing import linked
from mrbot.decision.projects import concerned
from mrbot.decision.protected import RULE_FILE
from mrbot.decision.ruleset import Deploy, RuleSet
from mrbot.deployment.deployment import DeploymentState, Intent, Run
from mrbot.effects.comment import DeploymentView
from mrbot.effects.effect import Status, StatusState
from mrbot.errors import AnswerLost, BadRules, Permanent
from mrbot.gather.landscape import landscape_of
from mrbot.gather.links import links_of
from mrbot.ids import Digest, Sha
from mrbot.inbox.worklist import Claim
from mrbot.pipeline.publishing import publish_status
from mrbot.pipeline.tools import HostTools, MirroredRepository, Tools
from mrbot.store.deployments import StoredDeployment

_RULES_LIMIT_BYTES = 1 << 20

_STATUS = {
    DeploymentState.SUCCEEDED: StatusState.SUCCESS,
    DeploymentState.FAILED: StatusState.FAILURE,
    DeploymentState.CANCELED: StatusState.FAILURE,
    DeploymentState.WRONG_COMMIT: StatusState.ERROR,
    DeploymentState.TIMED_OUT: StatusState.ERROR,
}


def intent_key(change: HostChange, sha: Sha, environment: str) -> Digest:
    """The same for the same host, repository, branch, commit and environment, and for no other."""
    parts = (change.id.repo.host, change.id.repo.path, change.target_branch, sha, environment)
    return Digest("sha256:" + hashlib.sha256("\0".join(parts).encode()).hexdigest())


def intend(
    tools: Tools,
    repository: MirroredRepository,
    change: HostChange,
    sha: Sha,
    files: tuple[FileChange, ...],
) -> None:
    """Each environment that the merged change reaches has its intent."""
    rules = _rules(repository, sha)
    if rules is None:
        return
    targets = dict(rules.deployments)
    links = links_of(landscape_of(repository, sha, sha, files))
    wanted = {
        project.environment
        for project in concerned(linked(rules, links), files)
        if project.deploy == Deploy.PIPELINE and project.environment in targets
    }
    for environment in sorted(wanted):
        intent = Intent(
            key=intent_key(change, sha, environment),
            change=change.id,
            repo=change.id.repo,
            target_branch=change.target_branch,
            sha=sha,
            environment=environment,
            target=targets[environment],
        )
        tools.store.deployments.intend(intent, tools.clock())


def _rules(repository: MirroredRepository, sha: Sha) -> RuleSet | None:
    entry = repository.entry(sha, RULE_FILE)
    if entry is None:
        return None
    blob = repository.blobs([entry.oid], _RULES_LIMIT_BYTES)[entry.oid]
    if not isinstance(blob, Blob):
        return None
    try:
        return parse_rules(blob.content, RULE_FILE, RULE_FILE)
    except BadRules:
        return None


def advance(tools: Tools, host: HostTools, claim: Claim, change: HostChange) -> None:
    """Every deployment of the change has come as far as it can now."""
    for stored in tools.store.deployments.of(change.id):
        if not stored.state.ended:
            _advance(tools, host, claim, stored)
    for stored in tools.store.deployments.of(change.id):
        if stored.state.ended:
            _show(tools, host, claim, stored)


def _advance(tools: Tools, host: HostTools, claim: Claim, stored: StoredDeployment) -> None:
    match stored.state:
        case DeploymentState.PENDING:
            _start(tools, host, claim, stored)
        case DeploymentState.DISPATCHING | DeploymentState.UNCERTAIN:
            _look_up(tools, host, claim, stored)
        case DeploymentState.RUNNING:
            _follow(tools, host, stored)
        case (
            DeploymentState.SUCCEEDED
            | DeploymentState.FAILED
            | DeploymentState.CANCELED
            | DeploymentState.WRONG_COMMIT
            | DeploymentState.TIMED_OUT
        ):
            return


def _start(tools: Tools, host: HostTools, claim: Claim, stored: StoredDeployment) -> None:
    deployments, intent = tools.store.deployments, stored.intent
    tools.store.worklist.check(claim)
    soon = tools.clock() + timedelta(seconds=tools.in_flight_s)
    if not deployments.advance(
        intent.key, {DeploymentState.PENDING}, DeploymentState.DISPATCHING, next_check_at=soon
    ):
        return
    tools.observe("start the deployment")
    try:
        run = host.deployer.start(intent)
    except AnswerLost as error:
        deployments.advance(
            intent.key,
            {DeploymentState.DISPATCHING},
            DeploymentState.UNCERTAIN,
            next_check_at=soon,
            detail=f"asked for, and no answer came: {error}",
        )
        return
    except Permanent as error:
        deployments.advance(
            intent.key,
            {DeploymentState.DISPATCHING},
            DeploymentState.FAILED,
            next_check_at=soon,
            detail=f"the host refused to start it: {error}",
        )
        return
    tools.observe("keep the deployment")
    _keep(tools, host, stored, run)


def _look_up(tools: Tools, host: HostTools, claim: Claim, stored: StoredDeployment) -> None:
    """Whether it started is not known: what is found is adopted; only when the request cannot be
    under way any more, and there certainly is none, is it asked for again."""
    now = tools.clock()
    if now < stored.next_check_at:
        return
    run = host.deployer.find(stored.intent)
    if run is not None:
        _keep(tools, host, stored, run)
        return
    back = tools.store.deployments.advance(
        stored.intent.key,
        {DeploymentState.DISPATCHING, DeploymentState.UNCERTAIN},
        DeploymentState.PENDING,
        next_check_at=now,
        detail="it had not been started",
    )
    again = tools.store.deployments.get(stored.intent.key)
    if back and again is not None:
        _start(tools, host, claim, again)


def _follow(tools: Tools, host: HostTools, stored: StoredDeployment) -> None:
    if stored.run is not None:
        _keep(tools, host, stored, host.deployer.state(stored.intent, stored.run))


def _keep(tools: Tools, host: HostTools, stored: StoredDeployment, run: Run) -> None:
    now = tools.clock()
    limit = stored.intended_at + timedelta(seconds=tools.deployment_limit_s)
    if run.sha is not None and run.sha != stored.intent.sha:
        if not run.state.ended:
            host.deployer.cancel(stored.intent, run.id)
        detail = f"it ran on {run.sha[:10]}, not on the approved {stored.intent.sha[:10]}"
        run = _with(run, DeploymentState.WRONG_COMMIT, detail)
    elif not run.state.ended and now > limit:
        run = _with(run, DeploymentState.TIMED_OUT, "it did not end in time")
    tools.store.deployments.follow(
        stored.intent.key,
        {stored.state, DeploymentState.DISPATCHING},
        run,
        now + timedelta(seconds=tools.deployment_poll_s),
    )


def _with(run: Run, state: DeploymentState, detail: str) -> Run:
    return Run(id=run.id, sha=run.sha, url=run.url, state=state, detail=detail)


def _show(tools: Tools, host: HostTools, claim: Claim, stored: StoredDeployment) -> None:
    """A status on the merge commit, apart from the gate's, once the deployment has ended. Never
    before: GitLab files a status under the commit's newest pipeline, which is the deployment
    itself, and that would then wait for the status that waits for it."""
    intent = stored.intent
    publish_status(
        tools,
        host,
        claim,
        Status(
            repo=intent.repo,
            sha=intent.sha,
            name=f"mrbot/deploy/{intent.environment}",
            state=_STATUS[stored.state],
            description=f"{intent.environment}: {stored.state.value}",
            url=stored.url or None,
            ref=intent.target_branch,
        ),
    )


def views(tools: Tools, change: HostChange) -> tuple[DeploymentView, ...]:
    """Every deployment of the change, as the comment shows it."""
    return tuple(
        DeploymentView(
            environment=stored.intent.environment,
            sha=stored.intent.sha,
            state=stored.state,
            url=stored.url,
            detail=stored.detail,
        )
        for stored in tools.store.deployments.of(change.id)
    )
