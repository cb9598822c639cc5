import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ibconsole.services.connections.connection import AuthorizationKind, Connection
from ibconsole.ui.connections.connection_form import ConnectionDraft, ConnectionForm
from ibconsole.ui.toolkit.theme import Theme

ID = "0b6d6a1e-5c0e-4c60-9f6e-2f1d6f0a7a11"
EMPTY = Connection(ID, "", "")
SAVED = Connection(ID, "Acme", "https://acme.api.infobip.com")


@pytest.fixture
def form(theme: Theme, qtbot: QtBot) -> ConnectionForm:
    form = ConnectionForm(EMPTY, theme, new=True)
    qtbot.addWidget(form)
    form.show()
    return form


def test_an_invalid_field_has_a_message_below_it(form: ConnectionForm) -> None:
    """The first field that is not valid gets a message, and the form gives no draft."""
    assert form.validate() is None
    assert form.messages["name"].isVisible()
    form.name.setText("Acme")
    form.base_url.setText("http://acme.api.infobip.com")
    assert form.validate() is None
    assert not form.messages["name"].isVisible()
    assert "Plain http" in form.messages["base_url"].text()
    form.base_url.setText("ACME.api.infobip.com/x")
    assert form.messages["base_url"].text() == "Used as https://acme.api.infobip.com"
    assert form.validate() is None
    assert form.messages["secret"].text() == "API key is missing."

    form.secret.setText("a secret")
    draft = form.validate()

    assert draft
    assert draft.connection == SAVED
    assert draft.secret
    assert draft.secret.reveal() == "a secret"


def test_the_name_is_optional_for_a_test(form: ConnectionForm) -> None:
    """A connection without a name can be tested: it is named after its address."""
    form.base_url.setText("acme.api.infobip.com")
    form.secret.setText("a secret")

    draft = form.validate(name_optional=True)

    assert draft
    assert draft.connection.name == "acme.api.infobip.com"


def test_the_saved_secret_can_stay(theme: Theme, qtbot: QtBot) -> None:
    """An edited connection keeps its secret unless its address changes."""
    form = ConnectionForm(SAVED, theme, new=False)
    qtbot.addWidget(form)
    form.name.setText("Acme 2")
    assert form.validate() == ConnectionDraft(replace(SAVED, name="Acme 2"), None)

    form.base_url.setText("https://other.api.infobip.com")

    assert form.validate() is None
    assert form.messages["secret"].text() == "API key is missing."


@pytest.mark.parametrize("kind", AuthorizationKind)
def test_each_authorization_has_its_fields(form: ConnectionForm, kind: AuthorizationKind) -> None:
    """A user name or client ID is asked for only where the authorization needs it."""
    form.kind.setCurrentIndex(form.kind.findData(kind.value))

    assert form.identity.isVisible() is bool(kind.identity_name)
    assert form.secret.accessibleName() == kind.secret_name


@pytest.mark.parametrize("read_only", [None, True, False])
def test_read_only_is_chosen_and_kept(
    theme: Theme, qtbot: QtBot, *, read_only: bool | None
) -> None:
    """The choice depends on the environment at first; what is saved is shown and stays."""
    form = ConnectionForm(replace(SAVED, read_only=read_only), theme, new=False)
    qtbot.addWidget(form)
    assert form.draft.connection.read_only is read_only

    form.read_only.setCurrentIndex(1)
    assert form.draft.connection.read_only is True


def test_the_typed_secret_can_be_shown(form: ConnectionForm) -> None:
    """The secret is hidden until the user asks to see it."""
    assert form.secret.echoMode() is QLineEdit.EchoMode.Password

    form.secret_field.reveal.click()

    assert form.secret.echoMode() is QLineEdit.EchoMode.Normal
    assert form.secret_field.reveal.accessibleName() == "Hide what you typed"


def test_a_message_about_no_field_is_shown_below_all(form: ConnectionForm) -> None:
    """A message about something that the form has no field for is shown, and can be removed."""
    form.show_message("id", "The ID of a connection has to be a UUID.")
    assert form.general_message.isVisible()
    assert form.general_message.text() == "The ID of a connection has to be a UUID."

    form.validate()

    assert not form.general_message.isVisible()


def test_an_invalid_connection_without_a_field_gives_no_draft(theme: Theme, qtbot: QtBot) -> None:
    """A saved connection that is damaged is reported like an invalid field."""
    form = ConnectionForm(replace(SAVED, id="no UUID"), theme, new=False)
    qtbot.addWidget(form)

    assert form.validate() is None
    assert form.general_message.text() == "The ID of a connection has to be a UUID."
