import pytest

from mrbot.resources.model import SENSITIVE, Action
from tests.unit.resources.build import faults, only, reading, seen

GITLAB = """
stages: [build]
variables:
  DEPLOY_TOKEN: hunter2
  OTHER: $CI_TOKEN
include:
  - local: /a.yml
  - https://example.com/b.yml
.hidden: &hidden
  tags: [shared]
.lines: [one, two]
build:
  <<: *hidden
  script:
    - !reference [.setup, script]
    - make
"""


def test_a_gitlab_file_is_its_settings_includes_and_jobs():
    result = reading({}, {".gitlab-ci.yml": GITLAB})

    assert result.not_understood == ()
    assert [(c.format, c.kind, c.address, c.source.line) for c in result.resources] == [
        ("gitlab-ci", "settings", "settings", 2),
        ("gitlab-ci", "include", "include[0] local:/a.yml", 7),
        ("gitlab-ci", "include", "include[1] remote:https://example.com/b.yml", 8),
        ("gitlab-ci", "job", ".hidden", 9),
        ("gitlab-ci", "job", ".lines", 11),
        ("gitlab-ci", "job", "build", 12),
    ]
    settings, local, remote, _, lines, build = (c.after for c in result.resources)
    assert settings == {
        "stages": ["build"],
        "variables": {"DEPLOY_TOKEN": SENSITIVE, "OTHER": "$CI_TOKEN"},
    }
    assert (local, remote) == ({"local": "/a.yml"}, {"remote": "https://example.com/b.yml"})
    assert lines == {"value": ["one", "two"]}
    assert build == {
        "tags": ["shared"],
        "script": [{"!reference": [".setup", "script"]}, "make"],
    }


@pytest.mark.parametrize(
    ("include", "after"),
    [
        ("/a.yml", {"local": "/a.yml"}),
        ("{project: g/p, file: /x.yml, ref: main}", None),
        ("[{template: T.yml}]", {"template": "T.yml"}),
        ("[1]", {"value": 1}),
    ],
)
def test_an_include_is_shown_in_its_long_form(include, after):
    change = only(reading({}, {".gitlab-ci.yml": f"include: {include}"}))

    assert change.after == (after or {"project": "g/p", "file": "/x.yml", "ref": "main"})


def test_a_removed_job_is_deleted():
    assert seen(reading({".gitlab-ci.yml": "a: {script: x}"}, {".gitlab-ci.yml": ""})) == [
        ("delete", "job", "a")
    ]


@pytest.mark.parametrize(
    "path", [".gitlab/ci/x/b.yml", ".gitlab/ci/b.yaml", "sub/.gitlab-ci.yml", "ci/b.gitlab-ci.yml"]
)
def test_jobs_in_other_files_carry_the_path(path):
    assert only(reading({}, {path: "a: {script: x}"})).address == f"{path}/a"


def test_a_file_of_inputs_has_a_header_and_unknown_values():
    text = "spec: {inputs: {x: {}}}\n---\na: {script: 'echo $[[ inputs.x ]]'}\n"

    settings, job = reading({}, {".gitlab/ci/t.yml": text}).resources
    assert [settings.source.line, job.source.line] == [1, 3]

    assert settings.after == {"spec": {"inputs": {"x": {}}}}
    assert job.unknown_paths == ("script",)


def test_a_job_that_is_called_like_the_settings_is_a_job_of_its_own():
    text = "stages: [x]\nsettings: {script: y}\n"

    kinds = [kind for _, kind, _ in seen(reading({}, {".gitlab-ci.yml": text}))]
    assert sorted(kinds) == ["job", "settings"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b: c", 1),
        ("a: {script: x}\na: {script: y}", 2),
        ("[a]", 1),
        ("x: 1\na: {script: x}", 1),
        ("a: {script: !vault x}", 1),
        ("a: {script: x}\n---\nb: {script: y}", 3),
    ],
    ids=["syntax", "duplicate", "list", "no mapping", "tag", "second document"],
)
def test_a_gitlab_file_that_cannot_be_read_is_relevant(text, line):
    assert (".gitlab-ci.yml", line, True) in faults(reading({}, {".gitlab-ci.yml": text}))


WORKFLOW = """
on: push
permissions: {contents: read, id-token: write}
env: {API_TOKEN: hunter2}
jobs:
  build:
    runs-on: ubuntu-latest
    if: yes
    permissions: {id-token: write}
    steps:
      - uses: actions/checkout@v4
        with: {token: "${{ secrets.T }}", password: hunter2}
"""


def test_a_workflow_is_itself_and_its_jobs():
    result = reading({}, {".github/workflows/ci.yml": WORKFLOW})

    workflow, job = result.resources
    assert (workflow.format, workflow.kind, workflow.address) == (
        "github-workflow",
        "workflow",
        "ci.yml",
    )
    assert workflow.after == {
        "on": "push",
        "permissions": {"contents": "read", "id-token": "write"},
        "env": {"API_TOKEN": SENSITIVE},
    }
    assert (job.kind, job.address, job.source.line) == ("job", "ci.yml/build", 6)
    assert job.after["if"] == "yes"
    assert job.after["permissions"] == {"id-token": "write"}
    assert job.after["steps"][0]["with"] == {"token": "${{ secrets.T }}", "password": SENSITIVE}
    assert job.sensitive_paths == ("steps.0.with.password",)


def test_a_change_in_one_job_leaves_the_others_alone():
    after = WORKFLOW + "  new: {runs-on: self-hosted}\n"

    path = ".github/workflows/ci.yml"
    change = only(reading({path: WORKFLOW}, {path: after}))

    assert (change.action, change.address) == (Action.CREATE, "ci.yml/new")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "on: push",
        "on: push\njobs: []",
        "on: push\njobs: {a: 1}",
        "a: !x 1",
        "a: [",
        "a: 1\n---",
    ],
    ids=["empty", "no jobs", "list", "no mapping", "tag", "syntax", "two documents"],
)
def test_a_workflow_that_cannot_be_read_is_relevant(text):
    result = reading({}, {".github/workflows/a.yaml": text})

    assert [relevant for _, _, relevant in faults(result)] == [True]


def test_only_files_that_github_runs_are_workflows():
    result = reading({}, {".github/workflows/sub/a.yml": "", "x/.github/workflows/a.yml": ""})

    assert (result.resources, result.not_understood, len(result.plain)) == ((), (), 2)
