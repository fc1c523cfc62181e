import pytest

from mrbot.resources.model import SENSITIVE, Action
from mrbot.resources.steering import reader as steering
from tests.unit.resources.build import changes_by


def seen(changes):
    return [(str(change.action), change.kind, change.address) for change in changes]


def created(path, text):
    """What one file declares: each value by address, and the faults."""
    changes, faults = changes_by(steering, {}, {path: text})
    return {change.address: change.after for change in changes}, faults


def told(faults):
    return [(fault.path, fault.line, fault.relevant) for fault in faults]


@pytest.mark.parametrize(
    "path",
    [
        ".mrbot.yml",
        ".MRBOT.yml",
        "CODEOWNERS",
        "docs/CODEOWNERS",
        ".github/CODEOWNERS",
        ".gitlab/codeowners",
        "policies/a.rego",
        "policies/A.REGO",
        ".gitattributes",
        "sub/.gitattributes",
        ".gitmodules",
    ],
)
def test_these_files_steer(path):
    assert steering.reads(path)


@pytest.mark.parametrize(
    "path", ["sub/.mrbot.yml", "sub/CODEOWNERS", "sub/.gitmodules", ".gitignore", "a.yml", "rego"]
)
def test_these_do_not(path):
    assert not steering.reads(path)


RULES = """\
version: 1
otherwise: approved
codeowners: true
projects:
  - {name: net, directory: infra, kind: terraform, environment: prod}
approvals:
  - name: platform
    when: always
    require: {count: 2}
  - {name: security, when: {paths: [a]}, require: {count: 1}}
policies:
  - {directory: policies}
deployments:
  prod: {pipeline: {variables: {DEPLOY_TOKEN: hunter2, A: b}}}
extra: [1]
"""


def test_a_rule_file_is_its_settings_and_each_of_its_entries():
    changes, faults = changes_by(steering, {}, {".mrbot.yml": RULES})

    assert faults == []
    assert [(change.kind, change.address, change.source.line) for change in changes] == [
        ("project", "projects/net", 5),
        ("approval", "approvals/platform", 7),
        ("approval", "approvals/security", 10),
        ("policy", "policies/policies", 12),
        ("deployment", "deployments/prod", 14),
        ("settings", "settings", 1),
    ]
    values = {change.address: change.after for change in changes}
    assert values["settings"] == {
        "version": 1,
        "otherwise": "approved",
        "codeowners": True,
        "extra": [1],
    }
    assert values["approvals/platform"] == {
        "name": "platform",
        "when": "always",
        "require": {"count": 2},
    }
    assert values["deployments/prod"]["pipeline"] == {
        "variables": {"DEPLOY_TOKEN": SENSITIVE, "A": "b"}
    }


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("count: 2", "count: 1", [("update", "approval", "approvals/platform")]),
        ("otherwise: approved", "otherwise: rejected", [("update", "settings", "settings")]),
        ("codeowners: true\n", "", [("update", "settings", "settings")]),
        ("directory: infra", "directory: other", [("update", "project", "projects/net")]),
        ("A: b", "A: c", [("update", "deployment", "deployments/prod")]),
        ("hunter2", "hunter3", [("update", "deployment", "deployments/prod")]),
        (
            "directory: policies",
            "directory: other",
            [("create", "policy", "policies/other"), ("delete", "policy", "policies/policies")],
        ),
        ("policies}", "policies, input: plan}", [("update", "policy", "policies/policies")]),
        (
            "name: platform",
            "name: nobody",
            [
                ("create", "approval", "approvals/nobody"),
                ("delete", "approval", "approvals/platform"),
            ],
        ),
        ("extra: [1]", "extra: [2]", [("update", "settings", "settings")]),
        ("# c", "# d", []),
    ],
)
def test_what_changes_in_the_rules_is_told_by_its_name(old, new, changed):
    before = f"# c\n{RULES}"
    changes, faults = changes_by(
        steering, {".mrbot.yml": before}, {".mrbot.yml": before.replace(old, new)}
    )

    assert seen(changes) == changed
    assert faults == []


