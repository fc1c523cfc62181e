import pytest

from mrbot.resources.ansible import inventory as ansible_inventory
from mrbot.resources.ansible import reader as ansible
from mrbot.resources.model import SENSITIVE
from tests.unit.resources.build import changes_by

INI = """\
lonely ansible_host=10.0.0.1  # the first
; comment
[web]
web[01:50].example.com http_port=80 note="two words"
lonely
[db] # comment
db1:2222 ansible_password=hunter2
[prod:children]
web
db # comment
[prod:vars]
a = 1 # part of it
secret_key={{ vault_key }}
"""

YAML = """\
all:
  hosts:
    lonely: {ansible_host: 10.0.0.1}
  vars: {a: 1}
  children:
    web:
      hosts:
        web[01:50].example.com:
        lonely: {port: 1}
    db:
      hosts: db1
      vars: {db_password: hunter2}
      children: {web: }
"""


def read(text, path="hosts"):
    """Each resource as (kind, what follows the path, line) and its value, all understood."""
    changes, faults = changes_by(ansible, {}, {path: text})
    assert faults == []
    return {(c.kind, c.address.removeprefix(path), c.source.line): c.after for c in changes}


def faults_of(text, path="hosts"):
    _, faults = changes_by(ansible, {}, {path: text})
    return [(fault.line, fault.relevant) for fault in faults]


def seen(before, after, path="hosts"):
    changes, faults = changes_by(ansible, {path: before}, {path: after})
    assert faults == []
    return [(str(c.action), c.kind, c.address.removeprefix(path)) for c in changes]


def test_an_ini_inventory_is_its_groups_and_hosts():
    assert read(INI) == {
        ("inventory", "", 1): {"groups": ["ungrouped", "web", "db", "prod"]},
        ("group", "#groups/ungrouped", 1): {"hosts": ["lonely"], "children": [], "vars": {}},
        ("group", "#groups/web", 3): {
            "hosts": ["web[01:50].example.com", "lonely"],
            "children": [],
            "vars": {},
        },
        ("group", "#groups/db", 6): {"hosts": ["db1:2222"], "children": [], "vars": {}},
        ("group", "#groups/prod", 8): {
            "hosts": [],
            "children": ["web", "db"],
            "vars": {"a": "1 # part of it", "secret_key": "{{ vault_key }}"},
        },
        ("host", "#hosts/lonely", 1): {
            "groups": ["ungrouped", "web"],
            "vars": {"ansible_host": "10.0.0.1"},
        },
        ("host", "#hosts/web[01:50].example.com", 4): {
            "groups": ["web"],
            "vars": {"http_port": "80", "note": "two words"},
        },
        ("host", "#hosts/db1:2222", 7): {"groups": ["db"], "vars": {"ansible_password": SENSITIVE}},
    }


@pytest.mark.parametrize("path", ["hosts.yml", "inventory/prod.yaml", "inventories/x/hosts"])
def test_a_yaml_inventory_is_its_groups_and_hosts(path):
    told = read(YAML, path)

    assert told == {
        ("inventory", "", 1): {"groups": ["all", "web", "db"]},
        ("group", "#groups/all", 1): {
            "hosts": ["lonely"],
            "children": ["web", "db"],
            "vars": {"a": 1},
        },
        ("group", "#groups/web", 6): {
            "hosts": ["web[01:50].example.com", "lonely"],
            "children": [],
            "vars": {},
        },
        ("group", "#groups/db", 10): {
            "hosts": ["db1"],
            "children": ["web"],
            "vars": {"db_password": SENSITIVE},
        },
        ("host", "#hosts/lonely", 3): {
            "groups": ["all", "web"],
            "vars": {"ansible_host": "10.0.0.1", "port": 1},
        },
        ("host", "#hosts/web[01:50].example.com", 8): {"groups": ["web"], "vars": {}},
        ("host", "#hosts/db1", 11): {"groups": ["db"], "vars": {}},
    }


def test_a_json_inventory_is_read_too():
    assert read('{"web": {"hosts": {"a": {"b": 1}}}}', "hosts.json")["host", "#hosts/a", 1] == {
        "groups": ["web"],
        "vars": {"b": 1},
    }


