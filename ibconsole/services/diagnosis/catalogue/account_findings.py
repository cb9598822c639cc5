"""IBC-17xx: the account and its credential. IBC-18xx: the listener. IBC-19xx: contract drift."""

from ibconsole.services.diagnosis.catalogue.definition import (
    Definition,
    FindingGroup,
    WindowCommand,
)
from ibconsole.services.diagnosis.catalogue.finding import Basis, Level

_LATER = "A later reading succeeds."

ACCOUNT = FindingGroup(
    "Account and credential",
    (
        Definition(
            1701,
            "The platform could not be reached",
            Level.ERROR,
            Basis.OBSERVED,
            "Nothing is known about this account.",
            _LATER,
            "Check the base URL, this computer's network and its proxy; `ibconsole doctor` tries"
            " the way to each base URL.",
            WindowCommand.TEST_CONNECTION,
        ),
        Definition(
            1702,
            "The credential is not accepted",
            Level.ERROR,
            Basis.OBSERVED,
            "The platform answered 401 and does not say why. Nothing is known about this account.",
            _LATER,
            "Go through the possible causes, and enter a valid credential.",
            WindowCommand.EDIT_CONNECTION,
        ),
        Definition(
            1703,
            "The credential does not allow to read the setup",
            Level.WARNING,
            Basis.DOCUMENTED,
            "Everything but the pull needs the scope mobile-app-messaging:manage, and push exists"
            " only where Moments is enabled in the account. A key for the pull alone may still"
            " pull.",
            "The setup can be read with another credential of the account.",
            "Use a credential with that scope, or accept that only the pull is possible.",
            WindowCommand.EDIT_CONNECTION,
        ),
        Definition(
            1704,
            "The account has no applications",
            Level.WARNING,
            Basis.DOCUMENTED,
            "Push exists only where Moments is enabled in the account. Without it, or without an"
            " application profile, there is nothing that could receive messages.",
            "The applications belong to another account than this credential.",
            "Check in Infobip's portal that Moments is enabled, and that the credential belongs to"
            " the right account.",
        ),
        Definition(
            1705,
            "The platform limits the rate of requests",
            Level.WARNING,
            Basis.OBSERVED,
            "The account gets more requests than the platform allows, also from other programs.",
            _LATER,
            "Find out which other program sends requests with this account.",
        ),
        Definition(
            1706,
            "The platform failed",
            Level.ERROR,
            Basis.OBSERVED,
            "The platform answered with an error of its own, or something unreadable.",
            _LATER,
            "Check the base URL, and try again later.",
        ),
        Definition(
            1707,
            "The connection has no usable credential",
            Level.ERROR,
            Basis.OBSERVED,
            "No request was sent: the secret is missing, or the keyring did not give it.",
            "The keyring gives the secret, such as after it was unlocked.",
            "Enter the secret again, or unlock the keyring; `ibconsole doctor` examines it.",
            WindowCommand.EDIT_CONNECTION,
        ),
        Definition(
            1708,
            "The base URL is the shared one",
            Level.NOTE,
            Basis.DOCUMENTED,
            "Each account has a base URL of its own. The old one, api.infobip.com, is shared by"
            " all.",
            "The account has no base URL of its own.",
            "Copy the base URL from Infobip's portal.",
            WindowCommand.EDIT_CONNECTION,
        ),
        Definition(
            1709,
            "The clock of this computer is wrong",
            Level.WARNING,
            Basis.OBSERVED,
            "Times of arrival, ages and gaps are measured with this clock; certificates are checked"
            " with it.",
            "The clock of the platform is wrong.",
            "Set the clock, and let it be set by the network.",
        ),
        Definition(
            1710,
            "The platform refused a request",
            Level.ERROR,
            Basis.OBSERVED,
            "The list of applications is the simplest request of all, and was refused.",
            _LATER,
            "Check the base URL and the credential.",
            WindowCommand.TEST_CONNECTION,
        ),
    ),
)

LISTENER = FindingGroup(
    "Listener",
    (
        Definition(
            1801,
            "The listener is off",
            Level.ERROR,
            Basis.OBSERVED,
            "An action forwards to the path of this computer's listener, which does not run: what"
            " is sent meanwhile is not received here.",
            "Another process listens.",
            "Start the listener, or replace the action.",
            WindowCommand.LISTEN,
        ),
        Definition(
            1802,
            "The forward URL is that of another connection",
            Level.WARNING,
            Basis.OBSERVED,
            "The path decides to which connection a forward belongs: these messages are stored"
            " under the other connection.",
            "Both connections are of the same account.",
            "Replace the action by one with the forward URL of this connection.",
            WindowCommand.REPLACE_ACTION,
        ),
        Definition(
            1803,
            "The listener does not know the path",
            Level.WARNING,
            Basis.INFERRED,
            "The URL looks like one of ibconsole's listener, and this computer does not have its"
            " path. It may be that of another computer, or of a connection that was removed.",
            "Another computer listens at this URL.",
            "Copy the forward URL of this connection, and replace the action.",
            WindowCommand.REPLACE_ACTION,
        ),
        Definition(
            1804,
            "The listener cannot store",
            Level.ERROR,
            Basis.OBSERVED,
            "A request could not be stored, so it was not answered with 200: the platform may send"
            " it again.",
            "Later requests were stored.",
            "Make space on the disk, and check who may write to the data directory.",
        ),
        Definition(
            1805,
            "Requests arrive on unknown paths",
            Level.NOTE,
            Basis.OBSERVED,
            "The listener gets requests on paths that it does not have: a misspelled forward URL,"
            " or programs that search the internet for servers.",
            "The requests do not come from the platform.",
            "Look at these requests, and compare the forward URL.",
        ),
    ),
)

DRIFT = FindingGroup(
    "Contract drift",
    (
        Definition(
            1901,
            "Messages have fields that are not documented",
            Level.NOTE,
            Basis.OBSERVED,
            "The platform may add fields at any time. They are kept and shown.",
            "The vendor documents the field.",
            "Check that programs which read these messages ignore unknown fields.",
        ),
        Definition(
            1902,
            "Messages lack documented fields",
            Level.NOTE,
            Basis.OBSERVED,
            "Every field may be missing. A program that expects it fails, or ignores the message.",
            "The missing field has no value in these messages.",
            "Check that programs which read these messages do without the field.",
        ),
        Definition(
            1903,
            "Fields have another type than documented",
            Level.WARNING,
            Basis.OBSERVED,
            "Programs that read the field by its documented type fail or change its value.",
            "The vendor has changed the contract.",
            "Look at a message as JSON, and check the programs which read it.",
        ),
        Definition(
            1904,
            "Something else than messages arrives",
            Level.WARNING,
            Basis.OBSERVED,
            "What arrived has no field of a message: another service posts to this URL, or a"
            " program on the way changes the content.",
            "These were tests by hand.",
            "Look at what arrived, and find its sender.",
        ),
        Definition(
            1905,
            "Messages arrive damaged",
            Level.WARNING,
            Basis.OBSERVED,
            "Messages were recovered from bodies that were cut or broken; others of the same body"
            " may be missing.",
            "The bodies were whole, and the program misread them.",
            "Look at the deliveries and their bytes, and for a program on the way that cuts them.",
        ),
    ),
)
