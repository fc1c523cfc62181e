import json

import pytest

from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED, Action, Source
from tests.unit.resources.build import faults, only, reading, seen


def manifest(kind="Deployment", name="web", api="apps/v1", **rest):
    metadata = {"name": name, **({"namespace": rest.pop("ns")} if "ns" in rest else {})}
    return json.dumps({"apiVersion": api, "kind": kind, "metadata": metadata, **rest})


def test_an_object_has_kind_address_value_and_line():
    text = "# c\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: a}\n"

    change = only(reading({}, {"a.yaml": text}))

    assert (change.format, change.action) == ("kubernetes", Action.CREATE)
    assert (change.kind, change.address) == ("apps/v1/Deployment", "a/Deployment/web")
    assert change.before is None
    assert change.after == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "a"},
    }
    assert change.source == Source(path="a.yaml", line=2)


def test_an_object_without_a_namespace_has_none_in_its_address():
    change = only(reading({}, {"a.yaml": manifest("Namespace", "team", "v1")}))

    assert (change.kind, change.address) == ("v1/Namespace", "Namespace/team")


def test_every_document_and_every_item_of_a_list_is_an_object():
    text = "\n---\n".join(
        [
            manifest(name="one"),
            manifest("List", "l", "v1", items=[json.loads(manifest(name="two")), {"x": 1}]),
            manifest(
                "SecretList",
                "l",
                "v1",
                items=[{"metadata": {"name": "three"}, "data": {"k": "aHVudGVyMg=="}}],
            ),
            "# nothing",
        ]
    )
    result = reading({}, {"a.yaml": text})

    assert [address for _, _, address in seen(result)] == [
        "Deployment/one",
        "Deployment/two",
        "Secret/three",
    ]
    assert "aHVudGVyMg==" not in repr(result)
    assert faults(result) == [("a.yaml", 3, True)]


def test_items_of_a_list_have_their_own_lines():
    text = """apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: a}
- apiVersion: v1
  kind: Pod
  metadata: {name: b}
"""
    assert [c.source.line for c in reading({}, {"a.yml": text}).resources] == [4, 7]


def test_an_object_moved_between_files_is_no_change():
    result = reading({"a.yaml": manifest()}, {"b.json": manifest()})

    assert (result.resources, result.plain) == ((), ("a.yaml", "b.json"))


def test_an_object_moved_to_another_directory_is_deleted_and_created():
    result = reading({"examples/a.yaml": manifest()}, {"prod/a.yaml": manifest()})

    assert [(c.action, c.source.path) for c in result.resources] == [
        (Action.DELETE, "examples/a.yaml"),
        (Action.CREATE, "prod/a.yaml"),
    ]


def test_an_object_moved_and_changed_is_updated():
    change = only(reading({"a.yaml": manifest(x=1)}, {"b.yaml": manifest(x=2)}))

    assert (change.action, change.source.path) == (Action.UPDATE, "b.yaml")


def test_a_copy_for_another_cluster_is_created_and_the_first_stays():
    before = {"prod/a.yaml": manifest()}

    result = reading(before, {**before, "staging/a.yaml": manifest()})

    assert seen(result) == [("create", "apps/v1/Deployment", "Deployment/web")]
    assert result.resources[0].source.path == "staging/a.yaml"
    assert result.not_understood == ()


def test_clusters_side_by_side_are_each_compared_with_themselves():
    before = {"prod/a.yaml": manifest(x=1), "staging/a.yaml": manifest(x=2)}
    after = {"prod/a.yaml": manifest(x=1), "staging/a.yaml": manifest(x=3)}

    change = only(reading(before, after))

    assert (change.source.path, change.before["x"], change.after["x"]) == ("staging/a.yaml", 2, 3)


def test_the_same_object_in_two_files_of_a_directory_is_told():
    result = reading({}, {"a.yaml": manifest(), "b.yaml": manifest(x=1)})

    assert faults(result) == [("b.yaml", 1, False)]
    assert len(result.resources) == 2


def test_the_same_object_twice_in_a_file_cannot_be_judged():
    result = reading({}, {"a.yaml": f"{manifest()}\n---\n{manifest(privileged=True)}"})

    assert faults(result) == [("a.yaml", 3, True)]


def test_a_new_version_of_an_api_is_an_update_and_another_group_another_object():
    before = {"a.yaml": manifest(api="apps/v1beta1")}

    bumped = only(reading(before, {"a.yaml": manifest(api="apps/v1")}))
    assert (bumped.action, bumped.kind) == (Action.UPDATE, "apps/v1/Deployment")

    other = reading(before, {"a.yaml": manifest(api="example.com/v1")})
    assert sorted(action for action, _, _ in seen(other)) == ["create", "delete"]


