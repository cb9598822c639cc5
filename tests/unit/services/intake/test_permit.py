"""The permit to pull says who else may pull."""

import pytest

from ibconsole.services.intake.permit import OtherPuller, PulledElsewhere, SoloPermit


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (
            OtherPuller("the collector east", is_collector=True),
            "The collector east of your team pulls from this account. Nothing was requested. A"
            " single pull asks it to pull.",
        ),
        (
            OtherPuller(),
            "Another computer of your team pulls from this account. Nothing was requested. Try"
            " again when it has ended.",
        ),
    ],
)
def test_who_pulls(other: OtherPuller, sentence: str) -> None:
    """The refusal of a pull names who pulls, and says how to go on."""
    assert str(PulledElsewhere(other)) == sentence


async def test_no_team() -> None:
    """Without a team the right to pull is always granted."""
    async with SoloPermit().held() as turn:
        await turn.verify()
        assert turn.epoch is None
