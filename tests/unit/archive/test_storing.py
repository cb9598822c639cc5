"""The garbage collector is as it was, whatever happened meanwhile."""

import gc

import pytest

from ibconsole.archive.storing import collector_paused


@pytest.mark.parametrize("on", [True, False])
def test_collector_is_as_it_was(*, on: bool) -> None:
    """It rests in the block, also in one that fails, and is then as before."""
    was_on = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        with pytest.raises(ValueError, match="in the block"):
            _fail_in_the_block()
        assert gc.isenabled() == on
    finally:
        (gc.enable if was_on else gc.disable)()


def _fail_in_the_block() -> None:
    with collector_paused():
        assert not gc.isenabled()
        raise ValueError("in the block")
