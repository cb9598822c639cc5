"""The demo and its sandbox. The only room of `services` that loads the simulator."""

from ibconsole.services.demo.demo import demo
from ibconsole.services.demo.sandbox import Sandbox

__all__ = [
    "Sandbox",
    "demo",
]
