"""Accounts as facts: a clean one, and what the tests change of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from ibconsole.model import Action, Application, read_action, read_application
from ibconsole.services.diagnosis.rules.all_rules import diagnose
from ibconsole.services.diagnosis.rules.facts import (
    AccountFacts,
    AnswerFacts,
    ApplicationFacts,
    ArrivalFacts,
    ConfigurationFacts,
    ConsoleFacts,
    EndpointFacts,
    Facts,
    PullFacts,
    PullRecord,
    Trouble,
)
from ibconsole.services.forward_test import Cause, Delivered

NOW = 1_800_000_000_000
HOUR, DAY = 3_600_000, 86_400_000
OWN = "3d938015-bdcb-5ce9-9835-962f13b569a7"
CODE = "code-of-kestrel-0001"
URL = "https://hooks.kestrel.aero/in/9f8a"


def forward(url: str = URL, key: str = "F1", **fields: Any) -> Action:
    """Return an action that forwards."""
    return read_action({"key": key, "type": "HTTP_FORWARD", "forwardUrl": url, **fields})


def pull(key: str = "P1", **fields: Any) -> Action:
    """Return an action that keeps messages for pulling."""
    return read_action({"key": key, "type": "PULL", **fields})


def application(code: str = CODE, **fields: Any) -> Application:
    """Return an application as the platform lists it."""
    raw = {
        "applicationCode": code,
        "applicationId": f"id-{code}",
        "name": f"Name of {code}",
        "description": "",
        "registrationsCount": 7,
        "apns": {"enabled": True},
        "gcm": {"enabled": True},
    }
    return read_application({**raw, **fields})


def configured(
    *actions: Action, code: str = CODE, arrivals: ArrivalFacts | None = None
) -> ApplicationFacts:
    """Return an application with one configuration and these actions."""
    configuration = ConfigurationFacts(f"C-{code}", actions)
    return ApplicationFacts(application(code), (configuration,), NOW, arrivals=arrivals)


def account(*applications: ApplicationFacts, **fields: Any) -> Facts:
    """Return the facts about an account, by default with one clean application."""
    known: Mapping[str, Any] = {
        "now": NOW,
        "account": AccountFacts(OWN, "Kestrel", "https://x1.api.infobip.com", read_at=NOW),
        "applications": applications or (configured(forward()),),
    }
    return Facts(**{**known, **fields})


def arrived(**fields: Any) -> ArrivalFacts:
    """Return regular arrivals of many messages, the last an hour ago."""
    regular: Mapping[str, Any] = {
        "count": 200,
        "is_all": False,
        "first_at": NOW - 30 * DAY,
        "last_at": NOW - HOUR,
        "last_forwarded_at": NOW - HOUR,
        "longest_gap": 6 * 3600.0,
        "usual_gap": 1800.0,
        "lag": 1.0,
        "earlier_lag": 1.0,
        "connections": {OWN: 200},
    }
    return ArrivalFacts(**{**regular, **fields})


def pulled(*pending: int, **fields: Any) -> PullFacts:
    """Return successful pulls, the newest first, with the numbers that waited after each."""
    return PullFacts(
        tuple(
            PullRecord(
                **{
                    "at": NOW - (position + 1) * HOUR,
                    "status": 200,
                    "messages": 5,
                    "announced": 5,
                    "pending": waiting,
                    "complete": True,
                    **fields,
                }
            )
            for position, waiting in enumerate(pending)
        )
    )


def probed(cause: Cause | None = None, **fields: Any) -> Facts:
    """Return an account whose one endpoint was probed, with this trouble."""
    troubles = (Trouble(cause, f"Sentence about {cause}.", "Remedy."),) if cause else ()
    look = EndpointFacts(url=URL, at=NOW, vantage="from this computer", troubles=troubles, **fields)
    return account(endpoints={URL: look})


def answered(cause: Cause | None = None, *, status: int | None = 403, **fields: Any) -> Facts:
    """Return an account whose one endpoint was tested, with this trouble."""
    troubles = (Trouble(cause, f"Sentence about {cause}."),) if cause else ()
    counts = Delivered.NO if cause else Delivered.YES
    answer = AnswerFacts(NOW - HOUR, counts, "Verdict.", status, troubles=troubles, **fields)
    return account(endpoints={URL: EndpointFacts(url=URL, answer=answer)})


def with_console(*applications: ApplicationFacts, **fields: Any) -> Facts:
    """Return an account with these facts about this computer."""
    return account(*applications, console=ConsoleFacts(**fields))


def numbers(facts: Facts) -> Sequence[int]:
    """Return the numbers of all findings, each once, in their order."""
    return list(dict.fromkeys(finding.number for finding in diagnose(facts)))
