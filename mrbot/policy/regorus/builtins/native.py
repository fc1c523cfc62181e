"""regorus's own function, asked in an engine of its own: for functions that are right but for some
arguments, which are kept from it."""

from __future__ import annotations

import json
from typing import Any

import regorus

from mrbot.policy.regorus.builtins.values import BadArgument, Value


def native(name: str, *arguments: Value) -> Any:  # noqa: ANN401
    """What regorus answers.

    Raises: BadArgument when the answer is undefined: it is an error in OPA; RuntimeError.
    """
    engine = regorus.Engine()
    engine.set_input_json(json.dumps(arguments))
    places = ", ".join(f"input[{index}]" for index in range(len(arguments)))
    found = json.loads(engine.eval_query_as_json(f"{name}({places})")).get("result")
    if not found:
        raise BadArgument(f"{name} does not take this")
    return found[0]["expressions"][0]["value"]
