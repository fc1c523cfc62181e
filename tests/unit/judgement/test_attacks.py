"""What somebody who can only push commits tries, and the honest change that must stay green."""

from __future__ import annotations

import pytest

from mrbot.decision.decide import Decision
from mrbot.decision.document import decision_document
from mrbot.decision.ruleset import PolicyInput
from mrbot.errors import BadReference, BadRules
from mrbot.ids import Json, Sha
from tests.build import make_plan, make_plan_failed
from tests.unit.judgement.stories import (
    ENGINEER,
    LENIENT,
    NOTHING_TO_SAY,
    OWNER,
    Story,
    codes,
    deny_when,
    verdict,
)

POLICIES = LENIENT + b"policies:\n- directory: policy\n"
PROD = b"""projects:
- {name: prod, directory: infra, kind: terraform, environment: production}
"""
OPEN, SHUT = (
    f'resource "aws_firewall" "edge" {{\n  open = {open_}\n}}\n'.encode()
    for open_ in ("true", "false")
)
DENY_OPEN = deny_when("input.resources[_].after.open == true", "the firewall is open")


def paths(decision: Decision) -> list[str]:
    """The changed paths, in order."""
    return [file.path for file in decision.change.files]


# History


def crossed(story: Story, theirs: bytes) -> tuple[Sha, Sha]:
    """`main` merged a fix that shuts the firewall; a branch merged the same two commits and has
    `theirs` in their place. The dates make git compare with the commit from before the fix."""
    rules = (
        LENIENT
        + b"approvals:\n- {name: edge, when: {paths: [edge.tf]}, "
        + b"require: {count: 1, users: [owner]}}\n"
    )
    root = story.commit({".mrbot.yml": rules, "edge.tf": OPEN, "notes.md": b"0"})
    unfixed = story.commit({"notes.md": b"1"}, root, clock=1_700_900_000)
    fixed = story.commit({"edge.tf": SHUT}, root, clock=1_700_100_000)
    main = story.commit({"edge.tf": SHUT}, unfixed, fixed, clock=1_700_950_000)
    return main, story.commit({"edge.tf": theirs, "hello.md": b""}, unfixed, fixed)


def test_a_fix_undone_in_a_criss_cross_merge_is_among_the_changes(story: Story) -> None:
    main, branch = crossed(story, OPEN)
    assert "edge.tf" not in story.git("diff", "--name-only", f"{main}...{branch}")
    merged = story.git("merge-tree", "--write-tree", main, branch).split()[0]
    assert "open = true" in story.git("show", f"{merged}:edge.tf")

    decision = story.judged(main, branch)

    assert "edge.tf" in paths(decision)
    assert (verdict(decision), codes(decision)) == ("pending", {"approval-missing"})
    assert verdict(story.judged(main, branch, OWNER)) == "approved"


def test_a_path_that_differs_from_several_merge_bases_is_listed_once(story: Story) -> None:
    main, branch = crossed(story, SHUT)
    decision = story.judged(main, branch, OWNER)
    assert len(paths(decision)) == len(set(paths(decision)))
    assert verdict(decision) == "approved"


# Plans that are silent


SILENT: Json = {"resource_changes": [], "configuration": {"root_module": {}}}
HIDDEN = (
    b'resource "aws_firewall" "edge" {\n  count = plantimestamp() == "" ? 0 : 1\n  open = true\n}\n'
)


@pytest.mark.parametrize(
    "path", ["infra/main.tf", "infra/uncalled/main.tf"], ids=["not planned now", "no module"]
)
def test_what_a_plan_does_not_speak_of_is_judged_by_its_files(story: Story, path: str) -> None:
    story.policies = {"main.rego": DENY_OPEN}
    story.planning, story.plans = True, (make_plan("prod", document=SILENT),)
    main = story.commit({".mrbot.yml": LENIENT + PROD, "infra/x.tf": b""})

    decision = story.judged(main, story.commit({path: HIDDEN}, main))

    assert codes(decision) == {"denied"}


