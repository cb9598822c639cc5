"""Setups in as few words as the tests of plans need."""

from collections.abc import Sequence

from ibconsole.model import Action, ActionDraft, Application
from ibconsole.services.documents import Position
from ibconsole.services.setup import ConfigurationState, InboundRoute
from ibconsole.services.setup.applying.differences import AppliedActions, ResolvedApplication
from ibconsole.services.setup.applying.planning import PlanOptions, SetupPlan, build_plan
from ibconsole.services.setup.files import (
    SetupFile,
    WantedAction,
    WantedApplication,
    WantedConfiguration,
)

PULL = ActionDraft(type="PULL")
CODE = "code-of-shop"


def forward(url: str, data: str = "") -> ActionDraft:
    return ActionDraft(type="HTTP_FORWARD", forward_url=url, callback_data=data)


def application(name: str, code: str = CODE, identity: str = "") -> Application:
    return Application(
        code=code,
        id=identity or f"id-{code}",
        name=name,
        description="",
        registrations=None,
        apns=None,
        gcm=None,
        raw={},
    )


def wanted(
    name: str, drafts: Sequence[ActionDraft] | None, line: int = 1, **names: str
) -> WantedApplication:
    """An application whose actions are on the lines after its own."""
    actions = [
        WantedAction(draft, position=Position(line + number, 7))
        for number, draft in enumerate(drafts or (), start=1)
    ]
    configuration = None if drafts is None else WantedConfiguration(tuple(actions))
    return WantedApplication(name, configuration, position=Position(line, 3), **names)


def file_of(*applications: WantedApplication) -> SetupFile:
    return SetupFile("setup.yaml", applications)


def shop(drafts: Sequence[ActionDraft] | None) -> tuple[SetupFile, list[ResolvedApplication]]:
    """A file with one application, which is found."""
    one = wanted("Shop", drafts)
    return file_of(one), [ResolvedApplication(one, application("Shop"))]


def route(*drafts: ActionDraft, key: str = "conf", first: int = 1) -> InboundRoute:
    """A configuration whose actions have the keys a1, a2 …"""
    actions = [
        Action(
            key=f"a{number}",
            type=draft.type,
            forward_url=draft.forward_url,
            callback_data=draft.callback_data,
            raw={"key": f"a{number}", **draft.raw},
        )
        for number, draft in enumerate(drafts, start=first)
    ]
    return InboundRoute((ConfigurationState(key, tuple(actions), {"key": key}),))


def options(*, prune: bool = False) -> PlanOptions:
    return PlanOptions(
        connection="uuid", base_url="https://x", title="Apply of setup.yaml", prune=prune
    )


def plan(
    drafts: list[ActionDraft] | None,
    actual: InboundRoute,
    *,
    applied: AppliedActions | None = None,
    prune: bool = False,
) -> SetupPlan:
    """The plan for an application, of what the file and the account have."""
    before = {} if applied is None else {CODE: applied}
    return build_plan(*shop(drafts), {CODE: actual}, before, options(prune=prune))
