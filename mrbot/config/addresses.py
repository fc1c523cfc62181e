"""How paths and addresses are spelt in the settings.

No message quotes them: a secret may stand in the wrong place.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field

from mrbot.config.spelling import MAX_TEXT

DATABASES = ("sqlite:////", "postgresql://", "postgresql+psycopg://")
"""What a database's address begins with. SQLite's path is absolute, hence four slashes."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def absolute_path(text: str) -> str:
    """`text`. Raises: ValueError unless it is an absolute path in plain spelling."""
    path = PurePosixPath(text)
    if not path.is_absolute() or ".." in path.parts or not text.isprintable():
        raise ValueError("this is not an absolute path (/etc/mrbot/...) without ..")
    return text


def web_address(text: str) -> str:
    """`text` without a trailing `/`. Raises: ValueError unless it is an http(s) URL of a host."""
    parts = _split(text)
    if parts is None or not parts.hostname or parts.scheme not in {"http", "https"}:
        raise ValueError("this is not an address on the web: write https://host")
    if "@" in parts.netloc:
        raise ValueError("an address holds no password here: write {env: NAME} or {file: /path}")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise ValueError("this address must end before its ? or #")
    return text.rstrip("/")


def database_address(text: str) -> str:
    """`text`. Raises: ValueError unless it is a database's URL without a password."""
    parts = _split(text)
    if parts is None or not text.startswith(DATABASES):
        raise ValueError(f"a database's address begins with {', '.join(DATABASES)}")
    if parts.password or "password" in parts.query.lower():
        raise ValueError("a password is never written here: put the whole address in {env: NAME}")
    return text


def is_loopback(url: str | None) -> bool:
    """Whether the URL is one of this machine's own."""
    return urlsplit(url or "").hostname in _LOOPBACK


def _split(text: str) -> SplitResult | None:
    """The parts of a URL that every reader takes alike, None when there is doubt."""
    if not text.isprintable() or " " in text or "\\" in text or len(text) > MAX_TEXT:
        return None
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  reading it checks it
    except ValueError:
        return None
    return parts


AbsolutePath = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(absolute_path)]
WebAddress = Annotated[str, AfterValidator(web_address)]
DatabaseAddress = Annotated[str, AfterValidator(database_address)]
