"""The demo and its sandbox. The only package of `services` that loads the simulator."""

from ibconsole.services.demo.demo import open_demo

__all__ = [
    "open_demo",
]
