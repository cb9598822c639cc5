"""Retry simulation: what becomes of messages while an endpoint fails, predicted and run for real.

The prediction is pure. Only a real run loads the simulator.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.retry_simulation.agreement import (
        Agreement,
        MessageAgreement,
        RunVerdict,
    )
    from ibconsole.services.retry_simulation.behaviour import (
        BehaviourPhase,
        EndpointState,
        InvalidBehaviour,
        Segment,
        paint_segment,
        phases_of,
        read_segments,
        scenario_of,
        segments_of,
        write_segments,
    )
    from ibconsole.services.retry_simulation.prediction import (
        MOST_MESSAGES,
        MessageFate,
        Prediction,
        RetryAttempt,
        RetryQuestion,
        SenderTraits,
        TooMuchToSimulate,
        predict,
        show_seconds,
        spread_arrivals,
    )
    from ibconsole.services.retry_simulation.real_run import (
        SPEED,
        NotRunnable,
        RealRun,
        RemoteRun,
        RunProgress,
        prepare_run,
        run_for_real,
    )
    from ibconsole.services.retry_simulation.tables import (
        HEADERS,
        answers_of,
        csv_lines,
        fate_row,
        outcome_of,
        prediction_json,
        run_rows,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "agreement": "Agreement MessageAgreement RunVerdict",
            "behaviour": (
                "EndpointState InvalidBehaviour BehaviourPhase Segment paint_segment phases_of "
                "read_segments scenario_of segments_of write_segments"
            ),
            "prediction": (
                "MOST_MESSAGES MessageFate Prediction RetryAttempt RetryQuestion SenderTraits "
                "TooMuchToSimulate predict show_seconds spread_arrivals"
            ),
            "real_run": (
                "SPEED NotRunnable RealRun RemoteRun RunProgress prepare_run run_for_real"
            ),
            "tables": ("HEADERS answers_of csv_lines fate_row outcome_of prediction_json run_rows"),
        },
    )

__all__ = [
    "HEADERS",
    "MOST_MESSAGES",
    "SPEED",
    "Agreement",
    "BehaviourPhase",
    "EndpointState",
    "InvalidBehaviour",
    "MessageAgreement",
    "MessageFate",
    "NotRunnable",
    "Prediction",
    "RealRun",
    "RemoteRun",
    "RetryAttempt",
    "RetryQuestion",
    "RunProgress",
    "RunVerdict",
    "Segment",
    "SenderTraits",
    "TooMuchToSimulate",
    "answers_of",
    "csv_lines",
    "fate_row",
    "outcome_of",
    "paint_segment",
    "phases_of",
    "predict",
    "prediction_json",
    "prepare_run",
    "read_segments",
    "run_for_real",
    "run_rows",
    "scenario_of",
    "segments_of",
    "show_seconds",
    "spread_arrivals",
    "write_segments",
]
