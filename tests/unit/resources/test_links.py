import posixpath

import pytest

from mrbot.resources import links
from mrbot.resources.links import configures, reaching, resolved, sources, words


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


def leads(path, text):
    """Where the words of a file lead, there or not."""
    directory = posixpath.dirname(path)
    return {place for word in words(path, text) for place in resolved(directory, word)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('source = "../modules/db"', {"live/modules/db"}, id="a module beside"),
        pytest.param('source = "../modules/db/"', {"live/modules/db"}, id="with a slash"),
        pytest.param('source="./db//inner?ref=x"', {"live/prod/db"}, id="a part of what is within"),
        pytest.param(
            'source = "../modules//db"', {"live/modules/db", "live/modules"}, id="a part of modules"
        ),
        pytest.param('source = "..//../modules/db"', {"modules/db"}, id="slashes in odd places"),
        pytest.param('source = "../.."', {""}, id="the repository's root"),
        pytest.param('source = "\u002e./modules/db"', {"live/modules/db"}, id="written otherwise"),
        pytest.param('x = file("${path.module}/../a.json")', {"live/a.json"}, id="a file"),
        pytest.param('x = file("${ path.module }//../a.json")', {"live/a.json"}, id="with blanks"),
        pytest.param(
            'x = file("${path.module}/t/a.tpl")', {"live/prod/t/a.tpl"}, id="its own file"
        ),
        pytest.param('x = fileset("../conf", "**/*.yaml")', {"live/conf"}, id="many files"),
        pytest.param('x = file("../env/${var.e}.json")', {"live/env"}, id="a file by a variable"),
        pytest.param('format("%s/../../m", path.module)', {"m"}, id="put together"),
        pytest.param('x = file("names/a.json")', {"live/prod/names/a.json"}, id="without a dot"),
        pytest.param("x = <<E\n../modules/db\nE\n", {"live/modules/db"}, id="a heredoc"),
        pytest.param(f'source = "{"./" * 600}../m"', {"live/m"}, id="a long way round"),
        pytest.param('"${get_repo_root()}/modules/db"', {"modules/db"}, id="from the root"),
        pytest.param('a = "say \\"../q\\""', {"live/q"}, id="quotes in quotes err on the far side"),
        pytest.param('{"module":{"a":{"source":"../m"}}}', {"live/m"}, id="JSON"),
        pytest.param('{"a":{"source":"\\u002e\\u002e\\/m"}}', {"live/m"}, id="JSON's escapes"),
    ],
)
def test_terraform_leads_to(text, expected):
    assert expected <= leads("live/prod/main.tf", text.encode())


@pytest.mark.parametrize(
    "text",
    ['source = "../../../out"', 'source = "../../../../out"', 'x = "/etc/passwd/../../.."'],
)
def test_nothing_leads_out_of_the_repository(text):
    assert not {place for place in leads("live/prod/main.tf", text.encode()) if ".." in place}


def test_terragrunt_finds_what_lies_above_it():
    text = b'include "root" { path = find_in_parent_folders() }\nfind_in_parent_folders("env.hcl")'

    found = leads("a/b/terragrunt.hcl", text)

    assert {"a/terragrunt.hcl", "terragrunt.hcl", "a/env.hcl", "env.hcl"} <= found


@pytest.mark.parametrize(
    "text",
    [
        b'dependencies:\n- {name: c, repository: "file://../common"}\n',
        b"dependencies:\n- name: c\n  repository: file://../common\n",
        b'dependencies: [{name: c, repository: "FILE:\\/\\/../common"}]',
    ],
)
@pytest.mark.parametrize("name", ["Chart.yaml", "requirements.yaml"])
def test_a_chart_leads_to_the_charts_beside_it(name, text):
    assert "charts/common" in leads(f"charts/app/{name}", text)


@pytest.mark.parametrize(
    "text",
    [b"resources: [../../base]", b"resources: ../../base", b"a: 1\na: 2\nbases:\n- ../../base?ref=x",
     b"resources:\n- ../../base # \xe2\x80\xa8"],
    ids=["a list", "a word", "not to be parsed", "a disputed break"],
)  # fmt: skip
def test_a_kustomization_leads_to_its_bases_parsed_or_not(text):
    assert "base" in leads("overlays/prod/kustomization.yaml", text)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("live/prod/a.tf", b'  source = "../../modules/db"\n', {"modules/db"}),
        ("live/prod/a.tf.json", b'{"module":{"a":{"source": "../../modules/db"}}}', {"modules/db"}),
        ("live/prod/a.tf", b'# source = "../../modules/db"\n', set()),
        ("live/prod/a.tf", b'x = "../../modules/db"\n', set()),
        ("o/kustomization.yaml", b"resources: [../base]", {"base"}),
        ("charts/a/Chart.yaml", b"repository: file://../b", set()),
    ],
)
def test_what_is_made_a_part_by_the_formats_own_word(path, text, expected):
    assert sources(path, text) == expected


@pytest.mark.parametrize(
    "text",
    [b'\xff"../a\xff"', b'"' * 100_000, b'"../' * 50_000, b"\\", b'"\\u"', b'"' + b"./" * 90_000],
)
@pytest.mark.parametrize("path", ["main.tf", "Chart.yaml", "a.tf.json", "kustomization.yaml"])
def test_no_text_is_too_odd(path, text):
    assert isinstance(words(path, text), frozenset)
    leads(path, text)


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


def test_a_directory_around_a_module_that_is_named_is_drawn_on_with_it():
    graph = {"live": {"modules"}, "modules/db": set(), "lab": {"nested"}, "nested": set()}

    assert set(reaching(graph, ["modules/db/a.tf"])) == {"live"}
    assert set(reaching({**graph, "nested/x": set()}, ["nested/x/a.tf"])) == set()


@pytest.mark.parametrize("place", ["modules", "modules/db", "modules/db/inner"])
def test_what_stands_in_the_place_of_directories_reaches_all_who_draw_on_them(place):
    graph = {"live": {"modules/db/inner"}, "lab": {"module"}}

    assert reaching(graph, [place], {place}) == {"live": (place,)}


def test_more_than_can_be_told_is_not_told(monkeypatch):
    monkeypatch.setattr(links, "MAX_PAIRS", 3)
    chain = {f"d{n}": {f"d{n + 1}"} for n in range(5)}

    assert reaching(chain, ["d5/x"]) is None
    assert reaching({}, ["d5/x"]) == {}
