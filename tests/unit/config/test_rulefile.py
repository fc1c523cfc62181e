from __future__ import annotations

import contextlib

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mrbot.config.rulefile import parse_rules
from mrbot.config.strict import MAX_BYTES, MAX_PROBLEMS
from mrbot.decision.ruleset import (
    Codeowners,
    Deploy,
    DeploymentTarget,
    OtherwiseApproved,
    OtherwiseRejected,
    PipelineTarget,
    PlanWhen,
    PolicyInput,
    PolicySet,
    Project,
    ProjectKind,
    Require,
    RuleSet,
    WorkflowTarget,
)
from mrbot.errors import BadRules
from tests.needs import ROOT

WHOLE = b"""\
version: 1
projects:
  - name: network-prod
    directory: infra/prod/
    kind: terraform
    environment: production
    deploy: pipeline
    also: ["modules/**"]
  - {name: docs, directory: ., kind: files, environment: docs}
approvals:
  - name: platform owns production
    when: {paths: ["infra/prod/**"], actions: [delete, replace], environments: [production]}
    require: {count: 2, users: [kim], groups: [platform], role: write}
  - name: always
    when: always
    require: {count: 1}
otherwise:
  require: {count: 1, role: admin}
codeowners: gitlab
policies:
  - directory: policies
    input: plan
    namespaces: [main, "team.*"]
    data: [infra/library.yaml]
deployments:
  production:
    pipeline: {variables: {B: "2", A: "1"}, inputs: {}}
"""


def rules(text: str | bytes) -> RuleSet:
    raw = text.encode() if isinstance(text, str) else text
    return parse_rules(raw, ".mrbot.yml", ".mrbot.yml at main")


def refusal(text: str | bytes, *, names_elsewhere: bool = False) -> list[str]:
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(BadRules) as caught:
        parse_rules(raw, "r.yml", "o", names_elsewhere=names_elsewhere)
    return [str(problem) for problem in caught.value.problems]


def test_the_smallest_file_says_only_what_happens_otherwise():
    assert rules("version: 1\notherwise: rejected\n") == RuleSet(
        origin=".mrbot.yml at main",
        projects=(),
        approvals=(),
        otherwise=OtherwiseRejected(),
        codeowners=Codeowners.OFF,
        policies=(),
        deployments=(),
    )


def test_every_part_of_the_language_becomes_a_value():
    read = rules(WHOLE)
    assert read.projects == (
        Project(
            name="network-prod",
            directory="infra/prod",
            kind=ProjectKind.TERRAFORM,
            environment="production",
            deploy=Deploy.PIPELINE,
            plan=PlanWhen.AUTOMATIC,
            also=("modules/**",),
        ),
        Project(
            name="docs",
            directory="",
            kind=ProjectKind.FILES,
            environment="docs",
            plan=PlanWhen.NEVER,
        ),
    )
    first, second = read.approvals
    assert first.line == 11
    assert first.when.actions == ("delete", "replace")
    assert not first.when.always
    assert first.require == Require(count=2, users=("kim",), groups=("platform",))
    assert (second.line, second.when.always) == (14, True)
    assert read.otherwise == Require(count=1, role="admin")
    assert read.codeowners is Codeowners.GITLAB
    assert read.policies == (
        PolicySet(
            directory="policies",
            input=PolicyInput.PLAN,
            namespaces=("main", "team.*"),
            data=("infra/library.yaml",),
            line=21,
        ),
    )
    target = PipelineTarget(variables=(("B", "2"), ("A", "1")))
    assert read.deployments == (("production", target),)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("true", "host"), ("false", "off"), ("github", "github"), ("gitlab", "gitlab")],
)
def test_codeowners_is_a_choice_of_four(written, meant):
    assert rules(f"version: 1\notherwise: approved\ncodeowners: {written}\n").codeowners == meant


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("workflow: {file: deploy.yml, inputs: {a: b}}", ("deploy.yml", (("a", "b"),))),
        ("deployment: {payload: {n: [1, null]}}", ("deploy", {"n": [1, None]})),
        ("pipeline: {}", None),
    ],
    ids=["workflow", "deployment", "pipeline"],
)
def test_an_environment_is_deployed_in_one_of_three_ways(written, target):
    project = "{name: a, directory: a, kind: terraform, environment: e, deploy: pipeline}"
    text = (
        f"version: 1\notherwise: approved\nprojects: [{project}]\ndeployments: {{e: {{{written}}}}}"
    )
    ((name, made),) = rules(text).deployments
    assert name == "e"
    match made:
        case WorkflowTarget(file=file, inputs=inputs):
            assert (file, inputs) == target
        case DeploymentTarget(task=task, payload=payload):
            assert (task, payload) == target
        case PipelineTarget():
            assert made == PipelineTarget()
            assert target is None


