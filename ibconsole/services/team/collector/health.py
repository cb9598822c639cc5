"""Health, readiness and metrics of a collector over HTTP, on a port of their own."""

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from ibconsole.http1 import Limits, Request, Response, Server
from ibconsole.lazy import LazyModule
from ibconsole.services.team.collector.configuration import ListeningAddress
from ibconsole.services.team.collector.report import CollectorReport

if TYPE_CHECKING:
    from ibconsole.services.team.collector import metrics
else:  # with the library, which is part of the extra `team`
    metrics = LazyModule("ibconsole.services.team.collector.metrics")

log = logging.getLogger(__name__)

SILENCE = 60.0  # seconds without an answer of the archive's writer, after which it has hung
_LIMITS = Limits(head_bytes=16 << 10, body_bytes=16 << 10, buffered_bytes=1 << 20, connections=32)
_OK, _UNAVAILABLE = 200, 503


def health_server(address: ListeningAddress, report: Callable[[], CollectorReport]) -> Server:
    """Return the server, to be entered; `report` returns the state of the collector now.

    `/healthz` is answered 200 unless the process has hung, `/readyz` unless nothing should be sent
    here now, and `/metrics` is for Prometheus.
    """
    return Server(_HealthPages(report), host=address.host, port=address.port, limits=_LIMITS)


class _HealthPages:
    def __init__(self, report: Callable[[], CollectorReport]) -> None:
        self._report = report
        self._metrics: metrics.MetricsPage | None = None

    def __call__(self, request: Request) -> Response:
        page = {"/healthz": self._health, "/readyz": self._readiness, "/metrics": self._text}
        answer = page.get(request.path)
        if answer is None:
            return _json(404, {"error": "There are /healthz, /readyz and /metrics."})
        if request.method not in {"GET", "HEAD"}:
            return _json(405, {"error": "Only GET is answered here."})
        return answer()

    def _health(self) -> Response:
        silent_for = self._report().silent_for
        status = _OK if silent_for < SILENCE else _UNAVAILABLE
        return _json(status, {"healthy": status == _OK, "silentFor": round(silent_for, 1)})

    def _readiness(self) -> Response:
        report = self._report()
        pulls = {one.name: one.pulls.state for one in report.connections if one.pulls}
        document = {
            "ready": not report.obstacles,
            "obstacles": report.obstacles,
            "state": report.sentence,
            "pulls": pulls,
        }
        return _json(_UNAVAILABLE if report.obstacles else _OK, document)

    def _text(self) -> Response:
        try:
            page = self._metrics = self._metrics or metrics.MetricsPage(self._report)
        except ImportError:
            return _json(501, {"error": "Metrics need the extra `team`: install ibconsole[team]."})
        kind = metrics.CONTENT_TYPE_LATEST.encode()
        return Response(_OK, ((b"Content-Type", kind),), page.text())


def _json(status: int, document: object) -> Response:
    body = json.dumps(document, ensure_ascii=False).encode() + b"\n"
    return Response(status, ((b"Content-Type", b"application/json"),), body)
