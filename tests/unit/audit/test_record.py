"""Records: the same bytes for the same decision, and nothing altered passes unseen."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from mrbot.audit.record import (
    Record,
    content_digest,
    read_record,
    record_bytes,
    recorded,
    replay,
)
from mrbot.decision.decide import decide
from mrbot.errors import BadReference, MrbotError
from mrbot.ids import Json
from mrbot.judgement import assess
from mrbot.policy.finding import Engine
from tests.build import (
    ENGINE,
    NOW,
    SilentEngine,
    make_change,
    make_directory,
    make_file,
    make_finding,
    make_material,
    make_plan,
    make_resource,
    make_review,
)

ENGINE_THEN = SilentEngine(make_finding(path="infra/main.tf", line=3))


def made() -> Record:
    change = make_change(
        files=[make_file(), make_file("infra/\udcff.tf", old_path="a\nb")],
        reviews=[make_review(seen=[])],
    )
    material = make_material(plans=[make_plan(resources=[make_resource(after={"a": [1, 2.5]})])])
    directory = make_directory()
    assessment = assess(material, change, ENGINE_THEN)
    decision = decide(change, assessment, directory, NOW, planning=True)
    return recorded(change, material, directory, ENGINE, decision)


def test_a_record_is_the_same_bytes_however_often_it_is_made() -> None:
    assert record_bytes(made()) == record_bytes(made())


def test_a_record_comes_back_and_is_written_as_it_was() -> None:
    content = record_bytes(made())
    assert read_record(content) == made()
    assert record_bytes(read_record(content)) == content


def test_a_record_is_canonical_json() -> None:
    content = record_bytes(made())
    document = json.loads(content)
    assert json.dumps(document, sort_keys=True, separators=(",", ":")).encode() == content


def test_a_replay_with_the_same_engine_comes_to_the_same() -> None:
    replayed = replay(made(), ENGINE_THEN)
    assert replayed.differences == ()
    assert replayed.other_engine is None
    assert isinstance(replayed.outcome, dict)
    assert replayed.outcome["verdict"] == "rejected"


def test_a_replay_by_another_engine_says_so_and_compares_the_rest() -> None:
    other = Engine(name="regorus", version="0.9")
    same = replay(made(), SilentEngine(make_finding(path="infra/main.tf", line=3), engine=other))
    assert (same.differences, same.other_engine) == ((), other)
    mute = replay(made(), SilentEngine(engine=other))
    assert set(mute.differences) == {"findings", "reasons", "verdict"}


@pytest.mark.parametrize(
    ("key", "forged"),
    [("verdict", "approved"), ("reasons", []), ("findings", []), ("head", "0" * 40), ("code", "x")],
)
def test_a_forged_outcome_differs_from_its_replay(key: str, forged: Json) -> None:
    record = made()
    outcome = {**record.outcome, key: forged} if isinstance(record.outcome, dict) else {}
    assert replay(replace(record, outcome=outcome), ENGINE_THEN).differences == (key,)


def test_a_missing_or_added_part_of_an_outcome_is_a_difference() -> None:
    record = made()
    assert isinstance(record.outcome, dict)
    less = {key: value for key, value in record.outcome.items() if key != "files"}
    assert replay(replace(record, outcome=less), ENGINE_THEN).differences == ("files",)
    more = {**record.outcome, "note": "fine"}
    assert replay(replace(record, outcome=more), ENGINE_THEN).differences == ("note",)
    everything = replay(replace(record, outcome=None), ENGINE_THEN).differences
    said = {key for key, value in record.outcome.items() if value is not None}
    assert set(everything) == said  # a part that is null now may not have existed then


def test_one_changed_byte_is_no_record_or_another_one() -> None:
    content = record_bytes(made())
    chance = random.Random(7)
    for at in sorted(chance.sample(range(len(content)), 600)):
        for other in (chance.randrange(256), content[at] ^ 1):
            altered = content[:at] + bytes([other]) + content[at + 1 :]
            if altered == content:
                continue
            try:
                found = read_record(altered)
            except BadReference:
                continue
            # Read at all, it differs from what was written (or is the same JSON in other spelling).
            assert found != made() or json.loads(altered) == json.loads(content)


def test_one_changed_byte_of_the_outcome_is_a_difference() -> None:
    content = record_bytes(made())
    start = content.index(b'"outcome":')
    chance = random.Random(7)
    for at in sorted(chance.sample(range(start + 12, len(content) - 2), 40)):
        altered = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        try:
            assert replay(read_record(altered), ENGINE_THEN).differences
        except MrbotError:
            continue


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b'{"format":"mrbot-record/2"}',
        b'{"format":"mrbot-record/1"}',
        b'{"format":"mrbot-record/1","change":null,"material":null,"directory":null,"engine":{}}',
        b"[" * 100_000,
        b'{"format":"mrbot-record/1","change":' + b"[" * 900 + b"]" * 900 + b"}",
    ],
    ids=lambda content: repr(content[:40]),
)
def test_what_is_no_record_is_a_bad_reference(content: bytes) -> None:
    with pytest.raises(BadReference):
        read_record(content)


def test_the_parts_of_a_record_are_not_taken_for_each_other() -> None:
    document = json.loads(record_bytes(made()))
    document["change"], document["directory"] = document["directory"], document["change"]
    with pytest.raises(BadReference, match="lacks its change"):
        read_record(json.dumps(document).encode())


def test_without_the_salt_a_digest_says_nothing_of_the_content() -> None:
    content = record_bytes(made())
    assert content_digest(content, b"a" * 16) == content_digest(content, b"a" * 16)
    assert content_digest(content, b"a" * 16) != content_digest(content, b"b" * 16)
    assert content_digest(content, b"a" * 16) != content_digest(content + b" ", b"a" * 16)
