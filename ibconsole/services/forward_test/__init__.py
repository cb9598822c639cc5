"""Tests of forward URLs: remarks on the spelling, one exact request, the verdict on its answer."""

from ibconsole.services.forward_test.forward_test import (
    SAMPLE,
    ForwardTest,
    ForwardTester,
    envelope_of,
    from_record,
)
from ibconsole.services.forward_test.report import (
    ReportFormat,
    describe_test,
    report,
    save_report,
    to_object,
)
from ibconsole.services.forward_test.rungs import (
    AddressKind,
    AddressProbe,
    Cause,
    HostNames,
    Ladder,
    Rung,
    RungKind,
    RungState,
    SentTest,
    TlsProbe,
)
from ibconsole.services.forward_test.url_check import url_remarks
from ibconsole.services.forward_test.url_remark import UrlContext, UrlFault, UrlRemark
from ibconsole.services.forward_test.verdict import Delivered

__all__ = [
    "SAMPLE",
    "AddressKind",
    "AddressProbe",
    "Cause",
    "Delivered",
    "ForwardTest",
    "ForwardTester",
    "HostNames",
    "Ladder",
    "ReportFormat",
    "Rung",
    "RungKind",
    "RungState",
    "SentTest",
    "TlsProbe",
    "UrlContext",
    "UrlFault",
    "UrlRemark",
    "describe_test",
    "envelope_of",
    "from_record",
    "report",
    "save_report",
    "to_object",
    "url_remarks",
]
