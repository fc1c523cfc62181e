import base64

import pytest

from mrbot.resources.declared import TextFile, compare
from mrbot.resources.kustomize import build as kustomize_build
from mrbot.resources.kustomize.build import build, declare_builds, references
from mrbot.resources.model import SENSITIVE, Action, Source
from tests.unit.resources.build import encoded

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - {name: main, image: "nginx:1.0", env: [{name: A, value: "1"}, {name: B, value: "2"}]}
      - {name: side, image: "reg.io:5000/x/side@sha256:aa"}
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {a: x}\n"
K = "kustomization.yaml"


def tree(**files):
    return {
        path: TextFile(path=path, text=encoded(text))
        for path, text in ((p.replace("__", "/"), t) for p, t in files.items())
    }


def of(kustomization, objects=DEPLOYMENT, root="app", **more):
    """What a directory with one file of objects and this kustomization builds to."""
    files = {f"{root}/{K}": f"resources: [o.yaml]\n{kustomization}", f"{root}/o.yaml": objects}
    return build(root, tree(**files, **more))


def only(built):
    assert built.faults == ()
    (one,) = built.objects
    return one


def value(kustomization, objects=DEPLOYMENT, **more):
    return only(of(kustomization, objects, **more)).value


def told(built):
    return [(fault.path, fault.line, fault.relevant) for fault in built.faults]


def containers(found):
    return found["spec"]["template"]["spec"]["containers"]


def test_an_object_keeps_where_it_is_declared():
    one = only(of("namespace: ns", f"# c\n{DEPLOYMENT}"))

    assert one.source == Source(path="app/o.yaml", line=2)
    assert one.value["metadata"] == {"name": "web", "namespace": "ns"}
    assert one.unknown == ()


def test_overlays_are_built_on_bases():
    files = tree(
        **{
            f"base/{K}": "resources: [o.yaml]\nnamePrefix: b-",
            "base/o.yaml": CONFIG,
            f"over/prod/{K}": "bases: [../../base]\nnamePrefix: p-\nnameSuffix: -s",
        }
    )

    assert only(build("over/prod", files)).value["metadata"]["name"] == "p-b-conf-s"


def test_a_component_alters_what_is_there_already():
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: c-"

    found = value("components: [../c]\nnameSuffix: -s", CONFIG, **{f"c/{K}": component})

    assert found["metadata"]["name"] == "c-conf-s"


def test_cluster_scoped_objects_get_no_namespace():
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n"
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: old}\n"

    built = of("namespace: ns\nnamePrefix: p-", f"{role}---\n{namespace}")

    assert [one.value["metadata"] for one in built.objects] == [{"name": "p-r"}, {"name": "ns"}]


@pytest.mark.parametrize(
    ("image", "main", "side"),
    [
        ("{name: nginx, newTag: '2'}", "nginx:2", None),
        ("{name: nginx, newName: other}", "other:1.0", None),
        ("{name: nginx, digest: 'sha256:ff'}", "nginx@sha256:ff", None),
        ("{name: 'reg.io:5000/x/side', newTag: v2}", None, "reg.io:5000/x/side:v2"),
        ("{name: 'ngin.', newTag: '3'}", "nginx:3", None),
        ("{name: ngin, newTag: '3'}", None, None),
    ],
    ids=["tag", "name", "digest", "port", "pattern", "part of a name"],
)
def test_images(image, main, side):
    first, second = containers(value(f"images: [{image}]"))

    assert first["image"] == (main or "nginx:1.0")
    assert second["image"] == (side or "reg.io:5000/x/side@sha256:aa")


def test_replicas():
    assert value("replicas: [{name: web, count: 4}]")["spec"]["replicas"] == 4
    assert told(of("replicas: [{name: other, count: 4}]")) == [(f"app/{K}", 2, True)]


