from ibconsole.simulator.clock import Clock


class Ours:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_platforms_time_goes_faster() -> None:
    """Sixty of its seconds pass in one of ours, and what has passed stays passed."""
    ours = Ours()
    clock = Clock(1.0, ours=ours)
    ours.now += 10
    assert clock.now() == 10

    clock.hasten(60)
    assert clock.now() == 10
    ours.now += 1
    assert clock.now() == 70
    assert clock.until(130) == 1
    assert clock.until(5) == 0
