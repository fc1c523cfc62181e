"""A policy server that the operator runs: real OPA, and what may stand in its place."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mrbot.ids import Json
from mrbot.policy.finding import Document, Evaluated, EvaluationFailed, EvaluationFault
from mrbot.policy.opa.client import MAX_ANSWER_BYTES
from mrbot.policy.opa.connection import Address
from mrbot.policy.opa.remote import RemoteOpa
from mrbot.policy.opa.server import free_port
from mrbot.secret import Secret
from tests import needs
from tests.contract.opa_servers import (
    AUTHZ,
    TOKEN,
    OpaServer,
    certificates,
    files_over_http,
    impostor,
    opa_server,
    provenance,
    says,
    write_bundle,
)

V1 = "import rego.v1\n"
MAIN = f"""package main
{V1}
deny contains "fires" if input.fire
deny contains "says" if to_number(input.text) == 1
warn contains {{"msg": "look", "_loc": {{"file": "a.tf", "line": 3}}}} if input.look
require contains {{"msg": "data", "groups": ["dba"]}} if input.data
helper := {{"not": "asked"}}
deny_function(x) := x
"""
MODULES = {
    "main": MAIN,
    "quiet": f'package quiet\n{V1}\nwarn contains "w" if false\n',
    "undefined": f'package undefined\n{V1}\ndeny := ["x"] if input.fire\n',
    "functions": f"package functions\n{V1}\ndeny_x(x) := x\n",
    "silent": f"package silent\n{V1}\nallow := true\n",
    "shape": f"package shape\n{V1}\ndeny if true\n",
    "deep": f'package deep.in["side"]\n{V1}\ndeny contains "deep"\n',
    "slow": f"""package slow\n{V1}
deny contains "x" if {{
    some a in numbers.range(1, 3000)
    some b in numbers.range(1, 3000)
    some c in numbers.range(1, 3000)
    a * b * c < 0
}}
""",
    "conflict": f"""package conflict\n{V1}
