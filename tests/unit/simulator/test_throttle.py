from ibconsole.simulator.throttle import Throttle


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_ten_calls_pass_in_any_second() -> None:
    """The eleventh is refused until the first is a second old; refused ones do not count."""
    clock = Clock()
    throttle = Throttle(clock=clock)
    assert [throttle.admits() for _ in range(12)] == [True] * 10 + [False] * 2

    clock.now = 0.99
    assert not throttle.admits()
    clock.now = 1.0
    assert [throttle.admits() for _ in range(11)] == [True] * 10 + [False]
