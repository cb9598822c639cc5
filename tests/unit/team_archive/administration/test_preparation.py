"""The preparation of a database can be repeated, and needs no superuser."""

from ibconsole.team_archive.tables import MIGRATIONS, READABLE_FROM


def test_each_version_names_its_readers() -> None:
    """Every version of the tables says which programs can use it."""
    assert len(READABLE_FROM) == len(MIGRATIONS)
    assert all(lowest <= version for version, lowest in enumerate(READABLE_FROM, start=1))
