"""How names, globs, directories and addresses are spelt in the files people write.

Each is a pydantic type: a `ValueError` from its check is told to the person as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from mrbot.config.complaint import quoted

MAX_ENTRIES = 200
"""Most entries of one list or mapping."""
MAX_TEXT = 1_000
"""Longest single text, in characters."""

T = TypeVar("T")


def distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    """The values. Raises: ValueError when one is there twice."""
    for index, value in enumerate(values):
        if value in values[:index]:
            raise ValueError(f"{quoted(str(value))} is here twice")
    return values


def distinct_people(values: tuple[str, ...]) -> tuple[str, ...]:
    """The logins, which hosts tell apart whatever their case. Raises: ValueError as `distinct`."""
    distinct(tuple(value.lower() for value in values))
    return values


Some = Annotated[
    tuple[T, ...],
    # Not strict about list or tuple, since JSON knows only one of them; its entries are strict.
    Field(strict=False, min_length=1, max_length=MAX_ENTRIES),
    AfterValidator(distinct),
]
"""A list that is not empty and names nothing twice."""


class Spelt:
    """Text that wholly matches `pattern`; `meaning` says in words what that is."""

    def __init__(self, pattern: str, meaning: str, *, longest: int = 100) -> None:
        self._pattern = re.compile(pattern)
        self._meaning = meaning
        self._longest = longest

    def check(self, text: str) -> str:
        """`text`. Raises: ValueError saying what it should look like."""
        if len(text) > self._longest:
            raise ValueError(f"{len(text)} characters are more than {self._longest}")
        if not self._pattern.fullmatch(text):
            raise ValueError(f"{quoted(text)} is not {self._meaning}")
        return text

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """pydantic's way in."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The pattern, for editors."""
        pattern = f"^(?:{self._pattern.pattern})$"
        return {**handler(core), "pattern": pattern, "maxLength": self._longest}


def relative_directory(text: str) -> str:
    """`text` without a trailing `/`; `.` gives `""`. Raises: ValueError when it leads outside."""
    if text in {".", "./"}:
        return ""
    if not text:
        raise ValueError("this is empty: write . for the repository's root")
    _segments(text.removesuffix("/"), "a directory is named")
    if any(character in text for character in "*?"):
        raise ValueError(f"{quoted(text)} is a pattern: a directory is named in full")
    return text.removesuffix("/")


def data_file(text: str) -> str:
    """`text`. Raises: ValueError unless it names a file of data in the repository."""
    if not text.endswith((".json", ".yaml", ".yml")):
        raise ValueError(
            f"{quoted(text)} is no file of data: its name ends in .json, .yaml or .yml"
        )
    _segments(text, "a file is named")
    if any(character in text for character in "*?"):
        raise ValueError(f"{quoted(text)} is a pattern: a file is named in full")
    return text


def path_glob(text: str) -> str:
    """`text`. Raises: ValueError when it could never match a path, or not what it seems to say."""
    if not text:
        raise ValueError("this is empty: write ** for every path")
    if text.startswith("!"):
        raise ValueError(f"{quoted(text)}: a pattern cannot be turned round with !, use not_paths")
    _segments(text.removesuffix("/"), "a pattern is")
    if any(character in text for character in "[]{}"):
        raise ValueError(
            f"{quoted(text)}: [ ] and {{ }} mean nothing here; use *, ? or several patterns"
        )
    if any("**" in segment and segment != "**" for segment in text.split("/")):
        raise ValueError(f"{quoted(text)}: ** stands alone between slashes, as in **/*.tf")
    return text


def _segments(text: str, what: str) -> None:
    """Raises: ValueError unless `text` is a path below the root, spelt in its one way."""
    if len(text) > MAX_TEXT:
        raise ValueError(f"{len(text)} characters are more than {MAX_TEXT}")
    if not text.isprintable():
        raise ValueError(f"{quoted(text)} holds a character that cannot be seen")
    if text.startswith("/"):
        raise ValueError(f"{quoted(text)}: {what} from the root, without a leading /")
    if "\\" in text:
        raise ValueError(f"{quoted(text)}: directories are parted by /, not by a backslash")
    segments = text.split("/")
    if ".." in segments:
        raise ValueError(f"{quoted(text)}: .. leads out of the repository")
    if "." in segments or "" in segments:
        raise ValueError(f"{quoted(text)}: write it without . and without //")


def one_line(text: str) -> str:
    """`text`. Raises: ValueError unless it is a line that can be read."""
    if not text.strip() or text != text.strip() or not text.isprintable():
        raise ValueError(f"{quoted(text)} is not a line of text without spaces around it")
    if len(text) > MAX_TEXT:
        raise ValueError(f"{len(text)} characters are more than {MAX_TEXT}")
    return text


def exactly(*types: type) -> Callable[[object], object]:
    """A check for before pydantic's own, to which `true` is 1 and 1.0 is 1."""

    def check(value: object) -> object:
        if type(value) not in types:
            raise PydanticCustomError("another_type", "another type")
        return value

    return check


Directory = Annotated[str, AfterValidator(relative_directory)]
"""Of a repository: `infra/prod`; the root is written `.` and read as `""`."""
DataFile = Annotated[str, AfterValidator(data_file)]
"""Of a repository: `infra/library.yaml`."""
PathGlob = Annotated[str, AfterValidator(path_glob)]
Line = Annotated[str, AfterValidator(one_line)]
ProjectName = Annotated[
    str,
    Spelt(
        r"[A-Za-z0-9][A-Za-z0-9._/-]*",
        "a project's name (letters, digits and . _ / -, a letter or digit first)",
    ),
]
EnvironmentName = Annotated[
    str,
    Spelt(
        r"[A-Za-z0-9]([A-Za-z0-9._/ -]*[A-Za-z0-9._-])?",
        "an environment's name (letters, digits and . _ / - or spaces, a letter or digit first)",
    ),
]
KindGlob = Annotated[
    str,
    Spelt(
        r"[A-Za-z0-9._/*?-]+",
        "a type of resource (aws_iam_role, apps/v1/Deployment) or a pattern of one (aws_iam_*)",
        longest=200,
    ),
]
Login = Annotated[
    str,
    Spelt(r"[A-Za-z0-9_][A-Za-z0-9._\[\]-]*", "a login (without @; a group goes under groups)"),
]
Logins = Annotated[Some[Login], AfterValidator(distinct_people)]
GroupName = Annotated[
    str,
    Spelt(
        r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*",
        "a group's path or a team (platform, group/sub, organisation/team), without @",
        longest=255,
    ),
]
Namespace = Annotated[
    str,
    Spelt(
        r"[A-Za-z_*][A-Za-z0-9_.*\[\]\"-]*",
        "a Rego package (main, a.b) or a pattern of one (mrbot.*)",
        longest=200,
    ),
]
