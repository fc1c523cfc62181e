"""OPA servers as operators run them, and things that only seem to be one."""

from __future__ import annotations

import datetime as dt
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mrbot.ids import Json
from mrbot.policy.opa.connection import Address
from mrbot.policy.opa.server import free_port
from tests import needs

TOKEN = "let-me-in-0123456789"
AUTHZ = f"""package system.authz
import rego.v1
default allow := false
allow if input.identity == "{TOKEN}"
allow if input.path == ["health"]
"""


def write_bundle(folder: Path, revision: str | None, *texts: str, **more: str) -> Path:
    """A bundle in a directory, of that revision."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"p{number}.rego").write_text(text)
    for name, text in more.items():
        (folder / f"{name}.rego").write_text(text)
    manifest = {} if revision is None else {"revision": revision}
    (folder / ".manifest").write_text(json.dumps(manifest))
    return folder


@dataclass
class OpaServer:
    """A running `opa run --server`."""

    process: subprocess.Popen[bytes]
    address: Address

    def kill(self) -> None:
        """It has ended, at once."""
        self.process.kill()
        self.process.wait()


@contextmanager
def opa_server(
    *arguments: str | Path, at: str = "", port: int = 0, scheme: str = "http"
) -> Iterator[OpaServer]:
    """A server that is up, on loopback or on the Unix socket `at`."""
    port = port or free_port()
    listen = f"unix://{at}" if at else f"127.0.0.1:{port}"
    command = [needs.opa(), "run", "--server", f"--addr={listen}", "--log-level=error"]
    process = subprocess.Popen(
        [*command, "--skip-version-check", *map(str, arguments)], stderr=subprocess.PIPE
    )
    url = "http://localhost" if at else f"{scheme}://127.0.0.1:{port}"
    try:
        _wait(process, at or ("127.0.0.1", port))
        yield OpaServer(process, Address(url=url, socket=at or None))
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def _wait(process: subprocess.Popen[bytes], at: str | tuple[str, int]) -> None:
    for _ in range(1000):
        with socket.socket(socket.AF_UNIX if isinstance(at, str) else socket.AF_INET) as probe:
            try:
                probe.connect(at)
            except OSError:
                assert process.poll() is None, process.stderr and process.stderr.read()
                time.sleep(0.02)
            else:
                return
    raise AssertionError("opa did not listen")


@contextmanager
def files_over_http(folder: Path) -> Iterator[str]:
    """The files of a folder, for an OPA that fetches its bundles."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Impostor:
    """Something that listens where an OPA should, and does with each connection what it is told.
    `heard` is what was sent to it."""

    url: str
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def impostor(*turns: Callable[[socket.socket], None]) -> Iterator[Impostor]:
    """Each request is answered by the next of `turns`, the last one again and again."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = Impostor(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def serve() -> None:
        waiting = list(turns)
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            turn = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            with connection, suppress(OSError):
                seen.heard.append(_request(connection))
                turn(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _request(connection: socket.socket) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += connection.recv(65536)
    head, _, body = heard.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().splitlines() if line.startswith(b"content-length:")]
    wanted = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < wanted:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def says(
    body: Json | bytes, *, status: str = "200 OK", kind: str = "application/json", more: str = ""
) -> Callable[[socket.socket], None]:
    """Answers with this, and closes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n{more}"
    return lambda connection: connection.sendall(
        head.encode() + b"Connection: close\r\n\r\n" + content
    )


def provenance(revision: str | None = "r1", version: str = "1.22.2", **more: Json) -> Json:
    """An answer's `provenance`, as OPA writes it."""
    bundles: Json = {} if revision is None else {"bundles": {"org": {"revision": revision}}}
    assert isinstance(bundles, dict)
    return {"version": version, **bundles, **more}


def certificates(folder: Path) -> tuple[Path, Path, Path]:
    """A certificate authority, and a certificate of 127.0.0.1 with its key, in PEM files."""
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    folder.mkdir(parents=True, exist_ok=True)

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def signed(
        name: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, issuer: str
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(name)).issuer_name(named(issuer)).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now).not_valid_after(now + dt.timedelta(days=36_500))
            .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
            )
        )  # fmt: skip
        return builder.sign(by, hashes.SHA256())

    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    paths = folder / "ca.pem", folder / "server.pem", folder / "server.key"
    pem = serialization.Encoding.PEM
    paths[0].write_bytes(signed("root", root, root, "root").public_bytes(pem))
    paths[1].write_bytes(signed("opa", leaf, root, "root").public_bytes(pem))
    plain = serialization.NoEncryption()
    paths[2].write_bytes(leaf.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return paths