def test_the_order_of_the_rules_means_nothing():
    one, two = "  - {name: a, when: always}\n", "  - {name: b, when: always}\n"

    changes, _ = changes_by(
        steering,
        {".mrbot.yml": f"approvals:\n{one}{two}"},
        {".mrbot.yml": f"approvals:\n{two}{one}"},
    )

    assert changes == []


def test_entries_without_a_name_or_with_one_twice_are_all_there():
    values, _ = created(".mrbot.yml", "approvals: [1, {a: b}, {name: x}, {name: x, a: c}]")

    assert values == {
        "approvals/(name missing)": {"value": 1},
        "approvals/(name missing) (2)": {"a": "b"},
        "approvals/x": {"name": "x"},
        "approvals/x (2)": {"name": "x", "a": "c"},
    }


@pytest.mark.parametrize("text", ["approvals: x", "deployments: [x]"])
def test_a_section_of_another_shape_is_kept_and_told(text):
    values, faults = created(".mrbot.yml", text)

    assert list(values) == ["settings"]
    assert told(faults) == [(".mrbot.yml", 1, False)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b: c", 1),
        ("version: 1\nversion: 2", 2),
        ("[a]", 1),
        ("a: 1\n---\nb: 2", 3),
        (b"a: \xff", 1),
        ("a: " + "[" * 1000, 1),
    ],
    ids=["syntax", "duplicate", "list", "second document", "latin", "deep"],
)
def test_a_broken_rule_file_is_listed_and_says_nothing_of_what_is_gone(text, line):
    changes, faults = changes_by(steering, {".mrbot.yml": RULES}, {".mrbot.yml": text})

    assert changes == []
    assert told(faults) == [(".mrbot.yml", line, False)]


def test_rules_that_are_mended_were_not_known_before():
    changes, _ = changes_by(steering, {".mrbot.yml": "a: b: c"}, {".mrbot.yml": RULES})

    assert {change.action for change in changes} == {Action.UNKNOWN}


def test_a_rule_file_is_read_as_its_consumer_reads_it():
    assert created(".mrbot.yml", "otherwise: yes")[0] == {"settings": {"otherwise": "yes"}}


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_rule_file_says_nothing(text):
    assert created(".mrbot.yml", text) == ({}, [])


OWNERS = """\
# comment
* @org/all
/infra/  @ann @bob # was @eve

[Docs][2] @writers
*.md
^[Optional]
a\\ b.txt team@example.com
"""


def test_owners_are_told_rule_by_rule():
    changes, faults = changes_by(steering, {}, {"CODEOWNERS": OWNERS})

    assert faults == []
    assert [(c.kind, c.address, c.source.line, c.after) for c in changes] == [
        (
            "owners",
            "CODEOWNERS/*",
            2,
            {"section": "", "pattern": "*", "owners": ["@org/all"]},
        ),
        (
            "owners",
            "CODEOWNERS//infra/",
            3,
            {
                "section": "",
                "pattern": "/infra/",
                "owners": ["@ann", "@bob"],
                "remark": "# was @eve",
            },
        ),
        (
            "section",
            "CODEOWNERS/[Docs]",
            5,
            {"section": "Docs", "optional": False, "approvals": "2", "owners": ["@writers"]},
        ),
        (
            "owners",
            "CODEOWNERS/[Docs]/*.md",
            6,
            {"section": "Docs", "pattern": "*.md", "owners": []},
        ),
        (
            "section",
            "CODEOWNERS/[Optional]",
            7,
            {"section": "Optional", "optional": True, "approvals": None, "owners": []},
        ),
        (
            "owners",
            "CODEOWNERS/[Optional]/a\\ b.txt",
            8,
            {"section": "Optional", "pattern": "a\\ b.txt", "owners": ["team@example.com"]},
        ),
        (
            "order",
            "CODEOWNERS",
            1,
            {
                "rules": [
                    "*",
                    "/infra/",
                    "[Docs]",
                    "[Docs]/*.md",
                    "[Optional]",
                    "[Optional]/a\\ b.txt",
                ]
            },
        ),
    ]


