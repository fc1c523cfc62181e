"""The shipped policies are well formed, tested rule by rule, and the same on both engines."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest

from mrbot.policy.finding import EvaluationFailed
from mrbot.policy.opa_binary import examine
from mrbot.policy.question import question
from mrbot.policy.testing import Outcome, run_tests
from tests import needs
from tests.unit.policies.library import POLICIES, Policy, is_test, package_of, policies, shipped

LIBRARY = policies()
RULES = [
    pytest.param(policy, rule, id=f"{policy.package}.{rule}")
    for policy in LIBRARY
    for rule in policy.rules
]
README = (POLICIES / "README.md").read_text()


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
    assert not isinstance(run, EvaluationFailed)
    results = getattr(run, "results", ())
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
    needs.regorus()
    import regorus

    engine = regorus.Engine()
    for path in sorted(POLICIES.rglob("*.rego")):
        beside = path.name in {f"{policy.path.stem}_test.rego", "fixtures_test.rego"}
        if not is_test(path) or beside:
            engine.add_policy(str(path), text if path == policy.path else path.read_text())
    engine.set_input_json("{}")
    mine = [name for name in policy.tests if name.startswith(f"test_{rule}_")]
    return [name for name in mine if not _true(engine, f"data.{policy.package}_test.{name}")]


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


def test_the_readme_lists_every_rule_with_its_severities() -> None:
    listed = {name: set(kinds.split(", ")) for name, kinds in _rows()}
    said: dict[str, set[str]] = {}
    for policy in LIBRARY:
        prefix = policy.package.removeprefix("mrbot.")
        for rule in policy.rules:
            kind, _, suffix = rule.partition("_")
            if suffix:
                said.setdefault(f"{prefix}.{suffix}", set()).add(kind)
    assert listed == said


def _rows() -> Iterator[tuple[str, str]]:
    yield from re.findall(r"^\| `([a-z_.]+)` \| ([a-z, ]+) \|", README, re.MULTILINE)
