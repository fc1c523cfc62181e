"""Health and metrics."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from mrbot.errors import StoreFailure
from mrbot.web.health import BACKLOG_LIMIT_S, unready
from tests.unit.web.conftest import CHANGE, NOW, PAGE
from tests.unit.web.test_web_pages import deploy


def test_a_new_mrbot_is_up_and_ready(site):
    assert site.get("/healthz").status_code == 200
    answer = site.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "reasons": {}})


def test_work_that_nobody_takes_makes_it_unready(site):
    site.store.worklist.mark(CHANGE, NOW)
    site.clock = NOW + timedelta(seconds=BACKLOG_LIMIT_S)
    assert site.get("/readyz").status_code == 200
    site.clock += timedelta(seconds=1)
    answer = site.get("/readyz")
    assert answer.status_code == 503
    assert "no worker runs" in answer.json["reasons"]["worker"]


def test_parked_work_does_not_make_it_unready(site):
    site.store.worklist.mark(CHANGE, NOW)
    site.store.worklist.park(site.store.worklist.claim("w", NOW, 60), "failed")
    site.clock = NOW + timedelta(days=1)
    assert site.get("/readyz").status_code == 200


def test_a_check_that_complains_makes_it_unready(site):
    site.reasons[0] = "opa does not answer"
    answer = site.get("/readyz")
    assert (answer.status_code, answer.json["reasons"]) == (
        503, {"policy engine": "opa does not answer"},
    )  # fmt: skip


def test_a_check_that_fails_makes_it_unready(site):
    def check() -> str | None:
        raise StoreFailure("gone")

    assert unready(site.store, NOW, {"ledger": check}) == {"ledger": "gone"}


def test_a_storage_that_fails_makes_it_unready_and_leaves_it_up(site):
    with site.engine.begin() as connection:
        connection.execute(text("drop table worklist"))
    assert site.get("/healthz").status_code == 200
    assert "storage" in site.get("/readyz").json["reasons"]
    assert site.get("/metrics").status_code == 503


def test_metrics_tell_what_the_store_holds(site):
    site.record()
    site.know()
    site.know(verdict="", id=CHANGE.__class__(CHANGE.repo, 8))
    deploy(site)
    site.store.worklist.mark(CHANGE, NOW)
    site.clock = NOW + timedelta(seconds=40)
    answer = site.get("/metrics")
    assert answer.content_type.startswith("text/plain")
    lines = answer.get_data(as_text=True).splitlines()
    for wanted in (
        'mrbot_webhook_events_total{host="gitlab",result="stored"} 1.0',
        'mrbot_changes_open{verdict="rejected"} 1.0', 'mrbot_changes_open{verdict="none"} 1.0',
        "mrbot_log_tree_size 1.0", 'mrbot_worklist_subjects{state="dirty"} 1.0',
        "mrbot_worklist_oldest_seconds 40.0", 'mrbot_deployment_intents{state="dispatching"} 1.0',
        "mrbot_deployment_intent_age_seconds 40.0", "mrbot_outbox_lag_seconds 0.0",
    ):  # fmt: skip
        assert wanted in lines


def test_deployments_that_ended_are_counted_by_environment(site):
    deploy(site)
    with site.engine.begin() as connection:
        connection.execute(text("update deployments set state = 'failed'"))
    shown = site.get("/metrics").get_data(as_text=True)
    assert 'mrbot_deployments_total{environment="production",state="failed"} 1.0' in shown


def test_no_metric_names_a_change_or_a_person(site):
    site.record()
    site.know()
    deploy(site)
    shown = site.get("/metrics").get_data(as_text=True)
    assert "infra" not in shown
    assert site.get(PAGE).status_code == 200
