"""The versions that a report contains."""

from ibconsole import __version__
from ibconsole.services.doctor.versions import read_versions


def test_versions() -> None:
    """The program's own version is reported, and every library is found."""
    found = read_versions()

    assert found["ibconsole"] == __version__
    assert "unknown" not in found.values()
