"""Which rule a name means: rules of all modules by package and name."""

from __future__ import annotations

from collections.abc import Sequence

from mrbot.policy.lint.module import Parsed, Rule, path_of
from mrbot.policy.lint.scope import Scope
from mrbot.policy.regorus.patterns import Tree

Key = tuple[tuple[str, ...], str]
"""A rule: its package and name."""


class Directory:
    """The rules of `modules`."""

    def __init__(self, modules: Sequence[Parsed]) -> None:
        self.packages = {module.package for module in modules}
        self.rules: dict[Key, list[tuple[Parsed, Rule]]] = {}
        for module in modules:
            for rule in module.rules:
                self.rules.setdefault((module.package, rule.name[0]), []).append((module, rule))

    def is_global(self, name: str, module: Parsed) -> bool:
        """Whether the name means something beyond a rule's own variables."""
        return (
            name in {"input", "data"}
            or (module.package, name) in self.rules
            or any(one.name == name for one in module.imports)
        )

    def below_data(
        self, path: tuple[str, ...], steps: Sequence[str | None]
    ) -> tuple[Key | None, int]:
        """The rule that `path` and further `steps` below `data` lead to, and how many of the steps lead
        there; no rule where a step is not constant or there is no such package."""
        used = 0
        while path not in self.packages and used < len(steps) and (step := steps[used]) is not None:
            path, used = (*path, step), used + 1
        if path in self.packages and used < len(steps) and (step := steps[used]) is not None:
            return (path, step), used + 1
        if path and path[:-1] in self.packages:
            return (path[:-1], path[-1]), used
        return None, used

    def called(self, call: Tree, scope: Scope) -> Key | None:
        """The policies' own function that is called."""
        root, steps = steps_of(call["fcn"])
        path = path_of(call["fcn"])
        if "Var" not in root or len(path) != len(steps) + 1:
            return None
        found = next((one for one in scope.module.imports if one.name == path[0]), None)
        path = path if found is None else (*found.path, *path[1:])
        key = (scope.module.package, path[0]) if len(path) == 1 else (path[1:-1], path[-1])
        return key if key in self.rules and (len(path) == 1 or path[0] == "data") else None


def steps_of(node: Tree) -> tuple[Tree, list[tuple[str | None, Tree]]]:
    """A reference's root, and each step: its key, None where that is not constant, and its node."""
    steps: list[tuple[str | None, Tree]] = []
    while True:
        match node:
            case {"RefDot": step}:
                steps.append((step["field"][1], step))
            case {"RefBrack": step}:
                index = step["index"]
                key = index["String"]["value"] if "String" in index else None
                steps.append((key, step))
            case _:
                return node, steps[::-1]
        node = step["refr"]
