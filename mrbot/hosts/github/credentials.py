"""As whom mrbot speaks to GitHub: with a person's token, or as an App.

Source: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import github.Auth
import jwt

from mrbot.errors import Permanent
from mrbot.hosts.answers import Answer
from mrbot.hosts.github.wire import PER_PAGE, Wire
from mrbot.ids import Person
from mrbot.secret import Secret

RENEW_BEFORE_S = 300.0
"""How long before its end an installation's token is replaced; it lasts an hour."""

INSTALLATION_PAGES_LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAuth:
    """A personal access token, whose owner writes the comments and statuses."""

    token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AppAuth:
    """A GitHub App (`app_id`: its number or client id) with its private key in PEM."""

    app_id: str
    private_key: Secret


class Credentials(Protocol):
    """Hands out what a request is authorised with. Raises as the readers do."""

    def of(self, account: str) -> Secret:
        """The credential for that account's repositories."""
        ...

    def forget(self, account: str, credential: Secret) -> bool:
        """Whether another credential than the refused one can be had now."""
        ...

    def bot(self) -> Person:
        """Who mrbot is there."""
        ...


class TokenCredentials:
    """The same token everywhere."""

    def __init__(self, auth: TokenAuth, wire: Wire) -> None:
        self._token = auth.token
        self._wire = wire

    def of(self, account: str) -> Secret:
        """The token."""
        del account
        return self._token

    def forget(self, account: str, credential: Secret) -> bool:
        """There is no other."""
        del account, credential
        return False

    def bot(self) -> Person:
        """The token's owner. One call."""
        return person(self._wire.ask("GET", "/user", self._token).answer())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lease:
    token: Secret
    ends_at: float


class AppCredentials:
    """A token per account that the App is installed on, renewed before it ends."""

    def __init__(self, auth: AppAuth, wire: Wire, clock: Callable[[], float]) -> None:
        self._auth = auth
        self._wire = wire
        self._clock = clock
        self._lock = threading.Lock()
        self._installations: dict[str, int] = {}
        self._leases: dict[str, _Lease] = {}

    def of(self, account: str) -> Secret:
        """The installation's token; one call an hour, and one more for an account not yet known.

        Raises:
            Permanent: the App is not installed there.
        """
        account = account.casefold()
        with self._lock:
            lease = self._leases.get(account)
            if lease is None or lease.ends_at - RENEW_BEFORE_S <= self._clock():
                lease = self._leases[account] = self._lease(account)
            return lease.token

    def forget(self, account: str, credential: Secret) -> bool:
        """A refused token is not used again; the next `of` takes a new one."""
        with self._lock:
            lease = self._leases.get(account.casefold())
            if lease is not None and lease.token == credential:
                del self._leases[account.casefold()]
        return True

    def bot(self) -> Person:
        """The App's own account, `<slug>[bot]`. Two calls, beside those for a token."""
        slug = self._as_app("GET", "/app").text("slug")
        with self._lock:
            account = next(iter(self._installations), "") or self._first_account()
        login = f"{slug}[bot]"
        path = f"/users/{slug}%5Bbot%5D"
        found = self._wire.ask("GET", path, self.of(account)).answer()
        return Person(id=str(found.number("id")), login=login, is_bot=True)

    def _lease(self, account: str) -> _Lease:
        if account not in self._installations:
            self._read_installations()
        if account not in self._installations:
            raise Permanent(
                f"{self._wire.host}: the App {self._auth.app_id} is not installed on {account!r}, "
                "or is suspended there; install it on that account"
            )
        path = f"/app/installations/{self._installations[account]}/access_tokens"
        try:
            answer = self._as_app("POST", path)
        except Permanent:
            # Installed anew, it has another number: the next try looks it up again.
            del self._installations[account]
            raise
        ends_at = answer.time("expires_at").timestamp()
        return _Lease(token=Secret(answer.text("token")), ends_at=ends_at)

    def _first_account(self) -> str:
        self._read_installations()
        for account in self._installations:
            return account
        raise Permanent(f"{self._wire.host}: the App {self._auth.app_id} is installed nowhere")

    def _read_installations(self) -> None:
        found: dict[str, int] = {}
        for page in range(1, INSTALLATION_PAGES_LIMIT + 1):
            query = {"page": page, "per_page": PER_PAGE}
            reply = self._wire.ask("GET", "/app/installations", self._signed(), query=query)
            for one in reply.items(None):
                if one.text_or_none("suspended_at") is None:
                    account = one.part("account")
                    name = account.text_or_none("login") or account.text("slug")
                    found[name.casefold()] = one.number("id")
            if not reply.more:
                break
        self._installations = found

    def _as_app(self, method: str, path: str) -> Answer:
        return self._wire.ask(method, path, self._signed(), harmless=True).answer()

    def _signed(self) -> Secret:
        """A new JSON Web Token of the App.

        Raises:
            Permanent: the private key is none.
        """
        auth = github.Auth.AppAuth(self._auth.app_id, self._auth.private_key.reveal())
        try:
            return Secret(auth.create_jwt())
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            raise Permanent(
                f"{self._wire.host}: the private key of App {self._auth.app_id} cannot be read: "
                "give the whole PEM file that GitHub made"
            ) from error


def person(account: Answer) -> Person:
    """The account behind a user object."""
    return Person(
        id=str(account.number("id")), login=account.text("login"),
        is_bot=account.text_or_none("type") == "Bot",
    )  # fmt: skip


NOBODY = Person(id="deleted", login="ghost")
"""Stands for an account that was deleted. No repository gives it a right."""


def person_or_ghost(account: Answer | None) -> Person:
    """The account behind a user object, `NOBODY` where GitHub has none any more."""
    return NOBODY if account is None else person(account)
