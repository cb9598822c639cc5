"""The route of messages in one sentence, its destinations and notes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.application import Action, read_action
from ibconsole.services.setup.route import NO_ACTION, DestinationKind, Route, find_route

URL = "https://hooks.example.com/in/9f8a"
HERE = "http://127.0.0.1:8484/in/secret"


def action(kind: str = "HTTP_FORWARD", url: str = "") -> Action:
    return read_action({"key": "a", "type": kind, "forwardUrl": url})


PULL = action("PULL")


def doubts(route: Route) -> list[str]:
    return [one.doubt or "" for one in route.destinations]


def test_forward() -> None:
    """The route of a forward names its URL, and says that messages are not kept for pulling."""
    route = find_route([action(url=URL)])

    assert route.sentence == (
        f"Every inbound message is posted to {URL}; it is not kept for pulling."
    )
    assert [(one.kind, one.label, one.doubt) for one in route.destinations] == [
        (DestinationKind.FORWARD, "hooks.example.com/in/9f8a", None)
    ]
    assert route.notes == ()


def test_pull() -> None:
    """The route of a pull says that any key of the account can pull the messages."""
    route = find_route([PULL])

    assert "any client with a key of this account" in route.sentence
    assert "48 h" in route.notes[0]


@pytest.mark.parametrize(
    "actions",
    [
        [action(url=URL), action(url="https://b.example.com/")],
        [action(url=URL), PULL],
        [PULL, PULL],
        [action("MAIL"), PULL],
        [action(url=URL)] * 3,
    ],
)
def test_several_actions(actions: list[Action]) -> None:
    """The route says that the effect of several actions is not documented."""
    route = find_route(actions)

    assert "not documented" in route.sentence
    assert any("several actions" in note for note in route.notes)
    assert len(route.destinations) == len(actions)


def test_no_action() -> None:
    """Without an action, messages are neither forwarded nor kept."""
    assert find_route([]) is NO_ACTION
    assert "neither forwarded nor kept" in NO_ACTION.sentence
    assert "not documented" in NO_ACTION.notes[0]


def test_unknown_type() -> None:
    """The effect of an action of an unknown type is not documented."""
    route = find_route([action("MAIL")])

    assert "MAIL" in route.sentence
    assert "not documented" in route.sentence
    assert doubts(route) == ["outcome undocumented"]


@pytest.mark.parametrize(
    ("url", "sandbox", "doubt"),
    [
        (HERE, False, "loopback"),
        (HERE, True, ""),
        ("http://localhost/x", False, "loopback"),
        ("https://10.0.0.1/", False, "private network"),
        (URL, True, "not reached by the sandbox"),
        ("", False, "outcome undocumented"),
        ("https://[", False, ""),
    ],
)
def test_unreachable_url(url: str, doubt: str, *, sandbox: bool) -> None:
    """A URL that the platform does not reach is marked, with a note."""
    route = find_route([action(url=url)], sandbox=sandbox)

    assert doubts(route) == [doubt]
    assert bool(route.notes) is (doubt not in {"", "outcome undocumented"})


@pytest.mark.parametrize(("sandbox", "doubt"), [(True, ""), (False, "loopback")])
def test_this_listener(doubt: str, *, sandbox: bool) -> None:
    """The listener's own URL is recognized; only the sandbox reaches it."""
    route = find_route([action(url=HERE)], listener_url=HERE, sandbox=sandbox)

    assert [one.kind for one in route.destinations] == [DestinationKind.LISTENER]
    assert "this listener" in route.sentence
    assert doubts(route) == [doubt]


def test_a_borrowed_route() -> None:
    """A lease leads to this listener through its own address, whatever that looks like."""
    lent = "http://127.0.0.1:8484/inbound/lease-1"
    route = find_route([action(url=lent), action(url=URL)], borrowed={lent})

    assert [one.label for one in route.destinations] == ["This listener, for a while", URL[8:]]
    assert doubts(route) == ["", ""]


@given(st.lists(st.tuples(st.text(), st.text())))
def test_any_actions(listed: list[tuple[str, str]]) -> None:
    """Any list of actions has a route with destinations, in a full sentence."""
    route = find_route([action(kind, url) for kind, url in listed])

    assert route.sentence.endswith(".")
    assert route.destinations
