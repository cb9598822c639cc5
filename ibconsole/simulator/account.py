"""The setup of a simulated account: applications, their configurations and actions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ibconsole.simulator import data
from ibconsole.simulator.random_ids import RandomIds


@dataclass(frozen=True, slots=True)
class GivenConfiguration:
    """A configuration and its actions, oldest first: objects as on the wire, of any form."""

    raw: Mapping[str, Any]
    actions: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class GivenApplication:
    """An application as on the wire, of any form, with its configurations."""

    raw: Mapping[str, Any]
    configurations: tuple[GivenConfiguration, ...] = ()


@dataclass(frozen=True, slots=True)
class Population:
    """The content of an account in place of an invented one, also where the contract forbids it.

    Applications may share a code or have none, and have several configurations. `messages` wait
    for a pull, the oldest first. `refusals` are the statuses of every answer to a request of a
    path, percent-decoded; with None the connection is reset.
    """

    applications: tuple[GivenApplication, ...] = ()
    messages: tuple[Any, ...] = ()
    refusals: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(slots=True)
class SimulatedConfiguration:
    """A container of actions, oldest first; actions are as on the wire, and so is `given`."""

    key: str
    actions: list[dict[str, Any]] = field(default_factory=list)
    given: Mapping[str, Any] | None = None

    @property
    def raw(self) -> Mapping[str, Any]:
        """The configuration as on the wire."""
        return {"key": self.key} if self.given is None else self.given


@dataclass(slots=True)
class SimulatedApplication:
    """An application as on the wire, and its configurations: one at most, unless it was given.

    `orphaned_actions` are those that were kept when their configuration was deleted.
    """

    raw: dict[str, Any]
    configurations: list[SimulatedConfiguration] = field(default_factory=list)
    orphaned_actions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The application code; empty for a given application without one."""
        return str(self.raw.get("applicationCode") or "")

    @property
    def configuration(self) -> SimulatedConfiguration | None:
        """The first configuration, None if there is none."""
        return self.configurations[0] if self.configurations else None

    @property
    def actions(self) -> list[dict[str, Any]]:
        """The actions that are in force, oldest first."""
        if len(self.configurations) == 1:
            return self.configurations[0].actions
        return [action for one in self.configurations for action in one.actions]

    @property
    def has_pull_action(self) -> bool:
        """True if its messages wait in the inbox until they are pulled."""
        return any(action.get("type") == data.PULL for action in self.actions)


class SimulatedAccount:
    """The applications that a seed determines, or those of a population; calls change them.

    Of given applications with one code the first is found by it.
    """

    def __init__(self, seed: int, count: int, population: Population | None = None) -> None:
        self._ids = RandomIds(seed, "keys")
        self._listed: list[SimulatedApplication] = []
        self._applications: dict[str, SimulatedApplication] = {}
        self._codes: dict[str, str] = {}
        self._refusals = population.refusals if population else {}
        if population:
            for given in population.applications:
                self._add_given(given)
        else:
            for index, raw in enumerate(data.applications(seed, count)):
                self._add_application(SimulatedApplication(raw), data.actions(seed, index))
        # Receives messages when the account has no application (any more).
        self._fallback = SimulatedApplication({"applicationCode": self._ids.code()})

    @property
    def applications(self) -> list[SimulatedApplication]:
        """Every application, in the platform's order."""
        return list(self._listed)

    def is_refused(self, path: str) -> bool:
        """Return whether requests of this path, percent-decoded, are always refused."""
        return path in self._refusals

    def refusal(self, path: str) -> int | None:
        """Return the status of the refusal of a path; None for no answer."""
        return self._refusals[path]

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
        made = SimulatedConfiguration(self._ids.key(), application.orphaned_actions)
        application.configurations.append(made)
        application.orphaned_actions = []
        return made

    def delete_configuration(
        self,
        application: SimulatedApplication,
        configuration: SimulatedConfiguration | None = None,
        *,
        keep_actions: bool,
    ) -> None:
        """Delete a configuration, by default the first, and its actions unless they are kept."""
        configuration = configuration or application.configurations[0]
        application.orphaned_actions = configuration.actions if keep_actions else []
        application.configurations.remove(configuration)

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
        self._list(application)
        if drafts is not None:
            configuration = self.create_configuration(application)
            for draft in drafts:
                self.add_action(configuration, draft)

    def _add_given(self, given: GivenApplication) -> None:
        configurations = [
            SimulatedConfiguration(
                str(one.raw.get("key") or ""), [dict(action) for action in one.actions], one.raw
            )
            for one in given.configurations
        ]
        self._list(SimulatedApplication(dict(given.raw), configurations))

    def _list(self, application: SimulatedApplication) -> None:
        self._listed.append(application)
        self._applications.setdefault(application.code, application)
        self._codes.setdefault(str(application.raw.get("applicationId") or ""), application.code)
