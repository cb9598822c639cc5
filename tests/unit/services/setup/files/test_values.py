from ibconsole.model import ActionDraft
from ibconsole.secret import MASK
from ibconsole.services.setup.files import (
    InvalidSetupFile,
    Position,
    SetupProblem,
    WantedAction,
    WantedApplication,
    WantedConfiguration,
    place_in,
)


def test_problems_stand_in_the_order_of_the_file() -> None:
    """Each problem is a line as compilers write it; what belongs to the whole file comes first."""
    problems = [
        SetupProblem(Position(12, 5), "b"),
        SetupProblem(Position(2, 9), "a"),
        SetupProblem(Position(), "the whole"),
    ]

    error = InvalidSetupFile("setup.yaml", problems)

    assert "\n".join(error.lines) == str(error)
    assert str(error) == "setup.yaml: the whole\nsetup.yaml:2:9: a\nsetup.yaml:12:5: b"


def test_many_problems_are_counted() -> None:
    """A file with a thousand problems fills no terminal."""
    error = InvalidSetupFile("s", [SetupProblem(Position(n, 1), "x") for n in range(1, 1_024)])

    assert len(error.problems) == 20
    assert str(error).splitlines()[-1] == "s: 1,003 more problems"


def test_places() -> None:
    """A value that comes from no file has no line."""
    assert place_in("s.yaml", Position(3, 7)) == "s.yaml:3:7"
    assert place_in("s.yaml", Position()) == "s.yaml"


def test_an_action_knows_that_it_is_masked() -> None:
    """A mask in its URL or in its callback data makes an action one that cannot be created."""
    masked = ActionDraft(type="PULL", callback_data=f"a{MASK}")

    assert WantedAction(masked).is_masked
    assert WantedAction(ActionDraft(type="X", forward_url=f"https://{MASK}@h")).is_masked
    assert not WantedAction(ActionDraft(type="PULL")).is_masked


def test_an_application_is_named_as_far_as_needed() -> None:
    """A sentence names an application by its name, and by its ID if the file does."""
    action = WantedAction(ActionDraft(type="PULL"))
    shop = WantedApplication("Shop", WantedConfiguration((action,)), id="7\u202e")

    assert (shop.label, shop.actions) == ("“Shop” with the ID 7\\u202e", (action,))
    assert (WantedApplication("Shop").label, WantedApplication("Shop").actions) == ("“Shop”", ())
    assert WantedApplication("x" * 5_000_000).label == f"“{'x' * 80}…”"
