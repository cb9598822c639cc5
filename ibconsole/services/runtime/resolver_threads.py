"""Threads for looking up names, which nobody waits for at the end.

A name server that is not there keeps a look-up busy for half a minute, and it cannot be
cancelled. asyncio joins the threads of its usual executor when a loop closes: an error
that the user could have read after seconds would be told after half a minute.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class ResolverThreads(ThreadPoolExecutor):
    """A daemon thread for each piece of work, for `loop.set_default_executor`.

    Only for what does no harm when the program ends in the middle of it.
    """

    def __init__(self) -> None:
        super().__init__(max_workers=1)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin the work at once."""
        future: Future[T] = Future()
        work = threading.Thread(
            target=_work, args=(future, lambda: fn(*args, **kwargs)), name="lookup", daemon=True
        )
        work.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 the base class's
        """Wait for nobody."""
        super().shutdown(wait=False, cancel_futures=cancel_futures)


def _work(future: "Future[Any]", work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 whoever waits for the future raises it
        future.set_exception(error)
    else:
        future.set_result(result)
