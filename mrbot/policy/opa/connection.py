"""A connection to an OPA server that the operator runs: questions, and why one has no answer.

What answers may be a proxy, another program or an attacker. Nothing that it says is believed before
it is understood, and what it says that is not OPA's own error is never repeated.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self

import requests
from requests.exceptions import InvalidHeader, InvalidURL, SSLError

from mrbot.ids import Json
from mrbot.policy.answer import Answer, answer
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.opa.binary import loads
from mrbot.policy.opa.client import Client, TooLong
from mrbot.policy.opa.error import opa_error
from mrbot.policy.wire import unfit
from mrbot.secret import Secret

MAX_BUNDLES = 64
"""Most bundles that a server may hold."""
MAX_REVISION = 200
"""Longest revision, and longest name of a bundle, in characters."""

_PARAMETERS = {"provenance": "true", "metrics": "true"}
_STRICT = {"strict-builtin-errors": "true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the server is: `url` without a trailing `/`, over TCP or the Unix socket at `socket`.

    `ca_file` holds the certificates to trust in place of the usual ones.
    """

    url: str
    socket: str | None = None
    token: Secret | None = None
    ca_file: str | None = None

    @property
    def where(self) -> str:
        """What people are told."""
        return self.url if self.socket is None else f"unix:{self.socket}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What an answer came from: OPA's version, and each bundle's revision ("" where it has none)."""

    version: str
    revisions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A package's document as the server told it; not `defined` when there is no such package."""

    answer: Answer
    defined: bool
    provenance: Provenance


