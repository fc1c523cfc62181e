"""What Kustomize roots build to is judged, in the project of the root."""

from __future__ import annotations

import pytest

from mrbot.gather import builds as module
from tests.unit.judgement.stories import LENIENT, Story, codes, deny_when, verdict

PROJECTS = b"""projects:
- {name: prod, directory: overlays/prod, kind: kubernetes, environment: production}
"""
POD = (
    b"apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
    b"spec: {hostNetwork: false, containers: [{name: web, image: 'web:1'}]}\n"
)
FILES = {
    ".mrbot.yml": LENIENT + PROJECTS,
    "base/kustomization.yaml": b"resources: [web.yaml]\n",
    "base/web.yaml": POD,
    "overlays/prod/kustomization.yaml": b"resources: [../../base]\nnamespace: shop\n",
}
HOST_PID = (
    b"patches: [{target: {kind: Pod}, patch: '[{op: add, path: /spec/hostPID, value: true}]'}]\n"
)
GONE = b"{apiVersion: v1, kind: Pod, metadata: {name: web}, $patch: delete}"
DENY_HOST = deny_when(
    'input.resources[_].format == "kubernetes"; input.resources[_].after.spec.hostNetwork == true'
)


def built(decision) -> list[tuple[str, str, str | None]]:
    """Action, address and environment of each object."""
    return [
        (one.action.value, one.address, one.environment)
        for one in decision.assessment.reading.resources
        if one.format == "kubernetes"
    ]


def test_a_change_of_a_base_is_what_it_builds_to(story: Story) -> None:
    main = story.commit(FILES)
    head = story.commit({"base/web.yaml": POD.replace(b"web:1", b"web:2")}, main)

    decision = story.judged(main, head)

    assert built(decision) == [("update", "overlays/prod: shop/Pod/web", "production")]


def test_a_manifest_that_is_built_as_it_is_is_told_once(story: Story) -> None:
    path = "overlays/prod/kustomization.yaml"
    files = {
        **FILES,
        path: FILES[path].replace(b"]", b", own.yaml]"),
        "overlays/prod/own.yaml": POD,
    }
    files["overlays/prod/own.yaml"] = POD.replace(b"name: web}\nspec", b"name: own}\nspec")
    main = story.commit(files)
    changed = files["overlays/prod/own.yaml"].replace(b"web:1", b"web:2")

    once = built(story.judged(main, story.commit({"overlays/prod/own.yaml": changed}, main)))
    patched = {path: files[path] + HOST_PID, "overlays/prod/own.yaml": changed}
    twice = built(story.judged(main, story.commit(patched, main)))

    assert once == [("update", "overlays/prod: shop/Pod/own", "production")]
    assert ("update", "Pod/own", "production") in twice


@pytest.mark.parametrize(
    ("field", "action"),
    [
        (b"images: [{name: web, newTag: '2'}]\n", "update"),
        (HOST_PID, "update"),
        (b"nameSuffix: -x\n", "create"),
    ],
    ids=["image", "patch", "name"],
)  # fmt: skip
def test_a_change_of_an_overlay_is_what_it_builds_to(
    story: Story, field: bytes, action: str
) -> None:
    main = story.commit(FILES)
    path = "overlays/prod/kustomization.yaml"
    head = story.commit({path: FILES[path] + field}, main)

    assert action in {found for found, _, _ in built(story.judged(main, head))}


