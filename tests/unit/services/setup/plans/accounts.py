"""What the tests of plans share: the hand of another user, and plans that a test writes down."""

from collections.abc import Callable, Mapping
from typing import Any

from ibconsole.model import ActionDraft, ActionType, read_action
from ibconsole.services.connections.account import Account
from ibconsole.services.setup.inbound_route import ConfigurationState, InboundRoute, route_bytes
from ibconsole.services.setup.multi_step import StepState
from ibconsole.services.setup.plans.plan import (
    Plan,
    PlanKind,
    PlannedStep,
    StepKind,
    StepProgress,
)
from ibconsole.simulator.simulator import Simulator

FORWARD = ActionDraft(
    type=ActionType.HTTP_FORWARD, forward_url="https://a.example/in?token=x", callback_data="blue"
)
PULL = ActionDraft(type=ActionType.PULL)


class Hand:
    """Changes the setup of one application at the platform itself, past the program."""

    def __init__(self, simulator: Simulator, account: Account, *, code: str = "") -> None:
        self.simulator = simulator
        self._account = account
        applications = simulator.state.account.applications
        free = (one.code for one in applications if one.configuration is None)
        self.code = code or next(free)

    @property
    def route(self) -> InboundRoute:
        """The setup as it is."""
        configuration = self._application.configuration
        if configuration is None:
            return InboundRoute()
        actions = tuple(read_action(dict(one)) for one in configuration.actions)
        return InboundRoute(
            (ConfigurationState(configuration.key, actions, {"key": configuration.key}),)
        )

    @property
    def drafts(self) -> list[tuple[str, str]] | None:
        """The types and URLs of the actions, in order; None without a configuration."""
        if not self.route.configurations:
            return None
        [configuration] = self.route.configurations
        return sorted((one.type, one.forward_url) for one in configuration.actions)

    @property
    def values(self) -> list[ActionDraft]:
        """All values of the actions, in a stable order."""
        return [draft for one in self.route.configurations for draft in one.drafts]

    @property
    def name(self) -> str:
        """The name of the application."""
        return str(self._application.raw["name"])

    @property
    def keys(self) -> list[str]:
        """The keys of the actions, oldest first."""
        return [one["key"] for one in self._application.actions]

    @property
    def configuration(self) -> str:
        """The key of the configuration; empty without one."""
        configuration = self._application.configuration
        return configuration.key if configuration else ""

    def configure(self, *drafts: ActionDraft) -> str:
        """Create the configuration if there is none, with more actions; return its key."""
        account, application = self.simulator.state.account, self._application
        configuration = application.configuration or account.create_configuration(application)
        for draft in drafts:
            account.add_action(configuration, dict(draft.raw))
        return configuration.key

    def delete_action(self, key: str) -> None:
        """Delete an action."""
        actions = self._application.actions
        actions.remove(next(one for one in actions if one["key"] == key))

    def delete_configuration(self) -> None:
        """Delete the configuration with its actions."""
        self.simulator.state.account.delete_configuration(self._application, keep_actions=False)

    def fail(self, fault: str, method: str, times: int = 1) -> None:
        """Let the next requests of a method fail."""
        self.simulator.inject_fault(fault, times=times, match=f"{method} ")

    def plan(self, *steps: tuple[StepKind, Mapping[str, Any]]) -> Plan:
        """Return a plan for the application as it is now."""
        return Plan(
            connection=self._account.connection,
            base_url=self._account.base_url,
            kind=PlanKind.APPLY,
            title="Apply shop.yaml",
            steps=tuple(
                PlannedStep(
                    number=number,
                    kind=kind,
                    application=self.code,
                    application_name="Shop",
                    **values,
                )
                for number, (kind, values) in enumerate(steps, start=1)
            ),
            expected={self.code: route_bytes(self.route).decode()},
            made_at=1,
        )

    def creation(self, *drafts: ActionDraft) -> Plan:
        """Return a plan that creates the configuration with these actions."""
        return self.plan(
            (StepKind.CREATE_CONFIGURATION, {}),
            *((StepKind.CREATE_ACTION, {"draft": draft}) for draft in drafts),
        )

    @property
    def _application(self) -> Any:
        application = self.simulator.state.account.application(self.code)
        assert application
        return application


def states(progress: tuple[StepProgress, ...]) -> list[StepState]:
    """Return the states of steps."""
    return [one.state for one in progress]


def after_step(number: int, act: Callable[[], object]) -> Callable[[StepProgress], None]:
    """Return an observer that acts once a step is done."""

    def observe(progress: StepProgress) -> None:
        if (progress.number, progress.state) == (number, StepState.DONE):
            act()

    return observe
