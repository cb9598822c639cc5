"""What is asked before the first pull on a connection."""

from ibconsole.services import Status
from ibconsole.ui.dialogs.confirm import Question


def pull_question(status: Status, limit: int) -> Question:
    """What is taken, from whom, for whom, and that there is no way back."""
    connection = status.connection
    messages = "1 message" if limit == 1 else f"{limit:,} messages"
    facts = (
        ("Account", f"{connection.name}, {connection.base_url}"),
        ("Takes", f"up to {messages}, of every application that the key sees"),
        ("Keeps them in", status.archive.path),
    )
    return Question(
        title=f"Pull up to {messages} from {connection.name}?",
        facts=tuple((name, value) for name, value in facts if value),
        consequence=(
            "The platform hands out each message once, ever, and this takes it for everybody:"
            " whoever else pulls on this account will not get it. There is no way back."
            " The messages are on this computer's disk before anything is shown."
        ),
        verb=f"Pull up to {messages}",
        typed=connection.name if connection.environment == "production" else "",
    )