@pytest.mark.parametrize(
    "change",
    [
        {"base/web.yaml": POD.replace(b"false", b"true")},
        {
            "overlays/prod/kustomization.yaml": FILES["overlays/prod/kustomization.yaml"]
            + b"patches: [{path: p.yaml}]\n",
            "overlays/prod/p.yaml": b"apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
            b"spec: {hostNetwork: true}\n",
        },
        {
            "overlays/prod/kustomization.yaml": FILES["overlays/prod/kustomization.yaml"]
            + b"patches: [{target: {kind: Pod}, "
            b"patch: '[{op: replace, path: /spec/hostNetwork, value: true}]'}]\n"
        },
    ],
    ids=["in the base", "by a patch", "by an inline patch"],
)
def test_policies_for_manifests_judge_what_is_built(
    story: Story, change: dict[str, bytes | str | None]
) -> None:
    story.policies = {"main.rego": DENY_HOST}
    main = story.commit(FILES)

    assert verdict(story.judged(main, story.commit(change, main))) == "rejected"
    benign = story.commit({"base/web.yaml": POD.replace(b"web:1", b"web:2")}, main)
    assert verdict(story.judged(main, benign)) == "approved"


def test_an_overlay_mends_what_its_base_lacks(story: Story) -> None:
    story.policies = {"main.rego": DENY_HOST}
    path = "overlays/prod/kustomization.yaml"
    mended = FILES[path] + (
        b"patches: [{target: {kind: Pod}, "
        b"patch: '[{op: replace, path: /spec/hostNetwork, value: false}]'}]\n"
    )
    main = story.commit({**FILES, path: mended})
    head = story.commit({"base/web.yaml": POD.replace(b"false", b"true")}, main)

    assert verdict(story.judged(main, head)) == "approved"


def test_a_manifest_that_is_only_a_generators_file_is_judged_all_the_same(story: Story) -> None:
    """Whoever applies the directory as it is applies it too."""
    story.policies = {"main.rego": DENY_HOST}
    main = story.commit(FILES)
    head = story.commit(
        {
            "overlays/prod/kustomization.yaml": FILES["overlays/prod/kustomization.yaml"]
            + b"configMapGenerator: [{name: c, files: [evil.yaml]}]\n",
            "overlays/prod/evil.yaml": POD.replace(b"false", b"true"),
        },
        main,
    )

    assert verdict(story.judged(main, head)) == "rejected"


@pytest.mark.parametrize(
    "overlay",
    [
        b"resources: [../../base/web.yaml]\npatches: [{patch: '%s'}]\n" % GONE,
        b"patches: [{path: ../../base/web.yaml, target: {kind: None}}]\n",
        b"configMapGenerator: [{name: c, files: [../../base/web.yaml]}]\n",
    ],
    ids=["taken away again", "a patch", "a generator's file"],
)
def test_what_a_build_only_reads_is_judged_as_it_stands(story: Story, overlay: bytes) -> None:
    story.policies = {"main.rego": DENY_HOST}
    path = "overlays/prod/kustomization.yaml"
    main = story.commit({".mrbot.yml": FILES[".mrbot.yml"], "base/web.yaml": POD, path: overlay})
    head = story.commit({"base/web.yaml": POD.replace(b"false", b"true")}, main)

    assert verdict(story.judged(main, head)) == "rejected"


def test_a_root_that_cannot_be_built_is_not_decided(story: Story) -> None:
    main = story.commit(FILES)
    path = "overlays/prod/kustomization.yaml"
    head = story.commit({path: FILES[path] + b"patches: [{path: gone.yaml}]\n"}, main)

    assert codes(story.judged(main, head)) == {"not-understood"}


def test_a_remote_base_hides_nothing_of_what_is_here(story: Story) -> None:
    path = "overlays/prod/kustomization.yaml"
    remote = FILES[path].replace(b"]", b", 'https://example.com/x//base?ref=v1']")
    main = story.commit({**FILES, path: remote})
    head = story.commit({"base/web.yaml": POD.replace(b"web:1", b"web:2")}, main)

    assert built(story.judged(main, head)) == [
        ("update", "overlays/prod: shop/Pod/web", "production")
    ]


def test_roots_beyond_the_limits_are_not_decided(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUILD_LIMIT_FILES", 1)
    main = story.commit(FILES)
    head = story.commit({"overlays/prod/kustomization.yaml": b"resources: [../../base]\n"}, main)

    assert codes(story.judged(main, head)) == {"not-understood"}
