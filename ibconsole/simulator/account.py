"""The setup of a simulated account: applications, their configurations and actions."""

from dataclasses import dataclass, field
from typing import Any

from ibconsole.simulator import data
from ibconsole.simulator.random_ids import RandomIds


@dataclass(slots=True)
class SimulatedConfiguration:
    """A container of actions, oldest first; actions are as on the wire."""

    key: str
    actions: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class SimulatedApplication:
    """An application as on the wire, and its configuration if it has one.

    `orphaned_actions` are those that were kept when their configuration was deleted.
    """

    raw: dict[str, Any]
    configuration: SimulatedConfiguration | None = None
    orphaned_actions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The application code."""
        return str(self.raw["applicationCode"])

    @property
    def actions(self) -> list[dict[str, Any]]:
        """The actions that are in force, oldest first."""
        return self.configuration.actions if self.configuration else []

    @property
    def has_pull_action(self) -> bool:
        """True if its messages wait in the inbox until they are pulled."""
        return any(action["type"] == data.PULL for action in self.actions)


class SimulatedAccount:
    """The applications that a seed determines, in their initial states; calls change them."""

    def __init__(self, seed: int, count: int) -> None:
        self._ids = RandomIds(seed, "keys")
        self._applications: dict[str, SimulatedApplication] = {}
        self._codes: dict[str, str] = {}
        for index, raw in enumerate(data.applications(seed, count)):
            self._add_application(SimulatedApplication(raw), data.actions(seed, index))
        # Receives messages when the account has no application (any more).
        self._fallback = SimulatedApplication({"applicationCode": self._ids.code()})

    @property
    def applications(self) -> list[SimulatedApplication]:
        """Every application, in the platform's order."""
        return list(self._applications.values())

    def application(self, code: str) -> SimulatedApplication | None:
        """Return the application with this application code."""
        return self._applications.get(code)

    def application_with_id(self, identity: str) -> SimulatedApplication | None:
        """Return the application with this application ID."""
        return self._applications.get(self._codes.get(identity, ""))

    def choose_application(self, source: RandomIds) -> SimulatedApplication:
        """Choose an application for a new message: one with actions if there is any."""
        applications = self.applications
        # Twenty draws almost always find one; listing a large account each time is slower.
        for _ in range(20):
            if applications and (drawn := source.choice(applications)).actions:
                return drawn
        with_actions = [application for application in applications if application.actions]
        return source.choice(with_actions or applications or [self._fallback])

    def pull_applications(self) -> list[SimulatedApplication]:
        """Return the applications whose messages wait for a pull; never an empty list."""
        return [
            application for application in self.applications if application.has_pull_action
        ] or [self._fallback]

    def create_configuration(self, application: SimulatedApplication) -> SimulatedConfiguration:
        """Create the configuration of an application that has none, with its orphaned actions."""
        application.configuration = SimulatedConfiguration(
            self._ids.key(), application.orphaned_actions
        )
        application.orphaned_actions = []
        return application.configuration

    def delete_configuration(
        self, application: SimulatedApplication, *, keep_actions: bool
    ) -> None:
        """Delete an application's configuration, and its actions unless they are kept."""
        application.orphaned_actions = application.actions if keep_actions else []
        application.configuration = None

    def add_action(
        self, configuration: SimulatedConfiguration, draft: dict[str, Any]
    ) -> dict[str, Any]:
        """Add an action to a configuration and return it with its new key."""
        action = {"key": self._ids.key(), **draft}
        configuration.actions.append(action)
        return action

    def forward_to(self, url: str) -> str:
        """Have the first application forward to a URL, as its only action; return its code."""
        application = self.applications[0]
        configuration = application.configuration or self.create_configuration(application)
        configuration.actions.clear()
        self.add_action(configuration, {"type": data.FORWARD, "forwardUrl": url})
        return application.code

    def _add_application(
        self, application: SimulatedApplication, drafts: list[dict[str, Any]] | None
    ) -> None:
        self._applications[application.code] = application
        self._codes[application.raw["applicationId"]] = application.code
        if drafts is not None:
            configuration = self.create_configuration(application)
            for draft in drafts:
                self.add_action(configuration, draft)