def test_labels_go_into_selectors_where_that_is_asked():
    plain = value("labels: [{pairs: {a: b}}]")
    everywhere = value("commonLabels: {a: b}\ncommonAnnotations: {c: d}")

    assert plain["metadata"]["labels"] == {"a": "b"}
    assert "selector" not in plain["spec"]
    assert everywhere["spec"]["selector"] == {"matchLabels": {"a": "b"}}
    assert everywhere["spec"]["template"]["metadata"] == {
        "labels": {"a": "b"},
        "annotations": {"c": "d"},
    }


MERGE = """patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: 2
      template:
        spec:
          containers:
          - {name: main, image: null, env: [{name: B, value: "3"}, {$patch: delete, name: A}]}
          - {name: new, image: x}
"""


def test_a_strategic_merge_merges_lists_by_their_keys():
    found = value(MERGE)

    assert found["spec"]["replicas"] == 2
    assert containers(found) == [
        {"name": "main", "env": [{"name": "B", "value": "3"}]},
        {"name": "new", "image": "x"},
        {"name": "side", "image": "reg.io:5000/x/side@sha256:aa"},
    ]


def test_in_a_custom_resource_lists_are_replaced():
    widget = "apiVersion: e.com/v1\nkind: W\nmetadata: {name: w}\nspec: {containers: [{name: a}]}\n"
    patch = widget.replace("{name: a}", "{name: b}").replace("\n", "\n    ")

    assert value(f"patches:\n- patch: |\n    {patch}", widget)["spec"] == {
        "containers": [{"name": "b"}]
    }


def test_a_patch_can_delete_an_object():
    patch = "$patch: delete\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"

    built = of("patches: [{path: p.yaml}]", **{"app/p.yaml": patch})

    assert (built.objects, built.faults) == ((), ())


@pytest.mark.parametrize("path", ["patchesJson6902", "patches"])
def test_json_patches(path):
    found = value(
        f"{path}:\n- target: {{kind: Deployment, name: web}}\n  patch: |-\n"
        "    - {op: test, path: /metadata/name, value: web}\n"
        "    - {op: replace, path: /spec/template/spec/containers/0/image, value: x}\n"
        "    - {op: remove, path: /spec/template/spec/containers/1}\n"
        "    - {op: add, path: /metadata/annotations/a~1b, value: c}\n"
        "    - {op: move, from: /spec/template/spec/containers/0/env/1, path: /spec/x}\n"
    )

    assert containers(found) == [
        {"name": "main", "image": "x", "env": [{"name": "A", "value": "1"}]}
    ]
    assert found["metadata"]["annotations"] == {"a/b": "c"}
    assert found["spec"]["x"] == {"name": "B", "value": "2"}


@pytest.mark.parametrize(
    "operation",
    [
        "{op: test, path: /metadata/name, value: other}",
        "{op: remove, path: /spec/none}",
        "{op: add, path: /spec/none/x, value: 1}",
        "{op: replace, path: /spec/template/spec/containers/9, value: 1}",
        "{op: turn, path: /spec}",
    ],
)
def test_a_patch_that_cannot_be_applied_is_told(operation):
    built = of(f"patches: [{{target: {{kind: Deployment}}, patch: '[{operation}]'}}]")

    assert told(built) == [(f"app/{K}", 2, True)]
    assert built.objects[0].value["metadata"] == {"name": "web"}


@pytest.mark.parametrize(
    ("target", "is_patched"),
    [
        ("{kind: Deploy.*}", True),
        ("{kind: Deploy}", False),
        ("{name: 'web|api'}", True),
        ("{name: we}", False),
        ("{kind: Deployment, namespace: default}", True),
        ("{group: apps, version: v1}", True),
        ("{labelSelector: 'a=b'}", False),
        ("{labelSelector: '!a'}", True),
    ],
)
def test_targets_are_anchored_patterns(target, is_patched):
    patch = "'[{op: add, path: /spec/x, value: 1}]'"

    found = value(f"patches: [{{target: {target}, patch: {patch}}}]")

    assert ("x" in found["spec"]) is is_patched


