import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.model.application import read_applications
from ibconsole.ui.setup.applications import name_of
from ibconsole.ui.toolkit.text import (
    ApplicationNames,
    brief,
    byte_size,
    copy_to_clipboard,
    one_line,
    plain_tooltip,
)

CODE = "233623e3c860b49ec69a464834343481-8b53"


def test_an_unknown_application_is_its_masked_code(qapp: QApplication) -> None:
    """An application code is a credential, so it is masked where the name is not known."""
    names = ApplicationNames()

    assert names(CODE) == "2336…8b53"


@pytest.mark.parametrize("name", [" ", "\u00a0\u3000"])
def test_a_blank_name_is_none(qapp: QApplication, name: str) -> None:
    """An application that is called by blanks is shown like one without a name."""
    names = ApplicationNames()
    [application] = read_applications([{"applicationCode": CODE, "name": name}])
    names.add([application])
    assert names(CODE) == "2336…8b53" == name_of(application)


def test_a_brief_error_is_a_whole_sentence(qapp: QApplication) -> None:
    """The first sentence does not end within what it quotes; the rest goes to the details."""
    error = UserError("Failed (500 “Wrong. Again.”). Nothing was changed.", details="status 500")
    assert brief(error) == ("Failed (500 “Wrong. Again.”).", "Nothing was changed.\nstatus 500")
    two = UserError("It failed. Nothing was changed. Perhaps the key expired.", details="401")
    assert brief(two, sentences=2) == (
        "It failed. Nothing was changed.",
        "Perhaps the key expired.\n401",
    )
    assert brief(UserError("It failed."), sentences=2) == ("It failed.", "")
    assert brief(UserError("“Never closed. It goes on.")) == ("“Never closed. It goes on.", "")


def test_names_are_kept_and_announced_once(qtbot: QtBot) -> None:
    """Names of an earlier connection stay; adding equal names emits no signal."""
    names = ApplicationNames()
    with qtbot.waitSignal(names.changed):
        names.add(read_applications([{"applicationCode": CODE, "name": "Shop\u202e"}]))
    with qtbot.waitSignal(names.changed):
        names.add(read_applications([{"applicationCode": "other", "name": "Bank"}]))
    with qtbot.assertNotEmitted(names.changed):
        names.add(read_applications([{"applicationCode": "other", "name": "Bank"}]))

    assert (names(CODE), names("other")) == ("Shop\\u202e", "Bank")


def test_a_tooltip_is_never_html() -> None:
    """A text from outside cannot put an image or a link into a tooltip."""
    assert "&lt;img src=x&gt;" in plain_tooltip("<img src=x>")
    assert plain_tooltip("") == ""


def test_copying(qapp: QApplication) -> None:
    """A text is copied whatever else a signal passes along."""
    copy_to_clipboard("text", True)  # noqa: FBT003  # as `clicked` does

    assert QGuiApplication.clipboard().text() == "text"


def test_one_line() -> None:
    """Line breaks and invisible characters of a text are made visible on one line."""
    assert one_line("a\nb\tc\u202ed") == "a ⏎ b c\\u202ed"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (999, "999 B"), (1432, "1.4 kB"), (2_500_000, "2.5 MB")]
)
def test_byte_size(number: int, text: str) -> None:
    """Sizes are given in a suitable unit."""
    assert byte_size(number) == text
