"""Accounts of a team, and who may do what in them."""

from ibconsole.team_archive import Capability
from ibconsole.team_archive.tables import MIGRATIONS


def test_the_tables_know_every_capability() -> None:
    """A capability that can be granted can be stored; an owner's is a role of the server."""
    stored = ", ".join(f"'{one}'" for one in Capability if one is not Capability.OWNER)

    assert f"CHECK (capability IN ({stored}))" in MIGRATIONS[0]
