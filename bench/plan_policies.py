"""Twenty rules over a large plan, and a small decision: both engines against OPA itself.

OPA itself is a server of the same binary with the same rules, asked over one connection with the
plan as bytes that are ready: what no client can be faster than. `opa eval` starts for each question.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bench.figure import Effort, Row, compared
from bench.judging import NOW, judge
from bench.memory import peak_mib
from bench.plan_json import plan_json
from bench.policies import shipped
from bench.sample import infrastructure
from mrbot.errors import BadSettings
from mrbot.policy.bundle import bundle
from mrbot.policy.document import change_document
from mrbot.policy.finding import Bundle, Document, Evaluated, PolicyEngine
from mrbot.policy.opa.binary import examine, find_opa
from mrbot.policy.opa.engine import opa_engine
from mrbot.policy.opa.server import free_port
from mrbot.policy.regorus.engine import RegorusEngine
from mrbot.policy.supervised import SupervisedEngine

RULES = Path(__file__).with_name("plan_rules.rego")
SECONDS = 120.0
FEW = """\
package main

import rego.v1

deny contains msg if {
	some resource in input.resources
	resource.after.storage_encrypted == false
	msg := sprintf("%s is not encrypted", [resource.address])
}

warn contains "a large change" if count(input.files) > 100

deny contains "a draft is not merged" if input.change.draft
"""


def measure(work: Path, effort: Effort) -> list[Row]:
    """One evaluation, from a document that is parsed to findings, with what judges up and loaded."""
    found: list[Row] = []
    with ExitStack() as stack:
        engines = _engines(stack)
        for megabytes in effort.plan_megabytes:
            found += _plan(megabytes, engines)
            for name in engines:
                found.append(_memory(megabytes, name))
        found += _small(work, engines, effort)
    return found


def _engines(stack: ExitStack) -> dict[str, SupervisedEngine]:
    """Those that are here, by name."""
    engines: dict[str, SupervisedEngine] = {}
    for name in ("opa", "regorus"):
        with suppress(BadSettings):
            engines[name] = engine(name)
            stack.callback(engines[name].close)
    return engines


def engine(name: str) -> SupervisedEngine:
    """Raises: BadSettings when it is not here."""
    if name == "regorus":
        return RegorusEngine(seconds=SECONDS)
    path = find_opa(None)
    if path is None:
        raise BadSettings("opa is not on PATH")
    return opa_engine(examine(path), seconds=SECONDS)


def twenty() -> Bundle:
    """The rules over plans."""
    return bundle("bench", {"plan_rules.rego": RULES.read_bytes()}, ("main",))


def _plan(megabytes: int, engines: dict[str, SupervisedEngine]) -> list[Row]:
    content, rules = plan_json(megabytes * 1_000_000), twenty()
    text = json.dumps(content, separators=(",", ":")).encode()
    name = f"{len(text) / 1e6:.0f} MB of plan, 20 rules"
    actions: dict[str, Callable[[], object]] = {}
    with ExitStack() as stack:
        if (path := find_opa(None)) is not None:
            ask = stack.enter_context(_bare_server(path))
            actions[f"{name}: OPA itself"] = lambda: ask(text)
            actions[f"{name}: opa eval"] = lambda: _opa_eval(path, text)
        for which, one in engines.items():
            actions[f"{name}: mrbot, {which}"] = lambda one=one: asked(one, rules, content)
        return compared(actions, _PATIENT) if actions else []


_PATIENT = Effort(
    changed_files=(), diff_megabytes=0, plan_resources=0, judged_files=(), policy_resources=0,
    plan_megabytes=(), deliveries=0, rendered_resources=0, rounds=9, seconds=20.0,
)  # fmt: skip


def asked(one: PolicyEngine, rules: Bundle, content: object) -> Evaluated:
    """What the rules say of a document that no engine has seen.

    Raises: SystemExit when there is no answer: such a figure would mean nothing.
    """
    outcome = one.evaluate(rules, (Document(name="plan", content=content),))  # type: ignore[arg-type]
    if not isinstance(outcome, Evaluated):
        sys.exit(f"the policies were not evaluated: {outcome.fault}: {outcome.detail}")
    return outcome


@contextmanager
def _bare_server(path: str) -> Iterator[Callable[[bytes], object]]:
    port = free_port()
    server = subprocess.Popen(
        (path, "run", "--server", f"--addr=127.0.0.1:{port}", "--log-level=error", str(RULES)),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(text: bytes) -> object:
        query = "/v1/data/main?strict-builtin-errors=true"
        connection.request("POST", query, b'{"input":' + text + b"}")
        return json.loads(connection.getresponse().read())["result"]

    try:
        for _ in range(200):
            try:
                ask(b"{}")
                break
            except OSError:
                connection.close()
                time.sleep(0.05)
        yield ask
    finally:
        connection.close()
        server.kill()
        server.wait()


def _opa_eval(path: str, text: bytes) -> object:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(text)
        file.flush()
        arguments = ("eval", "--format=json", f"--data={RULES}", f"--input={file.name}")
        done = subprocess.run((path, *arguments, "data.main"), stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)["result"]


def _small(work: Path, engines: dict[str, SupervisedEngine], effort: Effort) -> list[Row]:
    judging = judge("auto")
    try:
        decision = judging.decision(infrastructure(work / "small", 2))
        library = shipped(judging)
    finally:
        judging.engine.close()
    reading = decision.assessment.reading
    content = change_document(decision.change, reading, (), (), (), NOW).content
    found: list[Row] = []
    few = bundle("few", {"few.rego": FEW.encode()}, ("main",))
    for words, rules in (("three rules", few), ("the policies that ship", library)):
        actions: dict[str, Callable[[], object]] = {
            f"a small change, {words}: {which}": lambda one=one, rules=rules: asked(
                one, rules, content
            )
            for which, one in engines.items()
        }
        found += compared(actions, effort) if actions else []
    return found


def _memory(megabytes: int, name: str) -> Row:
    done = subprocess.run(
        [sys.executable, "-m", "bench.plan_policies", str(megabytes), name],
        stdout=subprocess.PIPE,
        check=True,
    )
    idle, own, worker = json.loads(done.stdout)
    row = f"{megabytes} MB of plan, 20 rules: memory, {name}"
    if not own:
        return Row(name=row, samples=None, note="peak memory is read from Linux's /proc")
    note = f"peak {worker:,.0f} MiB in the engine, {own:,.0f} MiB in mrbot ({idle:,.0f} before)"
    return Row(name=row, samples=None, note=note)


def _peaks(group: int) -> float:
    """The largest peak of a process of the group, in MiB."""
    peaks = [0.0]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            if int(stat.read_text().rpartition(")")[2].split()[2]) == group:
                peaks.append(peak_mib(stat.with_name("status")))
    return max(peaks)


def main() -> None:
    """Arguments: megabytes and an engine. Prints mrbot's peak with the plan parsed, its peak after
    judging it, and the engine's, in MiB."""
    megabytes, name = int(sys.argv[1]), sys.argv[2]
    content, one = plan_json(megabytes * 1_000_000), engine(name)
    try:
        before = peak_mib()
        asked(one, twenty(), content)
        [group] = one.pids()
        print(json.dumps([before, peak_mib(), _peaks(group)]))
    finally:
        one.close()


if __name__ == "__main__":
    main()
