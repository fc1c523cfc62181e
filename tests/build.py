"""Values for tests: each builder gives something safe and whole, and takes what the test is about.

By default: @author opened group/infra#7 from `feature` onto `main`; it changes `infra/main.tf`; @kim
may write, and has said nothing; one approval of anybody who may write is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from mrbot.change.files import MODE_ABSENT, FileChange, FileStatus
from mrbot.change.notes import FileNote
from mrbot.change.people import (
    Binding,
    Bound,
    Contributors,
    Directory,
    Group,
    Review,
    ReviewSource,
    ReviewState,
    Signature,
)
from mrbot.change.snapshot import Change, ChangeState, HostChange
from mrbot.decision.approval import Standing, stand
from mrbot.decision.binding import bound
from mrbot.decision.condition import applies
from mrbot.decision.decide import Decision, decide
from mrbot.decision.material import Assessment, Material, Organisation, PolicyFolder, TextFile
from mrbot.decision.requirement import Origin, Requirement, Scope, WholeChange
from mrbot.decision.ruleset import (
    Deploy,
    PlanWhen,
    PolicyInput,
    Project,
    ProjectKind,
    Require,
    When,
)
from mrbot.decision.verdict import Reason, Weight
from mrbot.ids import ChangeId, Digest, HostKind, Json, Person, RepoId, Sha
from mrbot.plan.plan import Plan, PlanFailed, PlanFault, Summary, Tool
from mrbot.policy.finding import (
    Bundle,
    Demand,
    Document,
    Engine,
    Evaluated,
    EvaluationFailed,
    EvaluationFault,
    Finding,
    Severity,
)
from mrbot.resources.model import (
    Action,
    Certainty,
    NotUnderstood,
    Reading,
    ResourceChange,
    Source,
)

NOW = datetime(2026, 11, 22, 21, 10, tzinfo=UTC)
REPO = RepoId("gitlab", "group/infra")
CHANGE = ChangeId(REPO, 7)
ENGINE = Engine(name="opa", version="1.22.2")


def sha(seed: str) -> Sha:
    """A commit id that is always the same for `seed`."""
    return Sha(hashlib.sha1(seed.encode("utf-8", "surrogatepass")).hexdigest())


def digest(seed: str) -> Digest:
    """A digest that is always the same for `seed`."""
    return Digest("sha256:" + hashlib.sha256(seed.encode()).hexdigest())


BASE, TARGET, HEAD = sha("base"), sha("target"), sha("head")


def make_person(login: str = "kim", *, id: str | None = None, is_bot: bool = False) -> Person:  # noqa: A002
    """`id` follows from the login when it is not given, and is a number as on the hosts."""
    number = str(int(hashlib.sha256(login.encode()).hexdigest()[:6], 16))
    return Person(id=number if id is None else id, login=login, is_bot=is_bot)


AUTHOR, KIM, LEE, STRANGER = (make_person(one) for one in ("author", "kim", "lee", "stranger"))


def make_file(
    path: str = "infra/main.tf",
    *,
    old_path: str | None = None,
    status: FileStatus | None = None,
    old: str | None = "old",
    new: str | None = "new",
    old_mode: str = "100644",
    new_mode: str = "100644",
) -> FileChange:
    """A modified file; `old` or `new` None: added or deleted. The blobs follow from path and text."""
    if status is None:
        status = FileStatus.RENAMED if old_path else FileStatus.MODIFIED
        status = FileStatus.ADDED if old is None else status
        status = FileStatus.DELETED if new is None else status
    return FileChange(
        path=path,
        old_path=old_path,
        status=status,
        old_mode=MODE_ABSENT if old is None else old_mode,
        new_mode=MODE_ABSENT if new is None else new_mode,
        old_blob=None if old is None else sha(f"{old_path or path} {old}"),
        new_blob=None if new is None else sha(f"{path} {new}"),
    )


def make_host_change(
    *,
    author: Person = AUTHOR,
    title: str = "Widen the pool",
    description: str = "",
    state: ChangeState = ChangeState.OPEN,
    draft: bool = False,
    target_branch: str = "main",
    head: Sha = HEAD,
    from_fork: bool = False,
    labels: tuple[str, ...] = (),
) -> HostChange:
    """An open change of @author's."""
    return HostChange(
        id=CHANGE,
        title=title,
        description=description,
        author=author,
        state=state,
        draft=draft,
        source_branch="feature",
        target_branch=target_branch,
        head=head,
        from_fork=from_fork,
        labels=labels,
        web_url="https://gitlab.example/group/infra/-/merge_requests/7",
    )