def test_what_kubectl_takes_for_true_is_true():
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nprivileged: yes\nuser: 00\nmode: 0644\n"

    after = only(reading({}, {"a.yaml": text})).after

    assert (after["privileged"], after["user"], after["mode"]) == (True, 0, 0o644)


@pytest.mark.parametrize(
    "text",
    [
        "!x\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n",
        "apiVersion: v1\nkind: Pod\nspec: !x {privileged: true}\n",
        "!a\n!b {apiVersion: v1, kind: Pod}\n",
    ],
    ids=["root", "inside", "two"],
)
def test_nothing_hides_behind_a_tag(text):
    result = reading({}, {"a.yaml": text})

    assert [relevant for _, _, relevant in faults(result)] == [True]


def test_tags_in_other_yaml_are_nobodys_business():
    change = only(reading({}, {"cloud.yaml": "Resources:\n  A: !Sub x\n"}))

    assert (change.format, change.after) == ("data", {"Resources": {"A": {"!Sub": "x"}}})


@pytest.mark.parametrize(
    ("path", "text", "relevant"),
    [
        ("a.yaml", "a: b: c", True),
        ("a.yml", "a: 1\na: 2", True),
        ("a.yaml", b"a: \xff", True),
        ("values.yaml", "a: {{ x }}", True),
        ("a.json", '{"apiVersion": "v1",}', True),
        ("a.json", '{"a": 1, "a": 2}', False),
        ("tsconfig.json", "{ // comment\n}", False),
        ("a.yaml", "apiVersion: 1\nkind: [x]", True),
        ("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\nkind: Pod", True),
        ("a.yaml", "- " * 200 + "a", True),
    ],
)
def test_what_cannot_be_parsed_is_told(path, text, relevant):
    assert [item[2] for item in faults(reading({}, {path: text}))] == [relevant]


HELM = "apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\nmetadata: {name: a}\n{{- end }}\n"


def test_a_helm_template_is_opaque_where_charts_keep_them_and_an_error_elsewhere():
    inside = reading({}, {"chart/templates/sub/pod.yaml": HELM})
    outside = reading({}, {"chart/pod.yaml": HELM})

    assert faults(inside) == [("chart/templates/sub/pod.yaml", 4, False)]
    assert "Helm template" in inside.not_understood[0].reason
    assert faults(outside) == [("chart/pod.yaml", 4, True)]


def test_a_broken_manifest_among_templates_is_no_helm_template():
    assert faults(reading({}, {"chart/templates/pod.yaml": "a: b: c"}))[0][2] is True


def test_a_template_that_is_yaml_is_read_and_its_holes_are_unknown():
    text = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nimage: "{{ .Values.image }}"\n'

    assert only(reading({}, {"c/templates/a.yaml": text})).unknown_paths == ("image",)
    assert only(reading({}, {"c/a.yaml": text})).unknown_paths == ()


def test_the_content_of_a_secret_is_never_shown_and_seen_to_change():
    before = manifest("Secret", "s", "v1", data={"a": "b25l", "b": "dHdv"}, type="Opaque")
    after = manifest("Secret", "s", "v1", data={"a": "b25l", "b": "dGhyZWU="}, type="Opaque")

    change = only(reading({"a.yaml": before}, {"a.yaml": after}))

    assert change.before["data"] == {"a": SENSITIVE, "b": SENSITIVE_CHANGED}
    assert change.after["data"] == {"a": SENSITIVE, "b": SENSITIVE_CHANGED}
    assert change.after["type"] == "Opaque"
    assert change.sensitive_paths == ("data.a", "data.b")


@pytest.mark.parametrize(
    "content",
    [
        {"stringData": {"k": "hunter2"}},
        {"data": "hunter2"},
        {"data": ["hunter2"]},
        {
            "metadata": {
                "name": "s",
                "annotations": {
                    "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"k":"hunter2"}}'
                },
            }
        },
    ],
    ids=["stringData", "text", "list", "last applied"],
)
def test_no_corner_of_a_secret_is_shown(content):
    text = json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, **content})

    assert "hunter2" not in repr(reading({}, {"a.yaml": text}))


def test_a_password_in_a_containers_environment_is_not_shown():
    env = [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "PORT", "value": "80"}]

    change = only(reading({}, {"a.yaml": manifest(env=env)}))

    assert change.after["env"][0]["value"] == SENSITIVE
    assert change.after["env"][1]["value"] == "80"


