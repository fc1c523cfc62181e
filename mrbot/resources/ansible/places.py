"""What Ansible takes a file for by the place it is in: `roles/web/tasks/main.yml` holds tasks.

Source: https://docs.ansible.com/ansible/latest/tips_tricks/sample_setup.html
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePosixPath


class Place(StrEnum):
    """What the files in a place hold."""

    SETTINGS = "settings"
    REQUIREMENTS = "requirements"
    COLLECTION = "collection"
    ROLE = "role"
    TASKS = "tasks"
    VARS = "vars"
    INVENTORY = "inventory"


YAML = (".yml", ".yaml")
DATA = (*YAML, ".json")
_NAMES = {
    "ansible.cfg": Place.SETTINGS,
    "requirements.yml": Place.REQUIREMENTS,
    "galaxy.yml": Place.COLLECTION,
    "galaxy.yaml": Place.COLLECTION,
}
_BY_HOST_OR_GROUP = frozenset({"group_vars", "host_vars"})
_ROLE_FOLDERS = {
    "tasks": Place.TASKS,
    "handlers": Place.TASKS,
    "defaults": Place.VARS,
    "vars": Place.VARS,
    "meta": Place.ROLE,
}
_META = frozenset({"main", "argument_specs", "runtime"})
_INVENTORY_FOLDERS = frozenset({"inventory", "inventories"})
_INVENTORY_NAMES = frozenset({"inventory", "hosts"})
_NOT_READ = (".j2", ".example", ".sample", ".dist", ".template", ".bak", ".orig", "~")
"""How files end that lie beside those which Ansible reads."""


def place_of(path: str) -> Place | None:
    """What Ansible takes the file at `path` for; None where its place does not say."""
    *folders, name = PurePosixPath(path).parts or ("",)
    if _is_data(folders):
        return None
    if _BY_HOST_OR_GROUP & {*folders}:
        return Place.VARS if _holds_vars(folders, name) else None
    place = _in_role(folders, name) or _NAMES.get(name)
    if place is None and _is_inventory(folders, name):
        return Place.INVENTORY
    return place


def _is_data(folders: list[str]) -> bool:
    """Whether the file is only copied by Ansible, or made into another by a template engine."""
    in_role = folders[folders.index("roles") + 2 :] if "roles" in folders else []
    return "templates" in folders or in_role[:1] == ["files"]


def _holds_vars(folders: list[str], name: str) -> bool:
    """Whether Ansible reads it for a group or a host: `host_vars/web1.example.com` by that name,
    beneath `host_vars/web1/` only by ending."""
    if name.startswith(".") or name.endswith(_NOT_READ):
        return False
    return folders[-1] in _BY_HOST_OR_GROUP or "." not in name or name.endswith(DATA)


def _in_role(folders: list[str], name: str) -> Place | None:
    """The place within a role, or in a repository that is one itself: by the nearest folder."""
    for folder in reversed(folders):
        place = _ROLE_FOLDERS.get(folder)
        if place is not None and _belongs(folder, folders, name):
            return place
    return None


def _belongs(folder: str, folders: list[str], name: str) -> bool:
    """Whether a file by this name is of the kind that `folder` is for."""
    stem, dot, _ = name.partition(".")
    if folder == "meta" and (stem not in _META or folders[-1] != folder):
        return False
    if "roles" in folders:
        return name.endswith(DATA) or not dot
    return name.endswith(YAML) and (folder != "defaults" or stem == "main")


def _is_inventory(folders: list[str], name: str) -> bool:
    stem, dot, ending = name.partition(".")
    if stem in _INVENTORY_NAMES and (not dot or f".{ending}" in {*DATA, ".ini"}):
        return True
    beneath = bool(_INVENTORY_FOLDERS & {*folders}) and "roles" not in folders
    return beneath and ("." not in name or (bool(stem) and name.endswith((*DATA, ".ini"))))
