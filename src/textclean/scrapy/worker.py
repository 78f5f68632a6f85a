"""The thread in which an item pipeline does what takes time, so that the event loop does not wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

_T = TypeVar("_T")


class Worker:
    """One thread of its own. One: items are decided on in the order in which they come, and nothing needs a lock."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="textclean")

    async def run(self, call: Callable[..., _T], *args: Any) -> _T:
        """Runs a function in the thread, after all that came before; returns what it returns and raises what it raises.

        With an asyncio loop (Scrapy's default, with or without a reactor) it is awaited as a future; with another reactor as a Deferred.
        """
        future = self._executor.submit(call, *args)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return await _deferred(future)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Waits for what is still to be done, and ends the thread."""
        self._executor.shutdown()


def _deferred(future: Future[_T]) -> Deferred[_T]:
    """Returns a Deferred that fires, in the reactor's thread, when a future is done."""
    # Importing it installs one, so not before somebody has chosen.
    from twisted.internet import reactor

    waiting: Deferred[_T] = Deferred()

    def fire(done: Future[_T]) -> None:
        if (error := done.exception()) is not None:
            waiting.errback(error)
        else:
            waiting.callback(done.result())

    future.add_done_callback(lambda done: reactor.callFromThread(fire, done))
    return waiting
