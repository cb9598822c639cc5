"""Applications, and reports on their health."""

from ibconsole.model.application import Application, read_application
from ibconsole.services.connections.settings import Mute
from ibconsole.services.diagnosis.catalogue.finding import (
    Basis,
    Confidence,
    Evidence,
    Finding,
    Level,
    Subject,
)
from ibconsole.services.diagnosis.decision_tree import TreeQuestion, TreeReply, TreeStep
from ibconsole.services.diagnosis.diagnostics import ApplicationDiagnosis
from ibconsole.services.diagnosis.health import HealthReport, HealthState
from ibconsole.services.diagnosis.health_cache import ApplicationHealth
from ibconsole.services.diagnosis.muting import MutedFinding, SortedFindings
from ibconsole.services.diagnosis.rules.facts import AccountFacts, Facts

NOW = 1_760_000_000_000
MINUTE = 60_000


def application(code: str) -> Application:
    return read_application({"applicationCode": code, "name": f"App {code}"})


APPLICATIONS = tuple(map(application, "abcde"))
A = ApplicationHealth(
    "a", "App a", NOW - MINUTE, Level.ERROR, "There is no action.", 2, 1, (1002, 1101)
)
B = ApplicationHealth("b", "App b", NOW - MINUTE, Level.ERROR, "It is refused.", 1, 0, (1206,))
C = ApplicationHealth("c", "App c", NOW - 20 * MINUTE)
D = ApplicationHealth("d", "App d", NOW - MINUTE, Level.WARNING, "It is slow.", 1, 0, (1415,))


def report(*health: ApplicationHealth, state: HealthState = HealthState.FILLING) -> HealthReport:
    return HealthReport(
        state, {one.code: one for one in health}, done=len(health), total=len(APPLICATIONS)
    )


FINDING = Finding(
    1002,
    Level.ERROR,
    Subject("c", "a", "App a"),
    "It has no action.",
    Confidence(Basis.DOCUMENTED),
    (Evidence("The setup was read.", NOW, "the platform's list"),),
)
MUTED = MutedFinding(
    Finding(1016, Level.NOTE, Subject("c", "b", "App b"), "It is new.", Confidence(Basis.INFERRED)),
    Mute("x", 1016, "Known.", NOW + MINUTE),
)
FOUND = SortedFindings((FINDING,), (MUTED,))
DIAGNOSIS = ApplicationDiagnosis(
    "a",
    (
        TreeStep(TreeQuestion.ROUTE, TreeReply.NO, "No: no action.", FINDING.evidence, (FINDING,)),
        TreeStep(TreeQuestion.ATTEMPT, TreeReply.NOT_KNOWN, "Not known."),
    ),
    FOUND,
    Facts(now=NOW, account=AccountFacts("c", "Acme")),
)