class Connection:
    """Questions to the server, all within one deadline. Used by one thread."""

    def __init__(self, address: Address, deadline: Deadline) -> None:
        self._address, self._deadline = address, deadline
        self._client = Client(
            address.url,
            seconds=deadline.left,
            token=address.token,
            ca_file=address.ca_file,
            socket_path=address.socket,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close_connection()

    def package(self, namespace: str, content: Json, *, strict: bool = True) -> Told | Failure:
        """The whole document of the package for the input `content`.

        `strict`: a function that fails is an error and not "undefined".
        """
        parameters = {**_PARAMETERS, **(_STRICT if strict else {})}
        said = self._said(lambda: self._client.query_rule(content, namespace, None, parameters))
        if isinstance(said, Failure):
            return said
        provenance = _provenance(said.get("provenance"))
        if isinstance(provenance, Failure):
            return provenance
        return Told(
            answer=answer(said.get("result"), said),
            defined="result" in said,
            provenance=provenance,
        )

    def rules(self, namespace: str) -> frozenset[str] | Failure:
        """The names of the package's rules, by the list of policies; functions are no rules."""
        said = self._said(self._client.policies)
        if isinstance(said, Failure):
            return said
        policies = said.get("result")
        path = ["data", *namespace.split(".")]
        return frozenset(_rules(policies if isinstance(policies, list) else [], path))

    def _said(self, call: Callable[[], Json]) -> dict[str, Json] | Failure:
        try:
            said = self._client.within(self._deadline, call)
        except (requests.RequestException, OSError, RuntimeError, ValueError) as error:
            return self._failed(error)
        if not isinstance(said, dict):
            return failure(EvaluationFault.ANSWER, "the answer is JSON, and not one of OPA's")
        if (problem := unfit(said)) is not None:
            return failure(EvaluationFault.ANSWER, f"the answer cannot be used: {problem}")
        return said

    def _failed(self, error: Exception) -> Failure:
        match error:
            case requests.Timeout():
                detail = f"the policy server did not answer within {self._deadline.seconds:g} s"
                return failure(EvaluationFault.TIME, detail)
            case TooLong():
                return failure(EvaluationFault.ANSWER, str(error))
            case requests.HTTPError(response=requests.Response() as response):
                return self._refused(response)
            case requests.TooManyRedirects():
                detail = "the policy server sends mrbot elsewhere: name the address that answers"
                return failure(EvaluationFault.ANSWER, detail)
            case SSLError():
                detail = f"{_reason(error)}: is `ca_file` that of its certificate authority?"
                return failure(EvaluationFault.TRUST, detail)
            case requests.ConnectionError():
                return failure(EvaluationFault.ENGINE, f"the policy server: {_reason(error)}")
            case requests.JSONDecodeError():
                detail = "the answer is no JSON: does something stand between mrbot and OPA?"
                return failure(EvaluationFault.ANSWER, detail)
            case InvalidURL() | InvalidHeader() | UnicodeEncodeError():
                # Its text may quote the token.
                detail = "it cannot be asked: is the address or the token misspelt?"
                return failure(EvaluationFault.ENGINE, detail)
            case ValueError() | RecursionError():
                detail = "the answer nests too deeply, or holds a number that is too long"
                return failure(EvaluationFault.ANSWER, detail)
            case _:
                detail = f"it cannot be asked now: {type(error).__name__}"
                return failure(EvaluationFault.ENGINE, detail)

    def _refused(self, response: requests.Response) -> Failure:
        status, told = response.status_code, opa_error(loads(response.text))
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            words = f": {told.detail}" if told is not None else ""
            detail = f"it answered {status}{words}: see `policies.server.token` in the settings"
            return failure(EvaluationFault.ACCESS, self._without_token(detail))
        if told is None:
            detail = f"something that is not OPA answered {status}"
            return failure(EvaluationFault.ANSWER, detail)
        detail = self._without_token(told.detail)
        return failure(told.fault, detail, path=told.path, line=told.line)

    def _without_token(self, text: str) -> str:
        token = self._address.token
        return text if token is None else text.replace(token.reveal(), "(token)")


def _rules(policies: list[Json], path: list[str]) -> Iterator[str]:
    for policy in policies:
        match policy:
            case {"ast": {"package": {"path": list(parts)}, "rules": list(rules)}} if path == [
                part.get("value") for part in parts if isinstance(part, dict)
            ]:
                heads = (rule.get("head") for rule in rules if isinstance(rule, dict))
                named = (head for head in heads if isinstance(head, dict) and "args" not in head)
                yield from (str(head.get("name")) for head in named)
            case _:
                pass


def _provenance(said: Json) -> Provenance | Failure:
    match said:
        case {"version": str(version), **rest}:
            bundles = rest.get("bundles", {})
        case _:
            detail = "the answer names no version: is it OPA, and 1.0 or newer?"
            return failure(EvaluationFault.ANSWER, detail)
    if not isinstance(bundles, dict) or len(bundles) > MAX_BUNDLES:
        detail = f"the answer does not name its bundles, or more than {MAX_BUNDLES} of them"
        return failure(EvaluationFault.ANSWER, detail)
    revisions = []
    for name, bundle in sorted(bundles.items()):
        revision = bundle.get("revision", "") if isinstance(bundle, dict) else None
        texts = (version, name, revision)
        if not all(isinstance(text, str) and _is_plain(text) for text in texts):
            detail = f"a bundle's name or revision is longer than {MAX_REVISION}, or no plain text"
            return failure(EvaluationFault.ANSWER, detail)
        revisions.append((name, str(revision)))
    return Provenance(version=version[:MAX_REVISION], revisions=tuple(revisions))


def _is_plain(text: str) -> bool:
    return len(text) <= MAX_REVISION and text.isprintable()


def _reason(error: BaseException) -> str:
    """The system's own words. The libraries' hold addresses of objects, and are never the same."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or one in seen:
            continue
        seen.append(one)
        waiting += [*one.args, getattr(one, "reason", None), one.__context__, one.__cause__]
    told = [one for one in seen if isinstance(one, OSError) and one.strerror]
    verify = [one.verify_message for one in told if isinstance(one, ssl.SSLCertVerificationError)]
    return verify[0] if verify else (told[0].strerror or "") if told else "the connection broke"
