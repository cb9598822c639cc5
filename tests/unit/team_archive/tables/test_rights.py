"""Every row with an account is seen by the members of that account alone."""

import re

from ibconsole.team_archive.tables import MIGRATIONS


def test_every_table_with_an_account_has_row_security() -> None:
    """A new table with an account cannot be forgotten."""
    script = "".join(MIGRATIONS)
    tables = re.findall(r"CREATE TABLE ibconsole\.(\w+) \((.*?)\n    \)", script, re.DOTALL)
    secured = set(re.findall(r"ALTER TABLE ibconsole\.(\w+) ENABLE ROW LEVEL SECURITY", script))

    with_account = {name for name, columns in tables if re.search(r"\baccount integer", columns)}
    assert with_account | {"account"} == secured