@pytest.mark.parametrize(
    ("old", "new", "addresses"),
    [
        ("@org/all", "@eve", ["CODEOWNERS/*"]),
        (" @ann @bob", "", ["CODEOWNERS//infra/"]),
        ("[Docs][2]", "[Docs][1]", ["CODEOWNERS/[Docs]"]),
        ("^[Optional]", "[Optional]", ["CODEOWNERS/[Optional]"]),
        ("# was @eve", "# was @bob", ["CODEOWNERS//infra/"]),
        ("*.md", "*.md @eve", ["CODEOWNERS/[Docs]/*.md"]),
        ("  @ann", "\t@ann", []),
        ("# comment", "# other", []),
    ],
)
def test_what_changes_in_the_owners_is_told(old, new, addresses):
    changes, _ = changes_by(
        steering, {"CODEOWNERS": OWNERS}, {"CODEOWNERS": OWNERS.replace(old, new)}
    )

    assert [change.address for change in changes] == addresses


def test_owners_in_another_order_are_a_change():
    one, two = "* @a\n", "/x @b\n"

    changes, _ = changes_by(steering, {"CODEOWNERS": one + two}, {"CODEOWNERS": two + one})

    assert [(change.kind, change.after) for change in changes] == [
        ("order", {"rules": ["/x", "*"]})
    ]


def test_a_pattern_that_comes_again_is_another_rule():
    changes, _ = changes_by(steering, {"CODEOWNERS": "* @a"}, {"CODEOWNERS": "* @a\n* @eve"})

    assert seen(changes) == [
        ("create", "owners", "CODEOWNERS/* (2)"),
        ("update", "order", "CODEOWNERS"),
    ]


def test_a_file_that_only_github_reads_has_no_sections():
    values, _ = created(".github/CODEOWNERS", "[x] @a")

    assert values[".github/CODEOWNERS/[x]"] == {"section": "", "pattern": "[x]", "owners": ["@a"]}


@pytest.mark.parametrize("name", ["CODEOWNERS", ".gitattributes", ".gitmodules"])
@pytest.mark.parametrize(
    ("text", "line"),
    [(b"#\na @b\0", 2), (b"# " + b"x" * 3_000_000, 0)],
    ids=["binary", "large"],
)
def test_rules_that_nobody_would_read_cannot_be_decided(name, text, line):
    assert told(created(name, text)[1]) == [(name, line, True)]


def test_rules_beyond_the_limit_cannot_be_decided():
    _, faults = created("CODEOWNERS", "* @a\n" * 5001)

    assert told(faults) == [("CODEOWNERS", 5001, True)]
    assert created("CODEOWNERS", "* @a\n" * 5000)[1] == []


@pytest.mark.parametrize("name", ["CODEOWNERS", ".gitattributes", ".mrbot.yml"])
def test_rules_that_are_not_what_they_look_like_are_told(name):
    text = "version: 1\nname: a\u200bb\n"

    assert told(created(name, text)[1]) == [(name, 2, False)]
    assert created(name, text.replace("\u200b", ""))[1] == []


def test_bytes_in_owners_are_shown():
    values, faults = created("CODEOWNERS", b"* @a\n/\xff @b")

    assert "CODEOWNERS//\\xff" in values
    assert told(faults) == [("CODEOWNERS", 2, False)]


POLICY = """\
package main.aws

import rego.v1

default allow := false

allow if {
  input.ok
}
deny contains msg if { msg := "no" }
helper(x) := x
"""


