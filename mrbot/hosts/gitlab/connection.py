"""python-gitlab with mrbot's transport below it, and the account that the token belongs to."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import requests
from gitlab import Gitlab

from mrbot.errors import Permanent
from mrbot.hosts import answers, transport
from mrbot.hosts.answers import Answer
from mrbot.hosts.failures import Advice
from mrbot.hosts.transport import Authorize, Transport, segment
from mrbot.ids import ChangeId, Person, RepoId
from mrbot.secret import Secret

ADVICE = Advice(
    unauthorized="the token was refused: it is wrong, expired or revoked; set a new one",
    forbidden="the token needs the scope `api`, and its account a higher role in the project",
    not_found="it is not there, or the token's account may not see it",
)

PER_PAGE = 100
PAGES_LIMIT = 100
"""How many pages of one list are read before giving up."""

_TOKEN_BOT = re.compile(r"(?:project|group)_\d+_bot(?:_[0-9a-f]+)?|service_account_.+")
"""Accounts that GitLab makes for access tokens and services; lists do not mark them as bots."""


class Connection:
    """Asks one GitLab. Every method raises `HostFailure` when there is no usable answer."""

    def __init__(
        self,
        name: str,
        url: str,
        token: Secret,
        *,
        session: requests.Session | None = None,
        ca_file: Path | None = None,
        proxy: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        transport.check_credential(name, token)
        self.name = name
        self.url = url.rstrip("/")
        self._transport = Transport(
            name, ADVICE, session=session, ca_file=ca_file, proxy=proxy, clock=clock
        )
        self._client = Gitlab(
            self.url, private_token=token.reveal(), session=_Session(self._transport)
        )
        self._bot: Person | None = None
        self._bot_lock = threading.Lock()

    def bot(self) -> Person:
        """The account of the token. One call, the first time only."""
        with self._bot_lock:
            if self._bot is None:
                account = self.get("/user")
                self._bot = Person(
                    id=str(account.number("id")), login=account.text("username"), is_bot=True
                )
            return self._bot

    def get(self, path: str, **query: object) -> Answer:
        """The object at `path`."""
        return self._object("get", path, query=query)

    def post(self, path: str, body: Mapping[str, object]) -> Answer:
        """What the POST of `body` made."""
        return self._object("post", path, body=body)

    def put(self, path: str, body: Mapping[str, object]) -> Answer:
        """What is at `path` after the PUT of `body`."""
        return self._object("put", path, body=body)

    def items(self, path: str, *, per_page: int = PER_PAGE, **query: object) -> Iterator[Answer]:
        """Every item of the list at `path`; a page is read when it is needed.

        Raises:
            Permanent: there are more than `PAGES_LIMIT` pages.
        """
        asked = self._transport.asked("get", f"{self.url}{path}")
        for page in range(1, PAGES_LIMIT + 1):
            response = self._client.http_request(
                "get", path, query_data={**query, "page": page, "per_page": per_page}
            )
            yield from answers.listed(asked, transport.documents(asked, response))
            if "next" not in response.links:
                return
        raise Permanent(f"{asked}: more than {PAGES_LIMIT * per_page} items, which is too many")

    def _object(
        self,
        verb: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        asked = self._transport.asked(verb, f"{self.url}{path}")
        response = self._client.http_request(
            verb, path, query_data=dict(query or {}), post_data=dict(body) if body else None
        )
        return Answer(asked, transport.documents(asked, response))


class _Session(requests.Session):
    """Sends what python-gitlab built. Failures leave through here as mrbot's own, so that nothing
    of python-gitlab's waiting and repeating ever begins."""

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport

    def request(  # type: ignore[override]  # only python-gitlab calls it
        self,
        method: str,
        url: str,
        *,
        auth: Authorize,
        headers: dict[str, str],
        params: object,
        json: object,
        **_: object,
    ) -> requests.Response:
        """The answer to one request.

        Raises:
            HostFailure: there is no success.
        """
        return self._transport.send(
            self._transport.asked(method, url),
            url, auth=auth, headers=headers, params=params, json=json,
        )  # fmt: skip


class Part:
    """What reader, writer and deployer share: the connection, and where things are."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def identity(self) -> Person:
        """The account that mrbot writes as. One call, the first time only."""
        return self._connection.bot()


def project(repo: RepoId) -> str:
    """The API path of a project."""
    return f"/projects/{segment(repo.path)}"


def merge_request(change: ChangeId) -> str:
    """The API path of a change."""
    return f"{project(change.repo)}/merge_requests/{change.number}"


def person(account: Answer) -> Person:
    """The account behind a user object."""
    login = account.text("username")
    return Person(
        id=str(account.number("id")), login=login,
        is_bot=bool(account.flag_or_none("bot")) or _TOKEN_BOT.fullmatch(login) is not None,
    )  # fmt: skip
