from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import jsonschema
import pytest

from mrbot.change.commits import Commit
from mrbot.change.files import FileChange, FileStatus
from mrbot.change.people import Contributors, Review, ReviewSource, ReviewState, Signature
from mrbot.change.snapshot import Change, ChangeState, HostChange
from mrbot.ids import ChangeId, Digest, Json, Person, RepoId, Sha
from mrbot.plan.plan import Plan, Summary, Tool
from mrbot.policy.document import change_document, plan_document
from mrbot.policy.wire import dump_json
from mrbot.resources.model import (
    Action,
    Certainty,
    NotUnderstood,
    Reading,
    ResourceChange,
    Source,
)
from tests.needs import ROOT

SCHEMA = json.loads((ROOT / "config/schema/input-change.v1.json").read_text())
HEAD, BASE = Sha("a" * 40), Sha("b" * 40)
NOW = datetime(2026, 11, 22, 22, 10, tzinfo=timezone(timedelta(hours=1)))


def change(*files: FileChange) -> Change:
    host = HostChange(
        id=ChangeId(RepoId("gitlab", "group/infra"), 7),
        title="Add a bucket",
        description="",
        author=Person(id="12", login="ann"),
        state=ChangeState.OPEN,
        draft=False,
        source_branch="bucket",
        target_branch="main",
        head=HEAD,
        from_fork=False,
        labels=("storage",),
        web_url="https://gitlab.example/7",
    )
    nobody = Contributors(people=frozenset(), signatures=frozenset())
    return Change(host=host, base=BASE, target=BASE, files=files, contributors=nobody, reviews=())


def plan() -> Plan:
    return Plan(
        project="net\udcff",
        environment="prod",
        head=HEAD,
        tool=Tool(name="terraform", version="1.15.5", origin="PATH"),
        summary=Summary(create=1, import_=2),
        resources=(),
        document={"format_version": "1.2"},
        effect_digest=Digest("sha256:" + "0" * 64),
        artefact_digest=Digest("sha256:" + "1" * 64),
    )


EMPTY = Reading(resources=(), not_understood=())
FULL = Reading(
    resources=(
        ResourceChange(
            format="terraform",
            address="aws_s3_bucket.a",
            kind="aws_s3_bucket",
            action=Action.CREATE,
            before=None,
            after={"acl": "private", "tags": None},
            unknown_paths=("arn",),
            project="net",
            environment="prod",
            source=Source(path="net/a\udcff.tf", line=3),
        ),
        ResourceChange(
            format="kubernetes",
            address="Kind/x",
            kind="v1/Kind",
            action=Action.DELETE,
            before={},
            after=None,
            certainty=Certainty.PLANNED,
        ),
    ),
    not_understood=(NotUnderstood(path="x.yaml", line=0, reason="not YAML", relevant=True),),
)
FILE = FileChange(
    path="net/a\udcff.tf",
    old_path="old.tf",
    status=FileStatus.RENAMED,
    old_mode="100644",
    new_mode="100755",
    old_blob="1" * 40,
    new_blob="2" * 40,
)