def test_where_a_target_is_not_read_what_it_may_alter_is_unknown():
    patch = "'[{op: add, path: /spec/x, value: 1}]'"

    built = of(f"patches: [{{target: {{labelSelector: 'a in (b)'}}, patch: {patch}}}]")

    assert (told(built), built.incomplete) == ([(f"app/{K}", 2, False)], True)
    assert built.objects[0].unknown == (("spec", "x"),)


def test_a_patch_for_an_object_that_is_not_there_is_told():
    patch = DEPLOYMENT.replace("web", "gone")

    assert told(of("patches: [{path: p.yaml}]", **{"app/p.yaml": patch})) == [(f"app/{K}", 2, True)]


def test_references_follow_names():
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {serviceAccountName: elsewhere,"
        " containers: [{name: c, envFrom: [{configMapRef: {name: conf}}]}]}\n"
    )

    built = of("namePrefix: p-", f"{pod}---\n{CONFIG}")

    spec = built.objects[0].value["spec"]
    assert spec["containers"][0]["envFrom"] == [{"configMapRef": {"name": "p-conf"}}]
    assert spec["serviceAccountName"] == "elsewhere"


GENERATED = """resources: [pod.yaml]
configMapGenerator:
- name: conf
  literals: [a=1, 'b="two"']
  files: [f.txt, key=raw.bin]
  envs: [e.env]
secretGenerator:
- {name: s, literals: [p=hunter2], options: {disableNameSuffixHash: true}}
generatorOptions: {labels: {l: m}}
"""
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, envFrom:"
    " [{configMapRef: {name: conf}}, {secretRef: {name: s}}]}]}\n"
)


def test_generated_objects_have_their_content_and_a_name_that_is_not_known():
    files = {
        f"g/{K}": GENERATED,
        "g/pod.yaml": POD,
        "g/f.txt": "text\n",
        "g/raw.bin": b"\xff\x00",
        "g/e.env": "# c\nX=1\n Y=a=b\n\nZ\n",
    }

    built = build("g", tree(**files))

    pod, config, secret = built.objects
    assert config.value == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "conf", "labels": {"l": "m"}},
        "data": {"X": "1", "Y": "a=b", "Z": "", "a": "1", "b": "two", "f.txt": "text\n"},
        "binaryData": {"key": base64.b64encode(b"\xff\x00").decode()},
    }
    assert config.unknown == (("metadata", "name"),)
    assert config.source == Source(path=f"g/{K}", line=3)
    assert secret.value["data"] == {"p": base64.b64encode(b"hunter2").decode()}
    assert secret.unknown == ()
    assert pod.unknown == (("spec", "containers", 0, "envFrom", 0, "configMapRef", "name"),)


def test_a_generator_can_add_to_what_a_base_generated():
    files = tree(
        **{
            f"base/{K}": "configMapGenerator: [{name: c, literals: [a=1, b=2]}]\nnamePrefix: p-",
            f"over/{K}": "resources: [../base]\n"
            "configMapGenerator: [{name: c, behavior: merge, literals: [b=3]}]",
        }
    )

    found = only(build("over", files)).value
    assert (found["metadata"]["name"], found["data"]) == ("p-c", {"a": "1", "b": "3"})


