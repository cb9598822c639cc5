from ibconsole.simulator.inbox import Inbox, Way


def test_messages_are_handed_out_once_oldest_first() -> None:
    """What was taken is gone, and its way says so."""
    mailbox = Inbox()
    ways = [Way("pull") for _ in range(3)]
    for number, way in enumerate(ways):
        mailbox.put(number, way)

    assert mailbox.take(2) == [0, 1]
    assert mailbox.pending == 1
    assert [way.state for way in ways] == ["pulled", "pulled", "waiting"]
    assert mailbox.take(5) == [2]
    assert mailbox.take(5) == []


def test_room_is_bounded_and_what_goes_is_counted() -> None:
    """A simulator that runs for days does not fill the memory, and hides no loss."""
    mailbox = Inbox(room=2)
    ways = [Way("pull") for _ in range(3)]
    for number, way in enumerate(ways):
        mailbox.put(number, way)

    assert (mailbox.pending, mailbox.pushed_out, ways[0].state) == (2, 1, "pushed out")
    assert mailbox.take(9) == [1, 2]


def test_the_log_tells_where_a_message_went() -> None:
    """Ids and ways of each message, odd ones too."""
    mailbox = Inbox()
    mailbox.note({"messageId": "m", "applicationCode": "c"}, [Way("forward", url="http://x")])
    mailbox.note("odd", [Way("pull")])

    assert [record.raw for record in mailbox.log] == [
        {
            "messageId": "m",
            "applicationCode": "c",
            "went": [{"by": "forward", "state": "waiting", "url": "http://x", "attempts": 0}],
        },
        {"messageId": "", "applicationCode": "", "went": [{"by": "pull", "state": "waiting"}]},
    ]
