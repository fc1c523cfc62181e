"""Each rule over a policy that it is about, and over the same policy as it was meant."""

from __future__ import annotations

import pytest

from mrbot.policy.lint.complaint import RULES, Level
from tests.unit.policy.lint.conftest import batch, linting

# Line 5 is the first one of each text.
CASES = [
    # rule, text that is wrong, its line, the same made right
    ("near-convention", 'Deny contains "x"', 5, 'deny contains "x"'),
    ("near-convention", 'denies contains "x"', 5, 'deny contains "x"'),
    ("near-convention", 'warning contains "x"', 5, 'warn contains "x"'),
    ("near-convention", 'vilation contains "x"', 5, 'violation contains "x"'),
    ("near-convention", 'dney contains "x"', 5, 'deny contains "x"'),
    ("near-convention", 'deny__x contains "x"', 5, 'deny_x contains "x"'),
    ("near-convention", "DENY_x if input.change", 5, "allowed if input.change"),
    ("near-convention", 'denyPublic contains "x"', 5, 'deny_public contains "x"'),
    (
        "near-convention",
        'require_two contains {"msg": "a", "users": ["x"]}',
        5,
        'require contains {"msg": "a", "users": ["x"]}',
    ),
    (
        "near-convention",
        'warnings contains "x"',
        5,
        'warnings contains "x"\n\ndeny contains w if some w in warnings',
    ),
    ("wrong-shape", "deny if input.change.draft", 5, 'deny contains "x" if input.change.draft'),
    ("wrong-shape", 'deny_x := "text"', 5, 'deny_x := {"text"}'),
    ("wrong-shape", "default warn := false", 5, "default warn := []"),
    ("wrong-shape", 'deny[x] if x := "a"', 5, 'deny contains x if x := "a"'),
    ("wrong-shape", 'violation(x) := "a" if x', 5, 'violated(x) := "a" if x'),
    (
        "wrong-shape",
        'require := {"msg": "a", "users": ["x"]}',
        5,
        'require := [{"msg": "a", "users": ["x"]}]',
    ),
    ("result-shape", 'deny contains {"message": "a"}', 5, 'deny contains {"msg": "a"}'),
    (
        "result-shape",
        'deny contains r if {\n\tr := {"text": "a"}\n}',
        6,
        'deny contains r if {\n\tr := {"msg": "a", "text": "a"}\n}',
    ),
    ("result-shape", 'deny contains {"msg": 3}', 5, 'deny contains {"msg": input.change.title}'),
    ("result-shape", "warn contains 3", 5, 'warn contains "3"'),
    ("result-shape", 'warn contains ["a"]', 5, 'warn contains f("a")\n\nf(x) := x'),
    (
        "location-shape",
        'deny contains {"msg": "a", "_loc": "main.tf"}',
        5,
        'deny contains {"msg": "a", "_loc": {"file": "main.tf", "line": 3}}',
    ),
    (
        "location-shape",
        'deny contains {"msg": "a", "_loc": {"path": "main.tf"}}',
        5,
        'deny contains {"msg": "a", "_loc": l} if l := {"file": "main.tf"}',
    ),
    (
        "require-shape",
        'require contains {"msg": "a", "user": "x", "users": ["x"]}',
        5,
        'require contains {"msg": "a", "users": ["x"]}',
    ),
    ("require-shape", 'require contains {"msg": "a"}', 5, "require contains x if some x in data.d"),
    (
        "require-shape",
        'require contains {"msg": "a", "groups": []}',
        5,
        'require contains {"msg": "a", "groups": input.projects}',
    ),
    (
        "require-shape",
        'require contains {"msg": "a", "groups": "platform"}',
        5,
        'require contains {"msg": "a", "groups": ["platform"]}',
    ),
    (
        "require-shape",
        'require contains {"groups": ["a"]}',
        5,
        'require contains {"groups": ["a"], "msg": sprintf("%v", [input.now])}',
    ),
    (
        "require-shape",
        'require contains {"msg": "a", "count": 0, "groups": ["a"]}',
        5,
        'require contains {"msg": "a", "count": 2, "groups": ["a"]}',
    ),
    ("require-shape", 'require contains "two people"', 5, "require contains f(1)\n\nf(x) := x"),
    (
        "exception-unknown",
        'exception contains ["bucket"]\n\ndeny_buckets contains "a"',
        5,
        'exception contains ["buckets"]\n\ndeny_buckets contains "a"',
    ),
    (
        "exception-unknown",
        'exception contains [""]\n\ndeny_x contains "a"',
        5,
        'exception contains [""]\n\ndeny contains "a"',
    ),
    (
        "exception-shape",
        'exception contains "x"\n\ndeny_x contains "a"',
        5,
        'exception contains ["x"]\n\ndeny_x contains "a"',
    ),
    ("clock", "opens if time.now_ns() > 3", 5, "opens if time.parse_rfc3339_ns(input.now) > 3"),
    ("print-left", 'allow if print("x")', 5, 'allow if "x" == "x"'),
    (
        "sprintf-arguments",
        'deny contains sprintf("%s %d", [input.now])',
        5,
        'deny contains sprintf("%s %d%%", [input.now, 3])',
    ),
    (
        "sprintf-arguments",
        'deny contains sprintf("all", [input.now])',
        5,
        'deny contains sprintf("%-5.*f", [2, 3.1])',
    ),
    (
        "unused-import",
        "import data.roles\n\nallow if true",
        5,
        "import data.roles as r\n\nallow if r.a",
    ),
    (
        "shadowed-builtin",
        'json := 3\n\na := json.marshal("b")',
        5,
        'text := 3\n\na := json.marshal("b")',
    ),
    (
        "shadowed-builtin",
        "f(x) := object.get(x, object, 1) if {\n\tobject := 3\n}",
        6,
        "f(x) := object.get(x, name, 1) if {\n\tname := 3\n}",
    ),
    ("idle-ignore", "# mrbot-lint: ignore=clock\nallow if true", 5, "# about clock\nallow if true"),
    ("idle-ignore", "# mrbot-lint: ignore=nothing\nallow if true", 5, "allow if true"),
    ("idle-ignore", "# mrbot-lint: off\nallow if true", 5, "allow if true"),
    ("unknown-input-field", "allow if input.resource", 5, "allow if input.resources"),
    ("unknown-input-value", 'a if input.kind == "plan"', 5, 'a if input.kind == "change"'),
    ("parse-error", "allow if }", 5, "allow if true"),
    ("compile-error", "allow if x == 3", 5, "allow if input.now == 3"),
    ("needs-opa", "a := providers.aws.sign_req({}, {}, 1)", 5, "a := 1"),
    ("needs-opa", 'a := $"b {input.now}"', 5, 'a := sprintf("b %s", [input.now])'),
    ("refused-function", 'a := http.send({"url": "x"})', 5, "a := data.facts"),
]  # fmt: skip