def test_no_approval_is_needed_only_where_somebody_wrote_so():
    assert rules("version: 1\notherwise: approved\n").otherwise == OtherwiseApproved()
    assert refusal("version: 1\n") == [
        (
            "r.yml:1: otherwise: this key is missing: What is needed where no rule applies: a "
            "`require`, `approved` or `rejected`"
        )
    ]


OK = "version: 1\notherwise: approved\n"
PROJECT = "  - {name: a, directory: a, kind: terraform, environment: e"
RULE = "approvals:\n  - name: r\n    when: "
REQUIRE = "\n    require: "

FILES = {
    "empty": ("", ["r.yml: this is empty: a rule file has version and otherwise"]),
    "comment": ("# x\n", ["r.yml: this is empty: a rule file has version and otherwise"]),
    "list": ("- 1\n", ["r.yml:1: must be a mapping, not a list"]),
    "two documents": (
        OK + "---\n" + OK,
        ["r.yml:4: a second document starts here (---); this file takes one"],
    ),
    "not utf-8": (b"version: 1\n# \xff\n", ["r.yml:2: not UTF-8 text"]),
    "too large": (
        b"#" * (MAX_BYTES + 1),
        ["r.yml: 262145 bytes are more than this file may have (262144)"],
    ),
    "aliases": (
        "a: &a [" + "x, " * 999 + "x]\nb: [" + "*a, " * 400 + "*a]\n",
        ["r.yml: with its aliases written out this is more than 1048576 characters"],
    ),
    "a tag": (
        "version: 1\notherwise: !Sub approved\n",
        ["r.yml:2: the tag '!Sub' means nothing here: write the value alone"],
    ),
    "a key twice": (
        OK + "version: 1\n",
        ['r.yml:3: the key "version" is here again (first: line 1)'],
    ),
    "version 2": (
        "version: 2\notherwise: approved\n",
        ["r.yml:1: version: must be 1, not a number"],
    ),
    "version 1.0": (
        "version: 1.0\notherwise: approved\n",
        ["r.yml:1: version: must be 1, not a number with a fraction"],
    ),
    "version true": (
        "version: true\notherwise: approved\n",
        ["r.yml:1: version: must be 1, not true"],
    ),
    "codeowners 1": (
        OK + "codeowners: 1\n",
        ["r.yml:3: codeowners: must be false, true, github or gitlab, not a number"],
    ),
    "unknown key": (
        OK + "aprovals: []\n",
        ["r.yml:3: aprovals: unknown key: did you mean 'approvals'?"],
    ),
    "unlike any key": (
        OK + "zzz: 1\n",
        [
            (
                "r.yml:3: zzz: unknown key: the keys here are version, projects, autodiscover, "
                "approvals, otherwise, codeowners, policies, deployments"
            )
        ],
    ),
    "empty list": (
        OK + "approvals: []\n",
        ["r.yml:3: approvals: this is empty: leave it out, or write what it holds"],
    ),
    "nothing written": (
        OK + "approvals:\n",
        ["r.yml:3: approvals: there is no value: write a list, or leave the key out"],
    ),
    "otherwise misspelt": (
        "version: 1\notherwise: aproved\n",
        [
            "r.yml:2: otherwise: 'aproved' is not approved, rejected or a mapping: did you mean 'approved'?"
        ],
    ),
    "kind misspelt": (
        OK + "projects:\n  - name: a\n    directory: a\n    kind: teraform\n    environment: e\n",
        [
            (
                "r.yml:6: projects[0].kind: 'teraform' is not terraform, kubernetes, helm or files: did you "
                "mean 'terraform'?"
            )
        ],
    ),
    "leaves the repository": (
        OK + "projects:\n  - name: a\n    directory: ../a\n    kind: files\n    environment: e\n",
        ["r.yml:5: projects[0].directory: '../a': .. leads out of the repository"],
    ),
    "data": (
        OK + "policies:\n  - {directory: p, data: [a/library.toml, ../b.yaml]}\n",
        [
            (
                "r.yml:4: policies[0].data[0]: 'a/library.toml' is no file of data:"
                " its name ends in .json, .yaml or .yml"
            ),
            "r.yml:4: policies[0].data[1]: '../b.yaml': .. leads out of the repository",
        ],
    ),
    "absolute": (
        OK + "policies:\n  - directory: /etc\n",
        [
            "r.yml:4: policies[0].directory: '/etc': a directory is named from the root, without a leading /"
        ],
    ),
    "only kinds that can be planned are": (
        OK + "projects:\n  - name: a\n    directory: a\n    kind: files\n    environment: e\n"
        "    plan: automatic\n",
        ["r.yml:8: projects[0].plan: only kind: terraform can be planned, and this is kind: files"],
    ),
    "an apply needs a plan": (
        OK + "projects:\n" + PROJECT + ", deploy: apply-before-merge, plan: never}\n",
        ["r.yml:4: projects[0].plan: apply-before-merge applies a plan: it cannot be never"],
    ),
    "an apply needs terraform": (
        OK + "projects:\n  - {name: a, directory: a, kind: kubernetes, environment: e,\n"
        "     deploy: apply-before-merge}\n",
        [
            "r.yml:5: projects[0].deploy: only kind: terraform can be applied, and this is kind: kubernetes"
        ],
    ),
    "names twice": (
        OK
        + "projects:\n"
        + PROJECT
        + "}\n  - {name: A, directory: a/, kind: files, environment: e}\n",
        [
            "r.yml:5: projects[1].name: 'A' is the project of projects[0] already",
            "r.yml:5: projects[1].directory: 'a/' is the directory of projects[0] already",
        ],
    ),
    "two executors": (
        OK + "projects:\n" + PROJECT + ", deploy: pipeline}\n"
        "  - {name: b, directory: b, kind: terraform, environment: e, deploy: apply-before-merge}\n"
        "deployments: {e: {pipeline: {}}}\n",
        [
            (
                "r.yml:5: projects[1].deploy: one executor per environment: projects[0] deploys 'e' "
                "with pipeline"
            )
        ],
    ),
    "nothing to start": (
        OK + "projects:\n" + PROJECT + ", deploy: pipeline}\n",
        ["r.yml:4: projects[0].deploy: deployments says nothing of 'e': add what is started"],
    ),
    "deployment of nothing": (
        OK + "projects:\n  - {name: a, directory: a, kind: files, environment: production}\n"
        "deployments:\n  prodution: {pipeline: {}}\n",
        [
            (
                "r.yml:6: deployments.prodution: no project has the environment 'prodution': did you "
                "mean 'production'?"
            )
        ],
    ),
    "two ways": (
        OK + "projects:\n" + PROJECT + "}\ndeployments:\n  e: {pipeline: {}, deployment: {}}\n",
        ["r.yml:6: deployments.e: write exactly one of pipeline, workflow and deployment"],
    ),
    "no way": (
        OK + "projects:\n" + PROJECT + "}\ndeployments:\n  e: {}\n",
        ["r.yml:6: deployments.e: write exactly one of pipeline, workflow and deployment"],
    ),
    "a number for text": (
        OK + "projects:\n" + PROJECT + "}\ndeployments:\n  e:\n    pipeline:\n      variables:\n"
        "        N: 3\n",
        [
            "r.yml:9: deployments.e.pipeline.variables.N: must be text, not a number: put it in quotes"
        ],
    ),
    "a workflow's path": (
        OK + "projects:\n" + PROJECT + "}\ndeployments:\n  e: {workflow: {file: ../x.yml}}\n",
        [
            (
                "r.yml:6: deployments.e.workflow.file: '../x.yml' is not the name of a file in "
                ".github/workflows (x.yml)"
            )
        ],
    ),
    "empty when": (
        OK + RULE + "{}" + REQUIRE + "{count: 1}\n",
        ["r.yml:5: approvals[0].when: this is empty: write `when: always` for every change"],
    ),
    "when misspelt": (
        OK + RULE + "allways" + REQUIRE + "{count: 1}\n",
        [
            "r.yml:5: approvals[0].when: 'allways' is not always or a mapping: did you mean 'always'?"
        ],
    ),
    "unknown condition": (
        OK + RULE + "{path: [a]}" + REQUIRE + "{count: 1}\n",
        ["r.yml:5: approvals[0].when.path: unknown key: did you mean 'paths'?"],
    ),
    "a condition without values": (
        OK + RULE + "{paths: []}" + REQUIRE + "{count: 1}\n",
        ["r.yml:5: approvals[0].when.paths: this is empty: leave it out, or write what it holds"],
    ),
    "unknown action": (
        OK + RULE + "{actions: [destroy, delete]}" + REQUIRE + "{count: 1}\n",
        [
            (
                "r.yml:5: approvals[0].when.actions[0]: 'destroy' is not create, update, replace, "
                "delete, move, import, forget or unknown"
            )
        ],
    ),
    "unknown project": (
        OK
        + "projects:\n  - {name: network, directory: a, kind: files, environment: e}\n"
        + RULE
        + "{projects: [netwrok]}"
        + REQUIRE
        + "{count: 1}\n",
        [
            (
                "r.yml:7: approvals[0].when.projects[0]: there is no project 'netwrok': did you mean "
                "'network'?"
            )
        ],
    ),
    "unknown environment": (
        OK + RULE + "{environments: [production]}" + REQUIRE + "{count: 1}\n",
        ["r.yml:5: approvals[0].when.environments[0]: there is no environment 'production'"],
    ),
    "no approvals asked for": (
        OK + RULE + "always" + REQUIRE + "{count: 0}\n",
        ["r.yml:6: approvals[0].require.count: must be at least 1"],
    ),
    "too many asked for": (
        OK + RULE + "always" + REQUIRE + "{count: 21}\n",
        ["r.yml:6: approvals[0].require.count: must be at most 20"],
    ),
    "more than there are": (
        OK + RULE + "always" + REQUIRE + "{count: 2, users: [kim]}\n",
        ["r.yml:6: approvals[0].require: this can never be met: count is 2, and users names 1"],
    ),
    "one person is not two": (
        OK + RULE + "always" + REQUIRE + "{count: 2, users: [kim, Kim]}\n",
        ["r.yml:6: approvals[0].require.users: 'kim' is here twice"],
    ),
    "no list": (
        OK + RULE + "always" + REQUIRE + "{count: 1, groups: platform}\n",
        ["r.yml:6: approvals[0].require.groups: must be a list, not text: put it in brackets"],
    ),
    "a rule twice": (
        OK
        + RULE
        + "always"
        + REQUIRE
        + "{count: 1}\n  - {name: r, when: always, require: {count: 1}}\n",
        ["r.yml:7: approvals[1].name: 'r' is the rule of approvals[0] already"],
    ),
    "not a namespace": (
        OK + "policies: [{directory: p, namespaces: ['a b']}]\n",
        [
            (
                "r.yml:3: policies[0].namespaces[0]: 'a b' is not a Rego package (main, a.b) or a "
                "pattern of one (mrbot.*)"
            )
        ],
    ),
}


