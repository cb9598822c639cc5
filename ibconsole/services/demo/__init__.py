"""The demo and its sandbox, which load the simulator, as only real runs of retries do, too."""

from ibconsole.services.demo.demo import Demo, open_demo

__all__ = [
    "Demo",
    "open_demo",
]