ENGINES = {"parse-error", "compile-error", "needs-opa", "refused-function"}
TREES = [case for case in CASES if case[0] not in ENGINES]


def ids(case: tuple[str, str, int, str]) -> str:
    return f"{case[0]}: {case[1].splitlines()[0]}"


def of(linted, rule: str):
    return [one for one in linted.complaints if one.rule == rule]


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    texts = [text for _, text, _, _ in TREES]
    return linting(tmp_path_factory.mktemp("wrong"))(files=batch(texts), namespaces=("*",))


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    texts = [text for _, _, _, text in TREES]
    return linting(tmp_path_factory.mktemp("right"))(files=batch(texts), namespaces=("*",))


@pytest.mark.parametrize("case", TREES, ids=ids)
def test_what_is_not_meant_is_said_with_its_line_and_what_to_do(wrong, case) -> None:
    rule, _, line, _ = case

    [complaint] = [one for one in of(wrong, rule) if one.path == f"{TREES.index(case)}.rego"]

    assert complaint.line == line
    assert complaint.message
    assert complaint.fix


@pytest.mark.parametrize("case", TREES, ids=ids)
def test_the_same_as_it_was_meant_passes(right, case) -> None:
    assert [one for one in of(right, case[0]) if one.path == f"{TREES.index(case)}.rego"] == []


@pytest.mark.parametrize("case", [case for case in CASES if case[0] in ENGINES], ids=ids)
def test_what_the_engine_refuses_is_said_and_no_longer_once_it_is_mended(linted, case) -> None:
    rule, wrong, line, right = case

    [complaint] = of(linted(wrong), rule)
    mended = linted(right)

    assert (complaint.path, complaint.line) == ("main.rego", line)
    assert of(mended, rule) == []


def test_every_rule_has_a_case() -> None:
    elsewhere = {
        "not-formatted", "rego-v0", "import-rego-v1", "unasked-package",
        "test-file-without-tests", "test-twice", "untested-rule",
    }  # fmt: skip

    assert {case[0] for case in CASES} | elsewhere == RULES.keys()


def test_every_rule_is_documented(request) -> None:
    text = (request.config.rootpath / "docs" / "policy-tests-and-lint.md").read_text()

    assert [rule for rule in RULES if f"| `{rule}` |" not in text] == []


