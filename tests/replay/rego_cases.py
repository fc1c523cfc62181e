"""OPA's own conformance cases: what each asks, and what an engine made of it."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from mrbot.errors import BadPolicy
from mrbot.ids import Json
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure
from mrbot.policy.finding import Module
from mrbot.policy.regorus.engine import settle_confinement
from mrbot.policy.regorus.process import RegorusProcess
from mrbot.policy.source import Dialect, Source, read
from tests import needs
from tests.contract.plain_opa import PlainOpa

SECONDS = 20.0
QUESTION = "mrbot_question"


class Made(StrEnum):
    """What came of a case. `WRONG` must never be: a value, and not the one that OPA has."""

    PASSED = "passed"
    REFUSED = "refused before it runs"
    RAISED = "failed while it ran"
    WRONG = "silently wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of the suite. `wanted` is None where an error is."""

    family: str
    note: str
    query: str
    modules: tuple[str, ...]
    data: Json
    input: bytes
    wanted: Json
    in_any_order: bool

    @property
    def question(self) -> str:
        """A module whose rule `answer` holds every binding of the query's variables."""
        found = [row for row in self.wanted if isinstance(row, dict)] if self.wanted else []
        names = sorted({name for row in found for name in row})
        names = names or sorted(set(re.findall(r"= ([a-z_]\w*)", self.query)))
        pairs = ", ".join(f'"{name}": {name}' for name in names)
        rule = f"answer := [{{{pairs}}} | {self.query}]"
        return f"package {QUESTION}\n\nimport rego.v1\n\n{rule}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`why` says why there is no value."""

    made: Made
    why: str = ""


def cases() -> tuple[Case, ...]:
    """The whole suite, in its order."""
    text = (needs.data() / "rego" / "opa-v1-cases.jsonl").read_text()
    return tuple(_case(json.loads(line)) for line in text.splitlines())


def _case(said: dict[str, Any]) -> Case:
    query = said["query"].strip().replace("\n", "; ")
    if term := said.get("input_term"):
        query = "; ".join(f"{part} with input as {term}" for part in query.split("; "))
    fails = "want_error" in said or "want_error_code" in said
    return Case(
        family=said["family"],
        note=said["note"],
        query=query,
        modules=tuple(said.get("modules") or ()),
        data=said.get("data") or {},
        input=json.dumps(said["input"]).encode() if "input" in said else b"",
        wanted=None if fails else said.get("want_result"),
        in_any_order=said.get("sort_bindings", False),
    )


def judged(case: Case, value: Json) -> Outcome:
    """What a value makes of the case."""
    if case.wanted is None:
        return Outcome(made=Made.WRONG, why=f"{value} where an error is wanted")
    found, wanted = (_rows(one, sort=case.in_any_order) for one in (value, case.wanted))
    if found == wanted:
        return Outcome(made=Made.PASSED)
    return Outcome(made=Made.WRONG, why=f"{found}, not {wanted}")


def unanswered(case: Case, made: Made, why: str) -> Outcome:
    """No value: right where an error is wanted."""
    return Outcome(made=Made.PASSED if case.wanted is None else made, why=why)


def _rows(value: Json, *, sort: bool) -> list[str]:
    rows = value if isinstance(value, list) else [value]
    return sorted(json.dumps(_plain(row, sort=sort), sort_keys=True) for row in rows)


def _plain(value: Json, *, sort: bool) -> Json:
    """Numbers and, where the suite says so, orders that JSON does not tell apart."""
    match value:
        case dict():
            return {key: _plain(inner, sort=sort) for key, inner in value.items()}
        case list():
            items = [_plain(inner, sort=sort) for inner in value]
            return sorted(items, key=lambda one: json.dumps(one, sort_keys=True)) if sort else items
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


