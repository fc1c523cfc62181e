"""The composition root: settings become adapters, adapters become the pipeline and the Flask app.

The only module that knows every adapter, and the only one that reads the clock.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mrbot.config.rulefile import parse_rules
from mrbot.config.settings_model import SHIPPED_NAMESPACES
from mrbot.config.settings_value import (
    GitHubApp,
    HostSettings,
    PolicyLibrary,
    PolicyServerSettings,
    Settings,
)
from mrbot.config.shipped import shipped
from mrbot.decision.glob import matches_any_path
from mrbot.decision.material import Organisation, PolicyFolder, ServedPolicies, TextFile
from mrbot.decision.ruleset import PolicyInput, Require
from mrbot.errors import BadSettings, HostFailure
from mrbot.git.command import Remote, basic
from mrbot.git.mirror import Mirror, mirror_directory
from mrbot.hosts.github import AppAuth, GitHubHost, TokenAuth
from mrbot.hosts.gitlab import GitLabHost
from mrbot.ids import HostKind, RepoId
from mrbot.inbox.worklist import Subject
from mrbot.pipeline.engine_log import log_notice
from mrbot.pipeline.tools import HostTools, MirroredRepository, Tools
from mrbot.plan.isolation import NoIsolation
from mrbot.plan.plan import PlanRunner
from mrbot.plan.process import Limits
from mrbot.plan.settle import Paths, settle_isolation
from mrbot.plan.terraform import TerraformRunner
from mrbot.plan.terraform_settings import TerraformSettings
from mrbot.plan.tool import settle_tool
from mrbot.plan.vault import Vault
from mrbot.policy.bundle import bundle
from mrbot.policy.finding import PolicyEngine, PolicyServer
from mrbot.policy.opa.connection import Address
from mrbot.policy.opa.remote import RemoteOpa
from mrbot.policy.served import NO_SERVER
from mrbot.policy.settle import settle
from mrbot.policy.testing.run import read_folder
from mrbot.secret import Secret
from mrbot.store.opening import open_store
from mrbot.store.retention import forget_deliveries
from mrbot.store.store import Store
from mrbot.webhook.hook import HookConfig

if TYPE_CHECKING:
    from flask import Flask

ENGINE_DEADLINE_S = 30.0
"""Seconds for one evaluation, where no settings say otherwise."""

PLAN_OUTPUT_BYTES = 1 << 20

DELIVERIES_KEPT = timedelta(days=30)
"""How long a delivery is known again: longer than hosts send one twice by themselves."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  # the one place where the clock is read


def settle_engine(choice: str) -> PolicyEngine:
    """The engine for a command that has no settings."""
    match choice:
        case "auto" | "opa" | "regorus":
            return settle(choice, None, ENGINE_DEADLINE_S)
        case _:
            raise BadSettings(f"there is no policy engine {choice!r}")


def organisation_of(
    settings: Settings | None, policies: Path | None, namespaces: tuple[str, ...] | None
) -> Organisation:
    """The organisation's rules, policies and owners, read whole.

    Without settings: mrbot's default rules, and the library that ships or the directory given.

    Raises: BadSettings, BadRules, BadPolicy when a file cannot be used.
    """
    default = shipped("config") / "default-rules.yml"
    rules = default if settings is None else settings.rules
    library: PolicyLibrary | PolicyServerSettings
    if settings is not None:
        library, owners = settings.policies, settings.policy_owners
    else:
        own = policies is not None
        library = PolicyLibrary(
            path=policies or shipped("policies"),
            namespaces=(namespaces or ("main",)) if own else SHIPPED_NAMESPACES,
            input=PolicyInput.CHANGE,
        )
        owners = Require(count=1, role="admin")
    # A file that cannot be used is told at start, not by the first change.
    parse_rules(_read(rules), rules.name, "organisation", names_elsewhere=True)
    return Organisation(
        rules=TextFile(path=rules.name, content=_read(rules)),
        default=rules == default,
        policies=_policies(library),
        namespaces=library.namespaces,
        input=library.input,
        owners=owners,
    )


def _policies(library: PolicyLibrary | PolicyServerSettings) -> PolicyFolder | ServedPolicies:
    match library:
        case PolicyServerSettings():
            return ServedPolicies(where=policy_address(library).where)
        case PolicyLibrary():
            files = read_folder(library.path)
            data = {str(path): _read(path) for path in library.data}
            if data:
                bundle("organisation", files, library.namespaces, data)
            return PolicyFolder(
                directory=str(library.path),
                origin="organisation",
                files=tuple(TextFile(path=path, content=text) for path, text in files.items()),
                data=tuple(TextFile(path=path, content=text) for path, text in data.items()),
            )


