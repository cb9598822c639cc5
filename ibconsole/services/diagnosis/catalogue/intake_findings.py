"""IBC-15xx: pulling. IBC-16xx: the arrival of messages here."""

from ibconsole.services.diagnosis.catalogue.definition import (
    Definition,
    FindingGroup,
    WindowCommand,
)
from ibconsole.services.diagnosis.catalogue.finding import Basis, Level

_HERE_ONLY = (
    "The archive of this computer knows only what was pulled or received here: another computer may"
    " do this work."
)

PULLING = FindingGroup(
    "Pulling",
    (
        Definition(
            1501,
            "Nothing was pulled for a long time",
            Level.WARNING,
            Basis.INFERRED,
            "How long messages wait is not documented. Sibling channels keep them for 48 h; after"
            " that they may be gone.",
            _HERE_ONLY,
            "Pull all waiting messages.",
            WindowCommand.PULL_ALL,
        ),
        Definition(
            1502,
            "Messages wait to be pulled, and nothing was pulled here",
            Level.NOTE,
            Basis.OBSERVED,
            "An action keeps messages for pulling, and the archive has no pull on this connection.",
            _HERE_ONLY,
            "Find out who pulls from this account. If it is meant to be this computer, pull.",
            WindowCommand.PULL_ALL,
        ),
        Definition(
            1503,
            "The number of waiting messages grows",
            Level.WARNING,
            Basis.OBSERVED,
            "More messages arrive than are pulled, so each waits longer than the one before.",
            "The last pull left nothing.",
            "Pull until nothing is left, or more often.",
            WindowCommand.PULL_ALL,
        ),
        Definition(
            1504,
            "Another consumer pulls from this account",
            Level.ERROR,
            Basis.OBSERVED,
            "Waiting messages disappeared without being pulled here. Each message is handed out"
            " once, so those are in another place: a second console, a program of the customer, or"
            " an AI agent with a tool for this account.",
            "Nothing else has a credential that may pull; or the platform dropped old messages.",
            "Ask who else has a key of this account, and withdraw keys that are not needed.",
        ),
        Definition(
            1505,
            "The last pull failed",
            Level.WARNING,
            Basis.OBSERVED,
            "The platform did not hand out messages. Those that wait go on waiting.",
            "A later pull succeeds.",
            "Look at the answer, and pull again.",
            WindowCommand.PULL_ALL,
        ),
        Definition(
            1506,
            "The answer to a pull was cut",
            Level.ERROR,
            Basis.OBSERVED,
            "Messages that the platform has handed out are not handed out again. What arrived is"
            " kept, with its bytes; what did not is lost.",
            "The answer has all the messages that it announced.",
            "Look at the pull and its bytes; ask Infobip's support for the messages of that time.",
        ),
        Definition(
            1507,
            "Messages were left waiting",
            Level.NOTE,
            Basis.OBSERVED,
            "The last pull did not take all messages that waited.",
            "They were pulled elsewhere meanwhile.",
            "Pull until nothing is left.",
            WindowCommand.PULL_ALL,
        ),
        Definition(
            1508,
            "A pull gave fewer messages than it announced",
            Level.WARNING,
            Basis.OBSERVED,
            "The platform counts more messages in its answer than the answer contains.",
            "The platform's count includes something else.",
            "Look at the pull and its bytes.",
        ),
    ),
)

ARRIVAL = FindingGroup(
    "Arrival",
    (
        Definition(
            1601,
            "Messages used to come, and do not any more",
            Level.WARNING,
            Basis.OBSERVED,
            "The silence is much longer than the longest one before.",
            "Users have sent nothing, as at night or after a campaign; or messages arrive at"
            " another computer.",
            "Walk through the four questions: is there a route, was it attempted, what was"
            " answered, did it arrive here?",
        ),
        Definition(
            1602,
            "No message of the application ever arrived here",
            Level.NOTE,
            Basis.OBSERVED,
            "The messages of this application are meant to arrive here, by this listener or by a"
            " pull, and the archive has none.",
            "Users have sent nothing yet, or older messages were deleted from the archive.",
            "Send a message from the app, and watch it arrive.",
        ),
        Definition(
            1603,
            "Many messages arrive more than once",
            Level.WARNING,
            Basis.OBSERVED,
            "The platform sends a message again that it believes not to be delivered: an answer"
            " other than 200, or one that comes too late. Two actions may also have the same"
            " effect.",
            "Two consumers store into this archive on purpose.",
            "Check how fast and with which status messages are answered, and whether two actions"
            " carry them.",
        ),
        Definition(
            1604,
            "Messages arrive later and later",
            Level.WARNING,
            Basis.OBSERVED,
            "The time from the platform to here has grown: deliveries are attempted several times,"
            " or wait.",
            "Phones were without a network and sent what they kept.",
            "Look for failures of the endpoint at the times of these messages.",
        ),
        Definition(
            1605,
            "The listener refused requests",
            Level.ERROR,
            Basis.OBSERVED,
            "Requests arrived and were answered with an error since the last one that was"
            " accepted.",
            "The requests do not come from the platform.",
            "Look at the requests. 404 means a path that the listener does not have: compare the"
            " forward URL.",
        ),
        Definition(
            1606,
            "Messages arrive by both ways",
            Level.NOTE,
            Basis.OBSERVED,
            "The same messages were pulled and forwarded. So both actions of the application get"
            " every message, at least for now.",
            "A retry that was pulled as well.",
            "Keep one way, or let programs ignore duplicates by messageId.",
            WindowCommand.DELETE_ACTION,
        ),
        Definition(
            1607,
            "Messages are stored under another connection",
            Level.WARNING,
            Basis.OBSERVED,
            "The path of the forward URL decides to which connection a forward belongs. A filter"
            " by connection does not show these messages.",
            "Both connections are of the same account.",
            "Replace the action by one with the forward URL of this connection.",
            WindowCommand.REPLACE_ACTION,
        ),
        Definition(
            1608,
            "Messages arrive before they were sent",
            Level.WARNING,
            Basis.OBSERVED,
            "Their time at the platform lies after their arrival here: the clock of this computer"
            " is slow, or the times are in a zone that they do not name.",
            "The clock was corrected since.",
            "Check the clock of this computer.",
        ),
        Definition(
            1609,
            "Messages arrive although there is no route here",
            Level.NOTE,
            Basis.OBSERVED,
            "Messages of this application arrived lately, and its actions lead elsewhere or"
            " nowhere. The setup was changed, or another application forwards them.",
            "The setup was changed after those messages.",
            "Compare the setup with what arrives.",
        ),
    ),
)
