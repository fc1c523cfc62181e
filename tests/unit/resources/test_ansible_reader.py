import copy
import hashlib
import json

import pytest

from mrbot.resources.ansible import reader as ansible
from mrbot.resources.ansible import tasks as ansible_tasks
from mrbot.resources.declared import TextFile
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED, Action
from tests.unit.resources.build import changes_by, reading

SITE = """
- import_playbook: base.yml
- name: Web
  hosts: web
  become: true
  roles: [nginx, {role: app, port: 80}]
  pre_tasks:
    - debug: {msg: "{{ inventory_hostname }}"}
  tasks:
    - name: Config
      ansible.builtin.template: {src: a.j2, dest: /etc/a}
      notify: reload
      when: ready
    - block:
        - shell: make
      rescue:
        - name: Tell
          debug:
      become_user: app
  handlers:
    - name: reload
      service: name=nginx state=reloaded
- hosts: [db, cache]
  tasks:
"""


def seen(before, after, path="site.yml"):
    """Each change to one file as (action, kind, what follows the path); it is all understood."""
    changes, faults = changes_by(ansible, {path: before}, {path: after})
    assert faults == []
    return [(str(c.action), c.kind, c.address.removeprefix(path)) for c in changes]


def values(text, path="site.yml"):
    """The value of each resource in a file by what follows the path in its address."""
    changes, faults = changes_by(ansible, {}, {path: text})
    assert faults == []
    return {change.address.removeprefix(path): change.after for change in changes}


def one(text, path="roles/r/tasks/main.yml"):
    """The last resource of a file."""
    changes, faults = changes_by(ansible, {}, {path: text})
    assert faults == []
    return changes[-1]


def faults_of(text, path="site.yml"):
    _, faults = changes_by(ansible, {}, {path: text})
    return [(fault.line, fault.relevant, fault.reason) for fault in faults]


def play(tasks, **keywords):
    """A playbook of one play in which `tasks` are done. JSON is YAML too."""
    return json.dumps([{"name": "P", "hosts": "all", **keywords, "tasks": tasks}])


def test_a_playbook_is_its_order_its_plays_imports_blocks_and_tasks():
    changes, faults = changes_by(ansible, {}, {"site.yml": SITE})

    assert faults == []
    by_line = sorted(changes, key=lambda change: (change.source.line, change.address))
    assert [(c.kind, c.address, c.source.line) for c in by_line] == [
        ("playbook", "site.yml", 2),
        ("import", "site.yml#import base.yml", 2),
        ("play", "site.yml#Web", 3),
        ("task", "site.yml#Web/pre_tasks/debug", 8),
        ("task", "site.yml#Web/tasks/Config", 10),
        ("block", "site.yml#Web/tasks/block", 14),
        ("task", "site.yml#Web/tasks/shell", 15),
        ("task", "site.yml#Web/tasks/Tell", 17),
        ("task", "site.yml#Web/handlers/reload", 21),
        ("play", "site.yml#db,cache", 23),
    ]
    assert {change.format for change in changes} == {"ansible"}
    assert not any(change.stateful for change in changes)


def test_what_is_in_a_play_is_in_order_and_the_rest_of_it_as_written():
    told = values(SITE)

    assert told[""] == {"plays": ["import base.yml", "Web", "db,cache"]}
    assert told["#Web"] == {
        "name": "Web",
        "hosts": "web",
        "become": True,
        "roles": ["nginx", {"role": "app", "port": 80}],
        "pre_tasks": ["debug"],
        "tasks": ["Config", "block"],
        "handlers": ["reload"],
    }
    assert told["#Web/tasks/block"] == {
        "block": ["shell"],
        "rescue": ["Tell"],
        "become_user": "app",
    }
    assert told["#Web/tasks/Tell"] == {
        "name": "Tell",
        "module": "debug",
        "arguments": None,
        "within": "block/rescue",
    }
    assert told["#db,cache"] == {"hosts": ["db", "cache"], "tasks": []}


@pytest.mark.parametrize(
    ("task", "module", "arguments"),
    [
        ("copy: {src: a}", "copy", {"src": "a"}),
        ("ansible.builtin.copy: src=a", "ansible.builtin.copy", "src=a"),
        ("action: copy src=a  dest=b", "copy", "src=a  dest=b"),
        ("action: {module: copy, src: a}", "copy", {"src": "a"}),
        ("action: {module: copy src=a, dest: b}", "copy", {"module": "copy src=a", "dest": "b"}),
        ("action: src=a module=copy", "copy", "src=a module=copy"),
        ("meta: flush_handlers", "meta", "flush_handlers"),
        ("shell: ls\n  with_items: [a]\n  args: {chdir: /}", "shell", "ls"),
    ],
)
def test_a_task_says_its_module_and_arguments_however_they_are_written(task, module, arguments):
    value = one(f"- name: x\n  {task}\n").after

    assert (value["module"], value["arguments"]) == (module, arguments)