@pytest.mark.parametrize(
    ("path", "module", "calls"),
    [
        ("infra/main.tf", None, {}),
        ("infra/edge/main.tf", 'module.e["a].b"]', {"e": {"source": "./edge", "module": {}}}),
        ("shared/main.tf", "module.e[0]", {"e": {"source": "../shared", "module": {}}}),
    ],
)
def test_what_a_plan_speaks_of_is_judged_by_the_plan(
    story: Story, path: str, module: Json, calls: Json
) -> None:
    story.policies = {"main.rego": DENY_OPEN}
    spoken: Json = {
        "resource_changes": [
            {"mode": "managed", "type": "aws_firewall", "name": "edge", "module_address": module}
        ],
        "configuration": {"root_module": {"module_calls": calls}},
    }
    story.planning, story.plans = True, (make_plan("prod", document=spoken),)
    rules = LENIENT + PROD.replace(b"}\n", b", also: ['shared/**']}\n")
    main = story.commit({".mrbot.yml": rules, "infra/x.tf": b""})

    decision = story.judged(main, story.commit({path: HIDDEN}, main))

    assert verdict(decision) == "approved"


def test_a_shared_module_is_judged_by_its_files_where_a_root_without_a_plan_calls_it(
    story: Story,
) -> None:
    story.policies = {"main.rego": DENY_OPEN}
    called: Json = {"e": {"source": "../shared", "module": {}}}
    spoken: Json = {
        "resource_changes": [
            {
                "mode": "managed",
                "type": "aws_firewall",
                "name": "edge",
                "module_address": "module.e",
            }
        ],
        "configuration": {"root_module": {"module_calls": called}},
    }
    story.planning, story.plans = True, (make_plan("prod", document=spoken),)
    call = b'module "e" { source = "../shared" }'
    ours = {".mrbot.yml": LENIENT + PROD, "infra/x.tf": call, "shared/main.tf": b""}
    main = story.commit(ours)
    other = story.commit({**ours, "lab/x.tf": call})

    alone = story.judged(main, story.commit({"shared/main.tf": HIDDEN}, main))
    shared = story.judged(other, story.commit({"shared/main.tf": HIDDEN}, other))

    assert (verdict(alone), verdict(shared)) == ("approved", "rejected")


def test_a_plan_of_a_module_by_that_name_elsewhere_hides_nothing(story: Story) -> None:
    story.policies = {"main.rego": DENY_OPEN}
    entry: dict[str, Json] = {"mode": "managed", "type": "aws_firewall", "name": "edge"}
    decoy: Json = {
        "resource_changes": [{**entry, "module_address": "module.good"}],
        "configuration": {"root_module": {"module_calls": {"good": {"source": "./good"}}}},
    }
    story.planning, story.plans = True, (make_plan("prod", document=decoy),)
    main = story.commit({".mrbot.yml": LENIENT + PROD, "infra/x.tf": b""})
    assert verdict(story.judged(main, story.commit({"infra/main.tf": HIDDEN}, main))) == "rejected"


PLAN_POLICIES = POLICIES + b"  input: plan\n"


@pytest.mark.parametrize(
    ("planning", "plan", "failed", "code"),
    [
        (True, b"automatic", False, "not-planned"),
        (True, b"on-request", False, "not-planned"),
        (False, b"automatic", False, "no-plan"),
        (False, b"on-request", False, "no-plan"),
        (True, b"automatic", True, "plan-failed"),
    ],
)
def test_policies_over_plans_do_not_pass_without_a_plan(
    story: Story, planning: bool, plan: bytes, failed: bool, code: str
) -> None:
    story.planning = planning
    story.plans = (make_plan_failed("prod"),) if failed else ()
    rules = PLAN_POLICIES + PROD.replace(b"}\n", b", plan: " + plan + b"}\n")
    files = {".mrbot.yml": rules, "policy/p.rego": NOTHING_TO_SAY, "infra/x.tf": b""}
    main = story.commit(files)

    assert codes(story.judged(main, story.commit({"infra/main.tf": SHUT}, main))) == {code}
    story.plans = ()
    assert verdict(story.judged(main, story.commit({"README.md": b""}, main))) == "approved"