def test_the_old_dialect_is_a_note(linted) -> None:
    [note] = of(linted(files={"a.rego": "package a\np { input.now }\n"}), "rego-v0")

    assert (note.path, note.line, note.level) == ("a.rego", 1, Level.NOTE)


def test_a_file_that_says_its_dialect_needs_no_note(linted) -> None:
    files = {
        "a.rego": "package a\np if input.now\n",
        "b.rego": "package b\nimport rego.v1\np if input.now\n",
    }

    assert [one.path for one in of(linted(files=files), "import-rego-v1")] == ["a.rego"]


def test_mixed_dialects_do_not_parse(linted) -> None:
    [error] = of(linted(files={"a.rego": "package a\np if true\nq { true }\n"}), "parse-error")

    assert (error.path, error.line) == ("a.rego", 3)


def test_rules_in_a_package_that_nobody_asks_are_told_once(linted) -> None:
    files = {"a.rego": 'package a.b\ndeny contains "x"\n\ndeny contains "y"\n'}

    [warning] = of(linted('deny contains "x"', files), "unasked-package")

    assert (warning.path, warning.line) == ("a.rego", 2)
    assert "--namespace a.b" in warning.fix
    assert of(linted(namespaces=("main", "a.*")), "unasked-package") == []


def test_without_namespaces_it_is_told_that_none_was_checked(linted) -> None:
    result = linted('deny contains "x"', namespaces=())

    assert of(result, "unasked-package") == []
    assert any("--namespace" in one for one in result.unchecked)


def test_a_boolean_in_a_package_that_is_not_asked_is_no_error(linted) -> None:
    files = {"a.rego": "package authz\ndefault deny := false\n"}

    assert of(linted('deny contains "x"', files), "wrong-shape") == []


def test_two_tests_of_one_name_are_told_at_the_second(linted) -> None:
    files = {
        "a_test.rego": "package t\ntest_a if true\n",
        "b_test.rego": "package t\n\ntest_a if false\n",
        "c_test.rego": "package other\ntest_a if true\n",
    }

    [warning] = of(linted(files=files), "test-twice")

    assert (warning.path, warning.line) == ("b_test.rego", 3)
    assert "a_test.rego:2" in warning.message


def test_a_test_file_without_tests_is_told_unless_a_test_uses_it(linted) -> None:
    files = {
        "a_test.rego": "package a\nimport data.made\ntest_a if made.one == 1\n",
        "made_test.rego": "package made\none := 1\n",
        "lost_test.rego": "package lost\ntset_a if true\n",
    }

    assert [one.path for one in of(linted(files=files), "test-file-without-tests")] == [
        "lost_test.rego"
    ]


def test_a_rule_that_no_test_names_is_a_note(linted) -> None:
    files = {"a_test.rego": "package t\ntest_a if data.main.deny_x with input as {}\n"}

    [note] = of(linted('deny_x contains "a"\n\ndeny_y contains "b"', files), "untested-rule")

    assert (note.line, note.level) == (7, Level.NOTE)


def test_where_there_is_no_test_at_all_it_is_told_once(linted) -> None:
    result = linted('deny_x contains "a"')

    assert of(result, "untested-rule") == []
    assert "whether the rules do what they should: there is no test" in result.unchecked


def test_print_and_the_clock_may_stand_in_tests(linted) -> None:
    files = {"a_test.rego": "package t\nimport rego.v1\ntest_a if print(time.now_ns())\n"}

    result = linted("allow if true", files)

    assert of(result, "print-left") == of(result, "clock") == []


def test_the_clock_is_all_there_is_where_the_input_has_no_time(linted) -> None:
    assert of(linted("opens if time.now_ns() > 3", has_now=False), "clock") == []


def test_that_not_every_refusal_is_listed_is_told(linted) -> None:
    result = linted("\n\n".join(f"a{n} := unknown_{n}(1)" for n in range(30)))

    assert len(of(result, "needs-opa")) == 20
    assert "what the embedded engine would refuse beyond 20 places" in result.unchecked


def test_a_boolean_is_an_error_only_where_it_is_known_to_be_asked(linted) -> None:
    files = {"a.rego": "package authz\ndeny if input.now\n"}

    assert [one.level for one in of(linted("deny if input.now", files), "wrong-shape")] == [
        Level.ERROR
    ]
    assert [one.level for one in of(linted(namespaces=()), "wrong-shape")] == [
        Level.WARNING,
        Level.ERROR,
    ]