def test_a_local_action_is_delegated_as_ansible_delegates_it():
    value = one("- local_action: command ls\n  delegate_to: other\n").after

    assert value == {"module": "command", "arguments": "ls", "delegate_to": "localhost"}
    assert seen("[{action: command ls}]", "[{local_action: command ls}]", "tasks/a.yml") == [
        ("update", "task", "#command")
    ]


@pytest.mark.parametrize(
    ("task", "title"),
    [
        ("include_tasks: a.yml", "include_tasks a.yml"),
        ("ansible.builtin.import_role: {name: web}", "ansible.builtin.import_role web"),
        ("import_role: name=web", "import_role"),
        ("{copy: {src: a}, name: ''}", "copy"),
        ("{copy: {src: a}, name: 5}", "5"),
        ("{copy: {src: a}, name: 'two\n\n    lines'}", "two lines"),
        ("{copy: {src: a}, name: " + "x" * 150 + "}", "x" * 100),
    ],
)
def test_a_title_is_the_name_or_the_module_with_what_it_includes(task, title):
    assert one(f"- {task}\n").address == f"roles/r/tasks/main.yml#{title}"


def test_an_inserted_task_alters_only_itself_and_the_list_it_is_in():
    named = [{"name": name, "shell": name} for name in "abc"]

    assert seen(play(named), play([named[0], {"name": "new", "raw": "x"}, *named[1:]])) == [
        ("create", "task", "#P/tasks/new"),
        ("update", "play", "#P"),
    ]


def test_an_unnamed_task_among_those_of_other_modules_is_itself():
    before = [{"shell": "a"}, {"copy": "src=a"}]

    assert seen(play(before), play([{"raw": "x"}, *before])) == [
        ("create", "task", "#P/tasks/raw"),
        ("update", "play", "#P"),
    ]


A, B = {"name": "a", "shell": "1"}, {"name": "b", "shell": "2"}


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (play([A, B]), play([B, A]), [("update", "play", "#P")]),
        (
            play([A]),
            play([{**A, "name": "z"}]),
            [
                ("create", "task", "#P/tasks/z"),
                ("update", "play", "#P"),
                ("delete", "task", "#P/tasks/a"),
            ],
        ),
        (
            play([A]),
            play([{"name": "B", "block": [A]}]),
            [
                ("update", "task", "#P/tasks/a"),
                ("create", "block", "#P/tasks/B"),
                ("update", "play", "#P"),
            ],
        ),
        (
            play([{"block": [A]}]),
            play([{"block": [A], "when": "x"}]),
            [("update", "block", "#P/tasks/block")],
        ),
        (
            play([{"block": [A], "become": True}]),
            play([{"block": [A], "become": False}]),
            [("update", "block", "#P/tasks/block")],
        ),
        (
            play([{"block": [A], "rescue": [B]}]),
            play([{"block": [A, B]}]),
            [("update", "task", "#P/tasks/b"), ("update", "block", "#P/tasks/block")],
        ),
        (
            play([{"shell": "1"}, {"shell": "2"}]),
            play([{"shell": "2"}, {"shell": "1"}]),
            [("update", "task", "#P/tasks/shell"), ("update", "task", "#P/tasks/shell (2)")],
        ),
        (
            play([{"shell": "1"}, {"copy": "2"}]),
            play([{"copy": "2"}, {"shell": "1"}]),
            [("update", "play", "#P")],
        ),
        (play([A]), play([A], strategy="free"), [("update", "play", "#P")]),
        (play([A], roles=["x", "y"]), play([A], roles=["y", "x"]), [("update", "play", "#P")]),
        (
            play([A]),
            play([A]).replace('"tasks"', '"post_tasks"'),
            [
                ("create", "task", "#P/post_tasks/a"),
                ("update", "play", "#P"),
                ("delete", "task", "#P/tasks/a"),
            ],
        ),
        (
            "[{hosts: a}, {hosts: b}]",
            "[{hosts: b}, {hosts: a}]",
            [("update", "playbook", "")],
        ),
        (play([A]), play([A]).replace(", ", ",\n\n"), []),
        (play([{"action": "copy src=a"}]), play([{"copy": "src=a"}]), []),
    ],
    ids=[
        "reordered",
        "renamed",
        "into a block",
        "when on a block",
        "become on a block",
        "out of a rescue",
        "unnamed swapped",
        "unnamed of two modules swapped",
        "strategy",
        "roles reordered",
        "another section",
        "plays swapped",
        "only laid out anew",
        "only written otherwise",
    ],
)
def test_what_a_change_to_a_playbook_shows(before, after, changes):
    assert seen(before, after) == changes


