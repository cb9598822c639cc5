"""One computer of a team pulls from an account at a time."""

import pytest

from ibconsole.team_archive.pulling.lock import PullHolder


@pytest.mark.parametrize(
    ("label", "is_collector", "name"),
    [("anna", False, "anna"), ("east", True, "the collector east"), ("", False, "process 5")],
)
def test_the_name_of_a_holder(label: str, is_collector: bool, name: str) -> None:
    """Users read who pulls: the name of the archive, and whether it is a collector."""
    holder = PullHolder(1, label, "process 5", is_collector=is_collector, since=0)

    assert holder.name == name
