"""What a plan would run beside Terraform itself, found in the source before anything is planned.

Planning runs code: a data source may start a program, a provider's settings may name one, and the
provider is a program of its own. This refuses the ways that are known. It cannot know all: what
holds is the isolation, and an allow-list of providers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from mrbot.errors import Problem
from mrbot.ids import Json

MAX_PROBLEMS = 20
"""Shown at most; the rest is counted."""
SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")
"""What Terraform and OpenTofu load from a module's directory."""

_RUNNERS = frozenset({"external", "shell"})
"""Providers made to run programs, by the last part of their address, and their data sources."""
_PROGRAM_WORDS = frozenset({"exec", "shared_config_files", "shared_config_file"})
"""Settings of a provider or backend that name a program, or (AWS) a file that may name one."""
_LANGUAGE = Language(tree_sitter_hcl.language())


class PlanTimeCode(StrEnum):
    """A way to have a program run while planning, which settings may allow."""

    DATA = "data"
    """Data sources and providers that exist to run programs: `data "external"`."""
    SETTINGS = "settings"
    """Programs that a provider's or backend's settings name, such as an `exec` block."""
    PLUGINS = "plugins"
    """Providers that the repository brings along, in `terraform.d`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTimeRules:
    """What may run while planning: `allow`, and only providers at the addresses in `providers`
    (`registry.terraform.io/hashicorp/aws`; None: any but those made to run programs)."""

    allow: frozenset[PlanTimeCode] = frozenset()
    providers: frozenset[str] | None = None


def source_problems(files: Iterable[tuple[str, bytes]], rules: PlanTimeRules) -> list[Problem]:
    """Where the source of these files (path, content) would have a program run that may not."""
    if {PlanTimeCode.DATA, PlanTimeCode.SETTINGS} <= rules.allow:
        return []
    return [
        Problem(path, line, message)
        for path, content in files
        for line, code, message in _findings(path, content)
        if code not in rules.allow
    ]


def provider_problems(addresses: Iterable[str], rules: PlanTimeRules) -> list[str]:
    """Which of the selected providers, by full address, may not be run."""
    problems = []
    for address in sorted(addresses):
        kind = address.rpartition("/")[2]
        if rules.providers is not None:
            if address not in rules.providers:
                problems.append(f"the provider {address} is not one that the settings allow")
        elif kind in _RUNNERS and PlanTimeCode.DATA not in rules.allow:
            problems.append(f"the provider {address} runs programs while planning")
    return problems


def listed(problems: Iterable[Problem | str]) -> str:
    """The problems as lines, at most `MAX_PROBLEMS` of them, the rest counted."""
    lines = [str(problem) for problem in problems]
    more = len(lines) - MAX_PROBLEMS
    return "\n".join([*lines[:MAX_PROBLEMS], *([f"and {more} more"] if more > 0 else [])])


_Finding = tuple[int, PlanTimeCode, str]


def _findings(path: str, content: bytes) -> Iterator[_Finding]:
    return _in_json(content) if path.endswith(".json") else _in_hcl(content)


def _data(kind: str) -> str:
    return f'data "{kind}" runs a program while planning, and the settings do not allow that'


def _setting(word: str) -> str:
    return f"`{word}` in a provider or backend names a program, and the settings do not allow that"


_UNREADABLE = "cannot be read, so it is not known whether it runs programs while planning"


def _in_hcl(content: bytes) -> Iterator[_Finding]:
    root = Parser(_LANGUAGE).parse(content).root_node
    if root.has_error:
        yield 0, PlanTimeCode.DATA, _UNREADABLE
    pending = [(root, False)]
    while pending:
        node, configures = pending.pop()
        text = (node.text or b"").decode(errors="replace") if node.child_count == 0 else ""
        line = node.start_point[0] + 1
        if configures and text in _PROGRAM_WORDS:
            yield line, PlanTimeCode.SETTINGS, _setting(text)
        if node.type == "block":
            kind, label = _header(node)
            if kind == "data" and label in _RUNNERS:
                yield line, PlanTimeCode.DATA, _data(label)
            configures = configures or kind in {"provider", "backend"}
        pending.extend((child, configures) for child in reversed(node.children))


def _header(block: Node) -> tuple[str, str]:
    """A block's type and first label, quoted or not."""
    words = [child for child in block.children if child.type in {"identifier", "string_lit"}]
    texts = [(word.text or b"").decode(errors="replace").strip('"') for word in words[:2]]
    return (*texts, "", "")[0], (*texts, "", "")[1]


def _in_json(content: bytes) -> Iterator[_Finding]:
    """Terraform's JSON syntax: block types and labels are keys, with lists allowed in between."""
    try:
        document: Json = json.loads(content)
    except (ValueError, RecursionError):
        yield 0, PlanTimeCode.DATA, _UNREADABLE
        return
    pending: list[tuple[Json, str, bool]] = [(document, "", False)]
    while pending:
        node, under, configures = pending.pop()
        if isinstance(node, list):
            pending.extend((member, under, configures) for member in node)
        elif isinstance(node, dict):
            for key, value in node.items():
                if under == "data" and key in _RUNNERS:
                    yield 0, PlanTimeCode.DATA, _data(key)
                if configures and key in _PROGRAM_WORDS:
                    yield 0, PlanTimeCode.SETTINGS, _setting(key)
                pending.append((value, key, configures or key in {"provider", "backend"}))
