"""Secrets read from where the settings say they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from mrbot.config.addresses import AbsolutePath
from mrbot.config.strict import At, Strict
from mrbot.secret import Secret

MAX_SECRET_BYTES = 64 * 1024
"""Longest secret, in bytes; private keys have a few thousand."""


class SecretSource(Strict):
    """Where a secret is read from: `{env: NAME}` or `{file: /path}`. It is never written here."""

    model_config = ConfigDict(json_schema_extra={"writeOnly": True})

    # Upper case alone, so that a token in this place is never taken for a name and told.
    env: Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]{0,99}$")] | None = Field(
        default=None, description="The name of an environment variable, in upper case."
    )
    file: AbsolutePath | None = Field(
        default=None, description="The absolute path of a file that holds nothing else."
    )

    @model_validator(mode="after")
    def _one_source(self) -> SecretSource:
        if len(self.model_fields_set) != 1:
            raise ValueError("write exactly one of {env: NAME} and {file: /path}")
        return self


def text_or_source(value: object) -> str:
    """Which branch of a union of text and `SecretSource` a value is."""
    return "(source)" if isinstance(value, dict | Strict) else "(text)"


_NONE = Secret("")
_Path = tuple[str | int, ...]


class Secrets:
    """Reads secrets; what went wrong is collected in `problems`, and `files` are those read."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[At] = []
        self.files: list[Path] = []

    def read(self, source: SecretSource, at: _Path, *, lines: bool = False) -> Secret:
        """The secret; an empty one where there is a problem. Ends of lines after it do not belong
        to it, and none within it does unless `lines`."""
        if source.env is not None:
            name = f"the environment variable {source.env}"
            value = self._environ.get(source.env)
            return (
                self._checked(value, name, at, lines)
                if value is not None
                else self._bad(at, f"{name} is not set")
            )
        path = Path(source.file or "")
        self.files.append(path)
        try:
            with path.open("rb") as file:
                raw = file.read(MAX_SECRET_BYTES + 1)
            return self._checked(raw.decode(), f"the file {path}", at, lines)
        except OSError as error:
            return self._bad(at, f"the file {path} cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            return self._bad(at, f"the file {path} is not text")

    def maybe(self, source: SecretSource | None, at: _Path) -> Secret | None:
        """The secret, None when no source was written."""
        return None if source is None else self.read(source, at)

    def _checked(self, text: str, name: str, at: _Path, lines: bool) -> Secret:
        value = text.rstrip("\r\n")
        if not value.strip():
            return self._bad(at, f"{name} is empty")
        if len(text.encode("utf-8", "surrogateescape")) > MAX_SECRET_BYTES:
            return self._bad(at, f"{name} holds more than {MAX_SECRET_BYTES} bytes")
        if not lines and not value.isprintable():
            return self._bad(at, f"{name} holds more than one line of text")
        return Secret(value)

    def _bad(self, at: _Path, message: str) -> Secret:
        self.problems.append((at, message))
        return _NONE
