"""A simulator of the platform, written from its contract: for the sandbox, the demo and the tests.

Shares no code with `ibconsole.api` or `ibconsole.model`: two readings of one contract check
each other. By default it forwards to loopback only.
"""

from ibconsole.simulator.account import GivenApplication, GivenConfiguration, Population
from ibconsole.simulator.forwarding import ForwardAttempt
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings

__all__ = [
    "ForwardAttempt",
    "GivenApplication",
    "GivenConfiguration",
    "Population",
    "RunningSimulator",
    "SimulatorSettings",
    "simulate",
]
