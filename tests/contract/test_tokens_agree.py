"""Whoever writes a token wants it believed: the embedded engine says of it what OPA says, or nothing."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from mrbot.ids import Json
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure
from mrbot.policy.regorus.engine import settle_confinement
from mrbot.policy.regorus.process import RegorusProcess
from tests import needs
from tests.contract.hostile_tokens import FAMILIES, usual
from tests.contract.plain_opa import PlainOpa
from tests.contract.tokens import Asked

VERIFY = ["decode_verify", "verify_eddsa"] + [
    f"verify_{kind}{bits}" for kind in ("hs", "rs", "ps", "es") for bits in (256, 384, 512)
]
CALLS = [f"{name}(input.token, input.key)" for name in VERIFY] + ["decode(input.token)"]
POLICY = "package tokens\n\nimport rego.v1\n\n" + "\n".join(
    f'answer := [x | x := io.jwt.{call}] if input.function == "{call.partition("(")[0]}"'
    for call in CALLS
)


class Both:
    """Both engines with the policy above."""

    def __init__(self) -> None:
        needs.regorus()
        self._opa = PlainOpa()
        assert self._opa.put("tokens", POLICY)
        self._process = RegorusProcess(settle_confinement())
        loaded = self._exchanged({"load": {"modules": [["m.rego", POLICY, False]], "data": "{}"}})
        assert loaded["loaded"]["refused"] == []

    def close(self) -> None:
        self._opa.close()
        self._process.close()

    def said(self, asked: Asked) -> tuple[Json, Json]:
        """What OPA says, and what the embedded engine does; None where it is an error."""
        text = json.dumps({"function": asked.function, "token": asked.token, "key": asked.key})
        try:
            of_opa = self._opa.ask("tokens/answer", text.encode())
        except http.client.RemoteDisconnected:  # OPA panics when `cty` or `iss` is no string
            of_opa = None
        embedded = self._exchanged({"ask": "data.tokens.answer"}, text.encode())
        return of_opa, embedded.get("value")

    def _exchanged(self, request: dict[str, Json], document: bytes = b"") -> dict[str, Any]:
        said = self._process.exchange(request, Deadline(20.0), document)
        assert not isinstance(said, Failure)
        return said


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    engines = Both()
    yield engines
    engines.close()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_embedded_engine_says_of_a_token_what_opa_says_or_nothing(
    both: Both, family: str
) -> None:
    said = [(asked, *both.said(asked)) for asked in FAMILIES[family]()]
    different = [one for one in said if one[2] is not None and one[2] != one[1]]
    assert different == []


def test_the_usual_has_an_answer_in_both(both: Both) -> None:
    for asked in usual():
        of_opa, embedded = both.said(asked)
        assert of_opa is not None
        assert embedded == of_opa, asked
        assert of_opa not in ([False], [[False, {}, {}]]), asked
