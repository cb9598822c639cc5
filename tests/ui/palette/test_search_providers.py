import pytest

from ibconsole.ui.palette.search_providers import CommandSearch, find_highlights, rank_of
from ibconsole.ui.toolkit.commands import Command


def titles(search: CommandSearch, text: str, limit: int = 9) -> list[str]:
    return [result.title for result in search.search(text, limit)]


def test_an_empty_text_lists_every_visible_command(commands: list[Command]) -> None:
    """All commands are listed in their order, without those that are hidden."""
    search = CommandSearch(lambda: commands)
    commands[1].setVisible(False)

    assert titles(search, "") == ["Pull", "Refresh", "Close this connection"]
    assert titles(search, "", limit=1) == ["Pull"]


def test_a_command_is_found_by_words_of_its_name_and_group(commands: list[Command]) -> None:
    """All words must match, in any order, in the name or the group; initials match the name."""
    search = CommandSearch(lambda: commands)

    assert titles(search, "connection add") == ["Add a connection"]
    assert titles(search, "messages") == ["Pull"]
    assert titles(search, "aac") == ["Add a connection"]
    assert titles(search, "add nothing") == []


def test_a_result_carries_the_state_of_its_command(
    commands: list[Command], executed: list[str]
) -> None:
    """The result has the shortcut and the reason why a command is not available, and runs it."""
    search = CommandSearch(lambda: commands)
    [pull], [close] = search.search("pull", 1), search.search("close", 1)

    pull.go()

    assert (pull.subtitle, pull.keys, pull.disabled_reason) == ("Messages", "Ctrl+P", "")
    assert close.disabled_reason == "No connection is open."
    assert executed == ["Pull…"]


def test_what_can_be_run_comes_first(commands: list[Command]) -> None:
    """Of equally good matches, Enter never meets a disabled one before one that it can run."""
    provider = CommandSearch(lambda: commands)
    commands[0].set_disabled_reason("Not now.")

    assert titles(provider, "")[:2] == ["Add a connection", "Refresh"]


def test_the_commands_run_last_come_first(commands: list[Command]) -> None:
    """Among equal matches, the most recent command is the first."""
    search = CommandSearch(lambda: commands)
    for name in ("refresh", "add"):
        search.search(name, 1)[0].go()

    assert titles(search, "") == ["Add a connection", "Refresh", "Pull", "Close this connection"]


@pytest.mark.parametrize(
    ("typed", "text", "rank"),
    [
        ("", "x", 0),
        ("Add a", "Add a x", 0),
        ("x add", "Add a x", 1),
        ("dd", "Add", 2),
        ("y", "x", None),
    ],
)
def test_ranks(typed: str, text: str, rank: int | None) -> None:
    """Texts that begin with what was typed rank first, then words that do, then any match."""
    assert rank_of(typed, text) == rank


@pytest.mark.parametrize(
    ("typed", "text", "highlighted"),
    [
        ("add con", "Add a connection", ["Add", "con"]),
        ("aac", "Add a connection", ["A", "a", "c"]),
        ("cnct", "Add a connection", ["c", "n", "c", "t"]),
        ("dd a", "Add a connection", ["dd", "A"]),
        ("ction", "Add a connection", ["ction"]),
        ("tca", "Add a connection", []),
        ("", "Add a connection", []),
        ("strasse", "Straße 1", ["Straße"]),
        ("zu\u0308 1", "Zürich 1", ["Zü", "1"]),
        ("zc", "Zu\u0308rich", ["Z", "c"]),
        ("zü", "Zu\u0308rich", ["Zu\u0308"]),
    ],
)
def test_the_matching_letters_are_highlighted(
    typed: str, text: str, highlighted: list[str]
) -> None:
    """The matching words are highlighted, or else the letters, of which the first begins a word."""
    pieces = find_highlights(typed, text)

    assert [text[start : start + length] for start, length in pieces] == highlighted
