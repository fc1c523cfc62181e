"""Metrics for Prometheus. All but the deliveries are read from the store when they are asked for,
so that every process tells the same. No label names a change or a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client import Counter as Total
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from mrbot import __version__
from mrbot.deployment.deployment import DeploymentState
from mrbot.store.store import Store
from mrbot.web.glance import Glance


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._glance = Glance(store)
        self._clock = clock
        self._registry = CollectorRegistry()
        self._deliveries = Total(
            "mrbot_webhook_events",
            "Webhook deliveries that this process was given.",
            ("host", "result"),
            registry=self._registry,
        )
        self._registry.register(self)

    def count_delivery(self, host: str, result: str) -> None:
        """A delivery of that host came to that result."""
        self._deliveries.labels(host, result).inc()

    def text(self) -> bytes:
        """All of them, in Prometheus' text format.

        Raises: StoreFailure when the store cannot be read.
        """
        return generate_latest(self._registry)

    def describe(self) -> Iterator[Metric]:
        """Nothing ahead of time: prometheus-client asks this when the collector is registered."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """What the store says now."""
        info = GaugeMetricFamily("mrbot_info", "Which mrbot this is.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        yield from self._work()
        yield from self._gates()
        yield from self._deployments()
        yield from self._outbox()

    def _work(self) -> Iterator[Metric]:
        backlog = self._store.worklist.backlog(self._clock())
        subjects = GaugeMetricFamily(
            "mrbot_worklist_subjects", "Subjects on the worklist.", labels=["state"]
        )
        for state, count in (
            ("dirty", backlog.dirty),
            ("held", backlog.held),
            ("parked", backlog.parked),
        ):
            subjects.add_metric([state], count)
        yield subjects
        yield GaugeMetricFamily(
            "mrbot_worklist_oldest_seconds",
            "How long the oldest mark has waited.",
            value=backlog.oldest_s,
        )

    def _gates(self) -> Iterator[Metric]:
        gates = GaugeMetricFamily(
            "mrbot_changes_open", "Open changes by verdict.", labels=["verdict"]
        )
        for labels, count in self._glance.changes_by_verdict():
            gates.add_metric(labels, count)
        yield gates
        yield GaugeMetricFamily(
            "mrbot_log_tree_size", "Entries of the ledger.", value=self._glance.ledger_size()
        )

    def _deployments(self) -> Iterator[Metric]:
        ended = CounterMetricFamily(
            "mrbot_deployments",
            "Deployments that ended.",
            labels=["environment", "state"],
        )
        for labels, count in self._glance.deployments_ended():
            ended.add_metric(labels, count)
        yield ended
        active = self._store.deployments.active()
        states = Counter(one.state for one in active)
        intents = GaugeMetricFamily(
            "mrbot_deployment_intents", "Deployments that have not ended.", labels=["state"]
        )
        for state in DeploymentState:
            if not state.ended:
                intents.add_metric([state], states[state])
        yield intents
        oldest = min((one.intended_at for one in active), default=None)
        yield GaugeMetricFamily(
            "mrbot_deployment_intent_age_seconds",
            "Age of the oldest deployment that has not ended.",
            value=0.0 if oldest is None else (self._clock() - oldest).total_seconds(),
        )

    def _outbox(self) -> Iterator[Metric]:
        intended, uncertain, oldest = self._glance.effects_open()
        effects = GaugeMetricFamily(
            "mrbot_outbox_effects",
            "Effects on hosts that are not settled.",
            labels=["state"],
        )
        effects.add_metric(["intended"], intended)
        effects.add_metric(["uncertain"], uncertain)
        yield effects
        now = self._clock().timestamp()
        yield GaugeMetricFamily(
            "mrbot_outbox_lag_seconds",
            "Age of the oldest effect that is intended and not done.",
            value=0.0 if oldest is None else max(0.0, now - oldest),
        )
