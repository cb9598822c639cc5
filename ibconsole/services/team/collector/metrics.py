"""The metrics of a collector in the text format of Prometheus; the only module that writes it."""

from collections.abc import Callable, Iterator

from prometheus_client import CONTENT_TYPE_LATEST, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector as MetricSource
from prometheus_client.registry import CollectorRegistry

from ibconsole import __version__
from ibconsole.services.runtime import TeamLink, TeamState
from ibconsole.services.team.collector.report import (
    CollectedPulls,
    CollectedPullState,
    CollectorReport,
)

__all__ = ["CONTENT_TYPE_LATEST", "MetricsPage"]
_CONNECTION, _TEAM = ("connection",), ("team", "account")


class MetricsPage(MetricSource):
    """The page of metrics; `report` returns the state of the collector at each request."""

    def __init__(self, report: Callable[[], CollectorReport]) -> None:
        self._report = report
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """Return the page."""
        return generate_latest(self._registry)

    def describe(self) -> Iterator[Metric]:
        """Return nothing: the names need not be known before the first request."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Return the metrics of this moment; the library calls it."""
        report = self._report()
        info = GaugeMetricFamily("ibconsole_build_info", "The version.", labels=("version",))
        info.add_metric((__version__,), 1)
        yield info
        yield _gauge("ready", "Forwards are accepted and stored.", not report.obstacles)
        yield _gauge("archive_writable", "The local archive is.", not report.archive_problem)
        yield CounterMetricFamily(
            "ibconsole_unmatched_requests", "Requests on unknown paths.", value=report.unmatched
        )
        if report.free_bytes is not None:
            yield _gauge("state_free_bytes", "Free on the disk of the state.", report.free_bytes)
        yield from _forwards(report)
        yield from _pulls([(one.name, one.pulls) for one in report.connections if one.pulls])
        if report.teams:
            yield from _shipping(report.teams)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"ibconsole_{name}", text, value=value)


def _forwards(report: CollectorReport) -> Iterator[Metric]:
    stored = CounterMetricFamily(
        "ibconsole_forwards_stored", "Forwards stored, then answered.", labels=_CONNECTION
    )
    for one in report.connections:
        if one.forwards:
            stored.add_metric((one.name,), one.forwards.stored)
    yield stored


def _pulls(pulls: list[tuple[str, CollectedPulls]]) -> Iterator[Metric]:
    counters = (
        ("pull_requests", "Requests for waiting messages.", "requests"),
        ("pull_failures", "Requests that failed or were refused.", "failures"),
        ("pulls_incomplete", "Answers from which messages may be missing.", "incomplete"),
        ("pulled_messages", "Messages that were pulled.", "messages"),
    )
    for name, text, field in counters:
        counter = CounterMetricFamily(f"ibconsole_{name}", text, labels=_CONNECTION)
        for connection, one in pulls:
            counter.add_metric((connection,), getattr(one, field))
        yield counter
    state = GaugeMetricFamily(
        "ibconsole_pull_state", "1 for the state of the pulls.", labels=("connection", "state")
    )
    waiting = GaugeMetricFamily(
        "ibconsole_pull_pending_messages", "Waiting on the platform.", labels=_CONNECTION
    )
    answered = GaugeMetricFamily(
        "ibconsole_pull_answered_timestamp_seconds", "The last sound answer.", labels=_CONNECTION
    )
    for connection, one in pulls:
        for each in CollectedPullState:
            state.add_metric((connection, each.value), one.state is each)
        if one.pending is not None:
            waiting.add_metric((connection,), one.pending)
        if one.answered_at is not None:
            answered.add_metric((connection,), one.answered_at / 1000)
    yield from (state, waiting, answered)


def _shipping(teams: tuple[TeamLink, ...]) -> Iterator[Metric]:
    up = GaugeMetricFamily("ibconsole_team_up", "The team's archive is reached.", labels=_TEAM)
    waiting = GaugeMetricFamily("ibconsole_team_waiting_rows", "Not shipped yet.", labels=_TEAM)
    aside = GaugeMetricFamily("ibconsole_team_set_aside_rows", "Refused rows.", labels=_TEAM)
    shipped = CounterMetricFamily("ibconsole_team_shipped_rows", "Shipped rows.", labels=_TEAM)
    oldest = GaugeMetricFamily(
        "ibconsole_team_oldest_waiting_timestamp_seconds", "The oldest of them.", labels=_TEAM
    )
    for one in teams:
        labels = (one.label, one.account)
        up.add_metric(labels, one.state is TeamState.SHIPPING)
        waiting.add_metric(labels, one.waiting)
        aside.add_metric(labels, one.set_aside)
        shipped.add_metric(labels, one.shipped)
        if one.oldest_at is not None:
            oldest.add_metric(labels, one.oldest_at / 1000)
    yield from (up, waiting, aside, shipped, oldest)