def places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


def altered(root, path, how):
    root = copy.deepcopy(root)
    holder = root
    for step in path[:-1]:
        holder = holder[step]
    how(holder, path[-1])
    return root


def replace(holder, key):
    holder[key] = "other"


def remove(holder, key):
    del holder[key]


def swap(holder, key):
    if isinstance(holder, list):
        holder[key], holder[key - 1] = holder[key - 1], holder[key]


RICH = [
    {"import_playbook": "a.yml", "when": "x"},
    {
        "hosts": "web",
        "vars": {"a": [1, 2]},
        "roles": ["r", {"role": "s"}],
        "tasks": [
            {"shell": "1", "args": {"chdir": "/"}},
            {"shell": "2", "no_log": True},
            {
                "block": [{"name": "n", "copy": {"password": "x"}}, {"block": [{"raw": "3"}]}],
                "rescue": [{"debug": {"msg": "m"}}],
                "always": [{"name": "n", "action": {"module": "copy", "src": "a"}}],
                "become": True,
            },
        ],
        "handlers": [{"name": "n", "listen": "l", "service": "name=x"}],
    },
    {"hosts": "web", "post_tasks": [{"include_tasks": "a.yml"}, {"include_tasks": "b.yml"}]},
]


@pytest.mark.parametrize("how", [replace, remove, swap])
def test_every_change_of_a_playbook_shows_or_is_a_fault(how):
    for path in places(RICH):
        after = altered(RICH, path, how) if path else []
        if after == RICH:
            continue
        texts = [json.dumps(version) for version in (RICH, after)]
        changes, faults = changes_by(ansible, {"s.yml": texts[0]}, {"s.yml": texts[1]})
        assert changes or any(fault.relevant for fault in faults), path


def test_titles_that_look_numbered_do_not_collide():
    tasks = [{"name": name, "raw": str(i)} for i, name in enumerate(["a (2)", "a", "a", "a"])]

    told = values(play(tasks))
    assert told["#P"]["tasks"] == ["a (2)", "a", "a (3)", "a (4)"]
    assert len(told) == 6


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("roles/r/tasks/main.yml", "tasks"),
        ("roles/r/tasks/sub/x.yaml", "tasks"),
        ("roles/r/tasks/requirements.yml", "tasks"),
        ("roles/r/handlers/main", "tasks"),
        ("tasks/a.yml", "tasks"),
        ("a/handlers/b.yml", "tasks"),
        ("elsewhere/a.yml", "tasks"),
    ],
)
def test_a_task_file_is_its_order_and_its_tasks(path, kind):
    told = values("- {name: a, shell: x}\n- shell: w\n", path)

    assert told == {
        "": {"tasks": ["a", "shell"]},
        "#a": {"name": "a", "module": "shell", "arguments": "x"},
        "#shell": {"module": "shell", "arguments": "w"},
    }


def test_tasks_in_a_file_that_are_swapped_show_as_its_order():
    assert seen("[{raw: a}, {shell: b}]", "[{shell: b}, {raw: a}]", "tasks/a.yml") == [
        ("update", "tasks", "")
    ]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("group_vars/all", "a: 1", "vars"),
        ("group_vars/web.yml", "a: 1", "vars"),
        ("x/host_vars/web1.example.com", "a: 1", "vars"),
        ("host_vars/web1/net.json", '{"a": 1}', "vars"),
        ("roles/r/defaults/main.yml", "a: 1", "vars"),
        ("roles/r/vars/Debian.yml", "a: 1", "vars"),
        ("vars/common.yml", "a: 1", "vars"),
        ("inventory/prod/group_vars/all.yml", "a: 1", "vars"),
        ("roles/r/meta/main.yml", "a: 1", "role"),
        ("meta/runtime.yml", "a: 1", "role"),
        ("galaxy.yml", "a: 1", "collection"),
    ],
)
def test_a_mapping_is_what_its_place_says(path, text, kind):
    assert ansible.reads(path)
    change = one(text, path)

    assert (change.kind, change.address, change.after, change.source.line) == (
        kind,
        path,
        {"a": 1},
        1,
    )


