"""The values of an expression."""

from ibconsole.archive import Flags
from ibconsole.services.filtering import FieldName, FieldTerm
from ibconsole.services.filtering.expression import FLAG_NAMES


def test_every_flag_has_a_name() -> None:
    """Names are one word each, as the list of messages calls the flags."""
    assert {*FLAG_NAMES.values()} == {*Flags}
    assert all(name.replace(" ", "-") == name for name in FLAG_NAMES)


def test_equal_expressions() -> None:
    """Expressions are equal if they say the same: saved ones can be compared."""
    term = FieldTerm(field=FieldName.SENDER, value="+385")

    assert term == FieldTerm(field=FieldName.SENDER, value="+385")
    assert term != FieldTerm(field=FieldName.KEYWORD, value="+385")
