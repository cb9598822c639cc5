"""IBC-10xx: the setup of an application, as the platform lists it."""

from ibconsole.services.diagnosis.catalogue.definition import (
    Definition,
    FindingGroup,
    WindowCommand,
)
from ibconsole.services.diagnosis.catalogue.finding import Basis, Level

_SEVERAL = (
    "The platform does not document whether each of several actions gets every message, or one of"
    " them does."
)

SETUP = FindingGroup(
    "Setup",
    (
        Definition(
            1001,
            "The application has no configuration",
            Level.WARNING,
            Basis.DOCUMENTED,
            "Actions live in a configuration. Without one, inbound messages are neither forwarded"
            " nor kept for pulling.",
            "The application is not meant to get inbound messages, or a configuration was created"
            " after the setup was read.",
            "Create the configuration, and an action in it. If no inbound messages are expected,"
            " mute this finding.",
            WindowCommand.NEW_CONFIGURATION,
        ),
        Definition(
            1002,
            "The configuration has no action",
            Level.ERROR,
            Basis.DOCUMENTED,
            "A configuration alone does nothing: only its actions forward a message or keep it for"
            " pulling. What becomes of a message without an action is not documented.",
            "An action was created after the setup was read.",
            "Create an action that forwards, or one that keeps messages for pulling.",
            WindowCommand.NEW_ACTION,
        ),
        Definition(
            1003,
            "The type of an action is not known",
            Level.WARNING,
            Basis.DOCUMENTED,
            "HTTP_FORWARD and PULL are the documented types. What an action of another type does"
            " with a message is not known.",
            "The vendor documents this type.",
            "Ask Infobip's support what the type does, or replace the action by one of a"
            " documented type.",
            WindowCommand.REPLACE_ACTION,
        ),
        Definition(
            1004,
            "A forward and a pull share the messages",
            Level.WARNING,
            Basis.DOCUMENTED,
            f"{_SEVERAL} If one way takes a message away from the other, each of them looks"
            " incomplete; if both get all, every message counts twice.",
            "Both ways are meant, and messages were seen to arrive by both.",
            "Keep one action, or compare what arrives by each way.",
            WindowCommand.DELETE_ACTION,
        ),
        Definition(
            1005,
            "Two actions of a configuration forward to one URL",
            Level.WARNING,
            Basis.DOCUMENTED,
            f"{_SEVERAL} The same messages may be posted to the URL twice.",
            "Only one delivery of each message reaches the endpoint.",
            "Delete one of the two actions.",
            WindowCommand.DELETE_ACTION,
        ),
        Definition(
            1006,
            "Several applications forward to one URL",
            Level.NOTE,
            Basis.DOCUMENTED,
            "The endpoint has to tell the applications apart by the field applicationCode of each"
            " message. One that does not mixes them up.",
            "The endpoint reads applicationCode, or the applications are meant to be one.",
            "Check that the endpoint tells the applications apart, or give each its own URL.",
            WindowCommand.REPLACE_ACTION,
        ),
        Definition(
            1007,
            "Twins differ in their callback data",
            Level.WARNING,
            Basis.DOCUMENTED,
            "Callback data is echoed in each message, so an endpoint that compares it, such as with"
            " a shared secret, accepts the messages of one action and not those of the other.",
            "The endpoint tells these actions apart by their callback data on purpose.",
            "Compare the callback data of the actions that forward to this URL, and replace the"
            " wrong one.",
            WindowCommand.REPLACE_ACTION,
        ),
        Definition(
            1008,
            "The application has several configurations",
            Level.WARNING,
            Basis.DOCUMENTED,
            "At most one configuration is documented. Which of several is used is not known.",
            "The platform answers a request for a second configuration with 409.",
            "Compare their actions, and delete the configuration that is not used.",
        ),
        Definition(
            1009,
            "A forward has no URL",
            Level.ERROR,
            Basis.DOCUMENTED,
            "The platform posts messages to the forward URL of the action. What it does with"
            " messages for an action without one is not documented.",
            "The platform shows the URL in another field: look at the action as JSON.",
            "Replace the action by one with a URL.",
            WindowCommand.REPLACE_ACTION,
        ),
        Definition(
            1010,
            "A configuration has several pull actions",
            Level.NOTE,
            Basis.DOCUMENTED,
            f"{_SEVERAL} A message may wait twice.",
            "Pulled messages have no duplicates.",
            "Delete all but one.",
            WindowCommand.DELETE_ACTION,
        ),
        Definition(
            1011,
            "A configuration has several forwards",
            Level.NOTE,
            Basis.DOCUMENTED,
            f"{_SEVERAL} Each endpoint may get a part of the messages only.",
            "Each endpoint gets every message.",
            "Compare what arrives at each endpoint, or keep one forward and pass messages on from"
            " there.",
        ),
        Definition(
            1012,
            "A pull action has a forward URL",
            Level.NOTE,
            Basis.INFERRED,
            "A pull action forwards nothing. The URL was probably meant for an action of the type"
            " HTTP_FORWARD.",
            "Messages arrive at the URL.",
            "Replace the action by one that forwards, if that was meant.",
            WindowCommand.REPLACE_ACTION,
        ),
        Definition(
            1013,
            "The platform lists an unusual object",
            Level.NOTE,
            Basis.OBSERVED,
            "A field is missing or has another type than the published contract says. The program"
            " reads what it can; other programs may fail.",
            "The contract was changed.",
            "Look at the object as JSON. If a program of yours reads it, check that it takes this.",
        ),
        Definition(
            1014,
            "A part of the setup could not be read",
            Level.WARNING,
            Basis.OBSERVED,
            "What was not read cannot be diagnosed: this application may have faults that are not"
            " listed here.",
            "Reading it again succeeds.",
            "Try again. If it fails again, look at the request in the list of activities.",
        ),
        Definition(
            1015,
            "Two applications have the same code",
            Level.WARNING,
            Basis.OBSERVED,
            "Requests name an application by its code, so only one of the two can be examined and"
            " changed. Nor can their messages be distinguished.",
            "Both rows are one application that the platform lists twice.",
            "Compare both as JSON, and ask Infobip's support.",
        ),
        Definition(
            1016,
            "The application has no registrations",
            Level.NOTE,
            Basis.DOCUMENTED,
            "Inbound messages come from installations of the app. The platform counts none, so"
            " there is no sender.",
            "The count is not 0 when the list of applications is read again.",
            "Check that the app is released with the mobile SDK and this application code.",
        ),
        Definition(
            1017,
            "Push is switched off for both systems",
            Level.NOTE,
            Basis.DOCUMENTED,
            "Neither APNs nor FCM is enabled, so the application cannot reach its installations,"
            " and hardly anything will be answered.",
            "The application only receives messages that users begin.",
            "Upload the credentials of APNs or FCM in Infobip's portal.",
        ),
        Definition(
            1018,
            "An application has no code",
            Level.WARNING,
            Basis.OBSERVED,
            "The code is part of every request, so the configuration of this application can be"
            " neither read nor changed.",
            "The platform lists the code after a second reading.",
            "Look at the application as JSON, and ask Infobip's support.",
        ),
    ),
)
