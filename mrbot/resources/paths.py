"""Places within a JSON value."""

from __future__ import annotations

Path = tuple[str | int, ...]
"""Keys and indices from the root of a JSON value to one inside it."""