def test_a_repository_cannot_escape_the_organisations_policies_over_plans(story: Story) -> None:
    story.policy_input = PolicyInput.PLAN
    story.planning = True
    never = LENIENT + PROD.replace(b"}\n", b", plan: never}\n")
    undiscovered = LENIENT + b"autodiscover: disabled\n"
    expected = {never: "no-plan", undiscovered: "no-plan", LENIENT: "not-planned"}
    for rules, code in expected.items():
        main = story.commit({".mrbot.yml": rules, "infra/x.tf": b""})
        change = story.commit({"infra/main.tf": SHUT}, main)
        assert codes(story.judged(main, change)) == {code}
        assert verdict(story.judged(main, story.commit({"a.md": b""}, main))) == "approved"


# Files that are not read


@pytest.mark.parametrize(
    "content", [b"evil = true\n" + b"#" * (6 << 20), "/etc/config.toml"], ids=["huge", "link"]
)
def test_a_document_that_is_not_read_does_not_pass_its_policies(
    story: Story, content: bytes | str
) -> None:
    rules = POLICIES + b"  input: document\n"
    main = story.commit({".mrbot.yml": rules, "policy/p.rego": deny_when("input.evil")})
    decision = story.judged(main, story.commit({"c.toml": content}, main))
    assert (verdict(decision), codes(decision)) == ("undecidable", {"policy-failed"})


@pytest.mark.parametrize(
    ("content", "expected"), [(b"evil = false\n", "approved"), (b"evil = true\n", "rejected")]
)
def test_a_document_that_is_read_is_judged(story: Story, content: bytes, expected: str) -> None:
    rules = POLICIES + b"  input: document\n"
    main = story.commit({".mrbot.yml": rules, "policy/p.rego": deny_when("input.evil")})
    assert verdict(story.judged(main, story.commit({"c.toml": content}, main))) == expected


@pytest.mark.parametrize("kind", ["link", "submodule"])
def test_a_module_swapped_behind_a_link_is_not_decided_unseen(story: Story, kind: str) -> None:
    main = story.commit({".mrbot.yml": LENIENT + PROD, "infra/mods": "../v1", "docs/x": "../v1"})
    new = "../v2" if kind == "link" else f"commit:{main}"

    decision = story.judged(main, story.commit({"infra/mods": new}, main))

    assert codes(decision) == {"not-understood"}
    assert verdict(story.judged(main, story.commit({"docs/x": new}, main))) == "approved"
    story.plans = (make_plan("prod", document=SILENT),)
    assert verdict(story.judged(main, story.commit({"infra/mods": new}, main))) == "approved"


def test_a_manifest_moved_into_production_is_created_there(story: Story) -> None:
    rules = LENIENT + (
        b"projects:\n- {name: prod, directory: k8s, kind: kubernetes, environment: production}\n"
        b"approvals:\n- name: secrets\n"
        b"  when: {resource_types: [v1/Secret], environments: [production]}\n"
        b"  require: {count: 1, users: [owner]}\n"
    )
    secret = b"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
    main = story.commit({".mrbot.yml": rules, "examples/a.yaml": secret, "k8s/b.yaml": secret})

    into = story.commit({"examples/a.yaml": None, "k8s/a.yaml": secret}, main)
    within = story.commit({"k8s/b.yaml": None, "k8s/c.yaml": secret}, main)

    assert codes(story.judged(main, into)) == {"approval-missing"}
    assert verdict(story.judged(main, within)) == "approved"


PRIVILEGED = b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: true}\n"