def test_a_policy_is_its_package_its_rules_and_its_lines():
    (change,), faults = changes_by(steering, {}, {"policies/a.rego": POLICY})

    assert faults == []
    assert (change.kind, change.address) == ("policy", "policies/a.rego")
    assert change.after["package"] == "main.aws"
    assert change.after["rules"] == ["allow", "deny", "helper"]
    assert change.after["lines"] == POLICY.split("\n")[:-1]


def test_any_line_of_a_policy_is_a_change():
    changes, _ = changes_by(
        steering, {"a.rego": POLICY}, {"a.rego": POLICY.replace("input.ok", "true")}
    )

    assert seen(changes) == [("update", "policy", "a.rego")]


@pytest.mark.parametrize(
    ("text", "relevant"), [(b"\xff", True), (b"\0", True), (b"x" * 300_000, False)]
)
def test_a_policy_that_is_no_text_cannot_be_decided(text, relevant):
    changes, faults = changes_by(steering, {}, {"a.rego": text})

    assert [change.unknown_paths for change in changes] == [("lines",)]
    assert [fault.relevant for fault in faults] == [relevant]


def test_no_rule_hides_behind_a_name_that_looks_like_a_number():
    values, _ = created(".mrbot.yml", "approvals: [{name: x}, {name: x}, {name: x (2)}]")
    owners, _ = created("CODEOWNERS", "[a]\n[a]\n[a (2)]")

    assert list(values) == ["approvals/x", "approvals/x (2)", "approvals/x (2) (2)"]
    assert len(owners) == 4


def test_attributes_are_told_line_by_line():
    values, faults = created(
        "a/.gitattributes", '# c\n"a b" text\n*.tf -diff  linguist-generated\n'
    )

    assert faults == []
    assert values == {
        'a/.gitattributes/"a b"': {"pattern": '"a b"', "attributes": ["text"]},
        "a/.gitattributes/*.tf": {
            "pattern": "*.tf",
            "attributes": ["-diff", "linguist-generated"],
        },
        "a/.gitattributes": {"rules": ['"a b"', "*.tf"]},
    }


MODULES = """\
[submodule "lib"]
\tpath = lib
\turl = https://example.com/lib.git
[core] ; comment
\tx
[submodule "lib"] branch = main
"""


def test_submodules_are_told_one_by_one():
    changes, faults = changes_by(steering, {}, {".gitmodules": MODULES})

    assert faults == []
    assert [(c.kind, c.address, c.source.line, c.after) for c in changes] == [
        (
            "submodule",
            "submodules/lib",
            1,
            {"path": "lib", "url": "https://example.com/lib.git", "branch": "main"},
        ),
        ("settings", ".gitmodules/core", 4, {"x": None}),
    ]


def test_the_password_in_an_address_is_hidden_and_its_host_is_not():
    text = '[submodule "a"]\nurl = https://me:hunter2@{}/x\n'
    before, after = text.format("good"), text.format("evil")

    (change,), _ = changes_by(steering, {".gitmodules": before}, {".gitmodules": after})

    assert change.before["url"] == f"https://me:{SENSITIVE}@good/x"
    assert change.after["url"] == f"https://me:{SENSITIVE}@evil/x"
    assert change.after["(secrets)"] == {"url 1": SENSITIVE}


def test_a_setting_that_comes_again_keeps_all_its_values():
    values, _ = created(".gitmodules", '[submodule "a"]\nurl = x\nURL = y\npath = a\\\nb\n')

    assert values == {"submodules/a": {"url": ["x", "y"], "path": "ab"}}


@pytest.mark.parametrize(
    ("text", "line"),
    [("url = x", 1), ('[submodule "a"]\n= x', 2), ('[submodule "a"\nurl = x', 1)],
    ids=["no section", "no name", "open"],
)
def test_submodules_that_git_could_not_read_cannot_be_decided(text, line):
    assert told(created(".gitmodules", text)[1])[0] == (".gitmodules", line, True)
