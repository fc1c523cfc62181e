import pytest

from mrbot.resources.links import configures, reaching, references


@pytest.mark.parametrize(
    ("path", "yes"),
    [
        ("main.tf", True), ("a/b.tofu", True), ("a/b.tf.json", True), ("live/terragrunt.hcl", True),
        ("charts/x/Chart.yaml", True), ("k/kustomization.yaml", True), ("k/Kustomization", True),
        (".terraform.lock.hcl", False), ("a.tfvars", False), ("values.yaml", False), ("a.md", False),
    ],
)  # fmt: skip
def test_what_configures_a_directory(path, yes):
    assert configures(path) is yes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", set(), id="nothing"),
        pytest.param('source = "../modules/db"', {"live/modules/db"}, id="a module beside"),
        pytest.param('source="./db//inner?ref=x"', {"live/prod/db"}, id="within"),
        pytest.param('source = "../../../out"', set(), id="out of the repository"),
        pytest.param('source = "../.."', {""}, id="the repository's root"),
        pytest.param('source = "."', set(), id="itself"),
        pytest.param('source = "terraform-aws-modules/vpc/aws"', set(), id="a registry's"),
        pytest.param('source = "\\u002e./modules/db"', {"live/modules/db"}, id="written otherwise"),
        pytest.param('x = file("${path.module}/../a.json")', {"live/a.json"}, id="a file"),
        pytest.param(
            'x = file("${path.module}/t/a.tpl")', {"live/prod/t/a.tpl"}, id="its own file"
        ),
        pytest.param('x = fileset("../conf", "**/*.yaml")', {"live/conf"}, id="many files"),
        pytest.param('x = file("../env/${var.e}.json")', {"live/env"}, id="a file by a variable"),
        pytest.param('a = "say \\"../q\\""', {"live/q"}, id="quotes in quotes err on the far side"),
        pytest.param('{"module":{"a":{"source":"../m"}}}', {"live/m"}, id="JSON"),
    ],
)
def test_terraform_refers_to(text, expected):
    assert references("live/prod/main.tf", text.encode()) == expected


def test_terragrunt_finds_what_lies_above_it():
    text = b'include "root" { path = find_in_parent_folders() }'

    assert references("a/b/terragrunt.hcl", text) == {"a/terragrunt.hcl", "terragrunt.hcl"}


def test_a_chart_refers_to_the_charts_beside_it():
    text = b'dependencies:\n- {name: c, repository: "file://../common"}\n- repository: https://x/../y\n'

    assert references("charts/app/Chart.yaml", text) == {"charts/common"}


def test_a_chart_names_another_without_quotes_too():
    text = b"dependencies:\n- name: c\n  repository: file://../common\n"

    assert references("charts/app/Chart.yaml", text) == {"charts/common"}


@pytest.mark.parametrize("text", [b'\xff"../a\xff"', b'"' * 100_000, b'"../' * 50_000, b"\\"])
def test_no_text_is_too_odd(text):
    assert isinstance(references("main.tf", text), frozenset)


GRAPH = {
    "prod": {"modules/app", "shared/names.json"},
    "staging": {"modules/app"},
    "modules/app": {"modules/db"},
    "modules/db": set(),
    "lab": {"../elsewhere"},
    "": {"scripts"},
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param(
            "modules/db/main.tf", {"modules/app", "prod", "staging"}, id="a module of one"
        ),
        pytest.param("modules/db/t/a.tpl", {"modules/app", "prod", "staging"}, id="a file in it"),
        pytest.param("modules/app/main.tf", {"prod", "staging"}, id="a module"),
        pytest.param("shared/names.json", {"prod"}, id="a file that is read"),
        pytest.param("shared/others.json", set(), id="a file beside it"),
        pytest.param("prod/main.tf", set(), id="nobody draws on a root"),
        pytest.param("modules/README.md", set(), id="around modules"),
        pytest.param("scripts/a/b.sh", set(), id="the root's own directory"),
    ],
)
def test_what_a_change_reaches(changed, expected):
    assert set(reaching(GRAPH, [changed])) == expected


def test_each_directory_is_told_which_paths_reach_it():
    found = reaching(GRAPH, ["modules/db/b.tf", "modules/db/a.tf", "modules/app/c.tf", "prod/x"])

    assert found["prod"] == ("modules/app/c.tf", "modules/db/a.tf", "modules/db/b.tf")
    assert found["modules/app"] == ("modules/db/a.tf", "modules/db/b.tf")
    assert "modules/db" not in found


def test_modules_that_call_each_other_end():
    graph = {"a": {"b"}, "b": {"a"}}

    assert reaching(graph, ["a/x.tf"]) == {"b": ("a/x.tf",)}
