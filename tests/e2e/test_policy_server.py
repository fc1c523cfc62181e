"""The organisation's policies on a real OPA server, from the webhook to the comment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from mrbot.app import compose
from mrbot.config.settings import load_settings
from mrbot.policy.opa.server import free_port
from tests.contract.opa_servers import OpaServer, opa_server, write_bundle
from tests.e2e.world import PROJECT, SECRETS, World, world

POLICY = """package main

import rego.v1

deny contains "forbidden" if {
	some file in input.files
	endswith(file.path, ".forbidden")
}
"""


@contextmanager
def served_world(directory: Path, port: int) -> Iterator[World]:
    """A world whose organisation has its policies on a server at this port."""
    with world(directory, "gitlab") as w:
        document = yaml.safe_load(w.settings.read_text())
        document["policies"] = {"server": {"url": f"http://127.0.0.1:{port}"}}
        w.settings.write_text(yaml.safe_dump(document))
        w.mrbot = compose(load_settings(w.settings, SECRETS))
        yield w


@contextmanager
def holding(directory: Path, revision: str, port: int) -> Iterator[OpaServer]:
    """A server that holds the policies, called this revision."""
    folder = write_bundle(directory / revision / "org", revision, POLICY)
    with opa_server("--bundle", folder, port=port) as started:
        yield started


def decisions(w: World) -> int:
    return sum(entry.kind == "decision" for entry in w.mrbot.store.ledger.entries())


def test_a_green_by_a_server_holds_as_long_as_the_server_answers_of_that_revision(
    tmp_path: Path,
) -> None:
    port = free_port()
    with served_world(tmp_path, port) as w, w.working() as worker:
        with holding(tmp_path, "r1", port):
            number = w.propose()
            w.settle(worker)
            w.box.approve(PROJECT, number, "kim")
            w.settle(worker)
            assert w.gate(number) == "success"
            (comment,) = w.comments(number)
            assert "at `r1`" in comment
            assert "**cannot be replayed**" in comment

            # Other metrics and decision ids are no other decision.
            before = decisions(w)
            w.poll(worker)
            assert decisions(w) == before
            assert w.comments(number) == [comment]

        w.poll(worker)
        assert w.gate(number) == "failed"
        (comment,) = w.comments(number)
        assert "Connection refused" in comment

        with holding(tmp_path, "r2", port):
            w.poll(worker)
            assert w.gate(number) == "pending"
            (comment,) = w.comments(number)
            assert "at `r2`" in comment

        with holding(tmp_path, "r1", port):
            w.poll(worker)
            assert w.gate(number) == "success"

        # What was decided is shown at the end as it was, though nobody can be asked any more.
        w.box.merge(PROJECT, number, "kim")
        w.settle(worker)
        (comment,) = w.comments(number)
        assert "Merged as" in comment
        assert "at `r1`" in comment
        assert "Not evaluated" not in comment


def test_what_the_server_denies_is_held(tmp_path: Path) -> None:
    port = free_port()
    with (
        holding(tmp_path, "r1", port),
        served_world(tmp_path, port) as w,
        w.working() as worker,
    ):
        number = w.propose(path="app/a.forbidden")
        w.box.approve(PROJECT, number, "kim")
        w.settle(worker)
        assert w.gate(number) == "failed"
        (comment,) = w.comments(number)
        assert "forbidden" in comment
