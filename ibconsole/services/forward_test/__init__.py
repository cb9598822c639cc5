"""Tests of forward URLs: remarks on the spelling, the ladder, single requests and verdicts."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.forward_test.causes import remedy_for, state_of
    from ibconsole.services.forward_test.forward_test import (
        BadTest,
        ForwardTester,
        Replay,
        delivery_of,
        proxy_of,
        require_sendable,
    )
    from ibconsole.services.forward_test.homoglyphs import find_lookalikes
    from ibconsole.services.forward_test.ladder import LadderClimber
    from ibconsole.services.forward_test.payloads import (
        DESCRIPTIONS,
        SAMPLE,
        PayloadVariant,
        envelope_of,
        payload_of,
    )
    from ibconsole.services.forward_test.records import (
        ForwardTest,
        by_rule,
        from_record,
        log_entry,
        masked_url,
        to_record,
        total_seconds,
    )
    from ibconsole.services.forward_test.result_report import (
        ReportFormat,
        describe_ladder,
        describe_test,
        ladder_object,
        report,
        save_report,
        to_object,
    )
    from ibconsole.services.forward_test.rungs import (
        AddressProbe,
        Cause,
        HostNames,
        Ladder,
        OnRung,
        Rung,
        RungKind,
        RungState,
        SentTest,
        TlsProbe,
    )
    from ibconsole.services.forward_test.senders import (
        CURL,
        OURS,
        PLATFORM,
        TIMEOUT,
        BodyFraming,
        Comparison,
        LadderPlan,
        RequestForm,
        Sender,
    )
    from ibconsole.services.forward_test.url_check import url_remarks
    from ibconsole.services.forward_test.url_remark import (
        HOST_FAULTS,
        UrlContext,
        UrlFault,
        UrlRemark,
        cut_url,
        shown_url,
    )
    from ibconsole.services.forward_test.verdict import Delivered
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "causes": "remedy_for state_of",
            "forward_test": "BadTest ForwardTester Replay delivery_of proxy_of require_sendable",
            "homoglyphs": "find_lookalikes",
            "ladder": "LadderClimber",
            "payloads": "DESCRIPTIONS SAMPLE PayloadVariant envelope_of payload_of",
            "records": (
                "ForwardTest by_rule from_record log_entry masked_url to_record total_seconds"
            ),
            "result_report": (
                "ReportFormat describe_ladder describe_test ladder_object report save_report "
                "to_object"
            ),
            "rungs": (
                "AddressProbe Cause HostNames Ladder OnRung Rung RungKind RungState SentTest "
                "TlsProbe"
            ),
            "senders": (
                "CURL OURS PLATFORM TIMEOUT BodyFraming Comparison LadderPlan RequestForm Sender"
            ),
            "url_check": "url_remarks",
            "url_remark": "HOST_FAULTS UrlContext UrlFault UrlRemark cut_url shown_url",
            "verdict": "Delivered",
        },
    )

__all__ = [
    "CURL",
    "DESCRIPTIONS",
    "HOST_FAULTS",
    "OURS",
    "PLATFORM",
    "SAMPLE",
    "TIMEOUT",
    "AddressProbe",
    "BadTest",
    "BodyFraming",
    "Cause",
    "Comparison",
    "Delivered",
    "ForwardTest",
    "ForwardTester",
    "HostNames",
    "Ladder",
    "LadderClimber",
    "LadderPlan",
    "OnRung",
    "PayloadVariant",
    "Replay",
    "ReportFormat",
    "RequestForm",
    "Rung",
    "RungKind",
    "RungState",
    "Sender",
    "SentTest",
    "TlsProbe",
    "UrlContext",
    "UrlFault",
    "UrlRemark",
    "by_rule",
    "cut_url",
    "delivery_of",
    "describe_ladder",
    "describe_test",
    "envelope_of",
    "find_lookalikes",
    "from_record",
    "ladder_object",
    "log_entry",
    "masked_url",
    "payload_of",
    "proxy_of",
    "remedy_for",
    "report",
    "require_sendable",
    "save_report",
    "shown_url",
    "state_of",
    "to_object",
    "to_record",
    "total_seconds",
    "url_remarks",
]
