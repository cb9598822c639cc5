"""A filter is the same for a team as for the archive on this disk."""

from ibconsole.archive import Filter, Flags, Via
from ibconsole.team_archive.reading.filter_sql import conditions


def test_nothing_is_asked_for() -> None:
    """The default filter matches every message, and a connection is not compared."""
    found = conditions(Filter(connection="uuid"))

    assert (found.ranges, found.tests, found.values, found.patterns) == ("", "TRUE", {}, ())


def test_conditions_are_bound() -> None:
    """Values are parameters, and what is stored otherwise is asked for as it is stored."""
    criteria = Filter(
        text="50%_\\\0", application="app", via=Via.PULL, flags=Flags.ODD, since=1, until=2,
        sender="+385", keyword="k", ids=(3,),
    )  # fmt: skip
    found = conditions(criteria)

    assert found.values == {
        "codes": "app", "since": 1, "until": 2, "ids": [3], "via": "pull", "flags": 4,
        "sender": "+385", "keyword": "k", "text": "%50\\%\\_\\\\\ufffd%",
    }  # fmt: skip
    assert all(f"%({name})s" in found.ranges + found.tests for name in found.values)


def test_spellings_of_a_code() -> None:
    """An application's code is found in each of its Unicode spellings."""
    assert conditions(Filter(application="\xe9")).values == {"codes": ["\xe9", "e\u0301"]}


def test_texts_for_the_index() -> None:
    """Only words of three letters or more narrow down a search."""
    short = conditions(Filter(text="a-b", sender="Anna"))
    long = conditions(Filter(text="abc", sender="Anna"))

    assert (short.patterns, short.others) == (("%anna%",), short.tests)
    assert (long.patterns, long.others) == (("%abc%", "%anna%"), "sender = %(sender)s")
