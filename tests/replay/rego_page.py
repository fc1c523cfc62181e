"""`docs/rego.md`: what the two engines have, made from the engines themselves and OPA's own cases.

`python -m tests.replay.rego_page` writes it anew. Needs the third-party test data, OPA and regorus.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterable

import regorus

from mrbot.policy.refused import REFUSED
from mrbot.policy.regorus.annotations import RULE
from mrbot.policy.regorus.builtins import FAMILIES, OURS, checked
from mrbot.policy.regorus.builtins.deprecated import NAMES
from mrbot.policy.regorus.preflight import WRONG
from tests import needs
from tests.replay.rego_cases import Case, Embedded, Made, Outcome, cases

PAGE = needs.ROOT / "docs" / "rego.md"
_ABSENT = re.compile(r"(\S+) is neither declared nor a function that this engine has")
_NOT_CALLED = re.compile(r"(\S+) may not be called( here)?: (.*)")

_TOP = """\
# Rego in both engines

Made by `python -m tests.replay.rego_page` from the engines and from OPA's own conformance suite.

A policy that uses nothing of [what only OPA has](#what-only-opa-has) works in both engines, and means
the same. The embedded engine (regorus) does not guess: what it lacks, or answers otherwise than OPA, is
refused with file and line before anything is judged, or the evaluation fails. Either makes the change
undecidable, never green.

|  | OPA {version} | embedded |
|---|--:|--:|
| Cases of the suite | {cases:,} | {cases:,} |
| Answered as the suite wants | {opa:,} | {passed:,} |
| Refused before it runs | - | {refused:,} |
| Failed while it ran | {opa_raised:,} | {raised:,} |
| Silently wrong | 0 | 0 |

What OPA does not answer as the suite wants is explained in the suite's own test: mostly mrbot asks OPA
to make an error of a function that fails, where the suite wants "undefined".
"""


def page(embedded: Iterable[tuple[Case, Outcome]], opa: Counter[Made], version: str) -> str:
    """The whole page. `embedded` is what became of each case there."""
    made = Counter(outcome.made for _, outcome in embedded)
    lines = [
        _TOP.format(
            version=version,
            cases=sum(made.values()),
            opa=opa[Made.PASSED],
            opa_raised=sum(opa.values()) - opa[Made.PASSED],
            passed=made[Made.PASSED],
            refused=made[Made.REFUSED],
            raised=made[Made.RAISED],
        )
    ]
    lines += _no_policy_may()
    lines += _only_in_opa()
    lines += _not_alike()
    lines += _ours()
    lines += _of_the_suite(embedded)
    return "\n".join(lines) + "\n"


def _no_policy_may() -> Iterable[str]:
    yield "## What no policy may call"
    yield ""
    yield from (f"- `{name}`: {why}." for name, why in sorted(REFUSED.items()))


def _only_in_opa() -> Iterable[str]:
    yield "\n## What only OPA has\n"
    families: dict[str, list[str]] = {}
    there = _of_regorus() | OURS | {RULE}
    for name in sorted(_of_opa() - there - REFUSED.keys() - WRONG.keys()):
        families.setdefault(name.rpartition(".")[0] or "others", []).append(name)
    for family, names in sorted(families.items()):
        yield f"- {family}: {', '.join(f'`{name}`' for name in names)}"
    yield from (f"- `{name}`: {why}" for name, why in sorted(WRONG.items()))
    yield '- template strings (`$"..."`): use `sprintf`'
    yield "- a variable inside a rule's name (`p[x].q`), and names that are keywords (`p.if`)"
    yield "- an object with variables on one side of a comparison: compare its parts"
    yield "- `_` inside `not` or inside a rule's head: name what is found in the body"


def _not_alike() -> Iterable[str]:
    yield "\n## Where the two differ, and nothing tells\n"
    yield "No policy text shows these beforehand; keep verdicts from resting on them, or use OPA."
    yield ""
    yield "- Arithmetic on fractions, and beyond 64 bits: regorus computes in double precision, so"
    yield "  that `0.1 + 0.2 == 0.3` is false there and true in OPA. Compare with a margin."
    yield "- How a number is written: OPA keeps `1.0` and `1e3` as they are, writes them so"
    yield "  (`json.marshal`, `sprintf`), and some of its functions do not take them for whole numbers."
    yield "- The order of values of different types: OPA puts sets behind objects, regorus before them"
    yield "  (`sort`, `min`, `max`, `<`). Values of one type are in the same order."
    yield "- OPA refuses at once what can never be of the right type (`regex.is_valid(1)`); regorus says"
    yield "  what it comes to, or fails when it is reached."
    yield "- Where one condition of a body fails and another is undefined, OPA may fail and regorus pass"
    yield "  over it."


def _ours() -> Iterable[str]:
    yield "\n## What mrbot adds to the embedded engine\n"
    yield "Written by mrbot, because regorus lacks them or answers otherwise. An argument or a result that"
    yield "would not be exactly OPA's is an error.\n"
    for family, names in sorted(FAMILIES.items()):
        yield f"- {family}: {', '.join(f'`{name}`' for name in names)}"
    yield f"- `{RULE}`: scope, title, description, organizations and custom of the rule's annotations"
    yield f"- put right in Rego: {', '.join(f'`{name}`' for name in sorted(checked.NAMES))}"
    yield f"- in Rego v0 only, as in OPA: {', '.join(f'`{name}`' for name in sorted(NAMES))}"


def _of_the_suite(embedded: Iterable[tuple[Case, Outcome]]) -> Iterable[str]:
    """Why cases of the suite have no answer, with how many."""
    yield "\n## Cases of the suite without an answer in the embedded engine\n"
    counted: Counter[tuple[str, str]] = Counter()
    for case, outcome in embedded:
        if outcome.made in {Made.REFUSED, Made.RAISED}:
            counted[outcome.made.value, _reason(case, outcome.why)] += 1
    yield "| What | Why | Cases |"
    yield "|---|---|--:|"
    for (made, why), number in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
        yield f"| {made} | {why} | {number} |"


def _reason(case: Case, why: str) -> str:
    """In words that do not hold what the case holds."""
    if found := _ABSENT.search(why):
        return f"no `{found[1]}`"
    if found := _NOT_CALLED.search(why):
        return f"`{found[1]}`: {found[3]}".replace("|", "\\|")
    for start in (
        "an object with variables",
        "a variable inside",
        "template strings",
        "`_` inside",
    ):
        if why.startswith(start):
            return why.partition(":")[0]
    if " holds this very rule" in why:
        return "a rule that reads all of `data`, itself among it"
    return f"in the cases of {case.family}"


def _of_opa() -> frozenset[str]:
    """Every function that OPA has and people may write."""
    done = subprocess.run(
        [needs.opa(), "capabilities", "--current"], capture_output=True, check=True, text=True
    )
    return frozenset(
        one["name"]
        for one in json.loads(done.stdout)["builtins"]
        if "infix" not in one and not one["name"].startswith("internal.")
    )


def _of_regorus() -> frozenset[str]:
    answer = json.loads(regorus.Engine().eval_query_as_json("opa.runtime().builtins"))
    return frozenset(answer["result"][0]["expressions"][0]["value"]) | {"print"}


def opa_version() -> str:
    """Of the OPA that is there."""
    done = subprocess.run([needs.opa(), "version"], capture_output=True, check=True, text=True)
    return re.search(r"^Version: (\S+)", done.stdout, re.MULTILINE)[1]  # type: ignore[index]


def main() -> None:
    """The page is what the engines say."""
    from tests.replay.rego_cases import Opa

    suite, regorus_worker, opa = cases(), Embedded(), Opa()
    embedded = [(case, regorus_worker.asked(case)) for case in suite]
    answered = Counter(opa.asked(case).made for case in suite)
    regorus_worker.close()
    opa.close()
    PAGE.write_text(page(embedded, answered, opa_version()))


if __name__ == "__main__":
    main()
