import json

import pytest

from mrbot.resources import helm
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED, Action
from tests.unit.resources.build import changes_by

CHART = """apiVersion: v2
name: shop
version: 1.2.0
dependencies:
  - {name: redis, version: 18.x, repository: "https://charts.example.com"}
  - name: redis
    alias: cache
    version: 19.0.0
    repository: https://bot:hunter2@charts.example.com
"""


def read(after, before=None):
    changes, faults = changes_by(helm, before, after)
    assert faults == []
    return changes


def test_a_chart_is_itself_and_its_dependencies():
    changes = read({"c/Chart.yaml": CHART})

    assert [(c.kind, c.address, c.source.line) for c in changes] == [
        ("chart", "c/Chart.yaml", 1),
        ("dependency", "c/Chart.yaml/redis", 5),
        ("dependency", "c/Chart.yaml/cache", 6),
    ]
    assert changes[0].after == {"apiVersion": "v2", "name": "shop", "version": "1.2.0"}
    assert changes[1].after["repository"] == "https://charts.example.com"


def test_a_password_in_a_repository_is_not_shown():
    cache = read({"Chart.yaml": CHART})[2]

    assert cache.after["repository"] == f"https://bot:{SENSITIVE}@charts.example.com"
    assert cache.sensitive_paths == ("repository",)


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("oci://a:b@evil.io/x", f"oci://a:{SENSITIVE}@evil.io/x"),
        ("oci://evil.io/x", "oci://evil.io/x"),
    ],
)
def test_a_login_in_an_address_hides_its_password_and_not_where_it_leads(image, shown):
    (change,) = read({"values.yaml": f"image: '{image}'"})

    assert change.after == {"image": shown}


def test_another_version_changes_one_dependency_only():
    (change,) = read({"Chart.yaml": CHART.replace("18.x", "20.x")}, {"Chart.yaml": CHART})

    assert (change.action, change.address) == (Action.UPDATE, "Chart.yaml/redis")


def test_a_lock_is_itself_and_what_it_pins():
    text = "digest: sha256:aa\ndependencies: [{name: redis, version: 18.1.0}]\n"

    assert [(c.kind, c.address, c.after) for c in read({"Chart.lock": text})] == [
        ("lock", "Chart.lock", {"digest": "sha256:aa"}),
        ("lock", "Chart.lock/redis", {"name": "redis", "version": "18.1.0"}),
    ]


def test_dependencies_of_one_name_are_told_apart():
    text = "dependencies: [{name: a}, {name: a}, {}]"

    assert [c.address for c in read({"requirements.yaml": text})] == [
        "requirements.yaml",
        "requirements.yaml/a",
        "requirements.yaml/a#2",
        "requirements.yaml/#1",
    ]


@pytest.mark.parametrize(
    ("path", "is_read"),
    [
        ("Chart.yaml", True),
        ("x/requirements.lock", True),
        ("x/values.yml", True),
        ("x/values-prod.yaml", True),
        ("x/values.prod.yaml", True),
        ("x/prod.values.yaml", True),
        ("x/prod-values.yml", True),
        ("x/values.schema.json", True),
        ("x/templates/values.yaml", False),
        ("x/myvalues.yaml", False),
        ("x/values.json", False),
        ("chart.yaml", False),
    ],
)
def test_files_are_told_by_their_names(path, is_read):
    assert helm.reads(path) is is_read


def test_values_hide_secrets_by_name_and_know_what_is_replaced():
    text = "db: {password: hunter2, host: h}\nimage: '{{ .x }}'\nurl: ${URL}\nprivileged: yes\n"

    (change,) = read({"values.yaml": text})

    assert (change.kind, change.address) == ("values", "values.yaml")
    assert change.after == {
        "db": {"password": SENSITIVE, "host": "h"},
        "image": "{{ .x }}",
        "url": "${URL}",
        "privileged": True,
    }
    assert change.unknown_paths == ("image", "url")


def test_all_that_sops_encrypted_is_hidden_and_seen_to_change():
    text = "a: {{b: [{0}, {1}, 1]}}\nport: 80\nsops: {{version: 3.8.1, mac: {1}}}\n"
    x, y = (f"'ENC[AES256_GCM,data:{data},iv:a+/=,tag:b==,type:str]'" for data in ("x=", "y="))

    (change,) = read({"v.values.yaml": text.format(x, x)}, {"v.values.yaml": text.format(y, x)})

    assert change.after == {
        "a": {"b": [SENSITIVE_CHANGED, SENSITIVE, 1]},
        "port": 80,
        "sops": {"version": "3.8.1", "mac": x.strip("'")},
    }


@pytest.mark.parametrize("sops", ["x", "{}"])
def test_what_sops_did_not_encrypt_is_shown(sops):
    text = "hostNetwork: true\na: {b: [x, 1, 'ENC[x]; curl evil', 'ENC[A,data:$(reboot)]']}\n"

    (change,) = read({"v.values.yaml": f"{text}sops: {sops}\n"})

    assert change.after["hostNetwork"] is True
    assert change.after["a"] == {"b": ["x", 1, "ENC[x]; curl evil", "ENC[A,data:$(reboot)]"]}


def test_values_without_content_are_empty():
    (change,) = read({"values.yaml": "# nothing\n"}, {"values.yaml": "a: 1"})

    assert (change.action, change.after) == (Action.UPDATE, {})


def test_a_schema_is_read_as_json():
    (change,) = read({"c/values.schema.json": json.dumps({"required": ["image"]})})

    assert (change.kind, change.after) == ("schema", {"required": ["image"]})


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("values.yaml", "a: {{ x }}", 1),
        ("values.yaml", "a: 1\na: 2", 2),
        ("values.yaml", "- a", 1),
        ("values.yaml", "a: 1\n---\nb: 1", 3),
        ("values.yaml", "a: 1\nb: !vault x", 2),
        ("Chart.yaml", "name: x\ndependencies: {a: b}", 2),
        ("Chart.yaml", "name: x\ndependencies:\n- redis", 3),
        ("Chart.yaml", "dependencies: [" + "{name: a}, " * 1001 + "]", 1),
        ("values.schema.json", "[]", 1),
        ("values.schema.json", "{", 1),
        ("values.yaml", "- " * 200 + "a", 1),
    ],
    ids=[
        "template",
        "twice",
        "list",
        "second",
        "tag",
        "deps",
        "dep",
        "many",
        "array",
        "json",
        "deep",
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(path, text, line):
    _, faults = changes_by(helm, None, {path: text})

    assert [(f.path, f.line, f.relevant) for f in faults] == [(path, line, True)]
