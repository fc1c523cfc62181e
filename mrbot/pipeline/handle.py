"""A dirty change, handled: read, judge, record, publish, deploy.

(1)  read        the change from its host, its commits from git
(2)  commands    new comments are read, commands allowed or refused
(3)  plan        the projects that are to be planned
(4)  judge       material, assessment, people, decision
(5)  record      the decision and all it was made from; what it shows is kept for approvals to come
(6)  apply       what was asked for, if the decision is `Approved`
(7)  publish     after the change was read once more: the comment, then the status
(8)  deploy      once merged: intents, runs, results

A closed change frees what it held. Each step leaves in the store what the next begins with.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from mrbot.audit.record import record_bytes, recorded
from mrbot.change.people import Directory
from mrbot.change.snapshot import Change, ChangeState, HostChange
from mrbot.decision.decide import Decision, decide
from mrbot.decision.document import decision_document
from mrbot.decision.material import Material
from mrbot.decision.verdict import Approved, name_of
from mrbot.effects.annotations import annotated_lines
from mrbot.effects.effect import Status, StatusState
from mrbot.effects.headline import status_description, status_state
from mrbot.effects.render import render
from mrbot.errors import HostFailure, StoreFailure, Superseded
from mrbot.gather import gather, pinned
from mrbot.ids import Json, RepoId
from mrbot.inbox.worklist import Claim
from mrbot.judgement import assess, projects_of
from mrbot.pipeline import (
    applying,
    asking,
    doubt,
    ending,
    people,
    planning,
    publishing,
    showing,
)
from mrbot.pipeline.engine_log import log_evaluations
from mrbot.pipeline.tools import HostTools, MirroredRepository, Tools
from mrbot.store.changes import KnownChange
from mrbot.store.commands import CommandState
from mrbot.store.effects import EffectState
from mrbot.store.plans import StoredPlan


class Pipeline:
    """Handles claims, one at a time. Safe to run again from the beginning at any moment."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def handle(self, claim: Claim) -> None:
        """The change is where it can be now. What fails is raised for the worker to retry."""
        subject = claim.subject
        tools = self._tools
        if isinstance(subject, RepoId):
            return  # a repository's own chores: none yet
        host = tools.hosts.get(subject.repo.host)
        if host is None:
            return
        # (1) read
        tools.observe("read")
        try:
            change = host.reader.change(subject)
        except HostFailure as error:
            doubt.take_back(tools, host, claim, None, error, None)
            raise
        tools.store.commands.recover(claim)
        applying.own_up(tools, claim, change)
        asking.read_comments(tools, host, claim, change)
        match change.state:
            case ChangeState.OPEN:
                try:
                    self._open(host, claim, change)
                except (Superseded, StoreFailure):
                    raise
                except Exception as error:
                    doubt.take_back(tools, host, claim, change, error, showing.page(tools, change))
                    raise
            case ChangeState.MERGED:
                ending.merged(tools, host, claim, change)
            case ChangeState.CLOSED:
                ending.closed(tools, claim, change)

    # An open change

    def _open(self, host: HostTools, claim: Claim, change: HostChange) -> None:
        tools = self._tools
        known = tools.store.changes.get(change.id)
        if known is not None and known.target_branch != change.target_branch:
            # Made by the rules of another branch, whose projects may be other directories.
            tools.store.plans.discard(claim)
            if known.head == change.head:
                publishing.withdraw(tools, host, claim, change, known.target_branch)
        if known is None or not known.verdict or ending.moved(known, change):
            self._remember(change, "")
            tools.observe("hold the merge")
            held = publishing.gate_status(
                tools,
                change,
                StatusState.PENDING,
                "mrbot is judging this commit",
                "",
                showing.page(tools, change),
            )
            publishing.publish_status(tools, host, claim, held)
        tools.observe("fetch")
        repository = host.repository(change.id.repo)
        branch = f"refs/heads/{change.target_branch}"
        head_ref = host.change_ref.format(number=change.id.number)
        repository.fetch((branch, head_ref))
        if not repository.has(change.head):
            raise Superseded(f"{change.id} has another head now")
        repository.keep(change.head)
        # (2) commands
        tools.observe("take commands")
        asked = asking.take_commands(tools, host, claim, change)
        reviews = people.reviews(change, host.reader, tools.store)
        mapped = people.mapped_contributors(change, reviews, host.reader)
        pin = pinned(change, repository, repository.fetched(branch), people=mapped, reviews=reviews)
        # (3) plan
        material = self._material(host, pin, repository, ())
        plans = planning.plan_where_needed(
            tools, host, claim, pin, projects_of(material, pin), asked.plan
        )
        material = replace(material, plans=tuple(stored.plan for stored in plans))
        for command in asked.planning:
            tools.store.commands.finish(claim, command.id, CommandState.DONE, _planned(plans))
        # (4) judge
        tools.observe("judge")
        assessment = assess(material, pin, tools.engine, tools.server)
        log_evaluations(change.id, assessment.evaluations)
        directory = people.directory(pin, assessment, host.reader)
        decision = decide(pin, assessment, directory, material.now, planning=material.planning)
        # (5) record
        tools.observe("record")
        record = self._record(claim, pin, material, directory, decision)
        decision = replace(decision, now=self._recorded_at(record, decision.now))
        # (6) apply
        for command, wanted in asked.applying:
            applying.apply(tools, host, claim, decision, command, wanted)
        plans = tools.store.plans.at(change.id, change.head)
        # (7) publish
        self._publish(host, claim, decision, record, plans, repository)

    def _material(
        self,
        host: HostTools,
        change: Change,
        repository: MirroredRepository,
        plans: tuple[StoredPlan, ...],
    ) -> Material:
        tools = self._tools
        return gather(
            change,
            repository,
            dialect=host.kind,
            organisation=tools.organisation,
            plans=tuple(stored.plan for stored in plans),
            # Where no tool is, a plan that is wanted is missing all the same.
            planning=True,
            now=tools.clock(),
        )

    def _record(
        self,
        claim: Claim,
        change: Change,
        material: Material,
        directory: Directory,
        decision: Decision,
    ) -> str:
        """The number of the record of this decision: a new one only where the decision differs from
        the last in more than its time."""
        tools, store = self._tools, self._tools.store
        digest = publishing.text_digest(_substance(decision))
        key = f"record:{change.id}"
        now = tools.clock()
        standing = store.effects.intend(claim, key, "record", digest, now)
        if standing is not None and standing.state == EffectState.DONE and standing.reference:
            return standing.reference
        if standing is not None:
            store.effects.repeat(claim, key, digest, now)
        kept = recorded(change, material, directory, tools.engine.engine, decision)
        entry = store.ledger.append(
            kind="decision",
            subject=str(change.id),
            at=now.isoformat(),
            content=record_bytes(kept),
        )
        store.bindings.show(change.id, decision.assessment.binding, str(entry.number), now)
        store.effects.complete(claim, key, str(entry.number))
        return str(entry.number)

    def _recorded_at(self, record: str, now: datetime) -> datetime:
        """When the decision that stands was made, so that looking again changes no comment."""
        kept = self._tools.store.ledger.read(int(record))
        return now if kept is None else datetime.fromisoformat(kept.entry.at)

    def _publish(
        self,
        host: HostTools,
        claim: Claim,
        decision: Decision,
        record: str,
        plans: tuple[StoredPlan, ...],
        repository: MirroredRepository,
    ) -> None:
        tools = self._tools
        waiting = applying.awaiting(decision.assessment.projects, plans)
        beside = showing.beside(tools, decision, record, waiting, applying.applied(plans))
        body = render(decision, beside, host.writer.comment_limit())
        before = tools.store.changes.get(decision.change.id)
        verdict = name_of(decision.verdict)
        changed = before is None or before.verdict != verdict

        def status(change: HostChange) -> Status:
            return publishing.gate_status(
                tools,
                change,
                status_state(decision, waiting),
                status_description(decision, waiting),
                body,
                beside.page,
                annotated_lines(decision),
            )

        judged = decision.change.host
        if not changed and publishing.stands(tools, judged.id, body, record, status(judged)):
            return  # the host shows exactly this already: there is nothing to check again for
        change = self._checked_again(host, claim, decision, repository, changed=changed)
        publishing.publish_comment(tools, host, claim, change, body, record)
        # The verdict is known before the status can let anybody merge: what is merged by it must
        # find that it was approved.
        self._remember(change, verdict)
        if changed:
            self._tell_others(change, verdict)
        publishing.publish_status(tools, host, claim, status(change))

    def _checked_again(
        self,
        host: HostTools,
        claim: Claim,
        decision: Decision,
        repository: MirroredRepository,
        *,
        changed: bool,
    ) -> HostChange:
        """The change as it is now, and it is what was judged.

        Raises: Superseded when head, target, rules or reviews moved on; it is judged again.
        """
        tools = self._tools
        tools.observe("check again")
        try:
            change = publishing.recheck(host, decision.change.host)
            branch = f"refs/heads/{change.target_branch}"
            repository.fetch((branch,))
            if repository.fetched(branch) != decision.change.target:
                raise Superseded(f"{change.target_branch} moved on while {change.id} was judged")
            if changed and isinstance(decision.verdict, Approved):
                # Planning and applying take long: nobody may have changed their mind meanwhile.
                said = people.reviews(change, host.reader, tools.store)
                if not people.unchanged(decision.change.reviews, said):
                    raise Superseded(f"the reviews of {change.id} changed while it was judged")
        except Superseded:
            tools.store.worklist.mark(decision.change.id, tools.clock())
            raise
        tools.store.worklist.check(claim)
        return change

    def _tell_others(self, change: HostChange, verdict: str) -> None:
        """Changes that propose the same commit look again: they may share its status. Only when the
        verdict is new: two that stay of two minds would wake each other for ever."""
        store = self._tools.store
        for other in store.changes.open_with_head(change.id.repo, change.head):
            if other.id != change.id and other.verdict != verdict:
                store.worklist.mark(other.id, self._tools.clock())

    def _remember(self, change: HostChange, verdict: str) -> None:
        tools = self._tools
        tools.store.changes.save(
            KnownChange(
                id=change.id,
                state=change.state,
                head=change.head,
                target_branch=change.target_branch,
                title=change.title,
                verdict=verdict,
                updated_at=tools.clock(),
            )
        )


def _substance(decision: Decision) -> str:
    document: dict[str, Json] = dict(decision_document(decision))
    document.pop("evaluated_at")
    return json.dumps(document, sort_keys=True)


def _planned(plans: tuple[StoredPlan, ...]) -> str:
    if not plans:
        return "no changed project is planned"
    return f"planned: {', '.join(stored.plan.project for stored in plans)}"
