"""What the steps of the tour say."""

from ibconsole.ui.tour.steps import STEPS, TourPart


def test_steps() -> None:
    """There are five steps, each about another part; one that needs a connection says so before."""
    parts = [step.part for step in STEPS]

    assert parts == list(TourPart)
    assert len(STEPS) == 5
    for step in STEPS:
        now, before = (step.sentence(is_connected=on) for on in (True, False))
        assert now == step.text
        assert before == (step.before or step.text)
        assert max(len(now), len(before)) < 260
    assert "sandbox" in STEPS[0].sentence(is_connected=False)
    assert "sandbox" not in STEPS[0].sentence(is_connected=True)