def test_a_plugin_that_finds_hosts_is_its_settings():
    text = "plugin: amazon.aws.aws_ec2\nregions: [eu]\n"

    assert read(text, "inventory/aws_ec2.yml") == {
        ("inventory", "", 1): {"plugin": "amazon.aws.aws_ec2", "regions": ["eu"]}
    }


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("[a]\nx\ny", "[a]\ny\nx", [("update", "group", "#groups/a")]),
        ("[a]\nx\n[b]\ny", "[b]\ny\n[a]\nx", [("update", "inventory", "")]),
        (
            "[a]\nx\n[b]",
            "[a]\n[b]\nx",
            [
                ("update", "group", "#groups/a"),
                ("update", "group", "#groups/b"),
                ("update", "host", "#hosts/x"),
            ],
        ),
        ("[a]\nx v=1", "[a]\nx v=2", [("update", "host", "#hosts/x")]),
        ("[a]\nx v=1", "[a]\nx v=\"'1'\"", [("update", "host", "#hosts/x")]),
        ("[a:vars]\nv=1", "[a:vars]\nv=2", [("update", "group", "#groups/a")]),
        ("[a]\nx v=1", "[a]\nx   v=1 # said\n\n", []),
        (
            "[a]\nx # y",
            "[a]\nx # y\x0bevil",
            [("update", "group", "#groups/a"), ("create", "host", "#hosts/evil")],
        ),
    ],
    ids=[
        "hosts reordered",
        "groups reordered",
        "host moved",
        "variable",
        "its type",
        "group variable",
        "layout",
        "a break that only Ansible sees",
    ],
)
def test_what_a_change_to_an_inventory_shows(before, after, changes):
    assert seen(before, after) == changes


def test_a_group_that_is_in_two_places_is_one():
    text = "all: {children: {web: {hosts: {a: {v: 1}}}}}\nweb: {hosts: {b: , a: {v: 2}}}\n"

    told = read(text, "inventory.yml")
    assert told["group", "#groups/web", 1]["hosts"] == ["a", "b", "a"]
    assert told["host", "#hosts/a", 1]["vars"] == {"v": 2}


def test_what_ansible_skips_hides_no_host():
    text = "junk: 1\nweb: {hosts: {a: }, colour: red}\n"

    changes, faults = changes_by(ansible, {}, {"hosts.yml": text})
    assert [(fault.line, fault.relevant) for fault in faults] == [(1, False)]
    assert {c.address.partition("#")[2]: c.after for c in changes if c.kind != "inventory"} == {
        "groups/web": {"hosts": ["a"], "children": [], "vars": {}, "other": {"colour": "red"}},
        "hosts/a": {"groups": ["web"], "vars": {}},
    }


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("hosts", "[web]\nhost\nhost other", 3),
        ("hosts", "host\n[web:colour]", 2),
        ("hosts", "host\n[a b]", 2),
        ("hosts", "host\nother v='x", 2),
        ("hosts", "host\nother v='" + "x" * 4000 + "'", 2),
        ("hosts", "host\n[a:vars]\nnothing", 3),
        ("hosts", "host\n[a:children]\ntwo words", 3),
        ("hosts", "web:\n  hosts: {a: }\nweb: {}", 3),
        ("inventory/dynamic", "#!/usr/bin/python\nprint()", 1),
        ("hosts", b"host\n\xff", 2),
        ("hosts.yml", "web: {hosts: [a]}", 1),
        ("hosts.yml", "web:\n  hosts:\n    a: text", 3),
        ("hosts.yml", "web:\n  !unsafe hosts: {a: }", 2),
        ("hosts.yml", "web: !unsafe {hosts: {a: }}\ndb: {hosts: {b: }}", 1),
        ("hosts.yml", "web: {hosts: !unsafe {a: }}", 1),
        ("hosts.yml", "web: {hosts: {a: !vault x}}", 1),
        ("hosts.yml", "web: {hosts: {a: !foo x}}", 1),
        ("hosts.yml", "--- !unsafe\nweb: {hosts: {a: }}", 1),
    ],
)
def test_an_inventory_that_ansible_would_refuse_is_relevant(path, text, line):
    assert faults_of(text, path)[:1] == [(line, True)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("files/hosts", "# names\n127.0.0.1 localhost\n::1 localhost"),
        ("inventory/ec2.ini", "[ec2]\nregions = all\ncache = no"),
        ("inventory/other.yml", "a: 1"),
        ("inventory/list.yml", "[a]"),
    ],
)
def test_what_is_no_inventory_is_no_concern(path, text):
    assert [relevant for _, relevant in faults_of(text, path)] == [False]


@pytest.mark.parametrize(
    ("path", "text"),
    [("hosts", "a\nb\nc\n"), ("hosts.yml", "web: {hosts: {a: , b: , c: }}")],
)
def test_an_inventory_of_too_many_hosts_is_told(monkeypatch, path, text):
    assert faults_of(text, path) == []
    monkeypatch.setattr(ansible_inventory, "MAX_MEMBERS", 2)

    assert [relevant for _, relevant in faults_of(text, path)] == [True]
