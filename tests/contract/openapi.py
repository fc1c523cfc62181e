"""Requests and answers held against the hosts' official OpenAPI documents, inside this process.

    contract = Contract.load("gitlab")
    session.mount("http://", ContractAdapter(contract))    # python-gitlab: Gitlab(session=session)
    with pygithub_checked(Contract.load("github")): ...    # PyGithub

Every request and every answer that passes is checked; an unknown path, query parameter or body
field fails, and so does an answer of another shape. What the documents get wrong is corrected on
loading, each correction with its reason (documents.py, `FAULTS`), and what they lack is listed
there too (`MISSING_FROM_SPEC`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import requests
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
)
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from requests.adapters import HTTPAdapter
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.contract import documents
from tests.contract.documents import MISSING_FROM_SPEC, Host, Json

_ORIGIN = {"gitlab": "https://gitlab.com", "github": "https://api.github.com"}

_UNDOCUMENTED_QUERY = {
    "gitlab": frozenset({"page", "per_page", "pagination"}),
    "github": frozenset({"page", "per_page"}),
}
"""Paging works on every list; not every list documents it."""


class Violation(AssertionError):
    """Something was sent or answered that the document does not allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A request that was found in the document (`operation` None: in MISSING_FROM_SPEC)."""

    label: str
    method: str
    operation: OpenAPI | None
    request: _Request


@dataclass(kw_only=True)
class _Request:
    host_url: str
    path: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None


@dataclass(kw_only=True)
class _Response:
    status_code: int
    headers: Headers
    content_type: str
    data: bytes | None


@dataclass(kw_only=True)
class Contract:
    """One host's document, corrected; `seen` counts the checked calls by operation."""

    host: Host
    document: Json
    seen: dict[str, int] = field(default_factory=dict)
    _operations: dict[tuple[str, str], OpenAPI] = field(default_factory=dict)

    @classmethod
    def load(cls, host: Host) -> Contract:
        """The contract of one host; the document is read and corrected once per process."""
        return cls(host=host, document=documents.load(host))

    def check_request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | str | None
    ) -> Checked:
        """The request is allowed.

        Raises:
            Violation: unknown path, unknown parameter or body field, or a value of the wrong shape.
        """
        method = method.lower()
        parts = urlsplit(url)
        path = parts.path.removeprefix("/api/v3") if self.host == "github" else parts.path
        data = body.encode() if isinstance(body, str) else body or None
        query = parse_qsl(parts.query, keep_blank_values=True)
        label = f"{method.upper()} {path}"
        request = _Request(
            host_url=_ORIGIN[self.host], path=path, method=method, body=data,
            parameters=RequestParameters(),
            content_type=headers.get("Content-Type", "application/json").partition(";")[0],
        )  # fmt: skip
        missing = MISSING_FROM_SPEC[self.host]
        if any(verb == method and re.fullmatch(gap, path) for verb, gap, _ in missing):
            return Checked(label=label, method=method, operation=None, request=request)
        pattern, request.path = self._find(method, path)
        operation = self.document["paths"][pattern][method]
        if self.host == "gitlab":
            query, request.body = _fold(operation, query, data)
        declared = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        unknown = {name.removesuffix("[]") for name, _ in query} - {
            name.removesuffix("[]") for name in declared
        }
        if unknown - _UNDOCUMENTED_QUERY[self.host]:
            raise Violation(f"{label}: undocumented query parameters {sorted(unknown)}")
        if request.body and "requestBody" not in operation and json.loads(request.body):
            raise Violation(f"{label}: a body was sent, and none is documented")
        request.parameters = RequestParameters(
            query=ImmutableMultiDict(query), header=Headers(list(headers.items()))
        )
        openapi = self._operation(pattern, method)
        _guard(label, lambda: openapi.validate_request(request))
        name = f"{method.upper()} {pattern}"
        self.seen[name] = self.seen.get(name, 0) + 1
        return Checked(label=label, method=method, operation=openapi, request=request)

    def check_response(
        self, request: Checked, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """The answer is allowed.

        Raises:
            Violation: an undocumented success, or a body of the wrong shape.
        """
        if request.operation is None:
            return
        label = f"{request.label} -> {status}"
        documented = self._responses(request)
        if status >= 400 and str(status) not in documented:
            _check_error(label, body)
            return
        response = _Response(
            status_code=status, headers=Headers(list(headers.items())), data=body or None,
            content_type=headers.get("Content-Type", "application/json"),
        )  # fmt: skip
        content = documented.get(str(status), {}).get("content")
        if not content and str(status) in documented:
            return  # nothing is said about the body
        openapi = request.operation
        _guard(label, lambda: openapi.validate_response(request.request, response))

    def _responses(self, request: Checked) -> Json:
        paths = request.operation.spec["paths"] if request.operation else {}
        (item,) = paths.read_value().values() if hasattr(paths, "read_value") else paths.values()
        return {
            code: documents.resolve(self.document, answer)
            for code, answer in item[request.method]["responses"].items()
        }

    def _find(self, method: str, path: str) -> tuple[str, str]:
        """The documented path that fits with the fewest variables, and the path as it spells it."""
        best: tuple[int, int, str, str] | None = None
        for pattern, item in self.document["paths"].items():
            fits = method in item and _regex(self.host, pattern).fullmatch(path)
            if fits:
                escaped = {k: quote(unquote(v), safe="") for k, v in fits.groupdict().items()}
                names = re.findall(r"{([^}]+)}", pattern)
                spelled = pattern
                for at, name in enumerate(names):
                    spelled = spelled.replace(f"{{{name}}}", escaped[f"p{at}"], 1)
                # Among equals the longer pattern: a branch name may swallow `/status`.
                rank = (len(names), -len(pattern), pattern, spelled)
                best = min(best or rank, rank)
        if best is None:
            raise Violation(f"{method.upper()} {path}: the document has no such path")
        return best[2], best[3]

    def _operation(self, pattern: str, method: str) -> OpenAPI:
        """A document of this one operation, so that no other path can match by its ending."""
        key = (pattern, method)
        if key not in self._operations:
            small = {
                "openapi": self.document["openapi"], "info": self.document["info"],
                "servers": [{"url": _ORIGIN[self.host]}],
                "components": self.document["components"],
                "paths": {pattern: {method: self.document["paths"][pattern][method]}},
            }  # fmt: skip
            # None means "do not validate the document itself"; the annotation does not know it.
            config = Config(spec_validator_cls=None)  # type: ignore[arg-type]
            self._operations[key] = OpenAPI.from_dict(small, config=config)
        return self._operations[key]


class ContractAdapter(HTTPAdapter):
    """Sends requests as usual and fails when a request or its answer breaks the contract."""

    def __init__(self, contract: Contract, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.contract = contract

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """The answer, checked.

        Raises:
            Violation: the request or the answer breaks the contract.
        """
        checked = self.contract.check_request(
            request.method or "", request.url or "", request.headers, request.body
        )
        response = super().send(request, *args, **kwargs)
        self.contract.check_response(
            checked, response.status_code, response.headers, response.content
        )
        return response


@contextmanager
def pygithub_checked(contract: Contract) -> Iterator[None]:
    """Every PyGithub client made inside holds its requests and answers against the contract."""

    class Connection(HTTPRequestsConnectionClass):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.session.mount("http://", ContractAdapter(contract))

    Requester.injectConnectionClasses(Connection, HTTPSRequestsConnectionClass)
    try:
        yield
    finally:
        Requester.resetConnectionClasses()


# Finding


@cache
def _regex(host: Host, pattern: str) -> re.Pattern[str]:
    """A documented path as a regular expression; GitHub's refs and file paths may hold slashes."""
    out, names = "", 0
    for literal, name in re.findall(r"([^{]+)|{([^}]+)}", pattern):
        if literal:
            out += re.escape(literal)
            continue
        last = pattern.endswith(f"{{{name}}}")
        greedy = host == "github" and last and name in ("ref", "path", "branch", "basehead")
        out += f"(?P<p{names}>{'.+' if greedy else '[^/]+'})"
        names += 1
    return re.compile(out)


def _fold(
    operation: Json, query: list[tuple[str, str]], data: bytes | None
) -> tuple[list[tuple[str, str]], bytes | None]:
    """GitLab reads a write's parameters from the query too: they are checked as body fields."""
    schema = _body_schema(operation)
    if schema is None:
        return query, data
    known = schema.get("properties", {})
    body = json.loads(data) if data else {}
    rest = []
    for name, value in query:
        if name in known and isinstance(body, dict):
            body[name] = _cast(known[name], value)
        else:
            rest.append((name, value))
    return rest, json.dumps(body).encode() if body or data else data


def _cast(schema: Json, value: str) -> object:
    match schema.get("type"):
        case "boolean" if value.lower() in ("true", "false"):
            return value.lower() == "true"
        case "integer" if value.isdigit():
            return int(value)
        case _:
            return value


def _body_schema(operation: Json) -> Json | None:
    content = operation.get("requestBody", {}).get("content", {})
    found: Json | None = content.get("application/json", {}).get("schema")
    return found


# Checking


def _guard(label: str, check: Callable[[], object]) -> None:
    try:
        check()
    except OpenAPIError as wrong:
        raise Violation(f"{label}: {_explain(wrong)}") from wrong


def _explain(wrong: BaseException) -> str:
    cause = wrong.__cause__
    errors = getattr(cause, "schema_errors", None) or getattr(wrong, "schema_errors", None)
    if not errors:
        return f"{wrong} {cause or ''}"
    shown = [
        f"{'/'.join(str(step) for step in one.absolute_path)}: {one.message[:200]}"
        for one in errors
    ]
    return f"{wrong}: {'; '.join(shown)}"[:2_000]


def _check_error(label: str, body: bytes) -> None:
    """Errors have no schema of their own in either document: JSON that says something will do."""
    try:
        said = json.loads(body)
    except ValueError as wrong:
        raise Violation(f"{label}: an error that is not JSON") from wrong
    if not isinstance(said, dict) or not ({"message", "error"} & set(said)):
        raise Violation(f"{label}: an error without a message")
