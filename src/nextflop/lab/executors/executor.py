"""What an executor promises, and the threads that every one of them waits with."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from nextflop.errors import NextflopError

GRACE = 20.0  # seconds that what is under way has, once its study is broken off, to finish its stride and save


class WorkerDied(NextflopError):
    """The process in which a call ran has ended without a result; the call may be submitted again."""


@runtime_checkable
class Executor(Protocol):
    """Has functions called in other processes, as many at once as it has workers.

    It is opened by a `with` block. At the end of the block all is done and its processes are gone; a block that is left
    by an exception waits `GRACE` seconds for what is under way, starts nothing more, and ends the rest by force.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Has a function called once.

        Args:
            fn: a function of a module that the workers can import.
            args: what can be pickled.

        Returns:
            The result to come. What the function raises is raised by it as it was; `WorkerDied` if the process ended,
            which leaves every other call alone.
        """
        ...


class Threads:
    """An executor out of a function that blocks: a thread waits for each worker."""

    def __init__(self, workers: int, call: Callable[..., Any]) -> None:
        self.call = call
        self.threads = ThreadPoolExecutor(workers)
        self.futures: list[Future[Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """See `Executor`."""
        future = self.threads.submit(self.call, fn, *args)
        self.futures = [*(other for other in self.futures if not other.done()), future]
        return future


@contextmanager
def waiting(workers: int, call: Callable[..., Any], end: Callable[[], None]) -> Iterator[Executor]:
    """Opens an executor.

    Args:
        workers: how many calls are under way at once.
        call: has a function called elsewhere, and waits for what it returns or raises.
        end: ends by force whatever is under way, which makes every `call` return.
    """
    executor = Threads(workers, call)
    try:
        yield executor
    except BaseException:
        executor.threads.shutdown(wait=False, cancel_futures=True)
        try:
            wait([future for future in executor.futures if not future.cancelled()], GRACE)
        finally:  # a second Ctrl-C ends the wait; what is on disk is whole at any moment
            end()
        raise
    finally:
        executor.threads.shutdown(wait=True)
