"""The platform once more, from its contract: for the sandbox, the demo and the tests.

Shares no code with `ibconsole.api` or `ibconsole.model`: two readings of one contract check
each other. It forwards to loopback only, unless told otherwise.
"""

from ibconsole.simulator.faults import FAULTS
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.simulator.simulator import Simulator

__all__ = [
    "FAULTS",
    "RunningSimulator",
    "Simulator",
    "SimulatorSettings",
    "simulate",
]