def make_change(
    *,
    host: HostChange | None = None,
    files: Iterable[FileChange] | None = None,
    people: Iterable[Person] = (),
    signatures: Iterable[Signature] = (),
    reviews: Iterable[Review] = (),
) -> Change:
    """The change at HEAD; its author is always among the contributors."""
    host = make_host_change() if host is None else host
    return Change(
        host=host,
        base=BASE,
        target=TARGET,
        files=(make_file(),) if files is None else tuple(files),
        contributors=Contributors(
            people=frozenset({host.author, *people}), signatures=frozenset(signatures)
        ),
        reviews=tuple(reviews),
    )


def make_binding(
    files: Iterable[FileChange] | None = None,
    *,
    target_branch: str = "main",
    head: Sha = HEAD,
    effect: Digest | None = None,
    policy: Digest | None = None,
) -> Binding:
    """What an approval of `files` is bound to."""
    changed = (make_file(),) if files is None else tuple(files)
    return Binding(
        target_branch=target_branch,
        head=head,
        files=frozenset(bound(file) for file in changed),
        effect_digest=effect,
        policy_digest=digest("policies") if policy is None else policy,
    )


def make_bound(path: str = "infra/main.tf", *, old_path: str | None = None) -> Bound:
    """The default file, or one like it, as an approver sees it."""
    return bound(make_file(path, old_path=old_path))


def make_review(
    person: Person = KIM,
    *,
    state: ReviewState = ReviewState.APPROVED,
    source: ReviewSource = ReviewSource.HOST,
    head: Sha | None = HEAD,
    seen: Iterable[Binding] | None = None,
) -> Review:
    """An approval of the default change, by somebody who saw all of it."""
    return Review(
        person=person,
        state=state,
        source=source,
        head=head,
        seen=(make_binding(),) if seen is None else tuple(seen),
    )


def make_requirement(
    name: str = "every change",
    *,
    count: int = 1,
    users: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    role: str = "write",
    origin: Origin = Origin.RULE,
    source: str = ".mrbot.yml of the target branch",
    scope: Scope | None = None,
) -> Requirement:
    """One approval of anybody who may write, for the whole change."""
    return Requirement(
        name=name,
        origin=origin,
        source=source,
        require=Require(count=count, users=users, groups=groups, role=role),
        scope=WholeChange() if scope is None else scope,
    )


def make_directory(
    *,
    groups: dict[str, Iterable[Person]] | None = None,
    missing: Iterable[str] = (),
    roles: dict[Person, str] | None = None,
) -> Directory:
    """@author, @kim and @lee may write; a stranger may not."""
    held = {AUTHOR: "write", KIM: "write", LEE: "write"} if roles is None else roles
    found = [
        Group(name=name, members=frozenset(members)) for name, members in (groups or {}).items()
    ]
    found += [Group(name=name, members=frozenset(), found=False) for name in missing]
    return Directory(
        groups=tuple(found), roles=tuple((person.id, role) for person, role in held.items())
    )


def make_project(
    name: str = "network-prod",
    directory: str = "infra",
    *,
    environment: str = "production",
    kind: ProjectKind = ProjectKind.TERRAFORM,
    deploy: Deploy = Deploy.NONE,
    plan: PlanWhen = PlanWhen.AUTOMATIC,
    also: tuple[str, ...] = (),
) -> Project:
    """A Terraform project in `infra`."""
    return Project(
        name=name,
        directory=directory,
        kind=kind,
        environment=environment,
        deploy=deploy,
        plan=plan,
        also=also,
    )


