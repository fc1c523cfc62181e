"""Whether policies have tests, and tests are what they seem to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mrbot.policy.conventions import EXCEPTION, counts
from mrbot.policy.lint.complaint import Complaint, Level
from mrbot.policy.lint.constant import constant
from mrbot.policy.lint.module import Parsed, names_used
from mrbot.policy.regorus.patterns import walk
from mrbot.policy.source import Source
from mrbot.policy.testing.result import definitions


def tested(modules: Sequence[Parsed]) -> Iterator[Complaint]:
    """`test-file-without-tests`, and `untested-rule` where there are tests at all."""
    named: set[str] = set()
    for module in modules:
        if not module.is_test:
            continue
        named.update(names_used(module.tree["rules"]))
        texts = (constant(node) for node in walk(module.tree["rules"]))
        named.update(text for text in texts if isinstance(text, str))
        # What a test file holds for others, under a name that begins otherwise, is no test.
        helps = any(one.package == module.package and one.source.tests for one in modules)
        if not module.source.tests and not helps and not _is_used(module, modules):
            yield Complaint(
                path=module.path,
                line=1,
                rule="test-file-without-tests",
                level=Level.WARNING,
                message="this file is for tests, holds none, and no test uses it",
                fix="name its rules `test_...`; a policy is not read from a file of this name",
            )
    if not any(module.source.tests for module in modules):
        return
    for module in modules:
        seen: set[str] = set()
        for rule in () if module.is_test else module.rules:
            name = rule.name[0] if len(rule.name) == 1 else ""
            if counts(name) and name != EXCEPTION and name not in named and name not in seen:
                seen.add(name)
                yield Complaint(
                    path=module.path,
                    line=rule.line,
                    rule="untested-rule",
                    level=Level.NOTE,
                    message=f"no test names `{name}`",
                    fix="test that it fires, and that it does not, in a `_test.rego` file",
                )


def twice(sources: Sequence[Source]) -> Iterator[Complaint]:
    """`test-twice`."""
    for (_, name), places in definitions(sources).items():
        if len(places) > 1:
            (first, _), (path, line) = places[0], places[1]
            yield Complaint(
                path=path,
                line=line,
                rule="test-twice",
                level=Level.WARNING,
                message=f"`{name}` is a test of this package in {first}:{places[0][1]} as well: the"
                " embedded engine cannot tell them apart",
                fix="give each test a name of its own",
            )


def _is_used(module: Parsed, modules: Sequence[Parsed]) -> bool:
    """Whether another module imports this one's package, or names its last part."""
    last = module.package[-1]
    return any(
        one is not module
        and (
            any(path.path[1:] == module.package for path in one.imports)
            or last in names_used(one.tree["rules"])
        )
        for one in modules
    )
