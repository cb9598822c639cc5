"""The setup of an account: applications, their configurations, the actions in them."""

from dataclasses import dataclass, field
from typing import Any

from ibconsole.simulator import data
from ibconsole.simulator.random_ids import RandomIds, chance, code_of, key_of


@dataclass(slots=True)
class Configuration:
    """A container of actions, oldest first; actions are as on the wire."""

    key: str
    actions: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Application:
    """An application as on the wire, and its configuration if it has one.

    `orphans` are actions that outlived their configuration.
    """

    raw: dict[str, Any]
    configuration: Configuration | None = None
    orphans: list[dict[str, Any]] = field(default_factory=list)

    @property
    def code(self) -> str:
        return str(self.raw["applicationCode"])

    @property
    def actions(self) -> list[dict[str, Any]]:
        """The actions that are in force."""
        return self.configuration.actions if self.configuration else []

    @property
    def pulls(self) -> bool:
        """Whether its messages wait for the pull."""
        return any(action["type"] == data.PULL for action in self.actions)


class Account:
    """The applications of a seed in the states they begin with, to be changed by calls."""

    def __init__(self, seed: int, count: int) -> None:
        self._keys = chance(seed, "keys")
        self._applications: dict[str, Application] = {}
        self._codes: dict[str, str] = {}
        for index, raw in enumerate(data.applications(seed, count)):
            self._begin(Application(raw), data.actions(seed, index))
        # Whom messages are for when the account has no application (any more).
        self._stray = Application({"applicationCode": code_of(self._keys)})

    @property
    def applications(self) -> list[Application]:
        """Every application, in the platform's order."""
        return list(self._applications.values())

    def application(self, code: str) -> Application | None:
        """The application with this code."""
        return self._applications.get(code)

    def application_with_id(self, identity: str) -> Application | None:
        """The application with this application ID."""
        return self._applications.get(self._codes.get(identity, ""))

    def anyone(self, source: RandomIds) -> Application:
        """An application for a message to arrive at: one with actions if there is any."""
        applications = self.applications
        for _ in range(20):
            if applications and (lucky := source.choice(applications)).actions:
                return lucky
        acting = [application for application in applications if application.actions]
        return source.choice(acting or applications or [self._stray])

    def pulled(self) -> list[Application]:
        """The applications whose messages wait for the pull; never empty."""
        return [application for application in self.applications if application.pulls] or [
            self._stray
        ]

    def configure(self, application: Application) -> Configuration:
        """Give an application without configuration one, with the actions left over if any."""
        application.configuration = Configuration(key_of(self._keys), application.orphans)
        application.orphans = []
        return application.configuration

    def unconfigure(self, application: Application, *, keep_actions: bool) -> None:
        """Take an application's configuration away, and its actions unless they are kept."""
        application.orphans = application.actions if keep_actions else []
        application.configuration = None

    def act(self, configuration: Configuration, draft: dict[str, Any]) -> dict[str, Any]:
        """Add an action to a configuration; the action with its new key."""
        action = {"key": key_of(self._keys), **draft}
        configuration.actions.append(action)
        return action

    def _begin(self, application: Application, drafts: list[dict[str, Any]] | None) -> None:
        self._applications[application.code] = application
        self._codes[application.raw["applicationId"]] = application.code
        if drafts is not None:
            configuration = self.configure(application)
            for draft in drafts:
                self.act(configuration, draft)