@pytest.mark.parametrize(
    ("text", "projects", "expected"),
    [
        (b"# {{\n" + PRIVILEGED + b"spec: {}\n", b"", "undecidable"),
        (b"---\n" + PRIVILEGED + b"---\n{{- end }}\n", b"kubernetes", "undecidable"),
        (b"{{- if .Values.pod }}\n" + PRIVILEGED + b"{{- end }}\n", b"", "approved"),
        (b"{{- if .Values.pod }}\n" + PRIVILEGED + b"{{- end }}\n", b"files", "approved"),
    ],
    ids=["refused by mrbot alone", "applied in part", "a chart's", "a chart's in a project"],
)
def test_a_manifest_does_not_pass_for_a_helm_template(
    story: Story, text: bytes, projects: bytes, expected: str
) -> None:
    rules = LENIENT
    if projects:
        rules += (
            b"projects:\n- {name: x, directory: web, environment: x, kind: " + projects + b"}\n"
        )
    main = story.commit({".mrbot.yml": rules})
    change = story.commit({"web/templates/pod.yaml": text}, main)
    assert verdict(story.judged(main, change)) == expected


# Rules and policies


@pytest.mark.parametrize(
    "files",
    [
        {".mrbot.yml": None},
        {".mrbot.yml": None, "old.yml": POLICIES},
        {".mrbot.yml": LENIENT},
        {".MRBOT.yml": LENIENT},
        {".mrbot.yml": None, "policy": None},
        {"policy/p.rego": b"# nothing more\n" + NOTHING_TO_SAY},
        {"lib/other.rego": NOTHING_TO_SAY},
        {"CodeOwners": b"* @author\n"},
    ],
    ids=["delete", "rename", "loosen", "case", "all gone", "policy", "other rego", "codeowners"],
)
def test_what_steers_the_gate_is_changed_with_the_owners_only(
    story: Story, files: dict[str, bytes | None]
) -> None:
    main = story.commit({".mrbot.yml": POLICIES, "policy/p.rego": NOTHING_TO_SAY})
    change = story.commit(files, main)
    assert verdict(story.judged(main, change)) == "pending"
    assert verdict(story.judged(main, change, ENGINEER)) == "pending"
    assert verdict(story.judged(main, change, OWNER)) == "approved"


@pytest.mark.parametrize(
    "files",
    [
        {"policy": None},
        {"policy": "elsewhere", "elsewhere/p.rego": NOTHING_TO_SAY},
        {"policy/p.rego": b"package main\nno"},
        {"policy/p.rego": NOTHING_TO_SAY.replace(b"package main", b"package elsewhere")},
        {".mrbot.yml": b"version: 1\n"},
        {".mrbot.yml": LENIENT + b"policies:\n- directory: nowhere\n"},
    ],
    ids=["no policies", "a link", "no Rego", "no package", "no rules", "no directory"],
)
def test_a_change_that_would_break_the_gate_is_undecidable_even_with_the_owners(
    story: Story, files: dict[str, bytes | str | None]
) -> None:
    main = story.commit({".mrbot.yml": POLICIES, "policy/p.rego": NOTHING_TO_SAY})
    assert verdict(story.judged(main, story.commit(files, main), OWNER)) == "undecidable"


@pytest.mark.parametrize("directory", [".", "policy"])
def test_new_policies_judge_the_change_that_brings_them(story: Story, directory: str) -> None:
    rules = POLICIES.replace(b"policy\n", directory.encode() + b"\n")
    path = f"{directory}/p.rego".removeprefix("./")
    main = story.commit({".mrbot.yml": rules, path: NOTHING_TO_SAY})
    change = story.commit({path: deny_when("input.kind == input.kind")}, main)
    assert verdict(story.judged(main, change, OWNER)) == "rejected"