class Embedded:
    """The worker in which mrbot runs regorus, asked one case after the other."""

    def __init__(self) -> None:
        self._confinement = settle_confinement()
        self._process: RegorusProcess | None = None

    def close(self) -> None:
        """The worker has ended."""
        if self._process is not None:
            self._process.close()
        self._process = None

    def asked(self, case: Case, question: str | None = None) -> Outcome:
        """What comes of the case; `question` takes the place of its own."""
        try:
            sources = _sources(case, question or case.question)
        except BadPolicy as error:
            return unanswered(case, Made.REFUSED, str(error))
        if any(source.template_line for source in sources):
            return unanswered(case, Made.REFUSED, "template strings are not in this engine")
        modules: Json = [
            [f"m{number:04}.rego", source.module.text, source.dialect is Dialect.V0]
            for number, source in enumerate(sources)
        ]
        loaded = self._said({"load": {"modules": modules, "data": json.dumps(case.data)}})
        if refused := loaded.get("loaded", {}).get("refused"):
            return unanswered(case, Made.REFUSED, refused[0][2])
        if "loaded" not in loaded:
            return unanswered(case, Made.REFUSED, _reason(loaded))
        answer = self._said({"ask": f"data.{QUESTION}.answer"}, case.input)
        if "value" in answer:
            return judged(case, answer["value"])
        return unanswered(case, Made.RAISED, _reason(answer))

    def _said(self, request: dict[str, Json], document: bytes = b"") -> dict[str, Any]:
        if self._process is None or not self._process.alive():
            self._process = RegorusProcess(self._confinement)
        said = self._process.exchange(request, Deadline(SECONDS), document)
        if isinstance(said, Failure):
            self.close()
            return {"error": f"{said.fault}: {said.detail}"}
        return said


class Opa:
    """OPA's own server, with every function that it has, asked as mrbot asks: strictly."""

    def __init__(self) -> None:
        self._server = PlainOpa()
        self._held: list[str] = []

    def close(self) -> None:
        """The server has ended."""
        self._server.close()

    def asked(self, case: Case) -> Outcome:
        """What comes of the case."""
        said = self._said(case)
        if "result" in said:
            return judged(case, said["result"])
        return unanswered(case, Made.RAISED, f"{said.get('code')}: {said.get('message')}")

    def value(self, case: Case) -> Json:
        """What it answers; None when it does not."""
        return self._said(case).get("result")

    def _said(self, case: Case) -> dict[str, Any]:
        for name in self._held:
            self._server.delete(name)
        self._server.hold(case.data)
        texts = {f"m{number}": text for number, text in enumerate((*case.modules, case.question))}
        self._held, waiting = [], dict(texts)
        while waiting:  # a module is taken once those are there whose functions it calls
            taken = [name for name, text in waiting.items() if self._server.put(name, text)]
            self._held += taken
            if not taken:
                return _evaluated_alone(texts, case)
            waiting = {name: text for name, text in waiting.items() if name not in taken}
        body = b'{"input":' + case.input + b"}" if case.input else b"{}"
        said = self._server.answer(f"{QUESTION}/answer", body)
        errors = said.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else {}
        return {**said, **first} if isinstance(first, dict) else said


def _evaluated_alone(texts: dict[str, str], case: Case) -> dict[str, Any]:
    """The case in a program of its own, for modules that call each other in a circle."""
    with tempfile.TemporaryDirectory() as made:
        for name, text in texts.items():
            Path(made, f"{name}.rego").write_text(text)
        Path(made, "data.json").write_text(json.dumps(case.data))
        command = [needs.opa(), "eval", "--strict-builtin-errors", "--format=json", "--data", made]
        if case.input:
            command.append("--stdin-input")
        command.append(f"data.{QUESTION}.answer")
        done = subprocess.run(command, input=case.input or None, capture_output=True, check=False)
    said = json.loads(done.stdout)
    if "errors" in said:
        first: dict[str, Any] = said["errors"][0]
        return first
    return {"result": said["result"][0]["expressions"][0]["value"]} if said.get("result") else {}


def _sources(case: Case, question: str) -> Iterable[Source]:
    texts = (*case.modules, question)
    return [read(Module(path=f"m{n}.rego", text=text)) for n, text in enumerate(texts)]


def _reason(answer: dict[str, Any]) -> str:
    """regorus's own words, without the place and what it quotes."""
    said = str(answer.get("error", answer))
    found = re.search(r"^error: (.*)", said, re.MULTILINE)
    return found.group(1) if found else said.split("\n", maxsplit=1)[0]
