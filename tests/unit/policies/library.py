"""The shipped policies, and change documents for them made from real files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mrbot.change.people import Contributors
from mrbot.change.snapshot import Change, ChangeState, HostChange
from mrbot.ids import ChangeId, Json, Person, RepoId, Sha
from mrbot.policy.bundle import bundle
from mrbot.policy.document import change_document
from mrbot.policy.finding import Bundle, Document
from mrbot.policy.testing.run import read_folder
from mrbot.resources.model import FileVersions, Reading
from mrbot.resources.read import read
from tests.needs import ROOT

POLICIES = ROOT / "policies"
NAMESPACES = ("mrbot.*",)

_PACKAGE = re.compile(r"^package (\S+)$", re.MULTILINE)
_HEAD = re.compile(r"^((?:deny|warn|violation)(?:_\w+)?|require) contains", re.MULTILINE)
_ID = re.compile(r'^\t"id": "([a-z0-9_.]+)",$', re.MULTILINE)
_TEST = re.compile(r"^(test_\w+) if", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One module: the rules that count in it, the ids they give, and the tests beside it."""

    path: Path
    text: str
    package: str
    rules: tuple[str, ...]
    ids: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A change from the files `before` to `bad`, in which `found` (severity, rule, resource) is all
    that the library says and `demanded` (count, role, why) all that it asks for; and one to `good`,
    of which it says nothing."""

    before: dict[str, str]
    bad: dict[str, str]
    found: set[tuple[str, str, str]]
    demanded: set[tuple[int, str, str]]
    good: dict[str, str]


def policies() -> tuple[Policy, ...]:
    """Every module of the library, in order of path."""
    paths = sorted(path for path in POLICIES.rglob("*.rego") if not is_test(path))
    return tuple(_policy(path) for path in paths)


def is_test(path: Path) -> bool:
    """Whether a file is left out of the bundle."""
    return path.name.endswith("_test.rego")


def beside(path: Path) -> Path:
    """Where a module's tests are."""
    return path.with_name(f"{path.stem}_test.rego")


def package_of(text: str) -> str:
    """A module's package."""
    found = _PACKAGE.search(text)
    assert found is not None
    return found.group(1)


def _policy(path: Path) -> Policy:
    text = path.read_text()
    tests = beside(path)
    return Policy(
        path=path,
        text=text,
        package=package_of(text),
        rules=tuple(dict.fromkeys(_HEAD.findall(text))),
        ids=tuple(_ID.findall(text)),
        tests=tuple(_TEST.findall(tests.read_text())) if tests.is_file() else (),
    )


def shipped() -> Bundle:
    """The library as a bundle."""
    return bundle("library", read_folder(POLICIES), NAMESPACES)


def document(before: dict[str, str], after: dict[str, str]) -> Document:
    """The change from one tree of files to another, read by the readers. All of it is understood."""
    files = tuple(
        FileVersions(
            path=path, old_path=path, before=_encoded(before, path), after=_encoded(after, path)
        )
        for path in sorted({*before, *after})
    )
    reading = read(files, {})
    assert reading.not_understood == ()
    return of_reading(reading)


def of_reading(reading: Reading) -> Document:
    """The document of a change that nobody planned."""
    host = HostChange(
        id=ChangeId(RepoId("gitlab", "group/infra"), 7),
        title="A change",
        description="",
        author=Person(id="12", login="ann"),
        state=ChangeState.OPEN,
        draft=False,
        source_branch="work",
        target_branch="main",
        head=Sha("a" * 40),
        from_fork=False,
        labels=(),
        web_url="https://gitlab.example/7",
    )
    nobody = Contributors(people=frozenset(), signatures=frozenset())
    base = Sha("b" * 40)
    change = Change(host=host, base=base, target=base, files=(), contributors=nobody, reviews=())
    return change_document(change, reading, (), (), (), datetime(2026, 11, 22, tzinfo=UTC))


def resources_of(content: Json) -> list[dict[str, Json]]:
    """The resources in a change document."""
    assert isinstance(content, dict)
    resources = content["resources"]
    assert isinstance(resources, list)
    return [one for one in resources if isinstance(one, dict)]


def _encoded(tree: dict[str, str], path: str) -> bytes | None:
    text = tree.get(path)
    return None if text is None else text.encode()
