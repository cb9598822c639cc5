"""Texts are found with the owner's rights, in the accounts that the user may read."""

from ibconsole.archive import Filter
from ibconsole.team_archive.tables import MIGRATIONS


def test_every_condition_has_its_criterion() -> None:
    """What users filter by in their own archive, they filter by in the team's."""
    others = {"text": "pattern", "connection": "account", "application": "applications"}
    names = {others.get(name, name) for name in Filter.__struct_fields__}

    script = MIGRATIONS[0]
    assert [one for one in names - {"pattern", "account"} if f"'{one}'" not in script] == []
