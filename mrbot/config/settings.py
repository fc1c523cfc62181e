"""The server's settings: a YAML file, and secrets from the environment or from files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mrbot.config.host_model import DEFAULT_URLS, HostEntry
from mrbot.config.policy_model import PoliciesEntry
from mrbot.config.secret_source import Secrets
from mrbot.config.settings_model import (
    SHIPPED_NAMESPACES,
    OwnersEntry,
    PlanEntry,
    SettingsFile,
)
from mrbot.config.settings_value import (
    EngineSettings,
    GitHubApp,
    HostSettings,
    Listen,
    PlanSettings,
    PolicyLibrary,
    PolicyServerSettings,
    Settings,
    WebhookSecrets,
)
from mrbot.config.shipped import shipped
from mrbot.config.strict import MAX_BYTES, At, hold, load, problems
from mrbot.decision.ruleset import Require
from mrbot.errors import BadInput, BadSettings, Problem
from mrbot.ids import HostKind
from mrbot.secret import Secret

__all__ = ["Settings", "load_settings"]

DEFAULT_RULES = "default-rules.yml"
"""The rule file that ships with mrbot, in its `config` directory."""
SOCKET_URL = "http://localhost"
"""What requests over a Unix socket call their server."""
DATABASE_FILE = "mrbot.db"
"""SQLite's file within `state`, when the settings name no database."""


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in the file at `path`, with secrets out of `environ` and files.

    Raises: BadSettings with every bad key of the file; when there is none, with everything the
    settings name that is not there (variables, files).
    """
    name = str(path)
    try:
        document = load(_bytes(path), name)
    except BadInput as error:
        raise BadSettings(*error.problems) from error
    file, misshapen = hold(SettingsFile, {} if document.value is None else document.value)
    if file is None:
        raise BadSettings(*problems(document, name, misshapen))
    secrets = Secrets(environ)
    settings = _settings(file, path.absolute(), secrets)
    absent = (*secrets.problems, *_absent(file, settings))
    if absent:
        raise BadSettings(*problems(document, name, absent))
    return settings


def _bytes(path: Path) -> bytes:
    """Raises: BadSettings."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        advice = "mrbot init writes a first one"
        message = f"the settings cannot be read: {error.strerror} ({advice})"
        raise BadSettings(Problem(str(path), 0, message)) from error


def _settings(file: SettingsFile, path: Path, secrets: Secrets) -> Settings:
    hosts = tuple(_host(entry, index, secrets) for index, entry in enumerate(file.hosts))
    plan, database = _plan(file.plan, secrets), _database(file, secrets)
    host, _, port = file.listen.rpartition(":")
    return Settings(
        file=path,
        state=Path(file.state),
        database=database,
        listen=Listen(host=host.strip("[]"), port=int(port)),
        public_url=file.public_url,
        hosts=hosts,
        engine=EngineSettings(
            choice=file.engine, opa_path=file.opa.path, deadline_s=file.opa.deadline_s
        ),
        plan=plan,
        rules=Path(file.rules) if file.rules else shipped("config") / DEFAULT_RULES,
        policies=_policies(file.policies, secrets),
        policy_owners=_owners(file.policy_owners),
        status_name=file.status_name,
        workers=file.workers,
        poll=file.poll,
        secret_files=tuple(dict.fromkeys(secrets.files)),
    )


def _database(file: SettingsFile, secrets: Secrets) -> Secret:
    match file.database:
        case None:
            return Secret(f"sqlite:///{Path(file.state) / DATABASE_FILE}")
        case str(url):
            return Secret(url)
        case source:
            return secrets.read(source, ("database",))


def _host(entry: HostEntry, index: int, secrets: Secrets) -> HostSettings:
    at = ("hosts", index)
    return HostSettings(
        name=entry.name,
        kind=HostKind(entry.kind),
        url=entry.url or DEFAULT_URLS[entry.kind],
        login=_login(entry, at, secrets),
        webhook=_webhook(entry, at, secrets),
        projects=entry.projects,
        ca_file=Path(entry.ca_file) if entry.ca_file else None,
        proxy=Secret(entry.proxy)
        if isinstance(entry.proxy, str)
        else secrets.maybe(entry.proxy, (*at, "proxy")),
    )


