"""HTML from templates: everything is escaped, and nothing from outside can hide or turn text."""

from __future__ import annotations

import base64
import hashlib
import json
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from urllib.parse import quote, urlsplit

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from markupsafe import Markup

from mrbot.change.files import shown
from mrbot.ids import ChangeId, Json
from mrbot.resources.attributes import Absent, attribute_changes
from mrbot.resources.masking import dotted

TEXT_LIMIT = 2000
"""Characters of one text that a page shows; how many are left out is said."""

ROWS_LIMIT = 500
"""Rows of one table; how many are left out is said."""

ATTRIBUTES_LIMIT = 50
"""Attributes of one resource that a page shows; how many are left out is said."""

VALUE_LIMIT = 300
"""Characters of one attribute's value."""

_HERE = Path(__file__).parent
STYLE = (_HERE / "templates" / "style.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer. The one style sheet stands in the page and is allowed by its hash."""

_TONES = {
    "good": {"approved", "succeeded", "done", "merged"},
    "bad": {"rejected", "undecidable", "failed", "wrong-commit", "timed-out", "refused"},
    "busy": {"pending", "uncertain", "running", "dispatching"},
}

_VERDICTS = {
    "approved": "Approved",
    "pending": "Waiting",
    "rejected": "Blocked",
    "undecidable": "Cannot be decided, so not approved",
    "": "Being judged",
}


def page(template: str, **values: object) -> str:
    """The page. `values` may hold text from anywhere."""
    return _templates.get_template(template).render(**values)


def readable(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` with control and direction characters made visible, and cut at `limit` characters."""
    whole = shown(text) if _has_surrogates(text) else text
    cut = len(whole) - limit
    kept = "".join(
        letter
        if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"}
        else f"\\u{ord(letter):04x}"
        for letter in whole[:limit]
    )
    return kept if cut <= 0 else f"{kept}… ({cut:,} more characters)"


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def change_path(change: ChangeId) -> str:
    """The page of a change."""
    return f"/changes/{quote(change.repo.host)}/{quote(change.repo.path)}/{change.number}"


def _finalize(value: object) -> object:
    """Jinja gives every value here before it is escaped."""
    match value:
        case Markup():
            return value
        case str():
            return readable(value)
        case _:
            return "" if value is None else value


def _web_address(url: object) -> str:
    """`url` where a link may lead there, else nothing."""
    try:
        fine = isinstance(url, str) and urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        fine = False
    return str(url) if fine else ""


def _tone(state: str) -> str:
    return next((tone for tone, states in _TONES.items() if state in states), "calm")


def _verdict(name: str) -> str:
    return _VERDICTS.get(name, name)


def _moment(value: datetime | str) -> str:
    """To the minute, in UTC: stored times are."""
    text = value.isoformat() if isinstance(value, datetime) else value
    return f"{text[:16].replace('T', ' ')} UTC"


def _first(rows: Iterable[object]) -> list[object]:
    return list(islice(rows, ROWS_LIMIT))


def attributes(resource: dict[str, Json]) -> dict[str, object]:
    """The attributes that differ, each with its two values, and how many are left out."""
    before, after = resource.get("before"), resource.get("after")
    old = before if isinstance(before, dict) else {}
    new = after if isinstance(after, dict) else {}
    found = attribute_changes(old, new)
    rows = [
        {"name": dotted(one.path), "before": _value(one.before), "after": _value(one.after)}
        for one in islice(found, ATTRIBUTES_LIMIT)
    ]
    return {"rows": rows, "left": sum(1 for _ in found)}


def _value(value: Json | Absent) -> str:
    if isinstance(value, Absent):
        return ""
    return readable(json.dumps(value, sort_keys=True, ensure_ascii=False), VALUE_LIMIT)


class _Environment(Environment):
    """Jinja looks for an attribute before a key: a document's `update` would be a dict's method."""

    def getattr(self, obj: object, attribute: str) -> object:
        """The document's key, any other value's attribute."""
        if isinstance(obj, dict):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


def _environment() -> Environment:
    made = _Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        finalize=_finalize,
        undefined=ChainableUndefined,  # a record of another version may lack a part
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        style=Markup(STYLE),  # noqa: S704  # our own file
        rows_limit=ROWS_LIMIT,
        change_path=change_path,
    )
    made.filters.update(
        web_address=_web_address,
        tone=_tone,
        verdict=_verdict,
        moment=_moment,
        first_rows=_first,
        attributes=attributes,
    )
    return made


_templates = _environment()