def checked(content: Json) -> dict[str, Json]:
    validator = jsonschema.Draft202012Validator(
        SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    validator.validate(json.loads(dump_json(content)))
    assert isinstance(content, dict)
    return content


def test_the_smallest_change_is_a_valid_document() -> None:
    document = change_document(change(), EMPTY, (), (), (), NOW)

    content = checked(document.content)
    assert document.name == "change"
    assert content["now"] == "2026-11-22T21:10:00Z"
    assert content["resources"] == []


def test_a_full_change_is_a_valid_document() -> None:
    document = change_document(change(FILE), FULL, (plan(),), ("net",), ("prod",), NOW)

    content = checked(document.content)
    assert content["files"] == [
        {
            "path": r"net/a\xff.tf",
            "old_path": "old.tf",
            "status": "renamed",
            "old_mode": "100644",
            "new_mode": "100755",
        }
    ]
    [first, second] = content["resources"] if isinstance(content["resources"], list) else []
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["source"] == {"path": r"net/a\xff.tf", "line": 3}
    assert (second["source"], second["certainty"]) == (None, "planned")
    [planned] = content["plans"] if isinstance(content["plans"], list) else []
    assert isinstance(planned, dict)
    assert planned["project"] == r"net\xff"
    assert planned["summary"] == {
        "create": 1,
        "update": 0,
        "replace": 0,
        "delete": 0,
        "move": 0,
        "import": 2,
        "forget": 0,
        "outputs": 0,
    }


def test_a_change_names_its_people_and_its_commits() -> None:
    kim, lee = Person(id="2", login="kim"), Person(id="10", login="lee")
    signature = Signature(name="Kim", email="kim@example.com")
    commit = Commit(
        sha=HEAD,
        parents=1,
        author=signature,
        committer=signature,
        committed_at="2026-11-22T20:00:00+00:00",
        message="Add a bucket",
        co_authors=frozenset({Signature(name="", email="robot@example.com")}),
    )
    reviews = tuple(
        Review(person=person, state=state, source=ReviewSource.HOST, head=head)
        for person, state, head in (
            (lee, ReviewState.APPROVED, None),
            (kim, ReviewState.CHANGES_REQUESTED, BASE),
            (Person(id="1", login="ada"), ReviewState.APPROVED, HEAD),
        )
    )
    full = replace(
        change(),
        contributors=Contributors(people=frozenset({kim}), signatures=frozenset({signature})),
        reviews=reviews,
        commits=(commit,),
        commits_left_out=7,
    )

    content = checked(change_document(full, EMPTY, (), (), (), NOW).content)

    people = content["people"]
    assert isinstance(people, dict)
    assert people["contributors"] == [{"id": "2", "login": "kim"}]
    assert people["signatures"] == [{"name": "Kim", "email": "kim@example.com"}]
    reviewed = people["reviews"]
    assert isinstance(reviewed, list)
    assert [(one["person"]["login"], one["state"], one["on_head"]) for one in reviewed] == [
        ("ada", "approved", True),
        ("lee", "approved", False),
        ("kim", "changes_requested", False),
    ]
    assert content["commits_left_out"] == 7
    [told] = content["commits"] if isinstance(content["commits"], list) else []
    assert (told["message"], told["parents"]) == ("Add a bucket", 1)
    assert told["co_authors"] == [{"name": "", "email": "robot@example.com"}]


@pytest.mark.parametrize("review", ReviewState)
def test_the_schema_knows_every_review(review: ReviewState) -> None:
    assert review.value in SCHEMA["$defs"]["review"]["properties"]["state"]["enum"]


@pytest.mark.parametrize("source", ReviewSource)
def test_the_schema_knows_every_source_of_a_review(source: ReviewSource) -> None:
    assert source.value in SCHEMA["$defs"]["review"]["properties"]["source"]["enum"]


@pytest.mark.parametrize("status", FileStatus)
def test_the_schema_knows_every_status(status: FileStatus) -> None:
    assert status.value in SCHEMA["$defs"]["file"]["properties"]["status"]["enum"]


def test_the_schema_knows_every_action_and_certainty() -> None:
    resource = SCHEMA["$defs"]["resource"]["properties"]

    assert set(resource["action"]["enum"]) == {action.value for action in Action}
    assert set(resource["certainty"]["enum"]) == {one.value for one in Certainty}


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        change_document(change(), EMPTY, (), (), (), NOW.replace(tzinfo=None))


def test_a_moment_is_written_in_utc() -> None:
    utc = change_document(change(), EMPTY, (), (), (), NOW.astimezone(UTC))

    assert utc == change_document(change(), EMPTY, (), (), (), NOW)


def test_a_plan_is_given_as_it_is() -> None:
    document = plan_document(plan())

    assert (document.name, document.content) == (r"plan of net\xff", {"format_version": "1.2"})
