"""What the shipped policies find in real files, with both engines giving the same answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from mrbot.ids import Json
from mrbot.policy.bundle import bundle
from mrbot.policy.finding import Bundle, Document, Evaluated, PolicyEngine
from mrbot.policy.opa.binary import examine
from mrbot.policy.opa.engine import opa_engine
from mrbot.policy.regorus.engine import RegorusEngine
from mrbot.policy.testing.run import read_folder
from tests import needs
from tests.unit.policies import cloud_scenes, cluster_scenes, scenes
from tests.unit.policies.library import (
    NAMESPACES,
    POLICIES,
    Scene,
    document,
    resources_of,
    shipped,
)

SECONDS = 30.0

SCENES = {
    "mixed": Scene(
        before=scenes.BEFORE,
        bad=scenes.BAD,
        found=scenes.FOUND,
        demanded=scenes.DEMANDED,
        good=scenes.GOOD,
    ),
    "cloud": Scene(
        before=cloud_scenes.BEFORE,
        bad=cloud_scenes.BAD,
        found=cloud_scenes.FOUND,
        demanded=cloud_scenes.DEMANDED,
        good=cloud_scenes.GOOD,
    ),
    "cluster": Scene(
        before=cluster_scenes.BEFORE,
        bad=cluster_scenes.BAD,
        found=cluster_scenes.FOUND,
        demanded=cluster_scenes.DEMANDED,
        good=cluster_scenes.GOOD,
    ),
}

SCALARS: list[Json] = [None, True, 5, -1, 22.5, 1e300, "", "*", "true", "${var.x}", "\u202e\x00"]
ODD: list[Json] = [
    *SCALARS,
    "0-99999999999",
    '{"Statement":[5,{"Effect":5,"Principal":[1,"*"],"Action":{"a":1}}]}',
    [],
    ["x", 5, None],
    [[]],
    {},
    {"a": "x"},
    {"b": {"c": [1]}},
]
"""Values that nobody expects where they stand."""


@pytest.fixture(scope="module")
def opa() -> Iterator[PolicyEngine]:
    engine = opa_engine(examine(needs.opa()), seconds=SECONDS)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def regorus() -> Iterator[PolicyEngine]:
    needs.regorus()
    engine = RegorusEngine(seconds=SECONDS)
    yield engine
    engine.close()


@pytest.fixture(params=["opa", "regorus"])
def engine(request: pytest.FixtureRequest) -> PolicyEngine:
    found: PolicyEngine = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=sorted(SCENES))
def scene(request: pytest.FixtureRequest) -> Scene:
    return SCENES[request.param]


def with_data(text: str, *namespaces: str) -> Bundle:
    """The library, with this set."""
    files = read_folder(POLICIES) | {"data.yaml": text.encode()}
    return bundle("library", files, namespaces or NAMESPACES)


def judged(engine: PolicyEngine, *documents: Document, by: Bundle | None = None) -> Evaluated:
    answer = engine.evaluate(by or shipped(), documents)
    assert isinstance(answer, Evaluated), answer
    return answer


def test_a_change_of_nothing_has_no_findings(engine: PolicyEngine) -> None:
    answer = judged(engine, document({}, {}))
    assert (answer.findings, answer.demands) == ((), ())


def test_every_problem_of_a_bad_change_is_found_and_nothing_else(
    engine: PolicyEngine, scene: Scene
) -> None:
    answer = judged(engine, document(scene.before, scene.bad))
    found = {(str(f.severity), *_said(f.metadata, "id", "resource")) for f in answer.findings}
    assert found == scene.found
    assert {(d.count, *d.roles, d.msg) for d in answer.demands} == scene.demanded


def test_every_finding_names_its_file_its_line_and_a_remedy(
    engine: PolicyEngine, scene: Scene
) -> None:
    trees = {**scene.before, **scene.bad}
    for finding in judged(engine, document(scene.before, scene.bad)).findings:
        assert finding.path in trees
        assert finding.line
        fix, reference = _said(finding.metadata, "fix", "reference")
        assert fix
        assert reference.startswith("https://")


def test_a_harmless_change_has_no_findings(engine: PolicyEngine, scene: Scene) -> None:
    answer = judged(engine, document(scene.before, scene.good))
    assert (answer.findings, answer.demands) == ((), ())


def test_both_engines_say_the_same_of_whole_changes(
    opa: PolicyEngine, regorus: PolicyEngine, scene: Scene
) -> None:
    trees: list[dict[str, str]] = [{}, scene.before, scene.bad, scene.good]
    documents = [document(before, after) for before in trees for after in trees]
    one, other = judged(opa, *documents), judged(regorus, *documents)
    assert one.findings == other.findings
    assert one.demands == other.demands


def test_both_engines_judge_values_that_nobody_expects_the_same(
    opa: PolicyEngine, regorus: PolicyEngine, scene: Scene
) -> None:
    documents = list(_distorted(document(scene.before, scene.bad)))
    assert len(documents) > 30
    one, other = judged(opa, *documents), judged(regorus, *documents)
    assert one.findings == other.findings
    assert one.demands == other.demands


def test_the_settings_in_the_readme_take_back_what_they_say(engine: PolicyEngine) -> None:
    (settings,) = re.findall(r"```yaml\n(library:\n.*?)```", _readme(), re.DOTALL)
    library = with_data(settings)
    site = document({}, {"infra/web/main.tf": _public("website")})
    answer = judged(engine, site, by=library)
    assert [f.excepted for f in answer.findings] == ["the company's website (until 2027-03-31)"]
    both = {
        "infra/web/main.tf": _public("website") + _public("payroll"),
        "infra/app/main.tf": _public("website"),
    }
    answer = judged(engine, document({}, both), by=library)
    assert [f.excepted is not None for f in answer.findings] == [False, False, True]


def test_a_setting_that_cannot_be_used_blocks_whatever_is_asked(engine: PolicyEngine) -> None:
    wrong = with_data("library: {disabled: [{rule: ci.lost, reason: why}]}", "mrbot.terraform.iam")
    answer = judged(engine, document({}, {}), by=wrong)
    assert [(f.rule, f.msg) for f in answer.findings] == [
        ("deny_unusable", 'library.disabled[0]: there is no rule "ci.lost"')
    ]


def test_every_rule_can_be_switched_off(engine: PolicyEngine, scene: Scene) -> None:
    bad = judged(engine, document(scene.before, scene.bad))
    ids = {said[0] for said in (_said(f.metadata, "id") for f in bad.findings)}
    off: Json = {"library": {"disabled": [{"rule": one, "reason": "why"} for one in sorted(ids)]}}
    answer = judged(engine, document(scene.before, scene.bad), by=with_data(json.dumps(off)))
    assert {f.excepted for f in answer.findings} == {"switched off: why"}
    assert answer.demands == ()
    rules = {(f.namespace, f.rule) for f in bad.findings}
    assert len(answer.findings) == len({(f.namespace, f.rule) for f in answer.findings})
    assert {(f.namespace, f.rule) for f in answer.findings} == rules


def _readme() -> str:
    return (POLICIES / "README.md").read_text()


def _public(name: str) -> str:
    return f'resource "aws_s3_bucket_acl" "{name}" {{\n  acl = "public-read"\n}}\n'


def _said(metadata: Json, *names: str) -> tuple[str, ...]:
    assert isinstance(metadata, dict)
    return tuple(str(metadata[name]) for name in names)


def _distorted(whole: Document) -> Iterator[Document]:
    """One document a resource: that resource once for each odd value in each place."""
    assert isinstance(whole.content, dict)
    for resource in resources_of(whole.content):
        variants: list[Json] = [
            {**resource, "address": f"{resource['address']}/{number}", side: variant}
            for number, (side, variant) in enumerate(_variants(resource))
        ]
        yield replace(
            whole, name=str(resource["address"]), content={**whole.content, "resources": variants}
        )


def _variants(resource: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for side in ("before", "after"):
        for path in _paths(resource[side]):
            for value in ODD:
                yield side, _put(resource[side], path, value)


def _paths(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    inside: list[tuple[str | int, Json]] = []
    if isinstance(value, dict):
        inside.extend(value.items())
    elif isinstance(value, list):
        inside.extend(enumerate(value))
    for key, inner in inside:
        yield from _paths(inner, (*path, key))


def _put(value: Json, path: tuple[str | int, ...], new: Json) -> Json:
    if not path:
        return new
    key, *rest = path
    if isinstance(value, dict):
        return {**value, str(key): _put(value[str(key)], tuple(rest), new)}
    assert isinstance(value, list)
    assert isinstance(key, int)
    return [*value[:key], _put(value[key], tuple(rest), new), *value[key + 1 :]]