def make_resource(
    address: str = "aws_vpc.main",
    *,
    kind: str | None = None,
    action: Action = Action.UPDATE,
    format: str = "terraform",  # noqa: A002
    before: Json = None,
    after: Json = None,
    project: str | None = None,
    environment: str | None = None,
    certainty: Certainty = Certainty.STATIC,
    source: Source | None = None,
    stateful: bool = False,
    unknown: Iterable[str] = (),
    was: str | None = None,
    why: str | None = None,
    forced_by: Iterable[str] = (),
) -> ResourceChange:
    """A resource that `infra/main.tf` updates; its kind is the first part of its address."""
    return ResourceChange(
        format=format,
        address=address,
        kind=address.split(".", maxsplit=1)[0] if kind is None else kind,
        action=action,
        before=before,
        after=after,
        project=project,
        environment=environment,
        certainty=certainty,
        source=Source(path="infra/main.tf", line=1) if source is None else source,
        stateful=stateful,
        unknown_paths=tuple(unknown),
        previous_address=was,
        why=why,
        replace_paths=tuple(forced_by),
    )


def make_plan(
    project: str = "network-prod",
    *,
    environment: str | None = "production",
    head: Sha = HEAD,
    summary: Summary | None = None,
    resources: Iterable[ResourceChange] = (),
    document: Json = None,
    effect: Digest | None = None,
    drifted: Iterable[str] = (),
    failed_checks: Iterable[str] = (),
) -> Plan:
    """A plan that updates one resource."""
    return Plan(
        project=project,
        environment=environment,
        head=head,
        tool=Tool(name="terraform", version="1.11.4", origin="PATH"),
        summary=Summary(update=1) if summary is None else summary,
        resources=tuple(resources),
        document={} if document is None else document,
        effect_digest=digest(f"effect of {project}") if effect is None else effect,
        artefact_digest=digest(f"artefact of {project}"),
        drifted=tuple(drifted),
        failed_checks=tuple(failed_checks),
    )


def make_plan_failed(
    project: str = "network-prod", *, fault: PlanFault = PlanFault.PLAN, detail: str = "Error: no"
) -> PlanFailed:
    """A plan that failed."""
    return PlanFailed(
        project=project, environment="production", head=HEAD, fault=fault, detail=detail
    )


def make_finding(
    msg: str = "the bucket is public",
    *,
    rule: str = "deny",
    severity: Severity = Severity.DENY,
    path: str | None = None,
    line: int | None = None,
    metadata: Json = None,
    excepted: str | None = None,
) -> Finding:
    """A denial by the organisation's policies."""
    return Finding(
        rule=rule,
        severity=severity,
        msg=msg,
        namespace="main",
        policy="organisation",
        document="change",
        path=path,
        line=line,
        metadata=metadata,
        excepted=excepted,
    )


def make_evaluated(
    *findings: Finding, demands: tuple[Demand, ...] = (), namespaces: tuple[str, ...] = ("main",)
) -> Evaluated:
    """The organisation's policies were asked, and found this."""
    return Evaluated(
        findings=findings,
        demands=demands,
        namespaces=namespaces,
        engine=ENGINE,
        policy="organisation",
        digest=digest("organisation"),
    )


def make_evaluation_failed(
    fault: EvaluationFault = EvaluationFault.TIME, detail: str = "2 s were not enough"
) -> EvaluationFailed:
    """The organisation's policies gave no answer."""
    return EvaluationFailed(
        fault=fault,
        detail=detail,
        engine=ENGINE,
        policy="organisation",
        digest=digest("organisation"),
    )


def make_reason(weight: Weight = Weight.PENDING, code: str = "draft", text: str = "so") -> Reason:
    """A reason of that weight."""
    return Reason(weight=weight, code=code, text=text)


def make_reading(
    *resources: ResourceChange, not_understood: Iterable[NotUnderstood] = ()
) -> Reading:
    """What the readers made of the change."""
    return Reading(resources=resources, not_understood=tuple(not_understood))


