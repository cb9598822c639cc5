"""What waits on the platform can only grow, save for what our own pulls take."""

import pytest

from ibconsole.services.rivals import Rivals


@pytest.mark.parametrize(
    ("pulls", "missing"),
    [
        ([(10, 90), (10, 80), (10, 70)], 0),
        ([(10, 90), (10, 85), (10, 100)], 0),  # others arrive meanwhile
        ([(10, 90), (10, 79)], 0),  # once may be the platform's own doing
        ([(10, 90), (10, 79), (10, 60)], 10),
        ([(10, 90), (10, 79), (10, 70), (10, 50)], 0),  # twice, but not in a row
        ([(10, 90), (10, 79), (10, None), (10, 40)], 0),  # not said, not known
        ([(0, 2), (0, 1), (0, 0)], 2),
    ],
)
def test_what_our_pulls_do_not_explain(pulls: list[tuple[int, int | None]], missing: int) -> None:
    """Somebody else is suspected when messages go away twice in a row without us."""
    rivals = Rivals()
    for taken, pending in pulls:
        rivals.note(taken, pending)

    assert bool(rivals.sentence) == bool(missing)
    assert f"{missing} messages have gone" in rivals.sentence or not missing


def test_nothing_is_said_once_it_is_over() -> None:
    """A pull that is explained takes the suspicion back."""
    rivals = Rivals()
    for pending in (10, 8, 6):
        rivals.note(0, pending)
    assert rivals.sentence

    rivals.note(3, 3)

    assert not rivals.sentence
