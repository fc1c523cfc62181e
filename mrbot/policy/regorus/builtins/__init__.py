"""Functions of OPA that regorus lacks or gets wrong, written here, one module a family.

They run inside the worker, are added to the engine only when a policy calls them, and a family is
imported only then. Each answers what OPA answers or raises, and what is raised is the evaluation's
error: never a value that OPA would not give. The standard library, `re2`, `cryptography` and what
mrbot reads files with, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from mrbot.policy.regorus.builtins.deprecated import CALLED, NAMES
from mrbot.policy.regorus.builtins.values import exact, returned

Function = tuple[int, Callable[..., Any]]
"""How many arguments, and what answers them."""

FAMILIES: dict[str, tuple[str, ...]] = {
    "arrays": ("array.flatten",),
    "configs": ("parse_config",),
    "digests": (
        "crypto.hmac.equal",
        "crypto.hmac.md5",
        "crypto.hmac.sha1",
        "crypto.hmac.sha256",
        "crypto.hmac.sha512",
        "crypto.md5",
        "crypto.sha1",
        "crypto.sha256",
    ),
    "documents": (
        "json.filter",
        "json.is_valid",
        "json.marshal",
        "json.remove",
        "json.unmarshal",
        "yaml.is_valid",
        "yaml.unmarshal",
    ),
    "encodings": (
        "base64.decode",
        "base64.is_valid",
        "base64url.decode",
        "hex.decode",
    ),
    "expressions": (
        "regex.find_all_string_submatch_n",
        "regex.find_n",
        "regex.is_valid",
        "regex.match",
        "regex.replace",
        "regex.split",
        "regex.template_match",
    ),
    "globs": (
        "glob.match",
        "glob.quote_meta",
    ),
    "graphs": ("graph.reachable_paths",),
    "names": (
        "semver.compare",
        "semver.is_valid",
        "uuid.parse",
    ),
    "networks": (
        "net.cidr_contains",
        "net.cidr_contains_matches",
        "net.cidr_expand",
        "net.cidr_intersects",
        "net.cidr_is_valid",
        "net.cidr_merge",
        "net.cidr_overlap",
    ),
    "numbers": (
        "bits.and",
        "bits.lsh",
        "bits.negate",
        "bits.or",
        "bits.rsh",
        "bits.xor",
        "ceil",
        "floor",
        "format_int",
        "product",
        "sum",
        "to_number",
    ),
    "patches": ("json.patch",),
    "printing": ("sprintf",),
    "signatures": (
        "io.jwt.decode",
        "io.jwt.decode_verify",
        *(
            f"io.jwt.verify_{kind}{bits}"
            for kind in ("hs", "rs", "ps", "es")
            for bits in (256, 384, 512)
        ),
        "io.jwt.verify_eddsa",
    ),
    "text": (
        "indexof",
        "indexof_n",
        "lower",
        "replace",
        "strings.count",
        "strings.replace_n",
        "substring",
        "upper",
    ),
    "times": (
        "time.add_date",
        "time.clock",
        "time.date",
        "time.diff",
        "time.format",
        "time.parse_ns",
        "time.parse_rfc3339_ns",
        "time.weekday",
    ),
    "units": (
        "units.parse",
        "units.parse_bytes",
    ),
    "urls": (
        "urlquery.decode",
        "urlquery.decode_object",
        "urlquery.encode",
        "urlquery.encode_object",
    ),
}
"""The families and their functions."""

SHIMMED = {name: family for family, names in FAMILIES.items() for name in names}
"""Where each function is."""


OURS = frozenset(SHIMMED) | NAMES
"""All functions that are written here."""


def functions(names: Iterable[str]) -> dict[str, Function]:
    """Those of `names`, and of what they call, that are written here in Python."""
    wanted = set(names)
    wanted |= {CALLED[name] for name in wanted & CALLED.keys()}
    found = {}
    for name in sorted(wanted & SHIMMED.keys()):
        family = import_module(f"{__name__}.{SHIMMED[name]}")
        parameters, function = family.FUNCTIONS[name]
        found[name] = parameters, _guarded(function)
    return found


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(*arguments: Any) -> Any:  # noqa: ANN401
        for argument in arguments:
            exact(argument)
        return returned(function(*arguments))

    return guarded
