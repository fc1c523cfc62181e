"""The pages: what they show, and what hostile text cannot do to them."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import text

from mrbot.audit.record import record_bytes
from mrbot.change.snapshot import ChangeState
from mrbot.decision.ruleset import PipelineTarget
from mrbot.deployment.deployment import DeploymentState, Intent
from mrbot.ids import ChangeId, Digest, Person, RepoId, Sha
from mrbot.inbox.delivery import Commented, Delivery
from mrbot.policy.settle import NoEngine
from mrbot.store.commands import CommandLine, CommandState
from mrbot.web.page import ROWS_LIMIT, TEXT_LIMIT, readable
from tests.unit.cli.recording import CHANGE as RECORDED
from tests.unit.cli.recording import made_record
from tests.unit.web.conftest import CHANGE, NOW, PAGE, Site


def deploy(site: Site) -> None:
    """One deployment runs."""
    intent = Intent(
        key=Digest("sha256:" + "7" * 64), change=CHANGE, repo=CHANGE.repo, target_branch="main",
        sha=Sha("9" * 40), environment="production", target=PipelineTarget(),
    )  # fmt: skip
    site.store.deployments.intend(intent, NOW)
    site.store.deployments.advance(
        intent.key, {DeploymentState.PENDING}, DeploymentState.DISPATCHING, next_check_at=NOW,
        detail="pipeline asked for",
    )  # fmt: skip


def command(site: Site, body: str = "/plan", answer: str = "planned: network-prod") -> None:
    """One command was given and answered."""
    said = Commented(change=7, comment="3", body=body, author=Person(id="2", login="ben"))
    site.store.inbox.put(Delivery(repo=CHANGE.repo, key="k", event="note", cause=said), NOW)
    claim = site.store.worklist.claim("w", NOW, 60)
    assert claim is not None
    (comment,) = site.store.commands.unread(CHANGE)
    site.store.commands.record(claim, comment, [CommandLine(line=1, verb="plan", text=body)])
    (pending,) = site.store.commands.pending(CHANGE)
    site.store.commands.finish(claim, pending.id, CommandState.DONE, answer)
    site.store.worklist.done(claim)


def test_an_empty_mrbot_says_that_it_has_seen_nothing(site):
    assert "has seen no change yet" in site.html("/")


def test_changes_are_listed_with_the_last_read_first(site):
    site.know()
    later = ChangeId(RepoId("github", "acme/web"), 12)
    site.know(
        verdict="approved", id=later, state=ChangeState.MERGED, updated_at=NOW.replace(hour=22)
    )
    shown = site.html("/")
    assert re.findall(r'href="(/changes/[^"]+)"', shown) == ["/changes/github/acme/web/12", PAGE]
    assert "Blocked" in shown
    assert "merged" in shown


def test_a_list_that_is_cut_says_how_many_are_left(site, monkeypatch):
    monkeypatch.setattr("mrbot.web.routes.CHANGES_SHOWN", 1)
    site.know()
    site.know(id=ChangeId(CHANGE.repo, 8))
    assert "1 earlier changes are not listed" in site.html("/")


def test_an_unknown_change_is_not_found(site):
    answer = site.get(PAGE)
    assert answer.status_code == 404
    assert "has not seen change 7" in answer.get_data(as_text=True)
    assert site.get(f"{PAGE}?format=json").json["error"].startswith("mrbot has not seen")


def test_a_change_without_a_decision_is_being_judged(site):
    site.know(verdict="")
    shown = site.html()
    assert "Being judged" in shown
    assert "no decision on record yet" in shown


def test_a_change_page_shows_verdict_reasons_people_policies_and_evidence(site):
    number = site.record()
    site.know()
    site.show(number)
    deploy(site)
    command(site)
    shown = site.html()
    for part in (
        "Blocked", "1 of 2 approvals by @sre", "production is seen by two", "acme/sre", "1 missing",
        "ann: wrote commits of this change", "TF-DEL-1", "keep it, or move it first",
        "mrbot approve K7QM-2F4D", "no valid credential sources found", "larger than 5 MiB",
        "steers mrbot or CI", "dispatching", "/plan", "planned: network-prod", "opa 1.22.2",
        f"mrbot replay {number}", "sha256:" + "f" * 64, "merge_requests/7#note_5",
    ):  # fmt: skip
        assert part in shown, part
    assert shown.index("aws_db_instance.orders</code>") < shown.index("aws_s3_bucket.logs</code>")


def test_a_change_page_shows_what_is_lost_what_differs_and_which_files_to_look_at(site):
    number = site.record()
    site.know()
    site.show(number)

    text = site.html()

    assert '<code>aws_db_instance.orders</code> <span class="badge bad">and its data</span>' in text
    assert "<td>tags.team</td>" in text
    assert "(was <code>aws_s3_bucket.old</code>)" in text
    assert "a symbolic link to &#39;/etc&#39;" in text


def test_the_numbers_of_a_plan_are_shown(site):
    site.record()
    row = re.search(r"network-prod</th>.*?terraform 1.11.4", site.html(), re.DOTALL)
    assert row is not None
    assert re.findall(r'class="num">(\d+)<', row[0]) == ["0", "1", "0", "1"]


def test_a_real_decision_can_be_shown(site, tmp_path):
    record = made_record(tmp_path / "repo", NoEngine())
    site.store.ledger.append(
        kind="decision", subject=str(RECORDED), at=NOW.isoformat(), content=record_bytes(record)
    )
    shown = site.html("/changes/gitlab/acme/infra/7")
    assert "Cannot be decided, so not approved" in shown
    assert "aws_db_instance.orders" in shown
    assert "there is no Rego engine" in shown


def test_an_older_head_than_the_present_one_is_said(site):
    site.record()
    site.know(verdict="", head=Sha("d" * 40))
    assert "The head has moved on to" in site.html()


def test_a_merged_change_keeps_its_last_verdict(site):
    site.record(verdict="approved", reasons=[])
    site.know(verdict="approved", state=ChangeState.MERGED)
    assert "Merged; the verdict was: Approved" in site.html()


def test_the_json_form_holds_the_outcome_as_recorded(site):
    number = site.record()
    site.know()
    document = site.get(f"{PAGE}?format=json").json
    assert document["verdict"] == "rejected"
    assert document["outcome"]["code"] == "K7QM-2F4D"
    assert document["record"]["number"] == number
    assert [one["number"] for one in document["history"]] == [number]


def test_an_erased_record_says_so_and_the_history_stays(site):
    first, second = site.record(), site.record(at=5)
    site.know()
    site.store.ledger.erase(second)
    shown = site.html()
    assert f"Record {second} cannot be shown: its content was erased" in shown
    assert f">{first}</th>" in shown
    assert site.get(f"{PAGE}?format=json").json["outcome"] is None


def test_an_altered_record_is_never_shown_as_a_decision(site):
    site.record()
    site.know()
    with site.engine.begin() as connection:
        connection.execute(text("update ledger_contents set sealed = zeroblob(90)"))
    shown = site.html()
    assert "cannot be shown" in shown
    assert "TF-DEL-1" not in shown


def test_a_record_of_another_format_is_not_guessed_at(site):
    site.store.ledger.append(
        kind="decision", subject=str(CHANGE), at=NOW.isoformat(),
        content=json.dumps({"format": "mrbot-record/99", "outcome": {"verdict": "approved"}}).encode(),
    )  # fmt: skip
    assert "another version of mrbot wrote it" in site.html()


def test_many_records_are_listed_and_the_rest_counted(site, monkeypatch):
    monkeypatch.setattr("mrbot.web.view.HISTORY_OPENED", 1)
    monkeypatch.setattr("mrbot.web.view.HISTORY_SHOWN", 2)
    for at in range(4):
        site.record(at=at)
    shown = site.html()
    assert "see: mrbot ledger show 3" in shown
    assert "2 earlier records are not listed" in shown


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{7*7}}\u202egnp.exe'


def test_hostile_text_is_shown_as_text(site):
    reason = {"code": "x", "weight": "pending", "text": HOSTILE, "path": HOSTILE, "line": 1}
    base = {
        "reasons": [reason],
        "findings": [{"msg": HOSTILE, "rule": HOSTILE, "blocks": True, "metadata": {"fix": HOSTILE}}],
        "resources": [{"action": "update", "address": HOSTILE, "before": None,
                       "after": {HOSTILE: HOSTILE}, "certainty": "static", "source": None}],
        "requirements": [{"name": HOSTILE, "source": "s", "count": 1, "users": [HOSTILE], "groups": [],
                          "role": "write", "counted": [HOSTILE], "missing": 1,
                          "discounted": [{"login": HOSTILE, "why": HOSTILE}]}],
        "files": [{"path": HOSTILE, "old_path": HOSTILE, "status": "renamed"}],
    }  # fmt: skip
    site.record(**base)
    site.know(title=HOSTILE, target_branch=HOSTILE)
    for shown in (site.html(), site.html("/")):
        assert "<script" not in shown
        assert "<img" not in shown
        assert "\u202e" not in shown
        assert "{{7*7}}" in shown


def test_a_path_that_is_not_utf_8_is_shown_with_its_bytes(site):
    site.record(files=[{"path": "caf\udce9.tf", "old_path": None, "status": "added"}])
    assert r"caf\xe9.tf" in site.html()
    assert site.get(f"{PAGE}?format=json").status_code == 200


@pytest.mark.parametrize(
    ("url", "linked"),
    [("https://ci.example.org/1", True), ("javascript:alert(1)", False), ("http://[", False)],
)
def test_only_web_addresses_become_links(site, url, linked):
    deploy(site)
    with site.engine.begin() as connection:
        connection.execute(text("update deployments set url = :url"), {"url": url})
    site.know()
    assert (f'href="{url}"' in site.html()) is linked


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("", ""),
        ("two\nlines", "two\nlines"),
        ("a\u202eb", "a\\u202eb"),
        ("\x1b[31m", "\\u001b[31m"),
        ("é 漢", "é 漢"),
        ("x" * (TEXT_LIMIT + 5), "x" * TEXT_LIMIT + "… (5 more characters)"),
    ],
    ids=["nothing", "lines", "direction", "terminal", "letters", "long"],
)
def test_text_is_readable(given, seen):
    assert readable(given) == seen


def test_a_table_that_is_cut_says_how_many_rows_are_left(site):
    files = [{"path": f"f{n}", "old_path": None, "status": "added"} for n in range(ROWS_LIMIT + 3)]
    site.record(files=files)
    shown = site.html()
    assert "3 more files are not shown here" in shown
    assert f"f{ROWS_LIMIT}<" not in shown


def test_without_pages_nothing_of_a_change_is_served(make):
    site = make(pages=False)
    site.record()
    site.know()
    assert site.get("/").status_code == 404
    assert site.get(PAGE).status_code == 404
    assert site.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/", PAGE, f"{PAGE}?format=json", "/metrics", "/healthz"])
def test_every_answer_carries_the_security_headers(site, path):
    site.know()
    headers = site.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_no_page_holds_a_script_a_handler_or_an_inline_style(site):
    site.record()
    site.know()
    for shown in (site.html(), site.html("/")):
        assert not re.search(r"<script|\son\w+=|\sstyle=", shown)


def test_a_storage_that_fails_is_said_and_is_no_traceback(site):
    with site.engine.begin() as connection:
        connection.execute(text("drop table changes"))
    answer = site.get("/")
    assert answer.status_code == 503
    assert "The storage cannot be read" in answer.get_data(as_text=True)
