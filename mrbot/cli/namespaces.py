"""`--namespace`, as every command takes it: repeated, or several with commas between them."""

from __future__ import annotations

import click


def parted(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...]:
    """Each package that was named."""
    return tuple(one.strip() for several in given for one in several.split(","))
