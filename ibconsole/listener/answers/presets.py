"""Scenarios that the program brings along, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from ibconsole.listener.answers.values import (
    AnswerRule,
    AnswerScenario,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
)

_HTML = ("Content-Type", "text/html; charset=utf-8")
_JSON = ("Content-Type", "application/json")
_TEXT = ("Content-Type", "text/plain; charset=utf-8")
_FIREWALL_PAGE = """\
<!DOCTYPE html>
<html>
<head><title>Request Rejected</title></head>
<body>
<h1>Request Rejected</h1>
<p>The requested URL was rejected. Please consult with your administrator.</p>
<p>Your support ID is: 7402817593016284{number}</p>
</body>
</html>
"""


def _scenario(name: str, answer: RuleAnswer, when: RuleCondition | None = None) -> AnswerScenario:
    return AnswerScenario(name, (AnswerRule(name, when or RuleCondition(), answer),))


_ALL = (
    _scenario(
        "down for 10 minutes",
        RuleAnswer(503, (_TEXT, ("Retry-After", "60")), "Service Unavailable\n"),
        RuleCondition(window=TimeWindow(before=600.0)),
    ),
    _scenario("slow", RuleAnswer(delay=30.0)),
    _scenario(
        "flaky 20 %",
        RuleAnswer(500, (_JSON,), '{"error":"Internal Server Error"}\n'),
        RuleCondition(share=0.2),
    ),
    # With 403, as firewalls usually say; with 200 it would count as delivered.
    _scenario("firewall page", RuleAnswer(403, (_HTML,), _FIREWALL_PAGE)),
    _scenario(
        "401",
        RuleAnswer(
            401,
            (_JSON, ("WWW-Authenticate", 'Bearer realm="inbound"')),
            '{"error":"Unauthorized"}\n',
        ),
    ),
)

# Every preset by its name, in the order in which they are offered.
PRESETS: Mapping[str, AnswerScenario] = MappingProxyType({each.name: each for each in _ALL})
