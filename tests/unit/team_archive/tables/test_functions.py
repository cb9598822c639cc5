"""The functions of the tables, which run with the owner's rights."""

import re

from ibconsole.team_archive.tables import MIGRATIONS


def test_search_paths_are_pinned() -> None:
    """No function with the owner's rights can be made to call a function of its caller."""
    functions = re.split(r"(?=CREATE FUNCTION)", "".join(MIGRATIONS))[1:]
    owners = [one for one in functions if "SECURITY DEFINER" in one]

    assert len(owners) > 5
    assert [one for one in functions if "SET search_path = pg_catalog, pg_temp" not in one] == []