@pytest.mark.parametrize(
    ("kustomization", "unknown"),
    [
        ("resources: [o.yaml, 'https://github.com/o/r//b?ref=v1']", ()),
        ("resources: [o.yaml, 'git@github.com:o/r.git']", ()),
        ("resources: [o.yaml]\nhelmCharts: [{name: x}]", ()),
        ("resources: [o.yaml]\nvalidators: [v.yaml]", ()),
        ("resources: [o.yaml]\ntransformers: [t.yaml]", ((),)),
        ("resources: [o.yaml]\ngenerators: [t.yaml]", ((),)),
        ("resources: [o.yaml]\nconfigurations: [t.yaml]", ((),)),
        (
            (
                "resources: [o.yaml]\nreplacements: [{source: {kind: A}, targets: [{select: {kind:"
                " ConfigMap}, fieldPaths: [data.a, 'x.[n=1].y']}, {select: {kind: Pod}}]}]"
            ),
            (("data", "a"), ("x",)),
        ),
        ("resources: [o.yaml]\nvars: [{name: X}]", (("data", "v"),)),
    ],
    ids=[
        *("remote", "git", "helm", "validators", "transformers", "generators", "configurations"),
        *("replacements", "vars"),
    ],
)
def test_what_is_not_applied_is_told_and_what_it_may_alter_is_unknown(kustomization, unknown):
    config = CONFIG.replace("a: x", "a: x, v: $(X)")

    built = build("app", tree(**{f"app/{K}": kustomization, "app/o.yaml": config}))

    assert [relevant for _, _, relevant in told(built)] == [False]
    assert built.incomplete
    assert built.objects[0].unknown == unknown


def test_a_token_in_a_remote_base_is_not_told():
    built = build("app", tree(**{f"app/{K}": "resources: ['https://u:hunter2@h/r']"}))

    assert "hunter2" not in repr(built)


@pytest.mark.parametrize(
    ("kustomization", "line"),
    [
        ("resources:\n- gone.yaml", 2),
        ("resources: [../../etc]", 1),
        ("resources: [/etc/passwd]", 1),
        ("resources: [.]", 1),
        ("resources: [../loop]", 1),
        ("components: [../base]", 1),
        ("namespace: ns\nNAMESPACE: m", 2),
        ("namespace: ns\nfuture: 1", 2),
        ("namespace: 1", 1),
        ("kind: Pod\nnamespace: a", 1),
        ("apiVersion: kustomize.config.k8s.io/v1beta1", 1),
        ("", 0),
        ("resources: [text.yaml]", 1),
        ("resources: [o.yaml, o.yaml]", 1),
        ("configMapGenerator: [{name: a, files: [gone]}]", 1),
        ("patches: [{path: gone}]", 1),
        ("secretGenerator: [{literals: [a=b]}]", 1),
        ("configMapGenerator: [{name: a, behavior: merge}]", 1),
    ],
)
def test_what_kustomize_would_refuse_is_told(kustomization, line):
    files = tree(
        **{
            f"app/{K}": kustomization,
            "app/o.yaml": CONFIG,
            "app/text.yaml": "a: b",
            f"base/{K}": "resources: [o.yaml]",
            "base/o.yaml": CONFIG,
            f"loop/{K}": "resources: [../app]",
        }
    )
    faults = [(path, at) for path, at, relevant in told(build("app", files)) if relevant]

    expected = f"loop/{K}" if "loop" in kustomization else f"app/{K}"
    assert (expected, line) in faults


def test_a_field_is_known_in_any_case():
    assert value("NamePrefix: p-\nIMAGES: [{NAME: nginx, newtag: '2'}]")["metadata"]["name"] == (
        "p-web"
    )


def test_two_kustomizations_in_one_directory_are_told():
    files = tree(**{f"a/{K}": "namespace: a", "a/Kustomization": "namespace: b"})

    assert told(build("a", files)) == [(f"a/{K}", 0, True)]


@pytest.mark.parametrize("name", ["copies", "diamonds", "objects"])
def test_what_grows_without_bound_is_not_built(name):
    copies = "\n".join(f"- {{op: copy, from: /spec, path: /spec/x{i}}}" for i in range(60))
    many = "---\n".join(CONFIG.replace("conf", f"c{i}") for i in range(3_000))
    diamonds = {f"app/{'x/' * i}{K}": "namePrefix: a\nresources: [x, x/./]" for i in range(20)} | {
        f"app/{'x/' * 20}{K}": "namespace: ns"
    }
    trees = {
        "copies": {
            f"app/{K}": "resources: [o.yaml]\npatches: [{target: {kind: D.*}, path: p}]",
            "app/o.yaml": DEPLOYMENT,
            "app/p": copies,
        },
        "diamonds": diamonds,
        "objects": {
            f"app/{K}": "resources: [a.yaml, b.yaml]",
            "app/a.yaml": many,
            "app/b.yaml": many.replace("name: c", "name: d"),
        },
    }

    built = build("app", tree(**trees[name]))

    assert built.objects == ()
    assert any(relevant for _, _, relevant in told(built))


