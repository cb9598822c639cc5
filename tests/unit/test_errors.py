"""The root error and the levels of severity."""

from pathlib import Path

import pytest

from ibconsole.errors import Severity, UserError

STYLES = Path(__file__).parents[2] / "resources" / "ibconsole.qss"


def test_details_are_not_part_of_the_sentence() -> None:
    """The text of an error is the sentence to show; details are separate, empty by default."""
    error = UserError("It failed.", details="errno 5")

    assert (str(error), error.details) == ("It failed.", "errno 5")
    assert UserError("It failed.").details == ""
    assert error.lines == ("It failed.",)


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_a_style(severity: Severity) -> None:
    """The style sheet contains a rule for each severity."""
    assert f'tone="{severity}"' in STYLES.read_text(encoding="utf-8")
