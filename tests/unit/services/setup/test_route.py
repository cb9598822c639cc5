"""Where messages go, in one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.application import Action, read_action
from ibconsole.services.setup.route import NO_ACTION, Ends, Route, find_route

URL = "https://hooks.example.com/in/9f8a"
HERE = "http://127.0.0.1:8484/in/secret"


def action(kind: str = "HTTP_FORWARD", url: str = "") -> Action:
    return read_action({"key": "a", "type": kind, "forwardUrl": url})


PULL = action("PULL")


def marks(route: Route) -> list[str]:
    return [stop.mark for stop in route.stops]


def test_forward() -> None:
    """A forward says where to, and that the message is then not there to be pulled."""
    route = find_route([action(url=URL)])

    assert route.sentence == (
        f"Every inbound message is posted to {URL}; it is not kept for pulling."
    )
    assert [(stop.ends, stop.words, stop.mark) for stop in route.stops] == [
        (Ends.FORWARD, "hooks.example.com/in/9f8a", "")
    ]
    assert route.notes == ()


def test_pull() -> None:
    """A message that waits is there for whoever comes first."""
    route = find_route([PULL])

    assert "anybody with a key of this account" in route.sentence
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
    """What several actions do together is not documented, and is said to be so."""
    route = find_route(actions)

    assert "not documented" in route.sentence
    assert any("several actions" in note for note in route.notes)
    assert len(route.stops) == len(actions)


def test_nothing() -> None:
    """Without an action a message is neither forwarded nor kept."""
    assert find_route([]) is NO_ACTION
    assert "neither forwarded nor kept" in NO_ACTION.sentence
    assert "not documented" in NO_ACTION.notes[0]


def test_unknown_type() -> None:
    """Nobody claims to know what an undocumented action does."""
    route = find_route([action("MAIL")])

    assert "MAIL" in route.sentence
    assert "not documented" in route.sentence
    assert marks(route) == ["not documented"]


@pytest.mark.parametrize(
    ("url", "sandbox", "mark"),
    [
        (HERE, False, "loopback"),
        (HERE, True, ""),
        ("http://localhost/x", False, "loopback"),
        ("https://10.0.0.1/", False, "private network"),
        (URL, True, "not reached by the sandbox"),
        ("", False, "not documented"),
        ("https://[", False, ""),
    ],
)
def test_what_does_not_arrive(url: str, mark: str, *, sandbox: bool) -> None:
    """Addresses that the platform does not reach are marked, with the reason."""
    route = find_route([action(url=url)], sandbox=sandbox)

    assert marks(route) == [mark]
    assert bool(route.notes) is (mark not in {"", "not documented"})


@pytest.mark.parametrize(("sandbox", "mark"), [(True, ""), (False, "loopback")])
def test_this_listener(mark: str, *, sandbox: bool) -> None:
    """The listener's own address is called what it is; only the sandbox reaches it."""
    route = find_route([action(url=HERE)], listener_url=HERE, sandbox=sandbox)

    assert [stop.ends for stop in route.stops] == [Ends.LISTENER]
    assert "this listener" in route.sentence
    assert marks(route) == [mark]


@given(st.lists(st.tuples(st.text(), st.text())))
def test_any_actions(made: list[tuple[str, str]]) -> None:
    """Whatever the platform lists, there is a sentence with a full stop."""
    route = find_route([action(kind, url) for kind, url in made])

    assert route.sentence.endswith(".")
    assert route.stops
