"""Syntax trees of Rego modules, as the embedded engine parses them. No module is run."""

from __future__ import annotations

from collections.abc import Iterator

from mrbot.ids import Json
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.module_names import ModuleNames
from mrbot.policy.regorus.engine import refusal_of
from mrbot.policy.regorus.patterns import Tree, walk
from mrbot.policy.regorus.process import Confinement, RegorusProcess
from mrbot.policy.source import Dialect, Source


class Parser:
    """A worker that parses. Used by one thread."""

    def __init__(self, confinement: Confinement, *, seconds: float) -> None:
        """All modules together are given `seconds`, from now on."""
        self._confinement, self._deadline = confinement, Deadline(seconds)
        self._process: RegorusProcess | None = None

    def tree(self, source: Source) -> Tree | Failure:
        """The module's tree, of `get_ast_as_json`; a failure with the line when it does not parse."""
        if self._process is None or not self._process.alive():
            self.close()
            self._process = RegorusProcess(self._confinement)
        names = ModuleNames(paths=(source.module.path,))
        is_v0 = source.dialect is Dialect.V0
        module: Json = [ModuleNames.name(0), source.module.text, is_v0]
        answer = self._process.exchange({"tree": module}, self._deadline)
        match answer:
            case Failure():
                self.close()
                detail = f"the embedded engine did not parse it: {answer.detail}"
                return failure(answer.fault, detail, path=source.module.path)
            case {"tree": dict(tree)}:
                return tree
            case _:
                return refusal_of(answer, EvaluationFault.PARSE, names)

    def close(self) -> None:
        """The worker has ended."""
        if self._process is not None:
            self._process.close()
            self._process = None


def expression_lines(tree: Tree) -> frozenset[int]:
    """The lines of a module on which there is something to evaluate."""
    return frozenset(_lines(tree))


def _lines(tree: Tree) -> Iterator[int]:
    for rule in tree["rules"]:
        if "Spec" not in rule:
            continue
        (head,) = rule["Spec"]["head"].values()
        if head.get("key") or head.get("assign"):
            yield head["span"]["line"]
    for node in walk(tree["rules"]):
        for statement in node.get("stmts", ()):
            yield statement["span"]["line"]
