"""A change lands in every project that draws on it, wherever it lies; and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mrbot.gather import landscape as module
from mrbot.gather import links
from mrbot.judgement import assess
from tests.build import make_plan, sha
from tests.unit.judgement.stories import LENIENT, OWNER, Story, codes, verdict

CALL = b'module "db" {\n  source = "../../modules/db"\n}\n'
TWO_PROJECTS = b"""projects:
- {name: prod, directory: live/prod, kind: terraform, environment: production, plan: never}
- {name: stage, directory: live/stage, kind: terraform, environment: staging, plan: never}
"""
PRODUCTION = b"""approvals:
- name: production
  when: {environments: [production]}
  require: {count: 1, users: [owner]}
"""
RULES = LENIENT + TWO_PROJECTS + PRODUCTION
BUCKET = b'resource "aws_s3_bucket" "b" {}\n'


def lands(decision) -> set[tuple[str | None, str | None]]:
    """Project and environment of each changed resource."""
    return {(one.project, one.environment) for one in decision.assessment.reading.resources}


@pytest.mark.parametrize(
    ("caller", "path", "reached"),
    [
        pytest.param("live/prod/main.tf", "modules/db/main.tf", True, id="a module of production"),
        pytest.param("live/stage/main.tf", "modules/db/main.tf", False, id="a module of staging"),
        pytest.param("live/prod/main.tf", "modules/vm/main.tf", False, id="a module of nobody"),
        pytest.param("live/prod/main.tf", "modules/db/files/a.sh", True, id="a script in it"),
    ],
)
def test_a_module_is_part_of_every_project_that_calls_it(
    story: Story, caller: str, path: str, reached: bool
) -> None:
    main = story.commit({".mrbot.yml": RULES, caller: CALL, "modules/db/x.tf": BUCKET})
    head = story.commit({path: BUCKET}, main)

    assert verdict(story.judged(main, head)) == ("pending" if reached else "approved")
    assert verdict(story.judged(main, head, OWNER)) == "approved"


def test_a_module_of_a_module_reaches_both_projects_and_is_counted_in_each(story: Story) -> None:
    inner = b'module "inner" { source = "../inner" }'
    main = story.commit(
        {
            ".mrbot.yml": RULES, "live/prod/a.tf": CALL, "live/stage/a.tf": CALL,
            "modules/db/a.tf": inner, "modules/inner/a.tf": b"",
        }
    )  # fmt: skip

    decision = story.judged(main, story.commit({"modules/inner/a.tf": BUCKET}, main))

    assert lands(decision) == {("prod", "production"), ("stage", "staging")}
    assert {p.name for p in decision.assessment.projects} == {"prod", "stage"}


def test_what_the_target_branch_began_to_call_meanwhile_counts(story: Story) -> None:
    root = story.commit({".mrbot.yml": RULES, "modules/db/x.tf": BUCKET})
    main = story.commit({"live/prod/main.tf": CALL}, root)
    head = story.commit({"modules/db/x.tf": b""}, root)

    assert verdict(story.judged(main, head)) == "pending"


def test_a_base_is_part_of_every_overlay(story: Story) -> None:
    rules = RULES.replace(b"kind: terraform", b"kind: kubernetes").replace(b", plan: never", b"")
    overlay = b"resources:\n- ../../base\n"
    main = story.commit(
        {
            ".mrbot.yml": rules, "live/prod/kustomization.yaml": overlay,
            "base/kustomization.yaml": b"resources:\n- web.yaml\n",
            "base/web.yaml": b"{apiVersion: v1, kind: Service, metadata: {name: web}}",
        }
    )  # fmt: skip
    changed = b"{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort}}"
    head = story.commit({"base/web.yaml": changed}, main)

    assert verdict(story.judged(main, head)) == "pending"
    assert ("prod", "production") in lands(story.judged(main, head))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param(b"", {("live-prod", "production")}, id="where no project is named"),
        pytest.param(b"autodiscover: disabled\n", {(None, None)}, id="not where it is off"),
        pytest.param(TWO_PROJECTS.replace(b"prod,", b"x,").replace(b"/prod", b"/x"), {(None, None)},
                     id="not beside named ones"),
        pytest.param(
            b"autodiscover: enabled\n" + TWO_PROJECTS.replace(b"/prod", b"/x"),
            {("live-prod", "production")}, id="beside named ones where it is on",
        ),
        pytest.param(b"autodiscover: enabled\n" + TWO_PROJECTS, {("prod", "production")},
                     id="never in place of a named one"),
    ],
)  # fmt: skip
def test_a_root_that_nobody_named_is_a_project(
    story: Story, more: bytes, expected: set[tuple[str | None, str | None]]
) -> None:
    main = story.commit({".mrbot.yml": LENIENT + more, "live/prod/main.tf": b""})
    head = story.commit({"live/prod/main.tf": BUCKET}, main)

    assert lands(story.judged(main, head)) == expected


def test_a_module_is_no_project_and_neither_is_an_example(story: Story) -> None:
    main = story.commit({".mrbot.yml": LENIENT, "live/prod/main.tf": CALL})
    head = story.commit({"modules/db/a.tf": BUCKET, "examples/a/main.tf": BUCKET}, main)

    assert lands(story.judged(main, head)) == {("live-prod", "production"), (None, None)}


def test_a_root_that_is_deleted_was_a_project(story: Story) -> None:
    main = story.commit({".mrbot.yml": LENIENT, "live/prod/main.tf": BUCKET})
    head = story.commit({"live/prod/main.tf": None}, main)

    assert lands(story.judged(main, head)) == {("live-prod", "production")}


def test_what_cannot_be_followed_is_not_decided(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONFIGURATION_LIMIT_FILES", 1)
    main = story.commit({".mrbot.yml": RULES, "live/prod/main.tf": CALL, "modules/db/a.tf": b""})
    head = story.commit({"modules/db/a.tf": BUCKET}, main)

    assert codes(story.judged(main, head)) == {"links-unknown"}


NOT_READ = (
    LENIENT
    + b"""approvals:
- name: unread
  when: {not_read: true, paths: ['live/**']}
  require: {count: 1, users: [owner]}
"""
)


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        pytest.param("live/a.bin", b"\0", "pending", id="no reader"),
        pytest.param("live/a.tf", BUCKET, "approved", id="read"),
        pytest.param("lab/a.bin", b"\0", "approved", id="elsewhere"),
    ],
)
def test_a_rule_can_ask_an_approver_for_what_is_not_read(
    story: Story, path: str, content: bytes, expected: str
) -> None:
    main = story.commit({".mrbot.yml": NOT_READ})

    assert verdict(story.judged(main, story.commit({path: content}, main))) == expected


def test_a_plan_of_another_commit_is_not_trusted(story: Story) -> None:
    main = story.commit({".mrbot.yml": RULES, "live/prod/main.tf": b""})
    change = story.change(main, story.commit({"live/prod/main.tf": BUCKET}, main), OWNER)
    for head, expected in ((change.head, set()), (sha("another"), {"plan-of-another-commit"})):
        plan = replace(make_plan("prod"), head=head)
        material = replace(story.material(change), plans=(plan,))
        assessment = assess(material, change, story.engine)
        assert {reason.code for reason in assessment.reasons} == expected


def reach_production(story: Story, before: dict[str, bytes | str | None], path: str, after) -> str:
    """The verdict on a change of one file in a repository whose production asks for @owner."""
    main = story.commit({".mrbot.yml": RULES, "live/prod/x.tf": b"", **before})
    return verdict(story.judged(main, story.commit({path: after}, main)))


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        pytest.param(
            {"live/prod/c.tf": "../../common/c.tf", "common/c.tf": b""},
            "common/c.tf", BUCKET, id="a link to a file",
        ),
        pytest.param(
            {"live/prod/db": "../../modules/db", "modules/db/a.tf": b""},
            "modules/db/a.tf", BUCKET, id="a link to a directory",
        ),
        pytest.param(
            {"live/prod/m.tf": CALL.replace(b"/db", b"/app"), "shared/p.json": b"{}",
             "modules/app/a.tf": b'x = file("${path.root}/../../shared/p.json")'},
            "shared/p.json", b"[]", id="a path from the root of whoever calls",
        ),
        pytest.param(
            {"live/prod/m.tf": CALL.replace(b"modules/db", b"modules//db"), "modules/db/a.tf": b"",
             "modules/x.tpl": b""},
            "modules/x.tpl", b"x", id="what lies around a part of a module",
        ),
        pytest.param(
            {"live/prod/kustomization.yaml": b"resources: [../../base]\n---\na: 1\n",
             "base/a.yaml": b"a: 1"},
            "base/a.yaml", b"a: 2", id="a kustomization that cannot be parsed",
        ),
    ],
)  # fmt: skip
def test_production_is_reached_through(
    story: Story, before: dict[str, bytes | str | None], path: str, after: bytes
) -> None:
    assert reach_production(story, before, path, after) != "approved"
    assert reach_production(story, before, "elsewhere/a.tf", BUCKET) == "approved"


COMMIT = "commit:" + "1" * 40


@pytest.mark.parametrize("place", ["live/prod", "live", "modules"])
@pytest.mark.parametrize("after", ["commit:" + "2" * 40, "../elsewhere"], ids=["bumped", "a link"])
def test_what_stands_in_the_place_of_a_project_or_its_module_is_not_decided_unseen(
    story: Story, place: str, after: str
) -> None:
    call = {"live/prod/m.tf": CALL} if place == "modules" else {}
    main = story.commit({".mrbot.yml": RULES, place: COMMIT, **call})

    assert verdict(story.judged(main, story.commit({place: after}, main))) != "approved"
    assert verdict(story.judged(main, story.commit({"module": after}, main))) == "approved"


ORGANISATION = LENIENT + PRODUCTION


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"docs/x.tf": b'module "a" {\n  source = "../live/prod"\n}\n'}, id="a module"),
        pytest.param({"docs/x.hcl": b'"../live/prod"'}, id="a word"),
        pytest.param({"live/prod/docs/n.hcl": b'".."'}, id="a word below it"),
        pytest.param({"Chart.yaml": b""}, id="a chart around it"),
        pytest.param({"live/prod/Chart.yaml": b""}, id="a chart in it"),
        pytest.param({"live/kustomization.yaml": b"resources: [prod]"}, id="a kustomization"),
    ],
)
def test_no_change_makes_less_of_a_root_that_nobody_named(
    story: Story, more: dict[str, bytes | str | None]
) -> None:
    story.rules = ORGANISATION
    main = story.commit({".mrbot.yml": LENIENT, "live/prod/main.tf": b""})
    change = {"live/prod/main.tf": BUCKET}

    assert verdict(story.judged(main, story.commit(change, main))) == "pending"
    assert verdict(story.judged(main, story.commit({**change, **more}, main))) != "approved"


@pytest.mark.parametrize("directory", ["live/prod", "prod/é", "test/prod", "prod/a?"])
@pytest.mark.parametrize("name", ["main.tf", "main.tofu.json", "terragrunt.hcl"])
def test_roots_are_found_whatever_they_are_called(story: Story, directory: str, name: str) -> None:
    story.rules = ORGANISATION
    rules = (
        LENIENT
        + b"autodiscover: enabled\nprojects:\n"
        + (b"- {name: live-prod, directory: apps/x, kind: files, environment: staging}\n")
    )
    main = story.commit({".mrbot.yml": rules, "a.md": b""})
    head = story.commit({f"{directory}/{name}": b"{}"}, main)

    assert verdict(story.judged(main, head)) == "pending"


def test_the_organisations_rules_hold_where_the_repository_says_production_is(story: Story) -> None:
    story.rules = ORGANISATION
    infra = LENIENT + (
        b"projects: [{name: main, directory: infra, kind: terraform, environment: production, "
        b"plan: never}]\n"
    )
    main = story.commit({".mrbot.yml": infra, "infra/a.tf": b"", "lab/a.tf": b""})

    assert verdict(story.judged(main, story.commit({"infra/app.zip": b"\0"}, main))) == "pending"
    assert verdict(story.judged(main, story.commit({"lab/app.zip": b"\0"}, main))) == "approved"


def test_roots_that_cannot_be_looked_for_are_not_nothing(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONFIGURATION_LIMIT_FILES", 1)
    off = LENIENT + b"autodiscover: disabled\n"
    for rules, expected in ((LENIENT, {"links-unknown"}), (off, set())):
        main = story.commit({".mrbot.yml": rules, "a/a.tf": b"", "b/a.tf": b""})
        decision = story.judged(main, story.commit({"a/a.tf": BUCKET}, main))
        story.rules = off
        assert codes(decision) >= expected


def test_a_pointer_to_storage_elsewhere_is_not_decided_unseen(story: Story) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 9\n" % (b"a" * 64)
    main = story.commit({".mrbot.yml": LENIENT, "k/x.yaml": b"{apiVersion: v1, kind: Pod}"})

    assert codes(story.judged(main, story.commit({"k/x.yaml": pointer}, main))) == {
        "not-understood"
    }
    assert codes(story.judged(main, story.commit({"k/x.png": pointer}, main))) == set()


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_a_tofu_file_shadows_what_it_takes_the_place_of(story: Story, suffix: str) -> None:
    bucket = BUCKET if not suffix else b'{"resource": {"aws_s3_bucket": {"b": {}}}}'
    empty = b"" if not suffix else b"{}"
    main = story.commit({".mrbot.yml": LENIENT, f"a/db.tf{suffix}": bucket})
    shadowed = story.commit({f"a/db.tofu{suffix}": empty}, main)

    def actions(target, head) -> list[str]:
        reading = story.judged(target, head).assessment.reading
        return [one.action.value for one in reading.resources if one.kind == "aws_s3_bucket"]

    assert actions(main, shadowed) == ["delete"]
    assert actions(shadowed, story.commit({f"a/db.tofu{suffix}": None}, shadowed)) == ["create"]
    assert actions(main, story.commit({f"a/other.tofu{suffix}": empty}, main)) == []


def test_a_tree_that_is_too_deep_is_not_searched(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = story.commit({".mrbot.yml": RULES})
    deep = story.commit({"a/" * 101 + "main.tf": BUCKET}, main)
    assert "links-unknown" in codes(story.judged(main, deep))

    monkeypatch.setattr(module, "TREE_LIMIT_FILES", 2)
    many = story.commit({"a.tf": BUCKET, "b.tf": BUCKET}, main)
    assert "links-unknown" in codes(story.judged(main, many))


def test_more_directories_like_projects_than_one_change_may_reach_are_not_decided(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "PROJECT_LIMIT", 2)
    main = story.commit({".mrbot.yml": LENIENT})
    two: dict[str, bytes | str | None] = {f"{name}/main.tf": BUCKET for name in "ab"}

    assert "links-unknown" not in codes(story.judged(main, story.commit(two, main)))
    three = story.commit({**two, "c/main.tf": BUCKET}, main)
    assert "links-unknown" in codes(story.judged(main, three))


def test_what_names_an_environment_is_no_mere_part_of_another(story: Story) -> None:
    main = story.commit(
        {
            ".mrbot.yml": LENIENT,
            "overlays/prod/kustomization.yaml": b"resources: [a.yaml]\n",
            "overlays/test/kustomization.yaml": b"resources: [../prod]\n",
        }
    )
    pod = b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    head = story.commit({"overlays/prod/a.yaml": pod}, main)

    environments = {environment for _, environment in lands(story.judged(main, head))}
    assert environments == {"production", "development"}


@pytest.mark.parametrize(
    ("there", "path", "environment"),
    [
        ("prod/main.tf", "prod/dev/main.tf", "production"),
        ("prod/main.tf", "prod/dev/app/kustomization.yaml", "production"),
        ("dev/main.tf", "dev/prod/main.tf", "production"),
        ("infra/main.tf", "infra/dev/main.tf", "default"),
        ("infra/main.tf", "other/dev/main.tf", "development"),
        ("main.tf", "stage/main.tf", "staging"),
    ],
)
def test_a_root_inside_another_is_guarded_as_the_stricter_of_both(
    story: Story, there: str, path: str, environment: str
) -> None:
    main = story.commit({".mrbot.yml": LENIENT, there: BUCKET})
    content = BUCKET if path.endswith(".tf") else b"resources: []\n"
    decision = story.judged(main, story.commit({path: content}, main))

    assert {found for _, found in lands(decision)} == {environment}