@pytest.mark.parametrize(("text", "told"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_used_is_told_where_and_what_was_meant(text, told):
    assert refusal(text) == told


GLOBS = {
    "": "this is empty: write ** for every path",
    "/a": "'/a': a pattern is from the root, without a leading /",
    "a/../b": "'a/../b': .. leads out of the repository",
    "./a": "'./a': write it without . and without //",
    "a//b": "'a//b': write it without . and without //",
    "!a": "'!a': a pattern cannot be turned round with !, use not_paths",
    "a[bc]": "'a[bc]': [ ] and { } mean nothing here; use *, ? or several patterns",
    "*.{tf,yml}": "'*.{tf,yml}': [ ] and { } mean nothing here; use *, ? or several patterns",
    "a/**.tf": "'a/**.tf': ** stands alone between slashes, as in **/*.tf",
    "a\\b": "'a\\\\b': directories are parted by /, not by a backslash",
    "a\u202eb": "'a\\u202eb' holds a character that cannot be seen",
}


@pytest.mark.parametrize(("glob", "told"), GLOBS.items(), ids=range(len(GLOBS)))
def test_a_pattern_that_would_not_match_what_it_seems_to_is_refused(glob, told):
    document = {
        "version": 1,
        "otherwise": "approved",
        "approvals": [{"name": "r", "when": {"paths": [glob]}, "require": {"count": 1}}],
    }
    (line,) = refusal(yaml.safe_dump(document))
    assert line.partition("paths[0]: ")[2] == told


@pytest.mark.parametrize("glob", ["**", "a/**", "a/", "**/*.tf", "a?/*", "a b/ü"])
def test_a_pattern_that_matches_paths_is_taken(glob):
    text = f'{OK}{RULE}{{paths: ["{glob}", b], not_paths: [A, a]}}{REQUIRE}{{count: 1}}\n'
    assert rules(text).approvals[0].when.paths == (glob, "b")


def test_every_problem_is_told_at_once_in_the_order_of_the_file():
    text = (
        "version: 3\n"
        "projects:\n"
        "  - {name: a, directory: a, kind: x, environment: e, deploy: pipeline}\n"
        "  - {name: a, directory: 3, kind: files, environment: e}\n"
        "approvals:\n"
        "  - {name: r, when: {}, require: {count: 0}}\n"
        "codeowner: true\n"
    )
    assert [line.split(": ")[:2] for line in refusal(text)] == [
        ["r.yml:1", "version"],
        ["r.yml:1", "otherwise"],
        ["r.yml:3", "projects[0].kind"],
        ["r.yml:3", "projects[0].deploy"],
        ["r.yml:4", "projects[1].directory"],
        ["r.yml:4", "projects[1].name"],
        ["r.yml:6", "approvals[0].when"],
        ["r.yml:6", "approvals[0].require.count"],
        ["r.yml:7", "codeowner"],
    ]


def test_names_are_not_called_unknown_where_a_project_could_not_be_read():
    text = (
        OK
        + "projects: [3]\n"
        + RULE
        + "{projects: [b], environments: [e]}"
        + REQUIRE
        + "{count: 1}\n"
    )
    assert refusal(text) == ["r.yml:3: projects[0]: must be a mapping, not a number"]


def test_the_organisation_may_name_environments_of_any_repository():
    text = OK + RULE + "{projects: [b], environments: [e]}" + REQUIRE + "{count: 1}\n"
    read = parse_rules(text.encode(), "org.yml", "organisation", names_elsewhere=True)
    assert read.approvals[0].when.environments == ("e",)
    assert len(refusal(text)) == 2


def test_problems_beyond_the_limit_are_counted():
    text = OK + "".join(f"k{number}x: 1\n" for number in range(MAX_PROBLEMS + 7))
    told = refusal(text)
    assert len(told) == MAX_PROBLEMS + 1
    assert told[-1] == "r.yml: and at least 7 more problems"


def test_a_flood_of_wrong_names_is_not_looked_into_one_by_one():
    projects = ", ".join(f"{{name: p{number}}}" for number in range(3_000))
    wrong = ", ".join(f"q{number}" for number in range(3_000))
    text = f"{OK}projects: [{projects}]\napprovals: [{{name: r, when: {{projects: [{wrong}]}}}}]\n"
    told = refusal(text)
    assert len(told) == MAX_PROBLEMS + 1
    assert told[-1].startswith("r.yml: and at least ")


def test_what_people_wrote_is_quoted_short_and_on_one_line():
    text = OK + '"bad\\n\\e[31m' + "x" * 500 + '": 1\n'
    (line,) = refusal(text)
    assert "\n" not in line
    assert "\x1b" not in line
    assert len(line) < 300


def test_the_example_and_the_default_rules_can_be_used():
    for name in ("rules.example.yml", "default-rules.yml"):
        assert parse_rules((ROOT / "config" / name).read_bytes(), name, "o").otherwise == Require(
            count=1
        )


WORDS = st.one_of(
    st.sampled_from(["version", "projects", "approvals", "otherwise", "codeowners", "policies"]),
    st.sampled_from(["deployments", "name", "directory", "kind", "environment", "deploy", "plan"]),
    st.sampled_from(["also", "when", "require", "paths", "actions", "environments", "count"]),
    st.sampled_from(["users", "role", "pipeline", "variables", "always", "approved", "terraform"]),
    st.sampled_from(["(mapping)", "[key]", "a/**", "..", "e"]),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(), inner, max_size=6)
    ),
    max_leaves=30,
)


@settings(max_examples=300)
@given(VALUES)
def test_no_document_gives_anything_but_rules_or_their_problems(value):
    if isinstance(value, dict):
        value = {"version": 1, "otherwise": "approved"} | value
    text = yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "surrogatepass")
    with contextlib.suppress(BadRules):
        parse_rules(text, "r.yml", "o")


@settings(max_examples=200)
@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_text_gives_anything_but_rules_or_their_problems(text):
    with pytest.raises(BadRules):
        parse_rules(b"version: 1\n" + text, "r.yml", "o")
