from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mrbot.config.detect import MAX_DETECTED, detect
from mrbot.config.init import starter_rules, starter_settings
from mrbot.config.rulefile import parse_rules
from mrbot.config.settings import load_settings
from mrbot.decision.ruleset import Require
from mrbot.ids import HostKind


def parsed(text):
    return parse_rules(text.encode(), ".mrbot.yml", "o")


def found(*paths):
    return [(one.directory, one.kind.value, one.environment) for one in detect(paths)]


def test_a_repository_without_files_has_no_projects():
    assert detect(()) == ()
    for kind in HostKind:
        assert parsed(starter_rules(kind)).projects == ()


def test_terraform_roots_are_found_and_modules_are_not():
    assert found("prod/main.tf", "modules/net/main.tf", "x/examples/a/main.tf", "a.tf.json") == [
        (".", "terraform", "default"),
        ("prod", "terraform", "production"),
    ]


def test_kubernetes_directories_and_whole_charts_are_found():
    paths = ("k8s/base/a.yaml", "overlays/staging/kustomization.yaml", "docs/a.yaml")
    chart = ("charts/x/Chart.yaml", "charts/x/manifests/a.yaml", "charts/x/charts/y/Chart.yaml")
    assert found(*paths, *chart) == [
        ("charts/x", "helm", "default"),
        ("charts/x/manifests", "kubernetes", "default"),
        ("k8s", "kubernetes", "default"),
        ("overlays/staging", "kubernetes", "staging"),
    ]


def test_the_rules_that_are_written_can_be_used():
    rules = parsed(starter_rules(HostKind.GITHUB, detect(["infra/prod/a.tf", "infra-prod/a.tf"])))
    assert [project.name for project in rules.projects] == ["infra-prod", "infra-prod-2"]
    assert rules.otherwise == Require(count=1)
    assert [rule.when.environments for rule in rules.approvals] == [(), ("production",)]


def test_projects_beyond_the_limit_are_counted():
    text = starter_rules(HostKind.GITLAB, detect(f"d{n}/a.tf" for n in range(MAX_DETECTED + 3)))
    assert len(parsed(text).projects) == MAX_DETECTED
    assert "# 3 more directories look like projects" in text


@given(st.lists(st.text(alphabet="aA/.\"'\n *?[-#:{\\ü\udcff", max_size=12), max_size=6))
def test_no_name_of_a_directory_breaks_the_rules_that_are_written(directories):
    paths = [f"{directory}/main.tf" for directory in directories]
    assert parsed(starter_rules(HostKind.GITLAB, detect(paths))).otherwise == Require(count=1)


@pytest.mark.parametrize("kind", [HostKind.GITLAB, HostKind.GITHUB])
@pytest.mark.parametrize("url", [None, "https://code.example.org"])
def test_the_settings_that_are_written_can_be_used_once_filled_in(kind, url, tmp_path):
    text = starter_settings(kind, url)
    assert "CHANGE-ME" in text
    path = tmp_path / "mrbot.yml"
    path.write_text(text)
    names = ("GITLAB_TOKEN", "GITLAB_WEBHOOK_TOKEN", "GITHUB_TOKEN", "GITHUB_WEBHOOK_SECRET")
    (host,) = load_settings(path, dict.fromkeys(names, "x")).hosts
    assert (host.kind, host.url) == (kind, url or f"https://{kind}.com")
    assert yaml.safe_load(text)["policy_owners"] == {"users": ["CHANGE-ME"]}
