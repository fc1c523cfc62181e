"""The shipped policies are well formed, tested rule by rule, and the same on both engines."""

from __future__ import annotations

import json
import re
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from mrbot.errors import BadPolicy
from mrbot.policy.library_page import CATALOGUE, NOT_SET, PAGE, Rule, catalogue, page, rules_of
from mrbot.policy.opa.binary import examine
from mrbot.policy.question import question
from mrbot.policy.testing.result import Outcome, Run
from mrbot.policy.testing.run import run_tests
from tests import needs
from tests.unit.policies.library import POLICIES, Policy, is_test, package_of, policies, shipped

LIBRARY = policies()
RULES = [
    pytest.param(policy, rule, id=f"{policy.package}.{rule}")
    for policy in LIBRARY
    for rule in policy.rules
]
CONTROL = re.compile(
    r"NIST 800-53 [A-Z]{2}-\d{1,2}(\(\d+\))?|CIS AWS 3\.0 [\d.]+|CIS Kubernetes [\d.]+"
    r"|CIS Docker [\d.]+|PCI DSS 4\.0 [\d.]+|CICD-SEC-\d{1,2}|SLSA [A-Z][A-Za-z0-9 ]+"
)


def opa(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [needs.opa(), *arguments, str(POLICIES)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_opa_accepts_every_file_in_strict_mode() -> None:
    told = opa("check", "--strict")
    assert (told.returncode, told.stderr) == (0, "")


def test_every_file_is_formatted_as_opa_does() -> None:
    told = opa("fmt", "--fail", "--list")
    assert (told.returncode, told.stdout) == (0, "")


def test_every_file_says_that_it_is_rego_v1() -> None:
    files = list(POLICIES.rglob("*.rego"))
    assert files
    assert [path for path in files if "\nimport rego.v1\n" not in path.read_text()] == []


@pytest.mark.parametrize("policy", LIBRARY, ids=lambda policy: policy.package)
def test_a_package_is_named_after_its_file_and_tested_beside_it(policy: Policy) -> None:
    place = policy.path.relative_to(POLICIES).with_suffix("").parts
    assert policy.package == ".".join(("mrbot", *place))
    beside = policy.path.with_name(f"{policy.path.stem}_test.rego")
    assert package_of(beside.read_text()) == f"{policy.package}_test"
    assert policy.tests


@pytest.mark.parametrize("engine", ["opa", "regorus"])
def test_every_rego_test_passes(engine: str) -> None:
    if engine == "regorus":
        needs.regorus()
    run = run_tests(POLICIES, examine(needs.opa()) if engine == "opa" else None, seconds=20)
    assert isinstance(run, Run), run
    results = run.results
    assert [one for one in results if one.outcome is not Outcome.PASS] == []
    names = {(one.package, one.name) for one in results}
    assert names == {(f"{p.package}_test", name) for p in LIBRARY for name in p.tests}


@pytest.mark.parametrize(("policy", "rule"), RULES)
def test_a_rule_has_a_test_in_which_it_fires_and_one_in_which_it_does_not(
    policy: Policy, rule: str
) -> None:
    assert any(name.startswith(f"test_{rule}_flags_") for name in policy.tests)
    assert any(name.startswith(f"test_{rule}_allows_") for name in policy.tests)


@pytest.mark.parametrize(("policy", "rule"), RULES)
def test_a_rule_without_one_of_its_bodies_or_with_one_too_many_fails_its_own_tests(
    policy: Policy, rule: str
) -> None:
    head = f"{rule} contains "
    never, always = f'\n{head}"x" if 1 == 2\n', f'\n{head}"x"\n'
    assert failing(policy, rule, policy.text + never) == []
    assert [name for name in failing(policy, rule, policy.text + always) if "_allows_" in name]
    for found in re.finditer(f"^{head}", policy.text, re.MULTILINE):
        text = f"{policy.text[: found.start()]}lost contains {policy.text[found.end() :]}"
        assert [name for name in failing(policy, rule, text + never) if "_flags_" in name]


def failing(policy: Policy, rule: str, text: str) -> list[str]:
    """The rule's own tests that fail once its module reads `text`."""
    engine = _around(policy.path).clone()
    engine.add_policy(str(policy.path), text)
    engine.set_input_json("{}")
    mine = [name for name in policy.tests if name.startswith(f"test_{rule}_")]
    return [name for name in mine if not _true(engine, f"data.{policy.package}_test.{name}")]


@lru_cache(maxsize=1)
def _around(module: Path) -> Any:
    """The library without `module`, and with its tests."""
    needs.regorus()
    import regorus

    engine = regorus.Engine()
    for path in sorted(POLICIES.rglob("*.rego")):
        beside = path.name in {f"{module.stem}_test.rego", "fixtures_test.rego"}
        if path != module and (beside or not is_test(path)):
            engine.add_policy(str(path), path.read_text())
    return engine


def _true(engine: object, path: str) -> bool:
    return bool(engine.eval_rule_as_json(path) == "true")  # type: ignore[attr-defined]


def test_every_package_with_rules_is_asked() -> None:
    asked = question(shipped())
    named = {one.namespace: set(one.rules) for one in getattr(asked, "asked", ())}
    for policy in LIBRARY:
        assert set(policy.rules) <= named[policy.package]


def test_an_id_belongs_to_one_rule_and_says_where_it_is() -> None:
    ids = [name for policy in LIBRARY for name in policy.ids]
    assert len(ids) == len(set(ids)) > 20
    for policy in LIBRARY:
        prefix = policy.package.removeprefix("mrbot.")
        suffixes = {rule.partition("_")[2] for rule in policy.rules} - {""}
        assert {f"{prefix}.{suffix}" for suffix in suffixes} == set(policy.ids)


def test_the_page_and_the_catalogue_are_what_the_rules_say() -> None:
    rules = rules_of(POLICIES)
    assert (needs.ROOT / PAGE).read_text() == page(rules), "run `make library`"
    assert (needs.ROOT / CATALOGUE).read_text() == catalogue(rules), "run `make library`"


def test_the_page_has_every_rule_with_its_severities() -> None:
    said: dict[str, set[str]] = {}
    for policy in LIBRARY:
        prefix = policy.package.removeprefix("mrbot.")
        for rule in policy.rules:
            kind, _, suffix = rule.partition("_")
            if suffix and prefix not in NOT_SET:
                said.setdefault(f"{prefix}.{suffix}", set()).add(kind)
    assert {rule.id: set(rule.severities) for rule in rules_of(POLICIES)} == said


@pytest.mark.parametrize("rule", rules_of(POLICIES), ids=lambda rule: rule.id)
def test_a_rule_says_what_it_looks_for_why_and_what_to_do(rule: Rule) -> None:
    for text in (rule.why, rule.fix, *(one.about for one in rule.parameters)):
        assert text.rstrip("`").endswith((".", "!", "?")) or "https" in text or "#" in text
    assert 0 < len(rule.title) < 80
    assert not rule.title.endswith(".")
    assert rule.reference.startswith("https://")
    assert [name for name in rule.controls if not CONTROL.fullmatch(name)] == []


def test_a_rule_is_read_as_an_engine_evaluates_it() -> None:
    needs.regorus()
    import regorus

    engine = regorus.Engine()
    for path in sorted(POLICIES.rglob("*.rego")):
        engine.add_policy(str(path), path.read_text())
    for rule in rules_of(POLICIES):
        said = json.loads(engine.eval_rule_as_json(f"data.mrbot.{rule.id}"))
        assert said["id"] == rule.id
        assert (said["title"], said["why"], said["fix"]) == (rule.title, rule.why, rule.fix)
        assert tuple(said["controls"]) == rule.controls
        defaults = {name: one["default"] for name, one in said.get("parameters", {}).items()}
        assert defaults == {one.name: one.default for one in rule.parameters}


def test_a_constant_that_leaves_something_out_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.rego").write_text('package a\n\nopen := {\n\t"id": "a.open",\n}\n')
    with pytest.raises(BadPolicy) as caught:
        rules_of(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == (str(tmp_path / "a.rego"), 3)
    assert "title" in problem.message
