"""The shape of the settings' `policies`: where the organisation's policies are."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from mrbot.config.addresses import AbsolutePath, WebAddress, is_loopback
from mrbot.config.complaint import quoted
from mrbot.config.secret_source import SecretSource
from mrbot.config.spelling import Namespace, Some, Spelt
from mrbot.config.strict import Strict
from mrbot.decision.ruleset import PolicyInput

MAX_BUNDLES = 64
"""Most bundles whose revision is named."""
MAX_SOCKET_PATH = 100
"""Longest path of a Unix socket, in characters: the kernel takes 107 bytes."""

_PLAIN_PACKAGE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_Text = Annotated[str, Spelt(r"[!-~]+", "plain text without spaces", longest=200)]


class PolicyServerEntry(Strict):
    """An OPA server that you run and that holds the organisation's policies, in bundles."""

    plain_http: bool = Field(
        default=False,
        description="Whether `url` may be http:// on another machine: the token and what the "
        "policies judge then travel in clear, and anybody on the way can change the verdict.",
    )
    url: WebAddress | None = Field(default=None, description="Its address.")
    socket: AbsolutePath | None = Field(
        default=None, max_length=MAX_SOCKET_PATH, description="Or the Unix socket it listens on."
    )
    token: SecretSource | None = Field(default=None, description="The bearer token it asks for.")
    ca_file: AbsolutePath | None = Field(
        default=None, description="Certificates to trust in place of the usual ones, in PEM."
    )
    revisions: Annotated[dict[_Text, _Text], Field(max_length=MAX_BUNDLES)] = Field(
        default={},
        description="Bundles that must be of exactly this revision. Of others any will do, and is "
        "recorded.",
    )

    @field_validator("url")
    @classmethod
    def _in_private(cls, url: str | None, info: ValidationInfo) -> str | None:
        in_clear = url is not None and urlsplit(url).scheme == "http" and not is_loopback(url)
        if in_clear and not info.data.get("plain_http"):
            raise ValueError("anybody could change verdicts: write https://, or plain_http: true")
        return url

    @model_validator(mode="after")
    def _is_somewhere(self) -> PolicyServerEntry:
        if (self.url is None) == (self.socket is None):
            raise ValueError("write where it is: exactly one of url and socket")
        if self.socket is not None and self.ca_file is not None:
            raise ValueError("a socket has no certificate: leave ca_file out")
        return self


class PoliciesEntry(Strict):
    """The organisation's Rego policies, for every repository."""

    path: AbsolutePath | None = Field(
        default=None,
        description="The directory they lie in. Without it: those that ship with mrbot.",
    )
    server: PolicyServerEntry | None = Field(
        default=None, description="In place of path: the OPA server that holds them."
    )
    namespaces: Some[Namespace] | None = Field(
        default=None,
        description="The Rego packages that are asked. Without it: main, or all that ship.",
    )
    data: Some[AbsolutePath] = Field(
        default=(),
        description="Files, JSON or YAML, that are merged into their `data`: `library` sets the "
        "policies that ship.",
    )
    input: PolicyInput = Field(
        default=PolicyInput.CHANGE,
        description="What they judge: change, plan, document or combined.",
    )

    @model_validator(mode="after")
    def _what_ships_judges_changes(self) -> PoliciesEntry:
        ships = self.path is None and self.server is None
        if ships and self.input is not PolicyInput.CHANGE:
            raise ValueError(
                "the policies that ship judge the change: leave input out, or say the path of others"
            )
        return self

    @model_validator(mode="after")
    def _are_in_one_place(self) -> PoliciesEntry:
        if self.server is None:
            return self
        if self.path is not None:
            raise ValueError("write where they are: path or server, not both")
        if self.data:
            raise ValueError("a server has its data in its bundles: leave data out")
        for name in self.namespaces or ():
            if not _PLAIN_PACKAGE.fullmatch(name):
                raise ValueError(
                    f"{quoted(name)}: packages on a server are named one by one, as main or a.b"
                )
        return self
