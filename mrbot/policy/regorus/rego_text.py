"""Rego from regorus's syntax tree: an expression or a query as text in one line.

Constants are taken from the source, the rest is written anew with every operation in parentheses:
the tree's own spans leave out quotes and parentheses. Runs inside the worker: nothing but the
standard library.
"""

from __future__ import annotations

from mrbot.policy.regorus.patterns import Tree

_SIGNS = {
    "Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Mod": "%",
    "Union": "|", "Or": "|", "Intersection": "&", "And": "&",
    "Eq": "==", "Ne": "!=", "Lt": "<", "Le": "<=", "Gt": ">", "Ge": ">=",
}  # fmt: skip


class Unwritable(Exception):
    """Something that has no place in one line, and what to do about it."""


class RegoText:
    """Writes parts of the module whose text is `source`."""

    def __init__(self, source: bytes) -> None:
        self._source = source

    def expression(self, node: Tree) -> str:
        """Raises: Unwritable; LookupError for what regorus 0.13 does not have."""
        ((kind, inner),) = node.items()
        match kind:
            case "Var":
                return str(inner["value"])
            case "Null":
                return "null"
            case "Bool":
                return "true" if inner["value"] else "false"
            case "Number":
                return self.at(inner["span"])
            case "String" | "RawString":
                return self._quoted(inner["span"])
            case "RefDot":
                return f"{self.expression(inner['refr'])}.{inner['field'][1]}"
            case "RefBrack":
                return f"{self.expression(inner['refr'])}[{self.expression(inner['index'])}]"
            case "Call":
                return f"{self.expression(inner['fcn'])}({self._list(inner['params'])})"
            case "Array":
                return f"[{self._list(inner['items'])}]"
            case "Set":
                return f"{{{self._list(inner['items'])}}}" if inner["items"] else "set()"
            case "Object":
                fields = (self._pair(key, value) for _, key, value in inner["fields"])
                return f"{{{', '.join(fields)}}}"
            case "ArrayCompr":
                return f"[{self.expression(inner['term'])} | {self.query(inner['query'])}]"
            case "SetCompr":
                return f"{{{self.expression(inner['term'])} | {self.query(inner['query'])}}}"
            case "ObjectCompr":
                head = self._pair(inner["key"], inner["value"])
                return f"{{{head} | {self.query(inner['query'])}}}"
            case "UnaryExpr":
                return f"-{self.expression(inner['expr'])}"
            case "Membership":
                return f"({self._in(inner)})"
            case "AssignExpr":
                sign = ":=" if inner["op"] == "ColEq" else "="
                return f"{self.expression(inner['lhs'])} {sign} {self.expression(inner['rhs'])}"
            case _:
                left, right = self.expression(inner["lhs"]), self.expression(inner["rhs"])
                return f"({left} {_SIGNS[inner['op']]} {right})"

    def query(self, query: Tree) -> str:
        """Its statements. Raises: as `expression`."""
        return "; ".join(map(self.statement, query["stmts"]))

    def statement(self, statement: Tree) -> str:
        """With its `with`. Raises: as `expression`."""
        return self._literal(statement["literal"]) + self.mods(statement)

    def mods(self, statement: Tree) -> str:
        """The `with` of a statement, a space before each. Raises: as `expression`."""
        return "".join(
            f" with {self.expression(one['refr'])} as {self.expression(one['as'])}"
            for one in statement.get("with_mods", ())
        )

    def at(self, span: Tree) -> str:
        """The source where `span` says."""
        return self._source[span["start"] : span["end"]].decode()

    def _literal(self, literal: Tree) -> str:
        ((kind, inner),) = literal.items()
        match kind:
            case "Expr":
                return self.expression(inner["expr"])
            case "NotExpr":
                return f"not {self.expression(inner['expr'])}"
            case "SomeVars":
                return f"some {', '.join(map(self.at, inner['vars']))}"
            case "SomeIn":
                return f"some {self._in(inner)}"
            case "Every":
                key = f"{self.at(inner['key'])}, " if inner["key"] else ""
                domain, query = self.expression(inner["domain"]), self.query(inner["query"])
                return f"every {key}{self.at(inner['value'])} in {domain} {{ {query} }}"
            case _:
                raise LookupError(kind)

    def _in(self, inner: Tree) -> str:
        key = f"{self.expression(inner['key'])}, " if inner["key"] else ""
        return f"{key}{self.expression(inner['value'])} in {self.expression(inner['collection'])}"

    def _pair(self, key: Tree, value: Tree) -> str:
        return f"{self.expression(key)}: {self.expression(value)}"

    def _list(self, nodes: Tree) -> str:
        return ", ".join(map(self.expression, nodes))

    def _quoted(self, span: Tree) -> str:
        text = self._source[span["start"] - 1 : span["end"] + 1].decode()
        if "\n" in text:
            raise Unwritable("give the text over several lines a name of its own")
        return text
