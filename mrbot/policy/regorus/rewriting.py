"""Modules as regorus has to read them to mean what they mean in OPA.

Where the two differ, the text is written out: what a negation or a head asks for becomes a statement
of the body, which is undefined exactly then.

    not startswith(input.name, "x")        __1 := input.name; not startswith(input.name, "x")
    deny contains x.id if { ... }          deny contains x.id if { ...; __2 := x.id }

Lines stay what they are, so that errors name the right ones. Runs inside the worker: nothing but
the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mrbot.policy.regorus import heads, negation
from mrbot.policy.regorus.patterns import Tree, walk
from mrbot.policy.regorus.preflight import MAX_REFUSALS, Refusal
from mrbot.policy.regorus.rego_text import RegoText, Unwritable

_ENDING = frozenset({
    "Var", "Call", "RefDot", "RefBrack", "String", "RawString", "Number", "Bool", "Null", "Array",
    "Set", "Object", "ArrayCompr", "SetCompr", "ObjectCompr", "Every",
})  # fmt: skip
_QUOTED = frozenset({"String", "RawString"})
_SHORTHAND = re.compile(rb"\bif\s*$")
_BEFORE_BYTES = 1000
_VERSION = re.compile(rb"import\s+rego\.v1")
_CLOSED = re.compile(rb"(?:\s*\))*")


class Unclear(Exception):
    """What cannot be written out: its line, and why."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def rewritten(tree: Tree) -> tuple[dict[str, str], tuple[Refusal, ...]]:
    """The text of every module in `tree` (of `get_ast_as_json`) as regorus has to read it, by name;
    and what cannot be written so.

    Raises: LookupError, TypeError when the tree is not built as regorus 0.13 builds it.
    """
    texts: dict[str, str] = {}
    refused: list[Refusal] = []
    for one in tree:
        name, text = one["source"]["file"], one["source"]["contents"]
        try:
            texts[name] = _Module(_without_version(one["ast"], text)).written(one["ast"]["rules"])
        except Unclear as error:
            refused.append(Refusal(path=name, line=error.line, message=error.message))
            texts[name] = text
    return texts, tuple(refused[:MAX_REFUSALS])


def _without_version(module: Tree, text: str) -> bytes:
    """`text` without `import rego.v1`, which regorus takes for a name: a variable `v1` would be it.

    It is known already which dialect the module is, and nothing moves.
    """
    source = text.encode()
    for one in module["imports"]:
        start, end = one["span"]["start"], one["span"]["end"]
        if _VERSION.fullmatch(source, start, end):
            source = source[:start] + b" " * (end - start) + source[end:]
    return source


