"""A program in a process of its own, which is told lines and answers in lines."""

import os
import shlex
import signal
import subprocess
import tempfile
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import NamedTuple

from nextflop.errors import ProgramError

_SHOWN = 300  # characters of what a program said last


class _Running(NamedTuple):
    process: subprocess.Popen[str]
    heard: "SimpleQueue[str | None]"  # None after its last line
    errors: TextIOWrapper
    end: weakref.finalize


class Program:
    """Starts with the first question, and once more with the first after a failure.

    It is ended by `close`, by leaving a `with`, and at the latest when this object or the interpreter goes.

    Args:
        command: the program and its arguments.
        patience: seconds that an answer may take.
    """

    def __init__(self, command: Sequence[str], patience: float = 60.0) -> None:
        self.command, self.patience = tuple(command), patience
        self._running: _Running | None = None
        self._asked = ""

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the program, with what it has started, if it runs."""
        if self._running is not None:
            self._running.end()
            self._running = None

    def ask(self, lines: Sequence[str], whole: Callable[[Sequence[str]], bool]) -> list[str]:
        """What it answers.

        Args:
            lines: to tell it, the question last.
            whole: whether the lines heard since are its answer to the end.

        Raises:
            ProgramError: if it cannot be started, ends, or does not answer in time. It is then ended.
        """
        running, said = self._running or self._start(), list[str]()
        self._asked = lines[-1]
        try:
            with suppress(BrokenPipeError):  # it has ended, and so have its lines
                _tell(running.process, lines)
            until = monotonic() + self.patience
            while not whole(said):
                line = running.heard.get(timeout=max(0.0, until - monotonic()))
                if line is None:
                    raise self.failure(f"ended (status {running.process.wait()})", said)
                said.append(line)
        except Empty:
            slow = f"gave no whole answer within {self.patience:g} s (its patience, which can be raised)"
            raise self.failure(slow, said) from None
        except BaseException:  # an interrupt among them: what it answers now is no answer to the next question
            self.close()
            raise
        return said

    def failure(self, what: str, said: Sequence[str]) -> ProgramError:
        """Ends the program; the error that says why.

        Args:
            what: it did at its last question, the verb first.
            said: lines that it answered.
        """
        heard = "\n".join(said).strip()
        if self._running is not None:
            self._running.errors.seek(0)
            heard = "\n".join([heard, self._running.errors.read()]).strip()
        self.close()
        return ProgramError(
            f"{self.command[0]} {what}, asked {self._asked!r}. Heard from it: {heard[-_SHOWN:]!r}. Try by hand what it "
            f"says to `{shlex.join(self.command)}`; the next question starts it anew."
        )

    def _start(self) -> _Running:
        errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        try:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as reason:
            errors.close()
            raise ProgramError(
                f"{self.command[0]} does not start ({reason.strerror}): give the path of a program that runs here."
            ) from reason
        heard: SimpleQueue[str | None] = SimpleQueue()
        listener = Thread(target=_listen, args=(process.stdout, heard), daemon=True)
        listener.start()
        end = weakref.finalize(self, _end, process, listener, errors)
        self._running = _Running(process, heard, errors, end)
        return self._running


def _tell(process: subprocess.Popen[str], lines: Sequence[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("".join(f"{line}\n" for line in lines))
    process.stdin.flush()


def _listen(stdout: TextIOWrapper, heard: "SimpleQueue[str | None]") -> None:
    for line in stdout:
        heard.put(line.rstrip("\r\n"))
    heard.put(None)


def _end(process: subprocess.Popen[str], listener: Thread, errors: TextIOWrapper) -> None:
    # Whatever the program started is in its group, and would keep the pipe open.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(OSError):  # what it did not read
        process.stdin.close()
    errors.close()
    listener.join(1.0)
    if not listener.is_alive():  # else someone has left the group and kept the pipe, and to close it would be to wait
        process.stdout.close()
