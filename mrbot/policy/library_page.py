"""The library's rules, as a page for people and as a catalogue for `mrbot.settings`.

`python -m mrbot.policy.library_page` writes both anew: `docs/library.md` and
`policies/catalogue.rego`. They are made of what each rule says of itself, in a constant of its
module: an object of texts, lists and numbers with an `id`, laid out as `opa fmt` does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mrbot.errors import BadPolicy, Problem
from mrbot.ids import Json

PAGE = Path("docs") / "library.md"
CATALOGUE = Path("policies") / "catalogue.rego"

NOT_SET = frozenset({"settings"})
"""Packages whose rules cannot be set: they say that a setting cannot be used."""

_CONSTANT = re.compile(r'^(\w+) := (\{\n\t"id": .*?^\})$', re.MULTILINE | re.DOTALL)
_RULE = re.compile(r"^(deny|violation|warn)_(\w+) contains ", re.MULTILINE)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_HEADINGS = {"terraform": "Terraform", "kubernetes": "Kubernetes", "ci": "CI"}
_TEXTS = ("id", "title", "why", "fix", "reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that a team may set, and what the rule takes without."""

    name: str
    default: Json
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a rule says of itself. `severities` are of its rules' names."""

    id: str
    title: str
    why: str
    fix: str
    reference: str
    controls: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    severities: tuple[str, ...]


def rules_of(folder: Path) -> tuple[Rule, ...]:
    """Every rule of the library in `folder` that can be set, in order of id.

    Raises: BadPolicy when a constant leaves something out; OSError.
    """
    found: list[Rule] = []
    for path in sorted(folder.rglob("*.rego")):
        package = ".".join(path.relative_to(folder).with_suffix("").parts)
        if path.name.endswith("_test.rego") or package in NOT_SET:
            continue
        text = path.read_text()
        severities: dict[str, list[str]] = {}
        for kind, suffix in sorted(set(_RULE.findall(text))):
            severities.setdefault(suffix, []).append(kind)
        for constant in _CONSTANT.finditer(text):
            at = (str(path), text.count("\n", 0, constant.start()) + 1)
            found.append(_rule(constant.group(2), severities, at))
    return tuple(sorted(found, key=lambda rule: rule.id))


def _rule(written: str, severities: dict[str, list[str]], at: tuple[str, int]) -> Rule:
    try:
        said = json.loads(_TRAILING_COMMA.sub(r"\1", written))
        texts = {key: said[key] for key in _TEXTS}
        controls = tuple(said["controls"])
        parameters = tuple(
            Parameter(name=name, default=one["default"], about=one["about"])
            for name, one in sorted(said.get("parameters", {}).items())
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"this says not all of a rule: {type(error).__name__} {error}"
        raise BadPolicy(Problem(*at, message)) from error
    suffix = str(texts["id"]).rpartition(".")[2]
    return Rule(
        **texts,
        controls=controls,
        parameters=parameters,
        severities=tuple(severities.get(suffix, ())),
    )


def page(rules: Iterable[Rule]) -> str:
    """The rules as Markdown."""
    lines = [
        "# The library's rules",
        "",
        "Made from the rules themselves by `make library`. How to use, set and except them:",
        "[policies/README.md](../policies/README.md).",
        "",
        "`deny` blocks, `warn` is shown. Controls of the CIS AWS Foundations Benchmark are those of",
        "version 3.0, of the CIS Kubernetes Benchmark those since version 1.7; NIST 800-53 is revision",
        "5, CICD-SEC is the OWASP CI/CD Top 10. A control is named where the rule looks for a part of",
        "it, not where it settles it.",
    ]
    above = ""
    for rule in rules:
        family = rule.id.partition(".")[0]
        if family != above:
            lines += ["", f"## {_HEADINGS.get(family, family.capitalize())}"]
            above = family
        lines += ["", f"### `{rule.id}`", "", f"{rule.title} ({', '.join(rule.severities)}).", ""]
        lines += [f"- Why: {rule.why}", f"- Fix: {rule.fix}", f"- Reference: <{rule.reference}>"]
        if rule.controls:
            lines.append(f"- Controls: {', '.join(rule.controls)}")
        lines += [
            f"- Parameter `{one.name}`, by default `{json.dumps(one.default)}`: {one.about}"
            for one in rule.parameters
        ]
    return "\n".join(lines) + "\n"


def catalogue(rules: Iterable[Rule]) -> str:
    """The rules as a Rego module."""
    entries = "".join(
        f"\t{json.dumps(rule.id)}: {json.dumps({p.name: p.default for p in rule.parameters})},\n"
        for rule in rules
    )
    return (
        "# Every rule that `data.library` may name, with the defaults of its parameters. Made from the\n"
        "# rules themselves by `make library`.\n"
        "package mrbot.catalogue\n\nimport rego.v1\n\n"
        f"rules := {{\n{entries}}}\n"
    )


def main() -> None:
    """Both files are what the rules say."""
    rules = rules_of(Path("policies"))
    PAGE.write_text(page(rules))
    CATALOGUE.write_text(catalogue(rules))


if __name__ == "__main__":
    main()