class _Module:
    """One module that is being written out."""

    def __init__(self, source: bytes) -> None:
        self._source, self._write = source, RegoText(source)
        self._changes: list[tuple[int, int, str]] = []
        self._names = 0

    def written(self, rules: Tree) -> str:
        """Raises: Unclear."""
        done: set[int] = set()
        for rule in (one["Spec"] for one in rules if "Spec" in one):
            moved = self._moved(rule)
            if not moved and heads.loses_results(rule):
                raise Unclear(int(rule["span"]["line"]), heads.ITERATES)
            for query, guarded in heads.guards(rule):
                line = int(query["span"]["line"])
                self._query(query, moved or [self._named(one, line) for one in guarded])
                done.add(query["qidx"])
        for node in walk(rules):
            if "stmts" in node and node["qidx"] not in done:
                self._query(node, [])
        source = self._source
        for start, end, text in sorted(self._changes, key=lambda one: one[0], reverse=True):
            source = source[:start] + text.encode() + source[end:]
        return source.decode()

    def _moved(self, rule: Tree) -> list[str]:
        """What a set's head iterates over is named in the body, and the name stands in the head; a
        rule without a body gets one. Empty where there is nothing to move."""
        key = heads.iterating_key(rule)
        if key is None:
            return []
        line, start, end = int(rule["span"]["line"]), self._start(key), self._end([key])
        taken = self._source[start:end]
        if b"\n" in taken or taken.count(b"(") != taken.count(b")"):
            raise Unclear(line, heads.ITERATES)
        statement = self._named(key, line)
        name = statement.split(" ", 1)[0]
        self._changes.append((start, end, name))
        if not rule["bodies"]:
            closed = _CLOSED.match(self._source, end)
            behind = closed.end() if closed else end
            old = self._source[behind : behind + 1] == b"]"
            body = f" {{ {statement} }}" if old else f" if {{ {statement} }}"
            self._changes.append((behind + old, behind + old, body))
        return [statement]

    def _query(self, query: Tree, after: list[str]) -> None:
        """A body or a query, with what comes before its negations and `after` it all."""
        if not query["stmts"]:  # `else := value`, which has one solution
            return
        added = [
            (statement["span"]["start"], "".join(f"{one}; " for one in self._before(statement)))
            for statement in query["stmts"]
            if "NotExpr" in statement["literal"]
        ]
        added = [(at, text) for at, text in added if text]
        start = query["stmts"][0]["span"]["start"]
        if _SHORTHAND.search(self._source[max(0, start - _BEFORE_BYTES) : start]) is None:
            for at, text in added + (self._at_the_end(query, after) if after else []):
                self._changes.append((at, at, text))
        elif added or after:  # `if` with one expression and no braces
            self._changes.append((start, start, "{ " + "".join(text for _, text in added)))
            statement = query["stmts"][0]
            end = self._end([statement["literal"], statement.get("with_mods", [])])
            closed = _CLOSED.match(self._source, end)
            end = closed.end() if closed else end
            self._changes.append((end, end, "".join(f"; {one}" for one in after) + " }"))

    def _at_the_end(self, query: Tree, after: list[str]) -> list[tuple[int, str]]:
        """What goes in front of the closing brace."""
        at = int(query["span"]["end"]) - 1
        if self._source[at : at + 1] != b"}":
            raise Unclear(int(query["span"]["line"]), "the end of this body cannot be found")
        line = self._source[self._source.rfind(b"\n", 0, at) + 1 : at]
        between = "" if not line.strip() else "; "
        return [(at, between + "; ".join(after) + " ")]

    def _before(self, statement: Tree) -> Iterator[str]:
        """What a negation asks for."""
        negated, line = statement["literal"]["NotExpr"]["expr"], int(statement["span"]["line"])
        if negation.iterates(negated):
            raise Unclear(line, negation.ITERATES)
        texts = dict.fromkeys(self._text(one, line) for one in negation.asked_before(negated))
        mods = self._write.mods(statement) if texts else ""
        for text in texts:
            yield f"{self._name()} := {text}{mods}"

    def _named(self, expression: Tree, line: int) -> str:
        return f"{self._name()} := {self._text(expression, line)}"

    def _name(self) -> str:
        """A name of its own: regorus would let `_ = name` define the name."""
        self._names += 1
        return f"__mrbot_{self._names}"

    def _text(self, expression: Tree, line: int) -> str:
        try:
            return self._write.expression(expression)
        except Unwritable as error:
            raise Unclear(line, f"this is too long for this engine: {error}") from error

    def _start(self, tree: Tree) -> int:
        """Where an expression begins: the tree's own spans leave out quotes, and that of an object
        begins at its last key."""
        starts = []
        for node in walk(tree):
            for kind in node.keys() & _ENDING:
                start = int(node[kind]["span"]["start"]) - (kind in _QUOTED)
                if kind == "Object" and node[kind]["fields"]:
                    first = self._start(node[kind]["fields"][0][1])
                    start = self._source.rindex(b"{", 0, first)
                starts.append(start)
        return min(starts)

    def _end(self, tree: Tree) -> int:
        """Where it ends: the tree's own spans leave out quotes and parentheses, and that of `set()`
        goes on behind it."""
        end = 0
        for node in walk(tree):
            for kind in node.keys() & _ENDING:
                span = node[kind]["span"]
                if kind == "Set" and not node[kind]["items"]:
                    end = max(end, self._source.index(b")", span["start"]) + 1)
                else:
                    end = max(end, span["end"] + (kind in _QUOTED))
        return end
