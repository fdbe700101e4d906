"""Progress of a study on stderr: what is running, how far it is, how long is left."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.live import Live

from nextflop.cli.output import progress

if TYPE_CHECKING:
    from nextflop.lab.perform import Progress
    from nextflop.lab.trial import Trial

PLAIN_EVERY = 20.0  # seconds between two lines where stderr is no terminal


class Watch:
    """Takes the study's reports and shows them; `say` marks a new stage."""

    def __init__(self, show: "Live | None") -> None:
        self.show = show
        self.stage = "Starting"
        self.planned: Mapping[str, Trial] = {}
        self.share: dict[str, float] = {}
        self.words: dict[str, str] = {}
        self.workers = 1
        self.began = self.printed = time.monotonic()
        self.before = 0.0

    def say(self, stage: str) -> None:
        """Names what is being done now."""
        self.stage = stage
        self._refresh(at_once=True)

    def plan(self, trials: "Sequence[Trial]", done: "Sequence[str]", workers: int) -> None:
        """Tells what will run and what is there already."""
        self.planned = {trial.id: trial for trial in trials}
        self.share = dict.fromkeys(done, 1.0)
        self.workers, self.began = workers, time.monotonic()
        self.before = self._done()

    def __call__(self, progress: "Progress") -> None:
        """Takes one report."""
        self.share[progress.id] = progress.share
        self.words[progress.id] = progress.words
        self._refresh(at_once=False)

    def line(self) -> str:
        """The state in one line."""
        if not self.planned:
            return f"{self.stage} …"
        total = sum(trial.seconds for trial in self.planned.values())
        running = [
            f"{self.planned[id].name} ({self.words.get(id, '')})" for id, share in self.share.items() if 0 < share < 1
        ]
        return (
            f"{self._done() / total:4.0%}  {_clock(self._left(total))} left  {self.stage}: {'; '.join(running) or '…'}"
        )

    def _done(self) -> float:
        return sum(self.planned[id].seconds * share for id, share in self.share.items() if id in self.planned)

    def _left(self, total: float) -> float:
        """Planned seconds to go, corrected by the pace so far once there is one to speak of."""
        went, elapsed = self._done() - self.before, time.monotonic() - self.began
        pace = elapsed * self.workers / went if elapsed > 15 and went > 0.03 * total else 1.0
        return pace * (total - self._done()) / self.workers

    def _refresh(self, at_once: bool) -> None:
        if self.show is not None:
            self.show.update(self.line())
        elif at_once or time.monotonic() - self.printed > PLAIN_EVERY:
            self.printed = time.monotonic()
            print(self.line(), file=sys.stderr, flush=True)


@contextmanager
def watching(folder: Path) -> Iterator[Watch]:
    """Shows a study's progress while the block runs, and says how to go on if it is interrupted."""
    console = progress()
    try:
        if console.is_terminal:
            with Live(console=console, transient=True, refresh_per_second=4) as live:
                yield Watch(live)
        else:
            yield Watch(None)
    except KeyboardInterrupt:
        console.print(f"Stopped. Go on with {folder} by the same command and --resume.", markup=False)
        raise


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