@pytest.mark.parametrize(
    "path",
    [
        "site.yml",
        "roles/r/files/tasks/a.yml",
        "roles/r/templates/a.yml",
        "chart/templates/tasks/a.yml",
        "group_vars/.hidden.yml",
        "group_vars/all.yml~",
        "group_vars/all.yml.example",
        "host_vars/web1/notes.txt",
        "roles/r/README",
        "roles/r/meta/other.yml",
        "roles/inventory/library/x.yml",
        "defaults/other.yml",
        "requirements.yaml",
        "inventory/aws.py",
        "",
    ],
)
def test_a_path_that_says_nothing_is_not_claimed(path):
    assert not ansible.reads(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- hosts: all", True),
        ("- import_playbook: a.yml", True),
        ("- {name: p}\n- ansible.builtin.import_playbook: a.yml", True),
        ('["\\x68osts", {"\\x68osts": all}]', True),
        ("- !unsafe {hosts: all}", True),
        ("--- !unsafe\n- hosts: all", True),
        ("a: 1\n---\n- hosts: all", True),
        ("- community.general.ufw: {state: enabled}", True),
        ("- block: [{x: 1}]", True),
        ("collections: [a.b]", True),
        ("roles: [{src: a}]", True),
        ("$ANSIBLE_VAULT;1.1;AES256\n6162", True),
        ("", False),
        ("hosts: all", False),
        ("- a: 1\n  b: 2", False),
        ("- id: x\n  shell: y", False),
        ("- x: 1", False),
        ("roles: [admin, user]", False),
        ("collections: {a: 1}", False),
        ("- hosts: [", False),
        ("- \x00", False),
        (b"- \xff", False),
    ],
)
def test_what_looks_like_ansible_anywhere(text, expected):
    encoded = text if isinstance(text, bytes) else text.encode()

    assert ansible.looks_like(TextFile(path="any/where.yml", text=encoded)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"hosts": "all", "tasks": [{"shell": "evil"}]}]', ["", "#all", "#all/tasks/shell"]),
        ("- hosts: all\n  tasks: [{shell: evil}]\n", ["", "#all", "#all/tasks/shell"]),
        ('[{"name": "all", "tasks": []}]', []),
    ],
    ids=["a playbook", "a playbook in YAML", "no playbook"],
)
def test_a_playbook_is_one_in_json_too(text, expected):
    result = reading({}, {"p.json": text})

    found = [change for change in result.resources if change.format == "ansible"]
    assert [change.address.removeprefix("p.json") for change in found] == expected


def test_only_a_vault_looks_like_ansible_where_it_is_not_yaml():
    assert not ansible.looks_like(TextFile(path="a.txt", text=b"- hosts: all"))
    assert ansible.looks_like(TextFile(path="a.key", text=b"$ANSIBLE_VAULT;1.1;AES256\n61"))


def test_requirements_are_one_resource_each():
    text = """
collections:
  - community.general
  - name: a.b
    version: 1.2.0
roles:
  - src: https://example.com/r.git
    version: main
"""
    assert values(text, "requirements.yml") == {
        "#collection community.general": {"name": "community.general"},
        "#collection a.b": {"name": "a.b", "version": "1.2.0"},
        "#role https://example.com/r.git": {"src": "https://example.com/r.git", "version": "main"},
    }
    assert seen(text, text.replace("1.2.0", "1.3.0"), "requirements.yml") == [
        ("update", "requirement", "#collection a.b")
    ]


def test_a_list_of_requirements_is_one_of_roles():
    assert values("- {src: a}\n- b\n", "roles/requirements.yml") == {
        "#role a": {"src": "a"},
        "#role b": {"name": "b"},
    }


CFG = """
# comment
[defaults]
Inventory = hosts ; the usual
roles_path: roles
  more
vault_password_file = x;y
[galaxy_server.a]
token = hunter2
"""