def test_objects_without_names_are_told_apart_by_place():
    text = "kind: Job\napiVersion: v1\nmetadata: {generateName: x}\n"

    result = reading({}, {"a.yaml": f"{text}---\n{text}"})

    assert [c.address for c in result.resources] == ["Job/a.yaml#1", "Job/a.yaml#2"]


def test_names_cannot_be_made_to_look_like_another_object():
    one = manifest("Pod", "x/Pod/y", "v1")
    other = manifest("Pod", "y", "v1", ns="Pod/x")

    assert len(reading({}, {"a.yaml": f"{one}\n---\n{other}"}).resources) == 2


def test_ten_thousand_documents_are_too_many():
    text = "---\nkind: Pod\napiVersion: v1\n" * 10_000

    (fault,) = reading({}, {"a.yaml": text}).not_understood
    assert (fault.relevant, "more than 5000 documents" in fault.reason) == (True, True)


@pytest.mark.parametrize(
    ("api", "kind", "rest", "holds"),
    [
        ("v1", "PersistentVolumeClaim", {}, True),
        ("v1", "Namespace", {}, True),
        ("apps/v1", "StatefulSet", {}, True),
        ("apps/v1", "Deployment", {}, False),
        ("postgresql.cnpg.io/v1", "Cluster", {}, True),
        ("example.com/v1", "Cluster", {}, False),
        ("s3.aws.upbound.io/v1beta1", "Bucket", {}, True),
        ("storage.cnrm.cloud.google.com/v1beta1", "StorageBucket", {}, True),
        ("helm.toolkit.fluxcd.io/v2", "HelmRelease", {}, True),
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization", {"spec": {"prune": True}}, True),
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization", {"spec": {"prune": False}}, False),
        ("argoproj.io/v1alpha1", "Application", {}, False),
        ("argoproj.io/v1alpha1", "ApplicationSet", {}, True),
    ],
)
def test_what_holds_data_is_told_by_group_and_kind(api, kind, rest, holds):
    text = manifest(kind, "x", api, **rest)

    assert only(reading({"a.yaml": text}, {})).stateful is holds


def test_an_application_that_argo_cd_deletes_with_all_it_deployed_holds_data():
    metadata = {"name": "x", "finalizers": ["resources-finalizer.argocd.argoproj.io"]}
    text = json.dumps(
        {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata}
    )

    assert only(reading({"a.yaml": text}, {})).stateful is True


BINDING = """apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: evil}
roleRef: {kind: ClusterRole, name: cluster-admin}
"""
STATE = """apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {replicas: 1}
"""


@pytest.mark.parametrize(
    "name", ["a.yaml", "README.md", "LICENSE", "a.txt", "noname", "_a.tpl", "a.conf", "NOTES.txt"]
)
def test_no_name_hides_an_object_that_helm_renders(name):
    inside = reading({}, {f"chart/templates/{name}": BINDING})
    beside = reading({}, {f"chart/{name}": BINDING})

    assert seen(inside) == [
        ("create", "rbac.authorization.k8s.io/v1/ClusterRoleBinding", "ClusterRoleBinding/evil")
    ]
    assert ("kubernetes" in {c.format for c in beside.resources}) is name.endswith(".yaml")


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("chart/templates", {"delete", "create"}), ("chart/crds", set())],
    ids=["rendered", "applied"],
)
def test_a_template_renamed_to_what_helm_skips_deletes_what_is_in_it(folder, expected):
    old, new = f"{folder}/db.yaml", f"{folder}/_db.yaml"

    result = reading({old: STATE}, {new: STATE}, renamed={new: old})

    assert {str(change.action) for change in result.resources} == expected


def test_the_same_object_in_two_templates_is_told():
    result = reading({}, {"c/templates/a.yaml": STATE, "c/templates/b.yaml": STATE})

    assert faults(result) == [("c/templates/b.yaml", 1, False)]


def test_objects_without_names_in_two_files_are_two():
    text = "kind: Job\napiVersion: v1\n"

    assert faults(reading({}, {"a.yaml": text, "b.yaml": text})) == []


