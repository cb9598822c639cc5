"""The demo and its sandbox, which load the simulator, as only real runs of retries do, too."""

from ibconsole.services.demo.demo import open_demo

__all__ = [
    "open_demo",
]
