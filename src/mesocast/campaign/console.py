"""What a person sees of a campaign on this machine: a screenful that moves, instead of a log.

On a terminal, Snakemake's own words go to a file, and a bar per stage tells how far the campaign
is. Where there is no terminal, or the person asks Snakemake for more words, its words come as they
are.
"""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING, Self

from mesocast.campaign.status import failed_jobs
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import IO

    from rich.console import Console as RichConsole
    from rich.console import RenderableType

    from mesocast.campaign.status import Status

# Options that ask for Snakemake's own words.
_WORDY = frozenset(
    {"--verbose", "--printshellcmds", "-p", "--debug", "--debug-dag", "--show-failed-logs"}
)
_TAIL_LINES = 12
_POLL_S = 2.0
# A look at a large campaign takes long itself; it may take this share of one core.
_SHARE_OF_LOOKS = 0.05


def is_wanted(options: Sequence[str]) -> bool:
    """Whether a screen is to be shown in place of Snakemake's words."""
    return sys.stdout.isatty() and _WORDY.isdisjoint(options)


class Console:
    """The screen, and the file that takes Snakemake's words.

    Parameters
    ----------
    results
        The campaign's folder.
    look
        Gives where the campaign stands; None when that cannot be told just now.
    console
        Where to draw; this process's terminal if None.
    """

    def __init__(
        self, results: Path, look: Callable[[], Status | None], console: RichConsole | None = None
    ) -> None:
        from rich.live import Live

        self.log = Layout(results).controller_log
        self._look = look
        self._live = Live(console=console, transient=False, auto_refresh=False)
        self._status: Status | None = None
        self._next = 0.0
        self._from = 0

    def __enter__(self) -> Self:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.words: IO[bytes] = self.log.open("ab")
        self._from = self.words.tell()
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.update(at_once=True)
        self._live.stop()
        self.words.close()

    @property
    def poll_s(self) -> float:
        """Time to the next look."""
        return max(self._next - time.monotonic(), 0.1)

    def update(self, *, at_once: bool = False) -> None:
        """Look and draw, if it is time."""
        started = time.monotonic()
        if started < self._next and not at_once:
            return
        if (status := self._look()) is not None:
            self._status = status
            self._live.update(screen(status, str(self.log)), refresh=True)
        took_s = time.monotonic() - started
        self._next = time.monotonic() + max(_POLL_S, took_s / _SHARE_OF_LOOKS)

    def last_words(self) -> str:
        """Say why Snakemake gave up: the jobs that failed, else its own last words."""
        if self._status is not None and (lines := failed_jobs(self._status)):
            return "\n".join(lines)
        with contextlib.suppress(OSError), self.log.open("rb") as words:
            words.seek(self._from)
            lines = words.read().decode(errors="replace").splitlines()
            return "\n".join(lines[-_TAIL_LINES:])
        return ""


def screen(status: Status, log: str) -> RenderableType:
    """Draw a status: a bar per stage, the steps after them, what failed, and where details are."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for stage, s in status.stages.items():
        if not s.planned:
            continue
        remarks = [f"{s.running} running"] if s.running else []
        remarks += [f"{s.failed.total()} failed"] if s.failed.total() else []
        table.add_row(
            stage,
            ProgressBar(total=s.planned, completed=s.done, width=30),
            Text(f"{s.done}/{s.planned}", justify="right"),
            ", ".join(remarks),
        )
    files = sum(len(step.files) for step in status.steps)
    table.add_row(
        "equations to report",
        ProgressBar(total=max(files, 1), completed=sum(s.done for s in status.steps), width=30),
        Text(f"{sum(s.done for s in status.steps)}/{files}", justify="right"),
        _next_step(status),
    )
    lines = []
    if status.running and status.left_h > 0:
        minutes = 60 * status.left_h / status.running
        lines.append(f"about {max(round(minutes), 1)} min of simulation left")
    lines += failed_jobs(status)
    lines.append(f"details: {log}")
    return Group(table, Text("\n".join(lines), overflow="fold"))


def _next_step(status: Status) -> str:
    """Name the step that is worked on, once all electrodes are measured."""
    waits = any(s.done < s.planned for name, s in status.stages.items() if name != "slurry")
    following = next((step.name for step in status.steps if not step.is_done), "")
    return following if following and not waits else ""
