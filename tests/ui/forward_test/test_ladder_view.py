"""The ladder: every rung with its state, sentence, remedy and time."""

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.services.forward_test.rungs import Cause, Ladder, Rung, RungKind, RungState
from ibconsole.services.forward_test.verdict import Delivered
from ibconsole.ui.forward_test.ladder_view import LadderView
from ibconsole.ui.toolkit.theme import Scheme, Theme
from tests.ui.forward_test.conftest import TEST

NAMES = Rung(RungKind.NAMES, RungState.PASSED, "x has 1 address.", seconds=0.004)
TLS = Rung(
    RungKind.TLS,
    RungState.FAILED,
    "The certificate has\nexpired.",
    "Have it renewed.",
    ("Certificate: CN=x.", "Also, for another host."),
    0.02,
    Cause.CERT_EXPIRED,
)
LADDER = Ladder(
    "https://x.example/in",
    1,
    "from this computer",
    rungs=(NAMES, TLS),
    cause=Cause.CERT_EXPIRED,
    counts=Delivered.NO,
    seconds=0.05,
)


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> LadderView:
    view = LadderView(theme)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    return view


def test_rungs(view: LadderView, theme: Theme) -> None:
    """A rung that fails says what to do; details are shown on demand; states have icons."""
    view.show_test(replace(TEST, ladder=LADDER))

    names, tls = view.rungs
    assert names.sentence.text() == "x has 1 address."
    assert (names.remedy.isVisible(), names.more.isVisible()) == (False, False)
    assert tls.sentence.text() == "The certificate has ⏎ expired."
    assert tls.remedy.text() == "What to do: Have it renewed."
    assert tls.accessibleName().startswith("TLS, failed: The certificate")
    assert view.verdict.severity == Severity.DANGER
    assert view.verdict.text.text().endswith("What to do: Have it renewed.")
    assert view.url.text() == "https://x.example/in"
    assert view.vantage.text() == "Tested from this computer, 50 ms"
    assert not tls.details.isVisible()
    tls.more.click()
    assert tls.details.isVisible()
    assert tls.more.accessibleName() == "Hide details"
    theme.apply(Scheme.DARK)
    assert not tls.mark.pixmap().isNull()


def test_filled_while_it_is_climbed(view: LadderView) -> None:
    """Rungs appear as they are known, without a verdict; those of an earlier test go."""
    view.show_test(replace(TEST, ladder=LADDER))
    view.show_ladder(replace(LADDER, rungs=(NAMES,), stopped=True))

    assert [row.isVisible() for row in view.rungs] == [True, False]
    assert not view.verdict.isVisible()
    assert view.vantage.text().endswith("stopped")


def test_a_test_of_an_earlier_version(view: LadderView) -> None:
    """A test without a ladder has its verdict, and says why there is no more."""
    view.show_test(TEST)

    assert "earlier version" in view.vantage.text()
    assert view.verdict.text.text() == "Perhaps: 202 was answered."
