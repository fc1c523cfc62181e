"""The two engines as such, without what mrbot puts around them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import needs
from tests.contract.plain_opa import PlainOpa
from tests.replay.rego_cases import Embedded


@pytest.fixture(scope="module")
def opa() -> Iterator[PlainOpa]:
    server = PlainOpa()
    yield server
    server.close()


@pytest.fixture(scope="module")
def embedded() -> Iterator[Embedded]:
    needs.regorus()
    engine = Embedded()
    yield engine
    engine.close()