TEMPLATE = "c/templates/db.yaml"
CREATING = """# {{ "\\n---\\napiVersion: v1\\nkind: Pod\\nmetadata: {name: evil}" }}"""
BEYOND = {
    "in a comment": (f"{STATE}{CREATING}\n", 5),
    "in a comment from elsewhere": (f'# {{{{ include "evil" . }}}}\n{STATE}', 1),
    "commented out": (f"# {{{{/*\n{STATE}# */}}}}\n", 1),
    "left out": (f"# {{{{ if false }}}}\n{STATE}# {{{{ end }}}}\n", 1),
    "left out by values": (f'x: "{{{{if .x}}}}"\n---\n{STATE}a: "{{{{end}}}}"\n', 1),
    "commented out by values": (f'{STATE}a: "{{{{/* x"\nb: "*/}}}}"\n', 5),
    "within quotes": (f"{STATE}a: '{{{{ `}}}}'\nb: '` }}}}'\n", 5),
    "within quotes on a line": (f"{STATE}l: ['{{{{ \"}}}}', evil, '\" }}}}']\n", 5),
    "joined lines": (f'{STATE}l:\n- a {{{{ "" -}}}}\n- b\n', 6),
    "beside one in an alias": (
        f"{STATE}a: &x '{{{{ .v }}}}'\nb: *x\n# {{{{ include \"e\" . }}}}\n",
        7,
    ),
    "beside an escaped one": (f'{STATE}a: "\\x7b\\x7b .v }}}}"\n# {{{{ include "e" . }}}}\n', 6),
    "after a block's header": (f'{STATE}a: | # {{{{ include "e" . }}}}\n  x\n', 5),
}


@pytest.mark.parametrize(("text", "line"), BEYOND.values(), ids=BEYOND.keys())
def test_a_template_that_reaches_beyond_values_makes_its_file_opaque(text, line):
    result = reading({TEMPLATE: STATE}, {TEMPLATE: text})

    assert (TEMPLATE, line, False) in faults(result)
    found = {c.format: c for c in result.resources if c.address in {"StatefulSet/db", TEMPLATE}}
    assert found["text"].after["lines"] == text.removesuffix("\n").split("\n")
    assert (found["kubernetes"].action, found["kubernetes"].certainty) == ("unknown", "unknown")
    assert found["kubernetes"].unknown_paths == ("",)


@pytest.mark.parametrize(
    "value",
    [
        '"{{ .Values.x }}"',
        "a{{.Values.x}}-{{ .Values.y }}b",
        "'{{ .Values.x | default \"a\" }}'",
        "|\n  {{ .Values.x }}\n  # {{ .Values.y }}",
        '"\\x7b\\x7b end }}"',
        "{k: 'a {{- .x }}', l: [' {{ .y -}} .']}",
        'a{{ .Values.a | trunc 63 | trimSuffix "-" | quote }}',
        "a{{ $.Release.Name | b64enc }}-{{ .Chart.version | int64 }}",
    ],
    ids=[
        "quoted", "plain", "with quotes", "block", "escaped", "trimming within", "functions", "others"
    ],
)  # fmt: skip
def test_a_template_that_makes_a_value_is_read(value):
    result = reading({TEMPLATE: STATE}, {TEMPLATE: f"{STATE}x: {value}\n"})

    change = only(result)
    assert (change.format, change.action) == ("kubernetes", Action.UPDATE)


@pytest.mark.parametrize(
    "action",
    [
        'printf "%c%s" 10 "hostNetwork: true"',
        'include "evil" .',
        "tpl .Values.x .",
        "print .Values.x",
        '.Files.Get "evil"',
        "$.Files.AsConfig",
        ".Values.x | toYaml | nindent 2",
        ".Values.x | upperevil",
        '.Values.x | default "a: [b]"',
        '.Values.x | default (print "a")',
        "$x",
        ".",
        "end",
    ],
)
def test_a_template_that_computes_text_makes_its_file_opaque(action):
    result = reading({TEMPLATE: STATE}, {TEMPLATE: f"{STATE}x: a{{{{ {action} }}}}\n"})

    assert (TEMPLATE, STATE.count("\n") + 1, False) in faults(result)


def test_what_has_a_template_for_a_key_is_unknown():
    text = f"{STATE}x: {{'{{{{ .k }}}}': 1}}\n"

    assert only(reading({}, {TEMPLATE: text})).unknown_paths == ("x",)


def test_a_comment_without_a_template_is_no_change():
    assert reading({TEMPLATE: STATE}, {TEMPLATE: f"# why {{}}\n{STATE}"}).resources == ()


@pytest.mark.parametrize("name", ["app.conf.j2", "motd", "app.ini"])
def test_a_template_of_something_else_is_text_and_no_helm_template(name):
    path = f"roles/web/templates/{name}"

    change = only(reading({}, {path: "# {{ ansible_managed }}\nname {{ x }}\n"}))

    assert (change.format, change.action) == ("text", Action.CREATE)


