"""How many rules a module writes under each name: what conftest counts as tests."""

from __future__ import annotations

from collections import Counter

from mrbot.policy.conventions import EXCEPTION, REQUIRE
from mrbot.policy.source import Source
from mrbot.policy.tokens import tokens


def clauses(source: Source) -> Counter[str]:
    """The rules that give findings, by name: one for each head, and one for each further body of the
    old dialect (`deny[x] {...} {...}`)."""
    found: Counter[str] = Counter()
    name, before = "", ""
    all_ = tokens(source.module.text, source.module.path)
    for token, after in zip(all_, (*all_[1:], None), strict=True):
        if token.depth:
            continue
        if token.first and token.kind == "name":
            head = after if token.text == "default" and after is not None else token
            name = head.text if head.text in source.names - source.functions else ""
            found[name] += 1
        elif token.text == "{" and before == "}":
            found[name] += 1
        before = token.text
    return Counter(
        {rule: number for rule, number in found.items() if rule not in {"", EXCEPTION, REQUIRE}}
    )
