"""What steers the gate itself, and git: rules, owners, policies, and how files are treated.

- `.mrbot.yml` (`rules`): `settings`, `project`, `approval`, `policy`, `deployment`
- CODEOWNERS where a host looks for it (`owners`): `owners`, `section`, `order`
- `*.rego`: `policy`, its address the path; the value holds `package`, `rules` (names, by a plain
  look at the lines) and the text as `text_lines` has it
- `.gitattributes` anywhere and the root's `.gitmodules` (`git`): `attributes`, `order`,
  `submodule`, `settings`

Names are compared without regard to case, as the gate protects them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.model import Source
from mrbot.resources.steering.git import attributes, submodules
from mrbot.resources.steering.owners import owners
from mrbot.resources.steering.rules import RULE_FILE, rules
from mrbot.resources.text.lines import text_lines
from mrbot.resources.text.named_values import Style

FORMAT = "mrbot"

_OWNERS = frozenset({"codeowners", "docs/codeowners", ".github/codeowners", ".gitlab/codeowners"})
_PACKAGE = re.compile(r"package[ \t]++([A-Za-z_][\w.\"\[\]/-]{0,500})")
_RULE = re.compile(r"(?:default[ \t]++)?([A-Za-z_]\w{0,200}+(?:\.[A-Za-z_]\w{0,200}+)*+)")
_NO_RULE = frozenset({"package", "import", "else"})


def reads(path: str) -> bool:
    """Whether a file by this path steers the gate, or git."""
    return _reader(path) is not None


def declare(files: Sequence[TextFile]) -> Side:
    """What `files` say. A rule file that is broken is listed and stops nothing here: whoever reads
    the rules judges it."""
    side = Side()
    for file in files:
        read = _reader(file.path) or _policy
        read(file, side)
    return side


def _reader(path: str) -> Callable[[TextFile, Side], None] | None:
    folded = path.lower()
    name = PurePosixPath(folded).name
    if folded == RULE_FILE:
        return rules
    if folded in _OWNERS:
        return owners
    if name == ".gitattributes":
        return attributes
    if folded == ".gitmodules":
        return submodules
    return _policy if name.endswith(".rego") else None


def _policy(file: TextFile, side: Side) -> None:
    read = text_lines(file.text, Style.QUOTED)
    for line, problem in read.problems:
        side.fault(file.path, line, problem, relevant="encoding" in read.value)
    lines = read.value.get("lines")
    texts = [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
    names = {found[1] for line in texts if (found := _RULE.match(line))}
    defined: list[Json] = [*sorted(names - _NO_RULE)]
    package = next((found[1] for line in texts if (found := _PACKAGE.match(line))), None)
    side.add(
        Declared(
            key=(file.path,),
            address=shown(file.path),
            kind="policy",
            value={"package": package, "rules": defined, **read.value},
            source=Source(path=file.path, line=1),
            unknown=read.unknown,
            sensitive=read.sensitive,
        )
    )
