from ibconsole.simulator.clock import SimulatedClock


class RealTime:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_simulated_time_can_run_faster_than_real_time() -> None:
    """A new speed applies from then on; the time that has elapsed does not change."""
    real_time = RealTime()
    clock = SimulatedClock(1.0, real_time=real_time)
    real_time.now += 10
    assert clock.now() == 10

    clock.set_speed(60)
    assert clock.now() == 10
    real_time.now += 1
    assert clock.now() == 70
    assert clock.seconds_until(130) == 1
    assert clock.seconds_until(5) == 0
