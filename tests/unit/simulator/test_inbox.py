from ibconsole.simulator.inbox import Inbox, MessageRoute, RouteKind


def test_messages_are_taken_once_oldest_first() -> None:
    """A message that was taken is gone, and its route is marked as pulled."""
    inbox = Inbox()
    routes = [MessageRoute(RouteKind.PULL) for _ in range(3)]
    for number, route in enumerate(routes):
        inbox.put(number, route)

    assert inbox.take(2) == [0, 1]
    assert inbox.pending == 1
    assert [route.state for route in routes] == ["pulled", "pulled", "waiting"]
    assert inbox.take(5) == [2]
    assert inbox.take(5) == []


def test_capacity_is_bounded_and_discarded_messages_are_counted() -> None:
    """A simulator that runs for days does not exhaust the memory, and reports each loss."""
    inbox = Inbox(capacity=2)
    routes = [MessageRoute(RouteKind.PULL) for _ in range(3)]
    for number, route in enumerate(routes):
        inbox.put(number, route)

    assert (inbox.pending, inbox.pushed_out, routes[0].state) == (2, 1, "pushed out")
    assert inbox.take(9) == [1, 2]


def test_the_log_shows_the_routes_of_a_message() -> None:
    """The log has IDs and routes of each message, including invalid ones."""
    inbox = Inbox()
    inbox.record(
        {"messageId": "m", "applicationCode": "c"},
        [MessageRoute(RouteKind.FORWARD, url="http://x")],
    )
    inbox.record("odd", [MessageRoute(RouteKind.PULL)])

    assert [record.raw for record in inbox.log] == [
        {
            "messageId": "m",
            "applicationCode": "c",
            "went": [{"by": "forward", "state": "waiting", "url": "http://x", "attempts": 0}],
        },
        {"messageId": "", "applicationCode": "", "went": [{"by": "pull", "state": "waiting"}]},
    ]
