"""The vocabulary: frozen values as on the wire, and how to read them leniently."""

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
from ibconsole.model.json_spans import Place
from ibconsole.model.message import (
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
    "Configuration",
    "Envelope",
    "Message",
    "Place",
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