def test_settings_are_their_sections():
    changes, faults = changes_by(ansible, {}, {"ansible.cfg": CFG})

    assert faults == []
    defaults, galaxy = changes
    assert (defaults.kind, defaults.address, defaults.source.line) == (
        "settings",
        "ansible.cfg#defaults",
        3,
    )
    assert defaults.after == {
        "inventory": "hosts",
        "roles_path": "roles\nmore",
        "vault_password_file": "x;y",
    }
    assert galaxy.after == {"token": SENSITIVE}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[a]\nb", 2),
        ("a = b", 1),
        ("[a]\nb=1\nB=2", 3),
        ("[a]\n[a]", 2),
        (b"[a]\nb=\xff", 2),
        ("[a]\n" + "#" * 2**22, 0),
    ],
    ids=["no value", "no section", "option twice", "section twice", "not UTF-8", "huge"],
)
def test_settings_that_ansible_would_refuse_are_relevant(text, line):
    assert [(at, relevant) for at, relevant, _ in faults_of(text, "ansible.cfg")] == [(line, True)]


def test_a_vault_shows_that_it_changed_and_nothing_else():
    before, after = (f"$ANSIBLE_VAULT;1.1;AES256\n{body}\n" for body in ("6162", "6163"))

    (change,), faults = changes_by(ansible, {"x.key": before}, {"x.key": after})
    assert (faults, change.kind, change.address) == ([], "vault", "x.key")
    assert change.after == {"header": "$ANSIBLE_VAULT;1.1;AES256", "digest": SENSITIVE_CHANGED}
    assert change.sensitive_paths == ("digest",)
    assert change.unknown_paths == ("",)
    assert seen(before, before, "group_vars/all.yml") == []
    (side,) = ansible.declare([TextFile(path="a", text=after.encode())]).declared.values()
    assert side.value["digest"] == "sha256:" + hashlib.sha256(after.encode()).hexdigest()


def test_a_vault_that_is_opened_shows_its_variables():
    vault = "$ANSIBLE_VAULT;1.1;AES256\n6162\n"

    assert seen(vault, "a: 1", "group_vars/all.yml") == [
        ("create", "vars", ""),
        ("delete", "vault", ""),
    ]


def test_an_inline_vault_is_opaque_and_what_is_unsafe_is_known():
    text = (
        "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61\nb: !unsafe '{{ x }}'\nc: ['{% if x %}']\n"
    )

    change = one(text, "group_vars/all.yml")
    assert change.after == {"a": SENSITIVE, "b": {"!unsafe": "{{ x }}"}, "c": ["{% if x %}"]}
    assert change.unknown_paths == ("a", "c.0")


@pytest.mark.parametrize(
    ("variables", "hidden"),
    [
        ("db_password: hunter2", True),
        ("db_password: '{{ vault_db_password }}'", False),
        ("db_password: \"{{ 'hunter2' }}\"", True),
        ("line: 'token=hunter2'", True),
        ("line: 'run --api-key=hunter2'", True),
        ("line: 'run --api-key={{ key }}'", False),
        ("line: 'run --api-key=$KEY'", False),
        ("line: 'name=web state=present'", False),
        ("url: 'https://u:hunter2@host/'", True),
        ("url: 'https://{{ u }}:{{ p }}@host/'", False),
        ("url: 'https://host:443/a@b'", False),
    ],
)
def test_secrets_are_hidden_and_references_to_them_are_not(variables, hidden):
    change = one(f"list: [{{{variables}}}]", "group_vars/all.yml")

    assert (SENSITIVE in change.after["list"][0].values()) is hidden
    assert ("hunter2" in str(change)) is False


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("- {shell: hunter2, no_log: true}", True),
        ("- {shell: hunter2, no_log: '{{ quiet }}'}", True),
        ("- {block: [{shell: hunter2}], no_log: yes}", True),
        ("- {block: [{block: [{shell: hunter2}]}], no_log: yes}", True),
        ("- {include_tasks: hunter2, no_log: true}", True),
        ("- {shell: x, loop: [hunter2], no_log: true}", True),
        ("- {shell: x, with_items: [hunter2], args: {chdir: hunter2}, no_log: true}", True),
        ("- {shell: hunter2, no_log: false}", False),
        ("- {shell: hunter2}", False),
        ("- {hosts: a, no_log: true, tasks: [{shell: hunter2}]}", True),
        ("- {hosts: a, vars_prompt: [{name: x, default: hunter2}]}", True),
        ("- {hosts: a, vars_prompt: [{name: x, default: hunter2, private: no}]}", False),
    ],
)
def test_what_is_not_logged_is_not_shown(text, hidden):
    changes, _ = changes_by(ansible, {}, {"tasks/a.yml": text})

    assert ("hunter2" in str(changes)) is not hidden


def test_an_unlogged_task_shows_that_its_arguments_changed():
    before = "- {name: a, shell: one, no_log: true}"

    changes, _ = changes_by(
        ansible, {"tasks/a.yml": before}, {"tasks/a.yml": before.replace("one", "two")}
    )
    assert [(c.action, c.after["arguments"]) for c in changes] == [
        (Action.UPDATE, SENSITIVE_CHANGED)
    ]


