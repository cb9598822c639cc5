"""An executor for name look-ups that never delays the end of the program.

A look-up at an unreachable name server takes half a minute and cannot be cancelled. asyncio
joins the threads of its default executor when a loop closes, so an error that is known after
seconds would be shown after half a minute.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class ResolverThreads(ThreadPoolExecutor):
    """An executor with a daemon thread for each submitted call.

    A subclass of ThreadPoolExecutor because `loop.set_default_executor` accepts nothing else;
    the threads of the base class are never started. Only for work that can be abandoned
    without harm when the program ends.
    """

    def __init__(self) -> None:
        super().__init__(max_workers=1)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Start the call at once in a new thread."""
        future: Future[T] = Future()
        thread = threading.Thread(
            target=_run, args=(future, lambda: fn(*args, **kwargs)), name="lookup", daemon=True
        )
        thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 the base class's signature
        """Return without waiting for calls that are still running."""
        super().shutdown(wait=False, cancel_futures=cancel_futures)


def _run(future: "Future[Any]", call: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 an executor hands every exception to the future
        future.set_exception(error)
    else:
        future.set_result(result)
