"""How plays, blocks and tasks are told from other YAML, and which module a task calls.

Source: https://docs.ansible.com/ansible/latest/reference_appendices/playbooks_keywords.html
"""

from __future__ import annotations

import re

from mrbot.ids import Json
from mrbot.resources.syntax.yaml_text import untagged

BLOCK_PARTS = ("block", "rescue", "always")
"""The lists of tasks in a block."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IMPORT = "import_playbook"
_IMPORTS = (f"ansible.builtin.{_IMPORT}", f"ansible.legacy.{_IMPORT}", _IMPORT)
_EARLY_IMPORT = "include"
_ACTIONS = ("action", "local_action")
_KEYWORDS = _words("""
    any_errors_fatal args async become become_exe become_flags become_method become_user
    changed_when check_mode collections connection debugger delay delegate_facts delegate_to diff
    environment failed_when ignore_errors ignore_unreachable listen loop loop_control
    module_defaults name no_log notify poll port register remote_user retries run_once tags
    throttle timeout until vars when
""")
_EARLY_KEYWORDS = _words("""
    always_run become_pass first_available_file only_if private static su su_exe su_flags su_pass
    su_user sudo sudo_exe sudo_flags sudo_pass sudo_user
""")
_IN_COLLECTION = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*){2,}")
_WELL_KNOWN = _words("""
    add_host apt apt_key apt_repository assemble assert async_status blockinfile command copy cron
    debug dnf fail fetch file find firewalld get_url getent git group group_by import_role
    import_tasks include include_role include_tasks include_vars iptables known_hosts lineinfile
    meta mount package pause pip ping raw reboot replace script selinux service service_facts
    set_fact setup shell slurp stat sysctl systemd tempfile template unarchive uri user wait_for
    wait_for_connection yum
""")


def is_playbook(value: Json) -> bool:
    """Whether it is a list in which there is a play, or the import of a playbook."""
    return isinstance(value, list) and any(_is_play(untagged(item)) for item in value)


def is_task_list(value: Json) -> bool:
    """Whether every item could be a task and one surely is, by the module it calls."""
    if not isinstance(value, list):
        return False
    items = [untagged(item) for item in value]
    return all(map(_may_be_task, items)) and any(map(_is_surely_task, items))


def imported(item: dict[str, Json]) -> Json:
    """The playbook that this entry of one imports; None where it is a play."""
    names = _IMPORTS if "hosts" in item else (*_IMPORTS, _EARLY_IMPORT)
    return next((item[name] for name in names if name in item), None)


def is_keyword(key: str) -> bool:
    """Whether Ansible knows it on every task. Loops by a lookup (`with_items`) are keywords too."""
    return key in _KEYWORDS or key in _EARLY_KEYWORDS or key.startswith("with_")


def calls(task: dict[str, Json]) -> dict[str, Json]:
    """What in `task` is no keyword: the module with its arguments, if the task is right."""
    return {key: value for key, value in task.items() if not is_keyword(key)}


def called(entries: dict[str, Json]) -> tuple[str, Json] | None:
    """The one module that `entries` call, and its arguments: `copy` in `action: copy src=a`. What
    cannot be taken apart is all arguments; None where there is not just one module."""
    if len(entries) != 1:
        return None
    name, arguments = next(iter(entries.items()))
    if name not in _ACTIONS:
        return name, arguments
    if isinstance(arguments, dict):
        return _named(arguments)
    return _first_word(arguments) if isinstance(arguments, str) else None


def _named(arguments: dict[str, Json]) -> tuple[str, Json] | None:
    """The module in `action: {module: copy, src: a}`."""
    module = arguments.get("module")
    found = _first_word(module) if isinstance(module, str) else None
    if found is None:
        return None
    name, rest = found
    if rest:
        return name, arguments
    return name, {key: value for key, value in arguments.items() if key != "module"}


def _first_word(text: str) -> tuple[str, str] | None:
    """The module in `copy src=a`, and the rest; in `src=a module=copy` all of it is the rest."""
    words = text.split()
    given = next((word for word in words if word.startswith("module=")), None)
    if given is not None:
        return given.removeprefix("module="), text
    return (words[0], text.strip()[len(words[0]) :].strip()) if words else None


def _is_play(item: Json) -> bool:
    return isinstance(item, dict) and ("hosts" in item or any(name in item for name in _IMPORTS))


def _may_be_task(item: Json) -> bool:
    return isinstance(item, dict) and ("block" in item or len(calls(item)) == 1)


def _is_surely_task(item: Json) -> bool:
    if not isinstance(item, dict):
        return False
    return isinstance(item.get("block"), list) or any(
        name in _WELL_KNOWN or name in _ACTIONS or _IN_COLLECTION.fullmatch(name)
        for name in calls(item)
    )
