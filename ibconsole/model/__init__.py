"""The platform's vocabulary: frozen values as on the wire, and their lenient readers."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.model.answers import (
        AnswerEnd,
        AnswerOutcome,
        GivenAnswer,
        PlannedAnswer,
        SentAnswer,
    )
    from ibconsole.model.application import (
        Action,
        ActionDraft,
        ActionType,
        Application,
        Configuration,
        read_action,
        read_actions,
        read_application,
        read_applications,
        read_configuration,
        read_configurations,
    )
    from ibconsole.model.batch import (
        Batch,
        MessageFields,
        fields_of,
        read_batch,
        read_documented,
        salvage_batch,
    )
    from ibconsole.model.charsets import content_type_of, to_utf8
    from ibconsole.model.json_spans import Span
    from ibconsole.model.message import (
        Arrival,
        Message,
        read_message,
    )
    from ibconsole.model.reading import Undecodable, encode, encode_as_read, encode_sorted, parse
    from ibconsole.model.wrapping import Unwrapped, unwrap, unwrap_cut
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "answers": "AnswerEnd AnswerOutcome GivenAnswer PlannedAnswer SentAnswer",
            "application": (
                "Action ActionDraft ActionType Application Configuration read_action "
                "read_actions read_application read_applications read_configuration "
                "read_configurations"
            ),
            "batch": "Batch MessageFields fields_of read_batch read_documented salvage_batch",
            "charsets": "content_type_of to_utf8",
            "json_spans": "Span",
            "message": "Arrival Message read_message",
            "reading": "Undecodable encode encode_as_read encode_sorted parse",
            "wrapping": "Unwrapped unwrap unwrap_cut",
        },
    )

__all__ = [
    "Action",
    "ActionDraft",
    "ActionType",
    "AnswerEnd",
    "AnswerOutcome",
    "Application",
    "Arrival",
    "Batch",
    "Configuration",
    "GivenAnswer",
    "Message",
    "MessageFields",
    "PlannedAnswer",
    "SentAnswer",
    "Span",
    "Undecodable",
    "Unwrapped",
    "content_type_of",
    "encode",
    "encode_as_read",
    "encode_sorted",
    "fields_of",
    "parse",
    "read_action",
    "read_actions",
    "read_application",
    "read_applications",
    "read_batch",
    "read_configuration",
    "read_configurations",
    "read_documented",
    "read_message",
    "salvage_batch",
    "to_utf8",
    "unwrap",
    "unwrap_cut",
]
