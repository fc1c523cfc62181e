"""Words that are credentials whatever they are called: tokens with a prefix, the password in an
address, hashes of passwords.

Sources: https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
https://docs.gitlab.com/security/tokens/ https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int, str]
"""Where a secret is in its line, and what it is called."""

_NO_ADDRESS = (
    r"(?!(?:[A-Za-z]{1,10}://)?(?:[\w.:-]{0,100}@)?"
    r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?![\w.-]))"
)
"""What follows is no host's name: after `curl authorization: token`, it would be where to go."""
_SHAPES = re.compile(
    r"://[^\s/:\"';|&<>()`]{0,200}:(?P<address_password>[^\s/\"';|&<>()$`]{1,8000})@"
    r"|(?<=[ \t])-(?:u|-user)[ \t=]{1,20}[\"']?[^\s:/\"';|&<>()`]{1,200}:"
    r"(?P<user_password>[^\s\"';|&<>]{1,500})"
    r"|\$(?P<password_hash>(?:2[abxy]|5|6|y|apr1|argon2[a-z]{1,2})\$[A-Za-z0-9./$,=+-]{8,500})"
    r"|(?<![A-Za-z0-9])(?=[ABISabdeghinprsx])(?:"
    r"(?P<aws_access_key>A[KS]IA[A-Z0-9]{16})"
    r"|(?P<github_token>gh[oprsu]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})"
    r"|(?P<gitlab_token>gl(?:pat|ptt|rt|dt|cbt|soat|ft|agent|oas)-[A-Za-z0-9_.-]{16,255})"
    r"|(?P<slack_token>(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{8,255})"
    r"|(?P<jwt>(?<![_-])eyJ[A-Za-z0-9_-]{8,4000}+\.[A-Za-z0-9_-]{2,8000}(?:\.[A-Za-z0-9_-]{0,4000})?)"
    r"|(?P<api_key>[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}|AIza[A-Za-z0-9_-]{35}"
    r"|SG\.[A-Za-z0-9_-]{16,255}\.[A-Za-z0-9_-]{16,255}|sk-[A-Za-z0-9_-]{20,255})"
    r"|(?P<registry_token>npm_[A-Za-z0-9]{30,255}|pypi-[A-Za-z0-9_-]{30,4000}"
    r"|dckr_pat_[A-Za-z0-9_-]{20,255}|hv[bsr]\.[A-Za-z0-9_-]{20,4000})"
    r"|(?<!_)(?:"
    r"(?i:authorization)[\"']?(?:[ \t]{0,20}[:=,][ \t]{0,20}|[ \t]{1,40})[\"']?"
    rf"(?i:bearer|basic|token|digest|apikey)[ \t]{{1,20}}{_NO_ADDRESS}"
    r"(?P<authorization>[^\s\"';|&<>]{1,8000})"
    rf"|(?i:bearer)[ \t]{{1,20}}{_NO_ADDRESS}(?P<bearer>[A-Za-z0-9._~+/=-]{{16,8000}})"
    r"|(?i:stats)[ \t]{1,20}(?i:auth)[ \t]{1,20}[^\s:;|&<>()`]{1,200}:"
    r"(?P<stats_password>[^\s;|&<>()$`]{1,500})(?!\S)"
    r"|(?i:identified)[ \t]{1,20}(?i:(?:with[ \t]{1,20}\S{1,100}[ \t]{1,20})?by)[ \t]{1,20}"
    r"(?i:password[ \t]{1,20})?[\"'](?P<identified_by>[^\s\"';|&<>()$`]{1,500})(?=[\"']|\Z)"
    r"))"
)
"""Every repetition is bounded, or ends where the next could begin, so a line costs time in
proportion to its length. What a shell would run is no part of a password, nor of the name before it:
what may be code is shown, though it be a password."""

_REFERENCE = re.compile(
    r"\$\{\{[^{}\"']*+\}\}|\$\{[\w.\[\]]++\}|\$\[\[[^\[\]]*+\]\]|\$\$?\w++|\{\{[^{}\"']*+\}\}"
    r"|<%=?[^%\"'<>]*+%>|%\(\w++\)s|%\w++%|@\w++@|\{\w++\}"
)


def is_reference(text: str) -> bool:
    """Whether `text` names a value that is elsewhere. One with a default (`${X:-y}`) is none."""
    return bool(_REFERENCE.fullmatch(text))


def _is_code(text: str) -> bool:
    """Whether `text` names a value, or runs a command for it: no secret, and to be read."""
    return is_reference(text) or "$(" in text or "`" in text


def credentials(line: str) -> Iterator[Span]:
    """The credentials in `line`, by their shape."""
    for found in _SHAPES.finditer(line):
        kind = found.lastgroup
        if kind is not None and not _is_code(found[kind]):
            yield *found.span(kind), kind.replace("_", " ")
