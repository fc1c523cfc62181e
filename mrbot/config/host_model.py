"""The shape of the settings' `hosts`: a GitLab or GitHub that mrbot works with."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from mrbot.config.addresses import AbsolutePath, WebAddress, is_loopback
from mrbot.config.secret_source import SecretSource, text_or_source
from mrbot.config.spelling import PathGlob, Some, Spelt
from mrbot.config.strict import Strict

DEFAULT_URLS = {"gitlab": "https://gitlab.com", "github": "https://github.com"}
"""Where a host is unless the settings say it."""

_PROOFS = {"gitlab": ("token", "signing_token"), "github": ("secret",)}

_Proxy = Annotated[
    Annotated[WebAddress, Tag("(text)")] | Annotated[SecretSource, Tag("(source)")],
    Discriminator(text_or_source),
]


class WebhookEntry(Strict):
    """How deliveries of this host prove that they are its own."""

    token: SecretSource | None = Field(default=None, description="GitLab: the secret token.")
    signing_token: SecretSource | None = Field(
        default=None, description="GitLab 19 and later: the signing token (`whsec_...`)."
    )
    secret: SecretSource | None = Field(default=None, description="GitHub: the webhook's secret.")

    @model_validator(mode="after")
    def _says_something(self) -> WebhookEntry:
        if not self.model_fields_set:
            raise ValueError("this is empty: write how deliveries are proved")
        return self


class AppEntry(Strict):
    """A GitHub App: its installations give short-lived tokens, and only it can set its checks."""

    id: Annotated[int, Field(ge=1, le=2**53)] = Field(description="The App's id.")
    private_key: SecretSource = Field(description="The App's private key, in PEM.")


class HostEntry(Strict):
    """A GitLab or GitHub that mrbot works with."""

    name: Annotated[
        str, Spelt(r"[a-z0-9][a-z0-9-]*", "a host's name (lower case, digits and -)", longest=50)
    ] = Field(description="What it is called in addresses and records. Never change it later.")
    kind: Literal["gitlab", "github"] = Field(description="Which API it speaks.")
    plain_http: bool = Field(
        default=False,
        description="Whether `url` may be http:// on another machine: tokens then travel in clear.",
    )
    url: WebAddress | None = Field(
        default=None, description="Its address. Without it: gitlab.com or github.com."
    )
    projects: Some[PathGlob] = Field(
        description="The repositories that mrbot works for, as patterns: `group/**`. Deliveries of "
        "others are dropped."
    )
    token: SecretSource | None = Field(default=None, description="The bot's access token.")
    app: AppEntry | None = Field(default=None, description="GitHub: an App in place of `token`.")
    webhook: WebhookEntry | None = Field(
        default=None,
        description="How deliveries prove themselves. Without it none is accepted, and changes are "
        "never heard of.",
    )
    ca_file: AbsolutePath | None = Field(
        default=None, description="Certificates to trust in place of the system's, in PEM."
    )
    proxy: _Proxy | None = Field(
        default=None, description="An HTTP proxy's address; with a password, from a secret."
    )

    @field_validator("url")
    @classmethod
    def _in_private(cls, url: str | None, info: ValidationInfo) -> str | None:
        in_clear = url is not None and urlsplit(url).scheme == "http" and not is_loopback(url)
        if in_clear and not info.data.get("plain_http"):
            raise ValueError("tokens would travel in clear: write https://, or plain_http: true")
        return url

    @field_validator("webhook")
    @classmethod
    def _of_its_kind(
        cls, webhook: WebhookEntry | None, info: ValidationInfo
    ) -> WebhookEntry | None:
        kind = info.data.get("kind")
        given = webhook.model_fields_set if webhook is not None else set()
        if kind in _PROOFS and not given <= set(_PROOFS[kind]):
            raise ValueError(
                f"a {kind} host proves its deliveries with {' or '.join(_PROOFS[kind])}"
            )
        return webhook

    @model_validator(mode="after")
    def _can_log_in(self) -> HostEntry:
        if self.kind == "gitlab" and self.app is not None:
            raise ValueError("only a github host has an app: write token")
        if (self.token is None) == (self.app is None):
            also = " or app (exactly one of them)" if self.kind == "github" else ""
            raise ValueError(f"mrbot must log in: write token{also}")
        return self
