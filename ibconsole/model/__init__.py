"""The platform's vocabulary: frozen values as on the wire, and their lenient readers."""

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
from ibconsole.model.json_spans import Span
from ibconsole.model.message import (
    Arrival,
    Envelope,
    Message,
    read_envelope,
    read_message,
    salvage_envelope,
)
from ibconsole.model.reading import Undecodable, encode, parse

__all__ = [
    "Action",
    "ActionDraft",
    "ActionType",
    "Application",
    "Arrival",
    "Configuration",
    "Envelope",
    "Message",
    "Span",
    "Undecodable",
    "encode",
    "parse",
    "read_action",
    "read_actions",
    "read_application",
    "read_applications",
    "read_configuration",
    "read_configurations",
    "read_envelope",
    "read_message",
    "salvage_envelope",
]
