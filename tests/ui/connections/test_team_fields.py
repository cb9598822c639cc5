import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from ibconsole.services.connections.connection import Connection, InvalidConnection
from ibconsole.ui.connections.connection_form import ConnectionForm
from ibconsole.ui.connections.team_fields import TeamFields
from ibconsole.ui.toolkit.theme import Theme

SAVED = Connection("0b6d6a1e-5c0e-4c60-9f6e-2f1d6f0a7a11", "Acme", "https://acme.api.infobip.com")
SHARED = replace(SAVED, team="postgresql://anna@team.example/inbound", team_account="acme")


def test_a_connection_without_a_team_shows_one_switch(theme: Theme, qtbot: QtBot) -> None:
    """The fields appear with the switch, and what is in them counts only while it is on."""
    fields = TeamFields(SAVED, theme)
    qtbot.addWidget(fields)
    fields.show()
    assert not fields.database.isVisible()
    assert fields.apply(SAVED) == SAVED

    fields.shared.click()
    assert fields.database.isVisible()
    with pytest.raises(InvalidConnection, match="postgresql://") as missing:
        fields.entered()
    assert missing.value.field == "team"
    fields.database.setText(" postgres://anna@team.example/inbound")
    fields.account.setText("acme ")
    fields.password.line.setText("a password")

    assert fields.apply(SAVED).normalized() == SHARED
    assert fields.typed_password
    fields.shared.click()
    assert fields.apply(SHARED) == SAVED


def test_the_password_of_the_saved_database_can_stay(theme: Theme, qtbot: QtBot) -> None:
    """The field says so only while the address is the saved one."""
    fields = TeamFields(SHARED, theme)
    qtbot.addWidget(fields)
    assert "keep the saved one" in fields.password.line.placeholderText()

    fields.database.setText("postgresql://other.example/inbound")

    assert fields.password.line.placeholderText() == "If the server asks for one"


def test_the_form_shows_what_is_wrong_below_the_field(theme: Theme, qtbot: QtBot) -> None:
    """A password in the address is refused there; a team can be tested without the API key."""
    form = ConnectionForm(SAVED, theme, new=True)
    qtbot.addWidget(form)
    form.show()
    form.team.shared.click()
    form.team.database.setText("postgresql://anna:x@team.example/inbound")
    form.secret.setText("a secret")
    form.validate()
    assert "Leave the password out" in form.team.messages["team"].text()
    form.team.database.setText(SHARED.team)
    assert not form.team_draft
    assert form.team.messages["team_account"].isVisible()

    form.team.account.setText("acme")
    form.secret.clear()
    draft = form.team_draft

    assert draft
    assert draft.connection.team_address == SHARED.team_address
    assert not form.team.messages["team_account"].isVisible()