def test_an_opaque_template_that_is_written_otherwise_may_do_anything():
    before, after = (f"# {{{{ if {word} }}}}\n{STATE}# {{{{ end }}}}\n" for word in ("x", "y"))

    found = {c.format: c for c in reading({TEMPLATE: before}, {TEMPLATE: after}).resources}

    assert (found["kubernetes"].action, found["kubernetes"].rewritten) == (Action.UNKNOWN, True)
    assert found["text"].action is Action.UPDATE


@pytest.mark.parametrize("name", ["compose.yaml", "values.yaml", ".gitlab-ci.yml", "site.yml"])
def test_no_other_format_hides_that_a_template_is_opaque(name):
    text = f"{CREATING}\nservices: {{a: {{image: b}}}}\n"

    result = reading({}, {f"c/templates/{name}": text})

    assert "text" in {change.format for change in result.resources}


def test_the_text_of_an_opaque_template_is_without_the_data_of_its_secrets():
    data = "data: {any: aHVudGVyMg==}\nstringData:\n  key: |\n    first line\n    second line\n"
    secret = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n{data}# {{{{ .x }}}}\n"

    result = reading({}, {TEMPLATE: secret})

    assert {change.format for change in result.resources} == {"kubernetes", "text"}
    shown = repr(result)
    assert not any(word in shown for word in ("aHVudGVyMg==", "first line", "second line"))
    assert "# {{ .x }}" in shown


def test_a_secret_hides_nothing_beyond_its_own_object():
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: evil.io/x}\n"
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  image: evil.io/x\n# {{ .x }}\n"

    result = reading({}, {TEMPLATE: f"{secret}---\n{pod}"})

    (text,) = [change for change in result.resources if change.format == "text"]
    assert "image: evil.io/x" in repr(text)
    assert "a: evil.io/x" not in repr(text)


def test_a_kustomization_with_items_is_the_list_that_kubectl_takes_it_for():
    text = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nitems:\n- "
    text += BINDING.replace("\n", "\n  ")

    assert [address for _, _, address in seen(reading({}, {"a.yaml": text}))] == [
        "ClusterRoleBinding/evil"
    ]


def test_what_kubectl_takes_for_a_list_is_one_whatever_its_kind():
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: harmless}\nitems:\n- "
    text += BINDING.replace("\n", "\n  ")

    result = reading({}, {"a.yaml": text})

    assert seen(result) == [
        ("create", "v1/ConfigMap", "ConfigMap/harmless"),
        ("create", "rbac.authorization.k8s.io/v1/ClusterRoleBinding", "ClusterRoleBinding/evil"),
    ]
    assert "items" not in result.resources[0].after


def test_a_secret_among_items_is_not_shown_with_what_is_around_it():
    secret = json.loads(manifest("Secret", "s", "v1", data={"any": "aHVudGVyMg=="}))

    result = reading({}, {"a.yaml": manifest("ConfigMap", "c", "v1", items=[secret])})

    assert len(result.resources) == 2
    assert "aHVudGVyMg==" not in repr(result)


@pytest.mark.parametrize("items", [[], ["a", 1], "a", {"a": 1}])
def test_items_that_are_no_objects_are_values(items):
    change = only(reading({}, {"a.yaml": manifest("Menu", "m", "example.com/v1", items=items)}))

    assert change.after["items"] == items


ESCAPED = BINDING.replace("apiVersion:", '"apiVersi\\u006fn":')


@pytest.mark.parametrize(
    "text",
    [
        BINDING,
        ESCAPED,
        ESCAPED.replace("ClusterRoleBinding", '"ClusterRoleB\\x69nding"'),
        '{"apiVersi\\u006fn": rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding}',
    ],
    ids=["YAML", "escaped key", "escaped value", "in braces"],
)
def test_yaml_by_the_name_of_json_is_read(text):
    kinds = {change.kind for change in reading({}, {"a.json": text}).resources}

    assert kinds == {"rbac.authorization.k8s.io/v1/ClusterRoleBinding"}


@pytest.mark.parametrize(
    ("text", "relevant"),
    [
        ('{"\\u0061piVersion": "v1", "kind": "A"}\n{"\\u0061piVersion": "v1", "kind": "B"}', True),
        (BINDING.encode("utf-16"), True),
        (b"a \xff", True),
        ('{"a": "b"}\n{"a": "b"}', False),
        ('{ // c:\\d\n "a": 1 }', False),
    ],
    ids=["a stream of objects", "UTF-16", "half UTF-8", "a stream of others", "comments"],
)
def test_json_that_is_neither_concerns_us_when_it_may_be_a_manifest(text, relevant):
    result = reading({}, {"a.json": text})

    assert {item[2] for item in faults(result) if item[0] == "a.json"} >= {relevant}
    assert any(item.relevant for item in result.not_understood) is relevant
