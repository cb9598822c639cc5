"""Applications, and reports on their health."""

from ibconsole.model.application import Application, read_application
from ibconsole.services.diagnosis.catalogue.finding import Level
from ibconsole.services.diagnosis.health import ApplicationHealth, HealthReport, HealthState

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
