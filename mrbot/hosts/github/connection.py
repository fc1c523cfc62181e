"""One GitHub: its requests with the right credential, its lists, and the bot's own account."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import requests

from mrbot.errors import Permanent
from mrbot.hosts.answers import Answer
from mrbot.hosts.failures import Advice
from mrbot.hosts.github.credentials import (
    AppAuth,
    AppCredentials,
    Credentials,
    TokenAuth,
    TokenCredentials,
)
from mrbot.hosts.github.wire import PER_PAGE, Reply, Wire
from mrbot.hosts.transport import Transport, check_credential, segment
from mrbot.ids import Person, RepoId
from mrbot.secret import Secret

ADVICE = Advice(
    unauthorized="the credential was refused: it is wrong, expired or revoked; set a new one",
    forbidden="grant the App (or token) that permission, and accept it where it is installed",
    not_found="it is not there, or the App (or token) may not see it",
)

PAGES_LIMIT = 100
"""How many pages of one list are read before giving up."""


class Connection:
    """Asks one GitHub. Every method raises `HostFailure` when there is no usable answer; `account`
    is the owner of the repository or team that the request is about."""

    def __init__(
        self,
        name: str,
        api_url: str,
        auth: TokenAuth | AppAuth,
        *,
        session: requests.Session | None = None,
        ca_file: Path | None = None,
        proxy: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        transport = Transport(
            name, ADVICE, session=session, ca_file=ca_file, proxy=proxy, clock=clock
        )
        self.name = name
        if isinstance(auth, TokenAuth):
            check_credential(name, auth.token)
        self.is_app = isinstance(auth, AppAuth)
        self.web_url = _web_url(api_url)
        self._wire = Wire(api_url, transport)
        self._credentials: Credentials = (
            AppCredentials(auth, self._wire, clock)
            if isinstance(auth, AppAuth)
            else TokenCredentials(auth, self._wire)
        )
        self._bot: Person | None = None
        self._bot_lock = threading.Lock()

    def bot(self) -> Person:
        """Who mrbot is here. One call (an App: two, and those for a token), the first time only."""
        with self._bot_lock:
            if self._bot is None:
                self._bot = self._credentials.bot()
            return self._bot

    def credential(self, account: str) -> Secret:
        """What a request for the account's repositories is authorised with now."""
        return self._credentials.of(account)

    def ask(
        self,
        method: str,
        account: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Reply:
        """The answer to one request. A refused token of an App is replaced, once."""
        credential = self._credentials.of(account)
        try:
            return self._wire.ask(method, path, credential, query=query, body=body)
        except Permanent as failure:
            refused = failure.status == HTTPStatus.UNAUTHORIZED
            if not (refused and self._credentials.forget(account, credential)):
                raise
        return self._wire.ask(method, path, self._credentials.of(account), query=query, body=body)

    def get(self, account: str, path: str) -> Answer:
        """The object at `path`."""
        return self.ask("GET", account, path).answer()

    def post(self, account: str, path: str, body: Mapping[str, object]) -> Answer:
        """What the POST of `body` made."""
        return self.ask("POST", account, path, body=body).answer()

    def patch(self, account: str, path: str, body: Mapping[str, object]) -> Answer:
        """What is at `path` after the PATCH with `body`."""
        return self.ask("PATCH", account, path, body=body).answer()

    def items(
        self, account: str, path: str, *, inside: str | None = None, **query: object
    ) -> Iterator[Answer]:
        """Every item of the list at `path` (`inside`: of the object there); a page is read when it
        is needed.

        Raises:
            Permanent: there are more than `PAGES_LIMIT` pages.
        """
        for page in range(1, PAGES_LIMIT + 1):
            paged = {**query, "page": page, "per_page": PER_PAGE}
            reply = self.ask("GET", account, path, query=paged)
            yield from reply.items(inside)
            if not reply.more:
                return
        raise Permanent(f"{self.name}: GET {path}: more than {PAGES_LIMIT * PER_PAGE} items")


class Part:
    """What reader, writer and deployer share: the connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def identity(self) -> Person:
        """The account that mrbot writes as (an App: `<slug>[bot]`); asked for once."""
        return self._connection.bot()


def owner(repo: RepoId) -> str:
    """The account that a repository belongs to."""
    return repo.path.partition("/")[0]


def repository(repo: RepoId) -> str:
    """The API path of a repository.

    Raises:
        Permanent: its path is not `owner/name`.
    """
    account, _, name = repo.path.partition("/")
    if "/" in name:
        raise Permanent(f"{repo}: a GitHub repository is named owner/name")
    return f"/repos/{segment(account)}/{segment(name)}"


def _web_url(api_url: str) -> str:
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
