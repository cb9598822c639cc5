"""Tests of forward URLs: checks of the spelling, one exact request, the verdict on its answer."""

from ibconsole.services.forward_test.forward_test import (
    SAMPLE,
    ForwardTest,
    ForwardTester,
    envelope_of,
    from_record,
)
from ibconsole.services.forward_test.url_check import Finding, Surroundings, findings

__all__ = [
    "SAMPLE",
    "Finding",
    "ForwardTest",
    "ForwardTester",
    "Surroundings",
    "envelope_of",
    "findings",
    "from_record",
]
