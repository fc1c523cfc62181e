"""`mrbot doctor`: whether everything that a server needs is there, and how to mend what is not."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from sqlalchemy import make_url

from mrbot.cli.doctor_policies import policies_inspected
from mrbot.cli.ledger import is_file
from mrbot.config.settings import load_settings
from mrbot.config.settings_value import GitHubApp, HostSettings, Settings
from mrbot.decision.glob import matches_any_path
from mrbot.effects.escape import flat
from mrbot.errors import BadInput, BadSettings, HostFailure, MrbotError
from mrbot.git.command import Git, Remote, basic
from mrbot.hosts.github import AppAuth, TokenAuth
from mrbot.hosts.github.connection import Connection as GitHubConnection
from mrbot.hosts.github.inspect import GitHubInspector
from mrbot.hosts.gitlab.connection import Connection as GitLabConnection
from mrbot.hosts.gitlab.inspect import GitLabInspector
from mrbot.hosts.inspection import Expected, Inspected, Inspector, Level, missing, ok, warning
from mrbot.ids import HostKind, RepoId
from mrbot.plan.isolation import NoIsolation, label
from mrbot.plan.settle import Paths, settle_isolation
from mrbot.plan.tool import FoundTool, settle_tool
from mrbot.plan.vault import Vault
from mrbot.secret import Secret
from mrbot.store.opening import open_store

LINE_LIMIT = 900
"""Characters of one finding that are printed."""

_EXIT = {Level.OK: 0, Level.WARNING: 1, Level.MISSING: 2}


@click.command()
@click.option(
    "--config",
    default="mrbot.yml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The server's settings.",
)
@click.option(
    "--project",
    "projects",
    multiple=True,
    metavar="HOST:PATH",
    help="Look at this repository, too: one that a pattern of the settings allows (repeatable).",
)
def doctor(config: Path, projects: tuple[str, ...]) -> None:
    """Look at everything a server needs, and change nothing on any host.

    Run it as the user that mrbot runs as. Exits 0 when all is well, 1 with warnings, 2 when
    something is missing.
    """
    worst = Level.OK
    for one in _all(config, projects):
        print(f"{one.level:<8} {one.name}: {flat(one.found, LINE_LIMIT)}")
        if one.mend:
            print(f"{'':<8}   -> {flat(one.mend, LINE_LIMIT)}")
        worst = max(worst, one.level, key=_EXIT.__getitem__)
    sys.exit(_EXIT[worst])


def _all(config: Path, projects: tuple[str, ...]) -> Iterator[Inspected]:
    try:
        settings = load_settings(config, os.environ)
    except BadSettings as error:
        for problem in error.problems:
            yield missing(
                "settings", str(problem), "correct the file; mrbot init writes a first one"
            )
        return
    yield ok("settings", f"{settings.file} can be read")
    wanted = [_repo(text) for text in projects]
    for repo in wanted:
        if not any(host.name == repo.host for host in settings.hosts):
            raise BadSettings(f"--project {repo}: the settings have no host {repo.host!r}")
    yield from _storage(settings)
    yield from policies_inspected(settings)
    yield from _planning(settings)
    for host in settings.hosts:
        yield from _host(host, settings, [repo for repo in wanted if repo.host == host.name])


def _repo(text: str) -> RepoId:
    host, _, path = text.partition(":")
    if not (host and path):
        raise BadSettings(f"--project {text}: not of the form HOST:PATH")
    return RepoId(host, path)


def _storage(settings: Settings) -> Iterator[Inspected]:
    key = settings.state / "key"

    def usable() -> str:
        Vault.from_file(key)
        return f"{key} can be used"

    if key.exists():
        yield _tried("key", usable, "restore it from a backup: without it nothing sealed is read")
    else:
        yield _to_be_made("key", key)
    path = make_url(settings.database.reveal()).database if is_file(settings) else None
    if path is not None and not Path(path).exists():
        yield _to_be_made("storage", Path(path))
        return
    yield _tried("storage", lambda: _opened(settings), "see `database` in the settings")


def _opened(settings: Settings) -> str:
    engine = open_store(settings.database.reveal())
    engine.dispose()
    return f"{engine.dialect.name} answers, and its tables are of this version"


def _to_be_made(name: str, path: Path) -> Inspected:
    """Nothing is made here: it would belong to whoever runs this command."""
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if os.access(folder, os.W_OK | os.X_OK):
        return ok(name, f"{path} will be made at the first start")
    return missing(
        name,
        f"{path} is not there and cannot be made",
        f"install -d -m 700 -o <mrbot's user> {path.parent}",
    )


def _planning(settings: Settings) -> Iterator[Inspected]:
    plan = settings.plan
    try:
        tool = settle_tool(plan.tool)
    except BadSettings as error:
        if plan.tool != "auto":
            yield missing("terraform", str(error), "see `plan.tool` in the settings")
        else:
            mend = "install tofu or terraform, if Terraform projects are to be planned"
            yield warning("terraform", f"nothing is planned: {error}", mend)
        return
    yield ok("terraform", f"{tool.tool.name} {tool.tool.version} ({tool.tool.origin})")
    if plan.isolation == "none":
        yield warning(
            "isolation",
            f"{label(NoIsolation())}: its key, its tokens and its database",
            "write `isolation: auto`, unless everybody who can open a change is trusted so far",
        )
        return
    yield _tried("isolation", lambda: _isolation(settings, tool), "see `plan.isolation`")


def _isolation(settings: Settings, tool: FoundTool) -> str:
    plan = settings.plan
    with tempfile.TemporaryDirectory(prefix="mrbot-doctor-") as made:
        Path(made).chmod(0o711)  # another user has to pass through
        paths = Paths(
            work=Path(made) / "work",
            private=(settings.state, settings.file, *settings.secret_files),
            readable=(*plan.readable_paths, *tool.readable),
            writable=plan.writable_paths,
        )
        command = (*tool.command, "version")
        found = settle_isolation(
            plan.isolation, paths, network=plan.network, must_run=command, user=plan.user
        )
    return f"{label(found)}, proved on this machine"


def _host(host: HostSettings, settings: Settings, further: list[RepoId]) -> Iterator[Inspected]:
    try:
        inspector = _inspector(host)
        bot = inspector.identity()
    except (HostFailure, BadInput) as error:
        yield missing(f"{host.name} credentials", str(error), "see `hosts` in the settings")
        return
    yield ok(f"{host.name} credentials", f"mrbot is {bot.login} (id {bot.id})")
    urls: tuple[str, ...] = ()
    if host.webhook is None:
        found = f"no delivery is accepted: changes are found by polling, every {settings.poll} s"
        yield warning(f"{host.name} webhook", found, "write `webhook` in the settings")
    elif settings.public_url is None:
        found = "whether webhooks lead here cannot be told"
        yield warning(f"{host.name} webhook", found, "write `public_url` in the settings")
    else:
        urls = _hook_urls(host, settings, settings.public_url.rstrip("/"))
    expected = Expected(hook_urls=urls, status_name=settings.status_name)
    patterns = [one for one in host.projects if _is_pattern(one)]
    named = [RepoId(host.name, one) for one in host.projects if not _is_pattern(one)]
    for repo in dict.fromkeys((*named, *further)):
        yield from _repository(inspector, host, repo, expected)
    if patterns and not further:
        yield ok(
            f"{host.name} projects",
            f"{', '.join(patterns)}: not looked into; name a project with --project {host.name}:PATH",
        )


def _hook_urls(host: HostSettings, settings: Settings, public: str) -> tuple[str, ...]:
    """The first host of its kind needs no name."""
    short = f"{public}/webhooks/{host.kind}"
    first = next(one for one in settings.hosts if one.kind == host.kind)
    return (f"{short}/{host.name}", *([short] if first == host else []))


def _is_pattern(glob: str) -> bool:
    return any(sign in glob for sign in "*?") or glob.endswith("/")


def _repository(
    inspector: Inspector, host: HostSettings, repo: RepoId, expected: Expected
) -> Iterator[Inspected]:
    if not matches_any_path(host.projects, repo.path):
        mend = f"add it to `projects` of host {host.name}"
        yield missing(f"{repo} allowed", "the settings do not name it", mend)
    for one in inspector.inspect(repo, expected):
        yield Inspected(name=f"{repo} {one.name}", level=one.level, found=one.found, mend=one.mend)
    mend = "give the credential the right to read the repository (GitLab: scope api)"
    yield _tried(f"{repo} git", lambda: _fetchable(inspector, host, repo), mend)


def _fetchable(inspector: Inspector, host: HostSettings, repo: RepoId) -> str:
    authorization = (
        basic("x-access-token", inspector.credential(repo))
        if isinstance(inspector, GitHubInspector)
        else basic("oauth2", host.login if isinstance(host.login, Secret) else Secret(""))
    )
    remote = Remote(
        url=f"{host.url}/{repo.path}.git",
        authorization=authorization,
        ca_file=None if host.ca_file is None else str(host.ca_file),
        proxy=None if host.proxy is None else host.proxy.reveal(),
    )
    with tempfile.TemporaryDirectory(prefix="mrbot-doctor-") as folder:
        heads = Git(directory=Path(folder), remote=remote).run(["ls-remote", "--heads", remote.url])
    return f"git reads it ({len(heads.splitlines())} branches)"


def _inspector(host: HostSettings) -> Inspector:
    """Raises: BadSettings when the login is no login."""
    proxy = None if host.proxy is None else host.proxy.reveal()
    match host.kind, host.login:
        case HostKind.GITLAB, Secret() as token:
            return GitLabInspector(
                GitLabConnection(host.name, host.url, token, ca_file=host.ca_file, proxy=proxy)
            )
        case HostKind.GITHUB, login:
            app = login.id if isinstance(login, GitHubApp) else None
            auth = (
                AppAuth(app_id=str(login.id), private_key=login.private_key)
                if isinstance(login, GitHubApp)
                else TokenAuth(token=login)
            )
            api = "https://api.github.com" if host.url == "https://github.com" else None
            connection = GitHubConnection(
                host.name, api or f"{host.url}/api/v3", auth, ca_file=host.ca_file, proxy=proxy
            )
            return GitHubInspector(connection, app)
        case _:
            raise BadSettings(f"host {host.name}: a {host.kind} host cannot log in so")


def _tried(name: str, check: Callable[[], str], mend: str) -> Inspected:
    """What the check says; that it is missing where it fails."""
    try:
        return ok(name, check())
    except (MrbotError, OSError) as error:
        return missing(name, str(error), mend)