def make_assessment(
    *,
    projects: Iterable[Project] = (),
    reading: Reading | None = None,
    plans: Iterable[Plan | PlanFailed] = (),
    evaluations: Iterable[Evaluated | EvaluationFailed] | None = None,
    requirements: Iterable[Requirement] = (),
    reasons: Iterable[Reason] = (),
    binding: Binding | None = None,
    notes: Iterable[FileNote] = (),
) -> Assessment:
    """Nothing is wrong, and nobody is asked."""
    return Assessment(
        rulesets=(),
        projects=tuple(projects),
        reading=make_reading() if reading is None else reading,
        plans=tuple(plans),
        evaluations=(make_evaluated(),) if evaluations is None else tuple(evaluations),
        requirements=tuple(requirements),
        ownership=None,
        reasons=tuple(reasons),
        protected=(),
        binding=make_binding() if binding is None else binding,
        notes=tuple(notes),
    )


def make_decision(
    *,
    change: Change | None = None,
    assessment: Assessment | None = None,
    directory: Directory | None = None,
    planning: bool = True,
) -> Decision:
    """The real decision on these facts: `Approved`, unless the test says otherwise."""
    return decide(
        make_change() if change is None else change,
        make_assessment() if assessment is None else assessment,
        make_directory() if directory is None else directory,
        NOW,
        planning=planning,
    )


def make_standing(
    *reviews: Review,
    requirement: Requirement | None = None,
    change: Change | None = None,
    binding: Binding | None = None,
    directory: Directory | None = None,
) -> Standing:
    """How one requirement stands, given these reviews of `change`."""
    change = make_change() if change is None else change
    given = make_change(
        host=change.host,
        files=change.files,
        people=change.contributors.people,
        signatures=change.contributors.signatures,
        reviews=(*change.reviews, *reviews),
    )
    return stand(
        make_requirement() if requirement is None else requirement,
        given,
        make_binding(given.files) if binding is None else binding,
        make_directory() if directory is None else directory,
    )


RULES = b"version: 1\notherwise:\n  require: {count: 1}\n"


def make_organisation(*, rules: bytes = RULES, rego: str = "package main\n") -> Organisation:
    """mrbot's own default rules, and one policy that denies nothing."""
    module = TextFile(path="policies/main.rego", content=rego.encode())
    return Organisation(
        rules=TextFile(path="rules.yml", content=rules),
        default=True,
        policies=PolicyFolder(directory="policies", origin="organisation", files=(module,)),
        namespaces=("main",),
        input=PolicyInput.CHANGE,
        owners=Require(count=1, groups=("platform",)),
    )


def make_material(
    *,
    organisation: Organisation | None = None,
    target_rules: TextFile | None = None,
    codeowners: TextFile | None = None,
    plans: Iterable[Plan | PlanFailed] = (),
    planning: bool = True,
) -> Material:
    """The content side of the default change."""
    return Material(
        dialect=HostKind.GITLAB,
        versions=(),
        unread=(),
        organisation=make_organisation() if organisation is None else organisation,
        target_rules=target_rules,
        head_rules=None,
        touches_rules=False,
        target_policies=(),
        head_policies=(),
        codeowners=codeowners,
        plans=tuple(plans),
        planning=planning,
        now=NOW,
    )


class SilentEngine:
    """A policy engine that is asked, and finds what it was made with."""

    def __init__(self, *findings: Finding, engine: Engine = ENGINE) -> None:
        self._findings = findings
        self._engine = engine

    @property
    def engine(self) -> Engine:
        """What it calls itself."""
        return self._engine

    def evaluate(self, bundle: Bundle, documents: tuple[Document, ...]) -> Evaluated:
        """Its findings, whatever is asked."""
        return Evaluated(
            findings=self._findings if documents else (),
            demands=(),
            namespaces=bundle.namespaces,
            engine=self._engine,
            policy=bundle.name,
            digest=bundle.digest,
        )

    def close(self) -> None:
        """Nothing to end."""


def rule_applies(
    when: When,
    *,
    files: Iterable[FileChange] = (),
    resources: Iterable[ResourceChange] = (),
    projects: Iterable[Project] = (),
    not_read: Iterable[str] = (),
) -> bool:
    """Whether a rule applies to a change of these."""
    return applies(when, tuple(files), tuple(resources), tuple(projects), frozenset(not_read))
