"""OPA's error documents: what failed, in its own words, and where."""

from __future__ import annotations

from mrbot.ids import Json
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import EvaluationFault

_CODES = {
    "eval_cancel_error": EvaluationFault.TIME,
    "eval_conflict_error": EvaluationFault.RUNTIME,
    "eval_builtin_error": EvaluationFault.RUNTIME,
    "eval_type_error": EvaluationFault.RUNTIME,
    "eval_internal_error": EvaluationFault.RUNTIME,
}


def opa_error(answer: Json) -> Failure | None:
    """The first of the errors that OPA tells of, with file and line as it names them, and how many
    more there are; None when `answer` is no error document.

    https://www.openpolicyagent.org/docs/rest-api#errors
    """
    errors = answer.get("errors") if isinstance(answer, dict) else None
    first, *more = errors if isinstance(errors, list) and errors else [answer]
    if not isinstance(first, dict) or "message" not in first:
        return None
    code, message, place = str(first.get("code")), str(first["message"]), first.get("location")
    if not isinstance(place, dict):
        place = {}
    line = place.get("row")
    return failure(
        _fault(code, message),
        message + (f" (and {len(more)} more)" if more else ""),
        path=str(place.get("file", "")) or None,
        line=line if isinstance(line, int) else None,
    )


def _fault(code: str, message: str) -> EvaluationFault:
    if code == "rego_type_error" and message.startswith("undefined function"):
        return EvaluationFault.UNSUPPORTED
    if code.startswith("rego_"):
        return EvaluationFault.PARSE
    return _CODES.get(code, EvaluationFault.ENGINE)