def test_templates_are_unknown():
    change = one("- shell: echo {{ x }}\n  vars: {'{{ k }}': 1}\n  when: x\n")

    assert change.unknown_paths == ("vars.{{ k }}", "arguments")


ROLE = "roles/r/tasks/main.yml"


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (ROLE, "- a: b: c", 1),
        (ROLE, "- {name: a, shell: x}\n- {name: a, name: b}", 2),
        (ROLE, "- shell: x\n- shell: !foo x", 2),
        (ROLE, "- shell: x\n---\n- shell: y", 3),
        (ROLE, "- shell: x\n- name: nothing", 2),
        (ROLE, "- shell: x\n- {shell: x, raw: y}", 2),
        (ROLE, "- shell: x\n- text", 2),
        (ROLE, "- shell: x\n- !unsafe {shell: x}", 2),
        (ROLE, "--- !unsafe\n- shell: x", 1),
        (ROLE, "- block: {shell: x}", 1),
        (ROLE, "- block: []\n  copy: x", 2),
        (ROLE, "- action: {src: x}", 1),
        (ROLE, "- action: ''", 1),
        (ROLE, "- shell: x\n" * 5001, 5001),
        (ROLE, "[" * 200, 1),
        ("site.yml", "- hosts: a\n- name: x", 2),
        ("site.yml", "- hosts: a\n- x", 2),
        ("site.yml", "- hosts: a\n- ", 2),
        ("site.yml", "- hosts: a\n  tasks: !unsafe [{shell: x}]", 2),
        ("site.yml", "- hosts: a\n  tasks: [!unsafe {shell: x}, {a: 1, b: 2}]", 2),
        ("site.yml", "- !unsafe {hosts: a}", 1),
        ("site.yml", "--- !foo\n- hosts: a", 1),
        ("group_vars/all", "a: 1\na: 2", 2),
        ("group_vars/all.json", '{\n"a": ]', 2),
        ("group_vars/all.yml", "a: !!python/object:x {}", 1),
        ("requirements.yml", "collections: [a.b]\nother: [x]", 2),
        ("requirements.yml", "collections: a.b", 1),
    ],
)
def test_what_cannot_be_read_in_its_place_is_relevant(path, text, line):
    assert [(at, relevant) for at, relevant, _ in faults_of(text, path)][:1] == [(line, True)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ci/tasks/build.yml", "platform: linux\nrun: {path: x}"),
        ("deploy/tasks/a.yml", "apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Pod"),
        ("tasks/list.yml", "[a, b]"),
        ("vars/a.yml", "[a, b]"),
        ("roles/r/meta/main.yml", "text"),
        ("requirements.yml", "dependencies: []"),
        ("galaxy.yml", "[x]"),
    ],
)
def test_what_is_of_another_shape_is_no_concern(path, text):
    assert [(at, relevant) for at, relevant, _ in faults_of(text, path)] == [(1, False)]


@pytest.mark.parametrize("path", ["group_vars/all.yml", ROLE, "site.yml", "requirements.yml"])
def test_an_empty_file_declares_nothing(path):
    assert values("---\n# nothing\n", path) == {}


def test_a_task_that_can_no_longer_be_read_is_not_deleted():
    changes, faults = changes_by(ansible, {ROLE: "- shell: x"}, {ROLE: "- shell: ["})

    assert (changes, len(faults)) == ([], 1)


def test_tasks_are_counted_with_aliases_expanded():
    text = "- &a {block: [{raw: x}, {raw: x}]}\n- &b {block: [*a, *a, *a, *a, *a, *a, *a, *a]}\n"
    text += "- &c {block: [" + "*b, " * 30 + "]}\n" + "- *c\n" * 20

    faults = faults_of(text, ROLE)
    assert faults[0][1:] == (True, f"more than {ansible_tasks.MAX_TASKS} plays and tasks")


def test_a_side_of_too_many_resources_is_told(monkeypatch):
    monkeypatch.setattr(ansible, "MAX_RESOURCES", 3)

    changes, faults = changes_by(
        ansible, {}, {"tasks/a.yml": "- raw: x\n" * 9, "vars/b.yml": "a: 1"}
    )
    assert len(changes) == 3
    assert [(f.path, f.relevant) for f in faults] == [("tasks/a.yml", True), ("vars/b.yml", True)]