def _login(entry: HostEntry, at: tuple[str, int], secrets: Secrets) -> Secret | GitHubApp:
    """`settings_model` has made sure that there is one of the two."""
    if entry.app is not None:
        key = secrets.read(entry.app.private_key, (*at, "app", "private_key"), lines=True)
        return GitHubApp(id=entry.app.id, private_key=key)
    assert entry.token is not None  # noqa: S101  for mypy
    return secrets.read(entry.token, (*at, "token"))


def _webhook(entry: HostEntry, at: tuple[str, int], secrets: Secrets) -> WebhookSecrets | None:
    if entry.webhook is None:
        return None
    return WebhookSecrets(
        token=secrets.maybe(entry.webhook.token, (*at, "webhook", "token")),
        signing_token=secrets.maybe(entry.webhook.signing_token, (*at, "webhook", "signing_token")),
        secret=secrets.maybe(entry.webhook.secret, (*at, "webhook", "secret")),
    )


def _plan(entry: PlanEntry, secrets: Secrets) -> PlanSettings:
    given = {
        key: tuple(
            (name, secrets.read(source, ("plan", key, name), lines=True))
            for name, source in variables.items()
        )
        for key, variables in (
            ("environment", entry.environment),
            ("apply_environment", entry.apply_environment),
        )
    }
    return PlanSettings(
        tool=entry.tool,
        isolation=entry.isolation,
        user=entry.user,
        network=entry.network,
        time_limit_s=entry.time_limit_s,
        environment=given["environment"],
        apply_environment=given["apply_environment"],
        readable_paths=tuple(map(Path, entry.readable_paths)),
        writable_paths=tuple(map(Path, entry.writable_paths)),
    )


def _policies(
    entry: PoliciesEntry | None, secrets: Secrets
) -> PolicyLibrary | PolicyServerSettings:
    entry = entry or PoliciesEntry()
    server, ships = entry.server, entry.path is None and entry.server is None
    asked = entry.namespaces or (SHIPPED_NAMESPACES if ships else ("main",))
    if server is None:
        return PolicyLibrary(
            path=shipped("policies") if entry.path is None else Path(entry.path),
            namespaces=asked,
            input=entry.input,
            data=tuple(map(Path, entry.data)),
        )
    return PolicyServerSettings(
        url=server.url or SOCKET_URL,
        socket=None if server.socket is None else Path(server.socket),
        token=secrets.maybe(server.token, ("policies", "server", "token")),
        ca_file=None if server.ca_file is None else Path(server.ca_file),
        revisions=tuple(sorted(server.revisions.items())),
        namespaces=asked,
        input=entry.input,
    )


def _owners(entry: OwnersEntry) -> Require:
    return Require(count=entry.count, users=entry.users, groups=entry.groups)


def _absent(file: SettingsFile, settings: Settings) -> list[At]:
    """Files and directories that the settings name and that are not there."""
    found: list[At] = []
    files: list[tuple[tuple[str | int, ...], Path | None]] = [
        *((("hosts", i, "ca_file"), host.ca_file) for i, host in enumerate(settings.hosts)),
        (("rules",), settings.rules),
    ]
    match settings.policies:
        case PolicyServerSettings(ca_file=ca_file):
            files.append((("policies", "server", "ca_file"), ca_file))
        case PolicyLibrary(path=folder):
            files += [
                (("policies", "data", i), path) for i, path in enumerate(settings.policies.data)
            ]
            if file.policies is not None and not folder.is_dir():
                found.append((("policies", "path"), f"there is no directory {folder}"))
    for at, path in files:
        if path is not None and not path.is_file():
            found.append((at, f"there is no file {path}"))
    return found
