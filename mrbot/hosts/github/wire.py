"""PyGithub with mrbot's transport below it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import requests
from github.Requester import HTTPSRequestsConnectionClass, Requester, RequestsResponse

from mrbot.hosts import failures
from mrbot.hosts.answers import Answer, listed
from mrbot.hosts.failures import Asked
from mrbot.hosts.transport import USER_AGENT, Transport, documents
from mrbot.secret import Secret

PER_PAGE = 100
API_VERSION = "2022-11-28"

_SILENT = logging.getLogger("mrbot.hosts.github.silent")
_SILENT.disabled = True


class _Requester(Requester):
    """PyGithub's own, which never logs: an answer may hold an installation's token."""


_Requester.injectLogger(_SILENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer: its HTTP status, whether the list goes on, and its JSON (None: no body)."""

    asked: Asked
    status: int
    more: bool
    document: object

    def answer(self) -> Answer:
        """The JSON object."""
        return Answer(self.asked, self.document)

    def items(self, inside: str | None) -> tuple[Answer, ...]:
        """The items of the JSON list, or of the list `inside` the JSON object."""
        if inside is not None:
            return self.answer().parts(inside)
        return listed(self.asked, self.document)


class Wire:
    """Sends single requests, with whatever credential is given."""

    def __init__(self, api_url: str, transport: Transport) -> None:
        self.api_url = api_url.rstrip("/")
        self.host = transport.host
        self._transport = transport
        self._requester = _Requester(
            auth=None, base_url=self.api_url, timeout=0, user_agent=USER_AGENT, per_page=PER_PAGE,
            verify=True, retry=None, pool_size=None, seconds_between_requests=None,
            seconds_between_writes=None, lazy=True, api_version=API_VERSION,
        )  # fmt: skip

    def ask(
        self,
        method: str,
        path: str,
        credential: Secret,
        *,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        harmless: bool = False,
    ) -> Reply:
        """The answer to one request; `harmless`: repeating this POST would change nothing.

        Raises:
            HostFailure: there is no success.
        """
        asked = self._transport.asked(method, f"{self.api_url}{path}", harmless=harmless)
        connection = _Connection(self._transport, asked, self.api_url, credential)
        self._requester.requestJson(
            method, path, dict(query or {}), {"Accept": "application/vnd.github+json"}, body,
            cnx=connection,
        )  # fmt: skip
        response = connection.response
        if response is None:
            raise failures.unreadable(asked, "PyGithub did not send the request")
        return Reply(
            asked=asked, status=response.status_code, more="next" in response.links,
            document=documents(asked, response),
        )  # fmt: skip


class _Connection(HTTPSRequestsConnectionClass):
    """One request of PyGithub's, sent by the transport. The credential is added here, so that
    PyGithub never sees it."""

    def __init__(
        self, transport: Transport, asked: Asked, api_url: str, credential: Secret
    ) -> None:
        scheme, _, rest = api_url.partition("://")
        self._origin = f"{scheme}://{rest.partition('/')[0]}"
        self._transport = transport
        self._asked = asked
        self._credential = credential
        self.response: requests.Response | None = None

    def getresponse(self) -> RequestsResponse:
        """The answer to what `request` was given.

        Raises:
            HostFailure: there is no success.
        """
        data = self.input if isinstance(self.input, str) else None
        self.response = self._transport.send(
            self._asked, f"{self._origin}{self.url}", auth=self._authorize, headers=self.headers,
            data=data,
        )  # fmt: skip
        return RequestsResponse(self.response)

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._credential.reveal()}"
        return request