def test_references_are_the_paths_in_the_repository():
    text = """
resources: [a.yaml, ../base, 'https://h/x', ../../../out, /abs]
components: [../c]
patches: [{path: p.yaml}, {patch: 'a: b'}]
patchesStrategicMerge: [s.yaml, "a: b"]
configMapGenerator: [{files: [k=f.txt, g.txt], envs: [e.env]}]
replacements: [{path: r.yaml}]
helmCharts: [{name: x, valuesFile: v.yaml}]
openapi: {path: o.json}
"""
    assert references(f"apps/web/{K}", text.encode()) == (
        *("apps/web/a.yaml", "apps/base", "apps/c", "apps/web/s.yaml", "apps/web/p.yaml"),
        *("apps/web/r.yaml", "apps/web/f.txt", "apps/web/g.txt", "apps/web/e.env"),
        *("apps/web/v.yaml", "apps/web/o.json"),
    )


@pytest.mark.parametrize(
    "text", [b"", b"\xff", b"- a", b"resources: {a: [b]}", b"a: [", b"x: !y z"]
)
def test_references_of_anything_are_none(text):
    assert references(K, text) == ()


def test_the_repository_itself_can_be_a_root():
    files = tree(**{K: "resources: [sub]", f"sub/{K}": "resources: [o.yaml]", "sub/o.yaml": CONFIG})

    for root in (".", ""):
        assert only(build(root, files)).source.path == "sub/o.yaml"


def changes(before, after, roots=("app",)):
    sides = [declare_builds(roots, tree(**files))[0] for files in (before, after)]
    return list(compare(kustomize_build.FORMAT, *sides)), sides


def test_a_change_in_a_base_is_seen_in_every_root():
    def files(replicas):
        base = {f"base/{K}": "resources: [o.yaml]", "base/o.yaml": DEPLOYMENT}
        patch = f"replicas: [{{name: web, count: {replicas}}}]"
        roots = {f"{r}/{K}": f"resources: [../base]\nnamespace: {r}" for r in ("a", "b")}
        return {**base, **roots, f"base/{K}": f"resources: [o.yaml]\n{patch}"}

    found, _ = changes(files(1), files(2), ("a", "b"))

    assert [(c.format, c.kind, c.address, c.action) for c in found] == [
        ("kustomize", "apps/v1/Deployment", "a: a/Deployment/web", Action.UPDATE),
        ("kustomize", "apps/v1/Deployment", "b: b/Deployment/web", Action.UPDATE),
    ]
    assert found[0].source == Source(path="base/o.yaml", line=1)


def test_secrets_are_masked_and_volumes_hold_data():
    claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: d}\n"
    after = {
        f"app/{K}": "resources: [o.yaml]\nsecretGenerator: [{name: s, literals: [a=hunter2]}]",
        "app/o.yaml": claim,
    }

    found, _ = changes({}, after, ("app",))

    assert [(c.address, c.stateful) for c in found] == [
        ("app: PersistentVolumeClaim/d", True),
        ("app: Secret/s", False),
    ]
    assert found[1].after["data"] == {"a": SENSITIVE}
    assert found[1].unknown_paths == ("metadata.name",)


def test_what_a_broken_root_no_longer_builds_is_not_said_to_be_deleted():
    before = {f"app/{K}": "resources: [o.yaml]", "app/o.yaml": CONFIG}

    found, sides = changes(before, {**before, f"app/{K}": "resources: [o.yaml"})

    assert found == []
    assert [fault.relevant for fault in sides[1].faults] == [True]
