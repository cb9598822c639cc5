"""Two setups are compared object by object, and shown without secrets."""

from typing import Any

import pytest

from ibconsole.model.application import read_action, read_configuration
from ibconsole.services.comparison import Side
from ibconsole.services.setup.history.differences import (
    ChangeKind,
    SetupChange,
    SetupState,
    application_changes,
    compare,
    route_changes,
    stored_application,
    stored_route,
)
from ibconsole.services.setup.inbound_route import ConfigurationState, InboundRoute, route_bytes

PULL = {"key": "P", "type": "PULL"}
FORWARD = {"key": "F", "type": "HTTP_FORWARD", "forwardUrl": "https://u:p@a.example/?token=1"}


def route(*actions: Any, key: str = "K", **members: Any) -> InboundRoute:
    raw = {"key": key, **members}
    state = ConfigurationState(read_configuration(raw).key, tuple(map(read_action, actions)), raw)
    return InboundRoute((state,))


@pytest.mark.parametrize(
    ("former", "current", "expected"),
    [
        (route(PULL), route(PULL), []),
        (route(PULL, FORWARD), route(FORWARD, PULL), []),
        (route(), route(PULL), [SetupChange(ChangeKind.ACTION_CREATED, "K", "P", None, PULL)]),
        (
            route(PULL, {}, {}),
            route(PULL, {}),
            [SetupChange(ChangeKind.ACTION_DELETED, "K", "", {}, None)],
        ),
        (
            route(PULL),
            route({**PULL, "new": 1}),
            [SetupChange(ChangeKind.ACTION_EDITED, "K", "P", PULL, {**PULL, "new": 1})],
        ),
        (
            route(new=1),
            route(new=2),
            [
                SetupChange(
                    ChangeKind.CONFIGURATION_EDITED,
                    "K",
                    "",
                    {"key": "K", "new": 1},
                    {"key": "K", "new": 2},
                )
            ],
        ),
    ],
)
def test_changes(former: InboundRoute, current: InboundRoute, expected: list[SetupChange]) -> None:
    """An object that is listed elsewhere has not changed; an undocumented member has a meaning."""
    assert route_changes(former, current) == expected


def test_another_configuration() -> None:
    """A configuration comes and goes with its actions."""
    found = route_changes(route(PULL), route(FORWARD, key="L"))

    assert [(one.kind, one.configuration, one.action) for one in found] == [
        (ChangeKind.CONFIGURATION_DELETED, "K", ""),
        (ChangeKind.ACTION_DELETED, "K", "P"),
        (ChangeKind.CONFIGURATION_CREATED, "L", ""),
        (ChangeKind.ACTION_CREATED, "L", "F"),
    ]


def test_applications() -> None:
    """An application appears, changes and goes; what cannot be read is no state."""
    kinds = [
        [one.kind for one in application_changes(*pair)]
        for pair in ((None, b"{}"), (b'{"a":1}', b'{"a":2}'), (b"{}", None), (b"{}", b"{}"))
    ]

    assert kinds == [
        [ChangeKind.APPLICATION_CREATED],
        [ChangeKind.APPLICATION_EDITED],
        [ChangeKind.APPLICATION_DELETED],
        [],
    ]
    assert stored_application(b"[") is None
    assert stored_route(b"{}") is None
    assert stored_route(None) == InboundRoute()
    assert stored_route(route_bytes(route(PULL))) == route(PULL)


def test_rows_of_two_times() -> None:
    """Objects are aligned by their keys; a difference in what is masked is a difference."""
    changed = {**FORWARD, "forwardUrl": "https://u:q@a.example/?token=2", "callbackData": "c"}
    left = SetupState({"name": "Shop", "applicationCode": "c" * 20}, route(PULL, FORWARD))
    right = SetupState({"name": "Shop"}, route(changed))

    found = compare(left, right, same=True)

    shown = [(one.group, one.name, one.left, one.right, one.side) for one in found.rows]
    assert shown[0] == ("Application", "name", "Shop", "Shop", Side.EQUAL)
    assert shown[1][1:2] + shown[1][4:] == ("applicationCode", Side.LEFT_ONLY)
    assert "c" * 20 not in str(shown)
    assert ("Action 1", "key", "P", "", Side.LEFT_ONLY) in shown
    [url] = [one for one in found.rows if one.name == "forwardUrl"]
    assert url.side is Side.DIFFERENT
    assert url.right == f"{url.left} (differs in what is masked)"
    assert "u:p" not in url.left
    assert found.differences == 5


def test_rows_of_two_applications() -> None:
    """Keys mean nothing; actions are aligned by what they do."""
    left = SetupState(None, route(FORWARD, PULL))
    right = SetupState(None, route({**PULL, "key": "Q"}, {**FORWARD, "key": "G"}, key="L"))

    assert compare(left, right).differences == 0
    extra = compare(left, SetupState(None, route(PULL, PULL, FORWARD)))
    assert [(one.group, one.side) for one in extra.rows if one.side is not Side.EQUAL] == [
        ("Action 3", Side.RIGHT_ONLY)
    ]
    missing = compare(left, SetupState(None, InboundRoute()))
    assert ("Configuration", "", "exists", "") in [
        (one.group, one.name, one.left, one.right) for one in missing.rows
    ]
    unknown = compare(left, SetupState())
    assert [(one.group, one.left, one.right, one.side) for one in unknown.rows] == [
        ("Application", "not known", "not known", Side.EQUAL),
        ("Route", "known", "not known", Side.DIFFERENT),
    ]
    gone = compare(SetupState({"name": "Shop", "registrationsCount": 1}), SetupState({}))
    assert [(one.name, one.side) for one in gone.rows] == [
        ("name", Side.LEFT_ONLY),
        ("", Side.EQUAL),
    ]