def test_a_change_cannot_bring_the_policies_that_let_it_pass(story: Story) -> None:
    main = story.commit({".mrbot.yml": POLICIES, "policy/p.rego": DENY_OPEN})
    change = story.commit({"policy/p.rego": NOTHING_TO_SAY, "a.tf": OPEN}, main)
    assert verdict(story.judged(main, change, OWNER)) == "rejected"


@pytest.mark.parametrize(
    "before",
    [
        {"a.md": b""},
        {".mrbot.yml": LENIENT},
        {".mrbot.yml": LENIENT, "policy/p.rego": NOTHING_TO_SAY},
        {".mrbot.yml": POLICIES},
        {".mrbot.yml": POLICIES.replace(b"policy", b"old"), "old/p.rego": NOTHING_TO_SAY},
        {".mrbot.yml": b"version: 2\n"},
    ],
    ids=["nothing", "no policies", "not named", "not there", "elsewhere", "broken rules"],
)
def test_rules_and_policies_are_brought_and_repaired_in_one_change(
    story: Story, before: dict[str, bytes]
) -> None:
    main = story.commit(before)
    after: dict[str, bytes | str | None] = {
        **{path: None for path in before if path.startswith("old/")},
        ".mrbot.yml": POLICIES,
        "policy/p.rego": NOTHING_TO_SAY,
    }
    change = story.commit(after, main)
    assert verdict(story.judged(main, change)) == "pending"
    assert verdict(story.judged(main, change, OWNER)) == "approved"


def test_no_other_change_passes_while_the_rules_are_broken(story: Story) -> None:
    main = story.commit({".mrbot.yml": b"version: 2\n"})
    assert codes(story.judged(main, story.commit({"a": b""}, main), OWNER)) == {"bad-rules"}


@pytest.mark.parametrize("content", ["README.md", b"#" * (5 << 20)], ids=["link", "huge"])
def test_a_rule_file_that_is_not_read_stops_the_judgement(
    story: Story, content: bytes | str
) -> None:
    main = story.commit({".mrbot.yml": LENIENT})
    with pytest.raises(BadReference, match=r"\.mrbot\.yml"):
        story.judged(main, story.commit({".mrbot.yml": content}, main), OWNER)


@pytest.mark.parametrize("namespaces", [b"[nowhere]", b"[main, nowhere]"])
def test_a_namespace_that_is_not_there_is_undecidable(story: Story, namespaces: bytes) -> None:
    rules = POLICIES + b"  namespaces: " + namespaces + b"\n"
    main = story.commit({".mrbot.yml": rules, "policy/p.rego": NOTHING_TO_SAY})
    assert codes(story.judged(main, story.commit({"a": b""}, main))) == {"policy-failed"}


def test_policies_in_the_organisations_rule_file_are_not_passed_over(story: Story) -> None:
    story.rules = POLICIES
    main = story.commit({"a": b""})
    with pytest.raises(BadRules, match="settings"):
        story.judged(main, story.commit({"b": b""}, main))


# Names


def test_a_name_that_is_no_unicode_hides_nothing(story: Story) -> None:
    story.policies = {"main.rego": DENY_OPEN}
    main = story.commit({".mrbot.yml": LENIENT})
    name = b"caf\xe9\n\x1b.tf".decode("utf-8", "surrogateescape")
    assert verdict(story.judged(main, story.commit({name: OPEN}, main))) == "rejected"
    assert verdict(story.judged(main, story.commit({name: SHUT}, main))) == "approved"


def test_the_same_material_gives_the_same_document(story: Story) -> None:
    files = {".mrbot.yml": POLICIES, "policy/p.rego": DENY_OPEN, "policy/q.rego": NOTHING_TO_SAY}
    main = story.commit(files)
    change = story.commit({f"d{n}/a.tf": OPEN for n in range(20)}, main)
    documents = [decision_document(story.judged(main, change, OWNER, ENGINEER)) for _ in range(3)]
    assert documents[0] == documents[1] == documents[2]
