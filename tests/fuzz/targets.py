"""What is fuzzed, and what must hold of whatever comes in."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mrbot.change.codeowners import ownership
from mrbot.change.files import FileChange, FileStatus, shown
from mrbot.config.rulefile import parse_rules
from mrbot.errors import BadDelivery, BadInput, GitFailure
from mrbot.git.raw_diff import parse_raw_diff
from mrbot.ids import HostKind, Json
from mrbot.inbox.command import commands_in
from mrbot.plan.document import problem_of, read_plan
from mrbot.plan.observed import drifted, failed_checks
from mrbot.plan.redact import redact, secrets_of
from mrbot.policy.parsers import PARSERS, parse
from mrbot.resources import links
from mrbot.resources.attributes import applied, attribute_changes, changed_paths
from mrbot.resources.declared import TextFile, compare
from mrbot.resources.formats import FALLBACKS, FORMATS, KUBERNETES, Format
from mrbot.resources.kustomize import build as kustomize_build
from mrbot.resources.masking import same
from mrbot.resources.model import FileVersions, Reading, ResourceChange
from mrbot.resources.read import read
from mrbot.resources.syntax import hcl
from mrbot.resources.syntax.json_text import load_json
from mrbot.resources.syntax.yaml_text import Scalars, load_documents
from mrbot.webhook import github, gitlab
from mrbot.webhook.signature import VerifiedBody
from tests.fuzz import corpus
from tests.fuzz.case import Case
from tests.samples.every import SAMPLES
from tests.unit.plan.plan_documents import keyed_digest


@dataclass(frozen=True, slots=True)
class Target:
    """`run` raises what is `documented`, or nothing; `seeds` are paths and texts to start from."""

    name: str
    run: Callable[[Case], None]
    seeds: tuple[tuple[str, bytes], ...]
    documented: tuple[type[Exception], ...] = (BadInput,)


def _reader(format_: Format) -> Target:
    """One reader alone, on either side of a change."""

    def run(case: Case) -> None:
        sides = [
            format_.declare([TextFile(path=case.path, text=text)])
            for text in (case.before, case.after)
        ]
        for side, text in zip(sides, (case.before, case.after), strict=True):
            for fault in side.faults:
                assert 0 <= fault.line <= _last_line(text) + 1, "a line beyond the end"
        for change in compare(format_.name, *sides):
            _sound(change)
        format_.reads(case.path)
        format_.looks_like(TextFile(path=case.path, text=case.after))

    samples = tuple((path, text.encode()) for path, text in SAMPLES[format_.name])
    return Target(format_.name, run, samples, documented=())


def _last_line(text: bytes) -> int:
    return text.count(b"\n") + text.count(b"\r") + 1


def _sound(change: ResourceChange) -> None:
    """What is told of a change is JSON that can be written, and leads from one side to the other."""
    told: Json = [change.before, change.after, change.address, change.kind]
    json.dumps(told, allow_nan=False, ensure_ascii=False).encode("utf-8")
    json.dumps([*change.unknown_paths, *change.sensitive_paths], ensure_ascii=False).encode("utf-8")
    assert change.source is not None, "a resource that is nowhere"
    assert change.source.line >= 0, "a line before the first"
    changed_paths(change.before, change.after)
    if change.before is not None and change.after is not None:
        led = applied(change.before, attribute_changes(change.before, change.after))
        assert same(led, change.after), "the attribute changes lead elsewhere"


def _between(case: Case, before: bytes | None, after: bytes | None) -> Reading:
    versions = FileVersions(path=case.path, old_path=case.path, before=before, after=after)
    return read([versions], {})


def _read(case: Case) -> None:
    reading = _between(case, case.before, case.after)
    for change in reading.resources:
        _sound(change)
    told = {change.source.path for change in reading.resources if change.source}
    told |= {one.path for one in reading.not_understood}
    assert (case.path in reading.plain) is not (case.path in told), "accounted for twice or never"
    assert not _between(case, case.after, case.after).resources, (
        "nothing changed, and a resource did"
    )
    created, deleted = _between(case, None, case.after), _between(case, case.after, None)
    there, gone = ({_name(one) for one in r.resources} for r in (created, deleted))
    assert there == gone, "what is created is not what is deleted"


def _name(change: ResourceChange) -> tuple[str, str, str]:
    return change.format, change.kind, change.address


def _yaml(case: Case) -> None:
    for scalars in Scalars:
        try:
            documents = load_documents(case.after, case.path, scalars=scalars)
        except BadInput:
            continue
        values = [document.value for document in documents]
        json.dumps(values, allow_nan=False, ensure_ascii=False).encode("utf-8")


def _json(case: Case) -> None:
    value = load_json(case.after, case.path)
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")


def _hcl(case: Case) -> None:
    hcl.parse(case.after)


def _parsers(case: Case) -> None:
    """A parser for each of conftest's formats; what one gives has a place in JSON."""
    for parser in PARSERS:
        try:
            value = parse(parser, case.after, case.path)
        except BadInput:
            continue
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")


def _commands(case: Case) -> None:
    for command in commands_in(case.after.decode("utf-8", "surrogateescape")):
        assert command.line > 0, "a line before the first"