deny contains "x" if c == 1
c := 1 if input.c
c := 2 if input.c
""",
}


def doc(content: Json = None, name: str = "change") -> Document:
    return Document(name=name, content={} if content is None else content)


def asking(address: Address, *, seconds: float = 20, **expected: str) -> RemoteOpa:
    return RemoteOpa(address, seconds=seconds, expected=tuple(expected.items()))


def judged(
    server: RemoteOpa, *contents: Json, namespaces: tuple[str, ...] = ("main",)
) -> Evaluated:
    documents = tuple(doc(content) for content in contents or ({},))
    outcome = server.evaluate(namespaces, documents)
    assert isinstance(outcome, Evaluated), outcome
    return outcome


def failed(
    server: RemoteOpa, *contents: Json, namespaces: tuple[str, ...] = ("main",)
) -> EvaluationFailed:
    outcome = server.evaluate(namespaces, tuple(doc(content) for content in contents or ({},)))
    assert isinstance(outcome, EvaluationFailed), outcome
    assert outcome.detail
    return outcome


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpaServer]:
    folder = write_bundle(tmp_path_factory.mktemp("opa") / "org", "r1", **MODULES)
    with opa_server("--bundle", folder) as started:
        yield started


@pytest.fixture
def server(running: OpaServer) -> RemoteOpa:
    return asking(running.address)


# What a server that is well says.


def test_findings_demands_version_and_revision_come_from_the_server(
    running: OpaServer, server: RemoteOpa
) -> None:
    outcome = judged(server, {"fire": True, "look": 1}, {"data": 1}, namespaces=("main", "quiet"))

    assert [(one.rule, one.msg, one.path, one.line) for one in outcome.findings] == [
        ("deny", "fires", None, None),
        ("warn", "look", "a.tf", 3),
    ]
    assert [demand.groups for demand in outcome.demands] == [("dba",)]
    assert outcome.namespaces == ("main", "quiet")
    assert outcome.engine.name == "opa"
    assert outcome.engine.version.split(".")[0].isdecimal()
    assert outcome.served is not None
    assert outcome.served.where == running.address.url
    assert [revision for _, revision in outcome.served.revisions] == ["r1"]


def test_metrics_are_kept_beside_the_decision_and_are_no_part_of_it(server: RemoteOpa) -> None:
    first, second = judged(server, {"fire": 1}), judged(server, {"fire": 1})

    [seen] = first.observed
    assert (seen.document, seen.namespace) == ("change", "main")
    assert dict(seen.metrics)["timer_rego_query_eval_ns"] > 0
    assert first == second
    assert first.observed != second.observed


def test_a_decision_id_is_kept_where_the_server_logs_decisions(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "org", "r1", MAIN)
    with opa_server("--bundle", "--set=decision_logs.console=true", folder) as started:
        [seen] = judged(asking(started.address)).observed

    assert seen.decision_id is not None
    assert len(seen.decision_id) == 36


@pytest.mark.parametrize("namespace", ["quiet", "undefined"])
def test_rules_that_do_not_fire_pass(server: RemoteOpa, namespace: str) -> None:
    assert judged(server, namespaces=(namespace,)).findings == ()


def test_a_rule_that_was_undefined_is_asked_again_each_time(server: RemoteOpa) -> None:
    outcome = judged(server, {"fire": 1}, namespaces=("undefined",))

    assert [finding.msg for finding in outcome.findings] == ["x"]


def test_without_documents_the_packages_are_still_looked_for(server: RemoteOpa) -> None:
    assert isinstance(server.evaluate(("main", "quiet"), ()), Evaluated)
    missing = server.evaluate(("main", "nosuch"), ())
    assert isinstance(missing, EvaluationFailed)
    assert missing.fault is EvaluationFault.NAMESPACE


def test_the_digest_is_of_place_packages_and_revision_and_not_of_the_documents(
    running: OpaServer, server: RemoteOpa
) -> None:
    one = judged(server, {"fire": 1})

    assert judged(server, {}).digest == one.digest
    assert judged(server, {}).served != one.served
    assert judged(server, namespaces=("quiet",)).digest != one.digest
    elsewhere = replace(running.address, url=running.address.url.replace("127.0.0.1", "localhost"))
    assert judged(asking(elsewhere), {}).digest != one.digest


# What it says that is no answer.


@pytest.mark.parametrize(
    ("namespace", "hint"),
    [
        pytest.param("nosuch", "package nosuch is not there", id="undefined"),
        pytest.param("main.nosuch", "package main.nosuch is not there", id="undefined-below"),
        pytest.param("silent", "no rule of package silent counts", id="no-rule-counts"),
        pytest.param("functions", "no rule of package functions counts", id="only-a-function"),
        pytest.param("main.helper.not", "is a rule or data, and not a package", id="a-value"),
    ],
)
def test_a_package_that_is_named_and_not_there_is_a_failure(
    server: RemoteOpa, namespace: str, hint: str
) -> None:
    outcome = failed(server, namespaces=("main", namespace))

    assert outcome.fault is EvaluationFault.NAMESPACE
    assert hint in outcome.detail


def test_no_package_at_all_is_a_failure(server: RemoteOpa) -> None:
    assert failed(server, namespaces=()).fault is EvaluationFault.NAMESPACE


@pytest.mark.parametrize(
    ("namespace", "content", "line", "words"),
    [
        pytest.param("main", {"text": "no number"}, 5, "to_number", id="function-fails"),
        pytest.param("conflict", {"c": 1}, 6, "conflicting values", id="conflict"),
    ],
)
def test_an_error_is_a_failure_in_opa_s_own_words_with_its_line(
    server: RemoteOpa, namespace: str, content: Json, line: int, words: str
) -> None:
    outcome = failed(server, content, namespaces=(namespace,))

    assert outcome.fault is EvaluationFault.RUNTIME
    assert words in outcome.detail
    assert outcome.path is not None
    assert outcome.path.endswith(f"{namespace}.rego")
    assert outcome.line == line


def test_a_result_of_the_wrong_shape_is_a_failure(server: RemoteOpa) -> None:
    assert failed(server, namespaces=("shape",)).fault is EvaluationFault.SHAPE


def test_an_endless_policy_is_given_up_at_the_deadline_and_the_next_question_is_answered(
    running: OpaServer, server: RemoteOpa
) -> None:
    outcome = failed(asking(running.address, seconds=0.5), namespaces=("slow",))

    assert outcome.fault is EvaluationFault.TIME
    assert judged(server, {"fire": 1}).findings


def test_a_document_that_is_no_json_is_never_sent(server: RemoteOpa) -> None:
    assert failed(server, {"a": float("nan")}).fault is EvaluationFault.UNSUPPORTED
    assert failed(server, {"a": "\ud800"}).fault is EvaluationFault.UNSUPPORTED


# Revisions.


def test_the_revision_that_the_settings_name_is_asked_for(running: OpaServer) -> None:
    [name] = [name for name, _ in _served(judged(asking(running.address)))]

    assert judged(asking(running.address, **{name: "r1"})).findings == ()
    older = failed(asking(running.address, **{name: "r2"}))
    other = failed(asking(running.address, nosuch="r1"))

    assert older.fault is other.fault is EvaluationFault.REVISION
    assert "should be of revision 'r2', and the server holds 'r1'" in older.detail
    assert (
        "bundle nosuch should be of revision 'r1', and the server does not hold it" in other.detail
    )


def _served(outcome: Evaluated) -> tuple[tuple[str, str], ...]:
    assert outcome.served is not None
    return outcome.served.revisions


@pytest.mark.parametrize(
    ("as_bundle", "hint"),
    [
        pytest.param(True, "has no revision", id="a-bundle-without-one"),
        pytest.param(False, "holds no bundle", id="policies-without-a-bundle"),
    ],
)
def test_policies_without_a_revision_judge_nothing(
    tmp_path: Path, as_bundle: bool, hint: str
) -> None:
    folder = write_bundle(tmp_path / "org", None, MAIN)
    with opa_server(*(["--bundle"] if as_bundle else []), folder) as started:
        outcome = failed(asking(started.address), {"fire": 1})

    assert outcome.fault is EvaluationFault.REVISION
    assert hint in outcome.detail


def test_a_newer_bundle_is_another_revision_and_another_digest(tmp_path: Path) -> None:
    def publish(revision: str, text: str) -> None:
        source = write_bundle(tmp_path / "source", revision, text)
        made = tmp_path / "new.tar.gz"
        command = [
            needs.opa(),
            "build",
            f"--revision={revision}",
            "-b",
            str(source),
            "-o",
            str(made),
        ]
        subprocess.run(command, check=True, capture_output=True)
        made.replace(tmp_path / "site" / "org.tar.gz")

    (tmp_path / "site").mkdir()
    publish("v1", f'package main\n{V1}\ndeny contains "old"\n')
    with files_over_http(tmp_path / "site") as url:
        settings = (
            f"--set=services.site.url={url}",
            "--set=bundles.org.service=site",
            "--set=bundles.org.resource=org.tar.gz",
            "--set=bundles.org.polling.min_delay_seconds=1",
            "--set=bundles.org.polling.max_delay_seconds=1",
        )
        with opa_server(*settings) as started:
            server, pinned = asking(started.address), asking(started.address, org="v2")
            first = until(server, lambda outcome: isinstance(outcome, Evaluated))
            assert isinstance(first, Evaluated)
            assert _served(first) == (("org", "v1"),)
            assert failed(pinned).fault is EvaluationFault.REVISION
            publish("v2", f'package main\n{V1}\ndeny contains "new"\n')
            second = until(server, lambda outcome: outcome.digest != first.digest)

            assert isinstance(second, Evaluated)
            assert _served(second) == (("org", "v2"),)
            assert [finding.msg for finding in second.findings] == ["new"]
            assert _served(judged(pinned)) == (("org", "v2"),)


def until(
    server: RemoteOpa, wanted: Callable[[Evaluated | EvaluationFailed], bool]
) -> Evaluated | EvaluationFailed:
    for _ in range(500):
        outcome = server.evaluate(("main",), (doc(),))
        if wanted(outcome):
            return outcome
        time.sleep(0.02)
    raise AssertionError(outcome)


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(provenance("r2"), id="newer-bundle"),
        pytest.param(provenance("r1", version="1.23.0"), id="another-server"),
        pytest.param(provenance(None), id="restarted-without-its-bundle"),
    ],
)
def test_two_revisions_in_one_judgement_are_a_failure(second: Json) -> None:
    first = says({"result": {"deny": []}, "provenance": provenance("r1")})
    with impostor(first, says({"result": {"deny": []}, "provenance": second})) as seen:
        server = asking(Address(url=seen.url))
        outcome = failed(server, {}, {})

    assert outcome.fault is EvaluationFault.REVISION


def test_the_same_revision_twice_is_none() -> None:
    same = says({"result": {"deny": []}, "provenance": provenance("r1")})
    with impostor(same) as seen:
        assert judged(asking(Address(url=seen.url)), {}, {}).findings == ()
        assert len(seen.heard) == 2


@pytest.mark.parametrize(("later", "fault"), [("r1", None), ("r2", EvaluationFault.REVISION)])
def test_rules_that_are_only_listed_are_believed_of_the_same_revision_alone(
    later: str, fault: EvaluationFault | None
) -> None:
    package: Json = {"path": [{"value": "data"}, {"value": "main"}]}
    listed: Json = {
        "result": [{"ast": {"package": package, "rules": [{"head": {"name": "deny"}}]}}]
    }
    turns = (
        says({"result": {}, "provenance": provenance("r1")}),
        says(listed),
        says({"result": {}, "provenance": provenance(later)}),
    )
    with impostor(*turns) as seen:
        outcome = asking(Address(url=seen.url)).evaluate(("main",), (doc(),))

    assert (outcome.fault if isinstance(outcome, EvaluationFailed) else None) is fault
    assert [line.split()[1][:12] for line in seen.heard] == [
        b"/v1/data/mai", b"/v1/policies", b"/v1/data/mai",
    ]  # fmt: skip


def test_rules_that_may_not_be_listed_are_not_taken_to_be_there() -> None:
    turns = (
        says({"result": {}, "provenance": provenance("r1")}),
        says({"code": "unauthorized", "message": "no"}, status="401 Unauthorized"),
    )
    with impostor(*turns) as seen:
        assert failed(asking(Address(url=seen.url))).fault is EvaluationFault.ACCESS


# Who is let in, and who the server is.


def test_the_token_is_needed_and_its_refusal_is_told_apart(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "org", "r1", MAIN, authz=AUTHZ)
    with opa_server(
        "--authentication=token", "--authorization=basic", "--bundle", folder
    ) as started:
        assert judged(asking(replace(started.address, token=Secret(TOKEN)))).findings == ()
        wrong = failed(asking(replace(started.address, token=Secret("wrong-token"))))
        none = failed(asking(started.address))

    assert wrong.fault is none.fault is EvaluationFault.ACCESS
    assert "401" in wrong.detail
    assert "policies.server.token" in wrong.detail
    assert "wrong-token" not in repr(wrong)


def test_a_server_with_a_certificate_of_the_chosen_authority_is_trusted_and_no_other(
    tmp_path: Path,
) -> None:
    folder = write_bundle(tmp_path / "org", "r1", MAIN)
    ca, certificate, key = certificates(tmp_path / "tls")
    other, _, _ = certificates(tmp_path / "other")
    tls = (f"--tls-cert-file={certificate}", f"--tls-private-key-file={key}")
    with opa_server(*tls, "--bundle", folder, scheme="https") as started:
        at = started.address
        assert judged(asking(replace(at, ca_file=str(ca)))).findings == ()
        untrusted = [
            failed(asking(replace(at, ca_file=str(other)))),
            failed(asking(at)),
        ]
        by_name = replace(at, ca_file=str(ca), url=at.url.replace("127.0.0.1", "localhost"))
        misnamed = failed(asking(by_name))
        in_clear = failed(asking(replace(at, url=at.url.replace("https", "http"))))

    assert {outcome.fault for outcome in (*untrusted, misnamed)} == {EvaluationFault.TRUST}
    assert "ca_file" in untrusted[0].detail
    assert in_clear.fault is EvaluationFault.ANSWER


def test_a_server_that_speaks_no_tls_is_not_trusted(running: OpaServer) -> None:
    address = replace(running.address, url=running.address.url.replace("http", "https"))

    assert failed(asking(address)).fault is EvaluationFault.TRUST


def test_the_environment_s_proxies_and_certificates_are_passed_over(
    server: RemoteOpa, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    assert judged(server).findings == ()


def test_a_unix_socket_will_do(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "org", "r1", MAIN)
    with opa_server("--bundle", folder, at=str(tmp_path / "opa.sock")) as started:
        outcome = judged(asking(started.address), {"fire": 1})
    gone = failed(asking(started.address))

    assert outcome.served is not None
    assert outcome.served.where == f"unix:{tmp_path / 'opa.sock'}"
    assert gone.fault is EvaluationFault.ENGINE


# What stands where a server should.


def drips(body: bytes, pause: float) -> Callable[[socket.socket], None]:
    def turn(connection: socket.socket) -> None:
        for byte in body:
            connection.sendall(bytes([byte]))
            time.sleep(pause)

    return turn


GOOD: Json = {"result": {"deny": []}, "provenance": provenance()}
HTML = (
    b"<html><body>Bad gateway, you sent Authorization: Bearer " + TOKEN.encode() + b"</body></html>"
)
PROMISED = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


@pytest.mark.parametrize(
    ("turn", "fault"),
    [
        pytest.param(says(HTML, kind="text/html"), EvaluationFault.ANSWER, id="html"),
        pytest.param(
            says(HTML, kind="text/html", status="502 Bad Gateway"), EvaluationFault.ANSWER, id="502"
        ),
        pytest.param(
            says(HTML, kind="text/html", status="403 Forbidden"), EvaluationFault.ACCESS, id="403"
        ),
        pytest.param(
            says({"code": "unauthorized", "message": TOKEN}, status="401 Unauthorized"),
            EvaluationFault.ACCESS, id="token-echoed",
        ),
        pytest.param(
            says({"code": "internal_error", "message": f"no {TOKEN}"}, status="500 Oops"),
            EvaluationFault.ENGINE, id="token-echoed-in-an-error",
        ),
        pytest.param(
            says(b"", status="302 Found", more="Location: http://127.0.0.1:1/\r\n"),
            EvaluationFault.ANSWER, id="redirect",
        ),
        pytest.param(says(b""), EvaluationFault.ANSWER, id="empty"),
        pytest.param(
            says(gzip.compress(b"{}"), more="Content-Encoding: gzip\r\n"),
            EvaluationFault.ANSWER, id="compressed",
        ),
        pytest.param(says([]), EvaluationFault.ANSWER, id="a-list"),
        pytest.param(says(b"[" * 100_000), EvaluationFault.ANSWER, id="deep"),
        pytest.param(says(b'{"result": {"deny": ["\\ud800"]}}'), EvaluationFault.ANSWER, id="half"),
        pytest.param(says({"result": {"deny": []}}), EvaluationFault.ANSWER, id="no-provenance"),
        pytest.param(
            says(b'{"result": {"deny": [' + b"9" * 5000 + b"]}}"), EvaluationFault.ANSWER, id="number"
        ),
        pytest.param(
            says({"result": {"deny": []}, "provenance": {"version": "1", "bundles": []}}),
            EvaluationFault.ANSWER, id="odd-bundles",
        ),
        pytest.param(
            says({"result": {"deny": []}, "provenance": provenance("r\n1")}),
            EvaluationFault.ANSWER, id="odd-revision",
        ),
        pytest.param(
            says(b" " * (MAX_ANSWER_BYTES + 1)), EvaluationFault.ANSWER, id="too-long",
        ),
        pytest.param(lambda c: c.close(), EvaluationFault.ENGINE, id="hangs-up"),
        pytest.param(lambda c: c.sendall(PROMISED + b"{"), EvaluationFault.ENGINE, id="breaks-off"),
        pytest.param(lambda c: c.sendall(b"SSH-2.0\r\n"), EvaluationFault.ENGINE, id="not-http"),
    ],
)  # fmt: skip
def test_what_is_not_opa_is_a_failure_of_its_kind_and_never_tells_the_token(
    turn: Callable[[socket.socket], None], fault: EvaluationFault
) -> None:
    with impostor(turn) as seen:
        server = asking(Address(url=seen.url, token=Secret(TOKEN)))
        first, second = failed(server), failed(server)

    assert first.fault is fault, first
    assert TOKEN not in repr(first)
    assert "0x" not in first.detail
    assert first == second
    assert len(seen.heard) == 2  # asked once each: no retries


@pytest.mark.parametrize(
    "turn",
    [
        pytest.param(lambda _: time.sleep(100), id="silent"),
        pytest.param(drips(PROMISED + b" " * 1000, 0.1), id="drips-its-answer"),
        pytest.param(drips(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000, 0.1), id="drips-its-head"),
    ],
)
def test_a_slow_server_does_not_hold_the_judgement_beyond_its_deadline(
    turn: Callable[[socket.socket], None],
) -> None:
    ended: list[EvaluationFailed] = []
    with impostor(turn) as seen:
        server = asking(Address(url=seen.url), seconds=0.5)
        thread = threading.Thread(target=lambda: ended.append(failed(server)), daemon=True)
        thread.start()
        thread.join(20)  # each of them would take more than a minute

    assert [outcome.fault for outcome in ended] == [EvaluationFault.TIME]


def test_a_call_that_was_given_up_leaves_no_thread_behind() -> None:
    with impostor(drips(PROMISED + b" " * 10_000, 0.01)) as seen:
        failed(asking(Address(url=seen.url), seconds=0.2))
        for _ in range(500):
            if "opa-call" not in {thread.name for thread in threading.enumerate()}:
                break
            time.sleep(0.01)

    assert "opa-call" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize(
    "token", ["t\u00f6ken-\u20ac", "line\r\nX-Evil: 1"], ids=["letters", "lines"]
)
def test_a_token_that_no_header_takes_is_a_failure_that_does_not_tell_it(token: str) -> None:
    with impostor(says(GOOD)) as seen:
        outcome = failed(asking(Address(url=seen.url, token=Secret(token))))

    assert outcome.fault is EvaluationFault.ENGINE
    assert token not in repr(outcome)
    assert seen.heard == []


def test_nobody_there_is_a_failure_in_the_system_s_words() -> None:
    outcome = failed(asking(Address(url=f"http://127.0.0.1:{free_port()}")))

    assert outcome.fault is EvaluationFault.ENGINE
    assert "Connection refused" in outcome.detail


def test_a_host_that_has_no_address_is_a_failure() -> None:
    assert failed(asking(Address(url="http://opa.invalid"))).fault is EvaluationFault.ENGINE


def test_a_server_killed_while_it_is_asked_is_a_failure_and_its_successor_answers(
    tmp_path: Path,
) -> None:
    folder = write_bundle(tmp_path / "org", "r1", **MODULES)
    port = free_port()
    ended: list[EvaluationFailed] = []
    with opa_server("--bundle", folder, port=port) as started:
        server = asking(started.address)
        assert judged(server).findings == ()
        thread = threading.Thread(
            target=lambda: ended.append(failed(server, namespaces=("slow",))), daemon=True
        )
        thread.start()
        thread.join(0.3)
        started.kill()
        thread.join(10)
        assert failed(server).fault is EvaluationFault.ENGINE
    with opa_server("--bundle", folder, port=port):
        assert judged(server, {"fire": 1}).findings

    assert [outcome.fault for outcome in ended] == [EvaluationFault.ENGINE]


def test_threads_may_ask_at_once(server: RemoteOpa) -> None:
    outcomes: list[int] = []

    def ask() -> None:
        outcomes.append(len(judged(server, {"fire": 1}).findings))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes == [1] * 6


def test_nothing_of_the_bot_s_environment_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRBOT_SECRET", "planted")
    with impostor(says(GOOD)) as seen:
        judged(asking(Address(url=seen.url, token=Secret(TOKEN))), {"a": 1})

    [heard] = seen.heard
    assert b'"input": {"a": 1}' in heard
    assert f"Bearer {TOKEN}".encode() in heard
    assert b"planted" not in heard
    assert os.environ["MRBOT_SECRET"] == "planted"


def test_a_path_below_the_host_is_kept() -> None:
    with impostor(says(GOOD)) as seen:
        judged(asking(Address(url=f"{seen.url}/team/opa")), namespaces=("a.b",))

    assert seen.heard[0].startswith(b"POST /team/opa/v1/data/a/b?provenance=true&metrics=true&")