def policy_server(settings: Settings) -> PolicyServer:
    """The server that holds the organisation's policies, where one does. It is not asked yet."""
    match settings.policies:
        case PolicyServerSettings() as server:
            seconds = settings.engine.deadline_s
            return RemoteOpa(policy_address(server), seconds=seconds, expected=server.revisions)
        case PolicyLibrary():
            return NO_SERVER


def policy_address(server: PolicyServerSettings) -> Address:
    """Where the server is, and how it is reached."""
    return Address(
        url=server.url,
        socket=None if server.socket is None else str(server.socket),
        token=server.token,
        ca_file=None if server.ca_file is None else str(server.ca_file),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadSettings(f"{path} cannot be read: {error.strerror}") from error


@contextmanager
def local_runner() -> Iterator[PlanRunner]:
    """Plans for somebody who runs `mrbot review --plan`: as they are, on their own machine."""
    with tempfile.TemporaryDirectory(prefix="mrbot-plans-") as work:
        terraform = TerraformSettings(work=Path(work))
        key = Vault(Secret("mrbot review: what it plans is never kept"))
        yield TerraformRunner(terraform, settle_tool(), NoIsolation(), key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mrbot:
    """A composed mrbot: its settings, its store, and makers of the parts that each process needs."""

    settings: Settings
    store: Store
    hosts: Mapping[str, GitLabHost | GitHubHost]

    def tools(
        self,
        observe: Callable[[str], None] = lambda _step: None,
        *,
        pages: bool = False,
        **more: float,
    ) -> Tools:
        """Everything a worker needs. The engine's processes end with `tools.engine.close()`.
        `pages`: they are served, so comments and statuses may link to them."""
        settings = self.settings
        engine = settings.engine
        vault = Vault.from_file(settings.state / "key")
        return Tools(
            hosts={one.name: self._host_tools(one) for one in settings.hosts},
            store=self.store,
            engine=settle(engine.choice, engine.opa_path, engine.deadline_s, log_notice),
            server=policy_server(settings),
            organisation=organisation_of(settings, None, None),
            runner=self.runner(vault),
            vault=vault,
            checkouts=lambda: _checkout(settings.state.with_name(settings.state.name + "-plans")),
            clock=now,
            status_name=settings.status_name,
            public_url=settings.public_url if pages else None,
            observe=observe,
            **more,
        )

    def runner(self, vault: Vault) -> PlanRunner | None:
        """The plan runner in the isolation that was settled; None where there is no tool.

        Raises: BadSettings when there is a tool and no isolation, unless the settings say `none`.
        """
        settings, plan = self.settings, self.settings.plan
        try:
            tool = settle_tool(plan.tool)
        except BadSettings:
            if plan.tool != "auto":
                raise
            return None
        work = settings.state.with_name(settings.state.name + "-plans")
        private = (settings.state, settings.file, *settings.secret_files)
        isolation = settle_isolation(
            plan.isolation,
            Paths(
                work=work,
                private=private,
                readable=(*plan.readable_paths, *tool.readable),
                writable=plan.writable_paths,
            ),
            network=plan.network,
            must_run=(*tool.command, "version"),
            user=plan.user,
        )
        limits = Limits(seconds=plan.time_limit_s, output_bytes=PLAN_OUTPUT_BYTES)
        terraform = TerraformSettings(
            work=work,
            environment=dict(plan.environment),
            apply_environment=dict(plan.apply_environment),
            plan_limits=limits,
        )
        return TerraformRunner(terraform, tool, isolation, vault)

    def _host_tools(self, one: HostSettings) -> HostTools:
        host = self.hosts[one.name]
        mirrors = self.settings.state / "mirrors"

        def repository(repo: RepoId) -> MirroredRepository:
            return Mirror(mirror_directory(mirrors, repo), self.remote(one, repo))

        is_gitlab = one.kind == HostKind.GITLAB
        return HostTools(
            kind=one.kind,
            reader=host,
            writer=host,
            deployer=host,
            repository=repository,
            change_ref="refs/merge-requests/{number}/head"
            if is_gitlab
            else "refs/pull/{number}/head",
        )

    def remote(self, one: HostSettings, repo: RepoId) -> Remote:
        """Where git fetches the repository from, with the credential of this moment."""
        host = self.hosts[one.name]
        if isinstance(host, GitHubHost):
            authorization = basic("x-access-token", host.git_credential(repo))
        else:
            authorization = basic(
                "oauth2", one.login if isinstance(one.login, Secret) else Secret("")
            )
        return Remote(
            url=f"{one.url}/{repo.path}.git",
            authorization=authorization,
            ca_file=None if one.ca_file is None else str(one.ca_file),
            proxy=None if one.proxy is None else one.proxy.reveal(),
        )

    def web(self, *, pages: bool = False) -> Flask:
        """The Flask app: webhooks, health, metrics and, where they are allowed, pages."""
        from flask import Flask

        from mrbot.web import Metrics, web_blueprint
        from mrbot.webhook.routes import webhook_blueprint

        app = Flask("mrbot", static_folder=None)
        hooks = {one.name: self._hook(one) for one in self.settings.hosts}
        metrics = Metrics(self.store, now)
        app.register_blueprint(
            webhook_blueprint(hooks, self.store.inbox, now, count=metrics.count_delivery)
        )
        app.register_blueprint(web_blueprint(self.store, now, {}, pages=pages, metrics=metrics))
        return app

    def _hook(self, one: HostSettings) -> HookConfig:
        hook = one.webhook
        secret = None
        if hook is not None:
            secret = hook.token if one.kind == HostKind.GITLAB else hook.secret
        return HookConfig(
            name=one.name,
            kind=one.kind,
            secret=secret,
            signing_token=None if hook is None else hook.signing_token,
            accepts=lambda repo: matches_any_path(one.projects, repo.path),
            bots=self._bots(one),
        )

    def _bots(self, one: HostSettings) -> frozenset[str]:
        """The account mrbot writes as, so that its own comments are not taken for hints. Where the
        host cannot be asked now they are, which costs a look and changes nothing."""
        try:
            return frozenset({self.hosts[one.name].identity().id})
        except HostFailure:
            return frozenset()

    def sweep(self, *, everything: bool) -> int:
        """What is due is dirty: deployments to be looked at, and with `everything` each open change,
        so that no lost webhook is lost for good. Returns how many were marked."""
        due: set[Subject] = {one.intent.change for one in self.store.deployments.due(now())}
        for subject in due:
            self.store.worklist.mark(subject, now())
        if not everything:
            return len(due)
        forget_deliveries(self.store.engine, now() - DELIVERIES_KEPT)
        return len(due) + self.store.worklist.requeue_open(now())


@contextmanager
def _checkout(work: Path) -> Iterator[Path]:
    work.mkdir(mode=0o711, parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="checkout-", dir=work))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def compose(settings: Settings) -> Mrbot:
    """mrbot as the settings describe it. Nothing is sent to a host yet.

    Raises: BadSettings, StoreFailure.
    """
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    vault = Vault.from_file(settings.state / "key")
    return Mrbot(
        settings=settings,
        store=Store(open_store(settings.database.reveal()), vault),
        hosts={one.name: _host(one) for one in settings.hosts},
    )


def _host(one: HostSettings) -> GitLabHost | GitHubHost:
    proxy = None if one.proxy is None else one.proxy.reveal()
    match one.kind:
        case HostKind.GITLAB:
            if isinstance(one.login, GitHubApp):
                raise BadSettings(f"host {one.name}: GitLab knows no Apps: give a token")
            return GitLabHost(one.name, one.url, one.login, ca_file=one.ca_file, proxy=proxy)
        case HostKind.GITHUB:
            auth = (
                AppAuth(app_id=str(one.login.id), private_key=one.login.private_key)
                if isinstance(one.login, GitHubApp)
                else TokenAuth(token=one.login)
            )
            return GitHubHost(one.name, api_url(one.url), auth, ca_file=one.ca_file, proxy=proxy)
        case HostKind.LOCAL:
            raise BadSettings(f"host {one.name}: a local repository is reviewed, not served")


def api_url(url: str) -> str:
    """Where the API of the GitHub at this web address is.

    Source: https://docs.github.com/enterprise-server/rest/using-the-rest-api
    """
    return "https://api.github.com" if url == "https://github.com" else f"{url}/api/v3"