def _owners(case: Case) -> None:
    paths = [case.path, *case.before.decode("utf-8", "surrogateescape").split("\n")[:50]]
    files = [
        FileChange(
            path=path.replace("\0", "") or "x",
            old_path=None,
            status=FileStatus.MODIFIED,
            old_mode="100644",
            new_mode="100644",
            old_blob="a" * 40,
            new_blob="b" * 40,
        )
        for path in paths
    ]
    for dialect in (HostKind.GITHUB, HostKind.GITLAB):
        try:
            found = ownership(dialect, case.after, files)
        except BadInput:
            continue
        known = {path for file in files for path in file.paths}
        assert all(known >= {*one.paths} for one in found.owned), "an owned path that is none"


def _plan(case: Case) -> None:
    try:
        document: Json = json.loads(case.after, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return
    secrets = secrets_of(document)
    clean = redact(document, keyed_digest)
    problem_of(clean)
    if problem_of(document) is not None:
        assert clean == "(sensitive)", "what is no plan was kept"
        return
    _, resources = read_plan(clean, "p", None)
    for change in resources:
        text = json.dumps([change.before, change.after], ensure_ascii=False)
        assert not any(one in text for one in secrets if "hunter2" in one), "a secret is told"
    drifted(clean)
    failed_checks(clean)
    again = redact(clean, keyed_digest)
    read_plan(again, "p", None)


def _no_constant(name: str) -> Json:
    raise ValueError(name)


def _raw_diff(case: Case) -> None:
    for change in parse_raw_diff(case.after):
        assert change.paths, "a change without a path"


def _rules(case: Case) -> None:
    for names_elsewhere in (False, True):
        try:
            parse_rules(case.after, shown(case.path), "origin", names_elsewhere=names_elsewhere)
        except BadInput as error:
            str(error).encode("utf-8")


def _kustomize(case: Case) -> None:
    """A base is `before`, the kustomization on top of it `after`."""
    texts = {
        "k/base/kustomization.yaml": b"resources: [all.yaml]",
        "k/base/all.yaml": case.before,
        "k/prod/kustomization.yaml": case.after,
        "k/prod/web.yaml": corpus.MANIFESTS,
        "k/prod/patch.yaml": case.before,
        "k/prod/smp.yaml": b"{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {}}",
        "k/prod/app.conf": b"a=1",
        "k/tls/kustomization.yaml": b"{kind: Component, apiVersion: kustomize.config.k8s.io/v1alpha1,"
        b" namePrefix: tls-}",
    }
    files = {path: TextFile(path=path, text=text) for path, text in texts.items()}
    side = kustomize_build.declare_builds(["k/prod", "k/base"], files)[0]
    empty = kustomize_build.declare_builds([], {})[0]
    for change in compare("kustomize-build", empty, side):
        _sound(change)


def _links(case: Case) -> None:
    graph = {"": frozenset({"x"})}
    for path in (
        case.path,
        "a/b/main.tf",
        "live/terragrunt.hcl",
        "c/Chart.yaml",
        "k/kustomization.yaml",
    ):
        directory = path.rpartition("/")[0]
        found = links.words(path, case.after)
        leading = {place for word in found for place in links.resolved(directory, word)}
        graph[directory] = frozenset(leading | links.sources(path, case.after))
    changed = sorted({case.path, *(place for places in graph.values() for place in places)})
    links.reaching(graph, changed[:200], coarse=changed[:1])


def _webhook(case: Case) -> None:
    body = VerifiedBody(case.after)
    kinds = ("pull_request", "pull_request_review", "issue_comment", "push", "workflow_run")
    for kind in (*kinds, "deployment_status", "check_run", case.path):
        github.parse(body, {"x-github-event": kind}, "github", frozenset({"99"}))
    gitlab.parse(body, {}, "gitlab", frozenset({"99"}))


def _named(path: str, texts: Sequence[bytes]) -> tuple[tuple[str, bytes], ...]:
    return tuple((path, text) for text in texts)


TARGETS: tuple[Target, ...] = (
    *(_reader(format_) for format_ in (*FORMATS, KUBERNETES, *FALLBACKS)),
    Target("read", _read, corpus.ALL_SAMPLES, documented=()),
    Target("yaml", _yaml, _named("a.yaml", corpus.YAML_SEEDS)),
    Target("json", _json, _named("a.json", corpus.JSON_SEEDS)),
    Target("hcl", _hcl, _named("a.tf", corpus.HCL_SEEDS), documented=()),
    Target("parsers", _parsers, _named("f", (*corpus.HCL_SEEDS, *corpus.CONFTEST)), documented=()),
    Target("commands", _commands, _named("comment", (corpus.COMMENT,)), documented=()),
    Target("owners", _owners, _named("docs/a b.txt", (corpus.OWNERS,))),
    Target("plan", _plan, _named("plan.json", (corpus.PLAN,)), documented=()),
    Target("raw-diff", _raw_diff, _named("diff", (corpus.RAW_DIFF,)), documented=(GitFailure,)),
    Target("rules", _rules, _named(".mrbot.yml", (corpus.RULES,))),
    Target(
        "kustomize-build",
        _kustomize,
        _named("k", (corpus.KUSTOMIZATION, corpus.KUSTOMIZATION, corpus.MANIFESTS)),
        documented=(),
    ),
    Target(
        "links", _links, _named("x/main.tf", (*corpus.HCL_SEEDS, *corpus.LINKED)), documented=()
    ),
    Target(
        "webhook",
        _webhook,
        _named("note", (corpus.GITHUB_EVENT, corpus.GITLAB_EVENT)),
        documented=(BadDelivery,),
    ),
)
