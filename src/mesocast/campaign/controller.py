"""Run a campaign: one controller at a time, safe to start again after any end.

The controller holds a lease in the results folder for as long as it lives. On a cluster its jobs
outlive it: the next controller cancels those that did not start and waits for the others, whose
results it then finds.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.campaign import console, site_queue
from mesocast.campaign.adoption import adopt, cancel_left
from mesocast.campaign.calibration_costs import describe_calibration
from mesocast.campaign.calibration_status import (
    calibration_progress,
    collect_calibration,
    write_plan,
)
from mesocast.campaign.checks import load
from mesocast.campaign.costs import describe
from mesocast.campaign.feasible import check_electrodes, needs_surrogates
from mesocast.campaign.options import asks_only, check
from mesocast.campaign.profiles import executor_of, with_own_settings, with_profile
from mesocast.campaign.status import collect, progress
from mesocast.design.plan import kept_plan
from mesocast.errors import InputError, is_fault_of_the_machine
from mesocast.storage import submission
from mesocast.storage.layout import Layout
from mesocast.storage.lease import Lease
from mesocast.storage.slurm import controller_name, is_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mesocast.campaign.status import Status
    from mesocast.config.campaign import Campaign
    from mesocast.storage.queue import Commands

REFUSED = 1
# Links to the repository's own; a wheel holds copies.
SNAKEFILE = (Path(__file__).parent / "snakemake" / "Snakefile").resolve()
_PROGRESS_S = 60.0
_STOPPING_S = 20.0
_PR_SET_PDEATHSIG = 1


def run(config: Path, options: Sequence[str] = (), *, measured: Path | None = None) -> int:
    """Check a config, take the campaign's lease, and let Snakemake work.

    Results go to ``results/<campaign>/`` of the current folder.

    Parameters
    ----------
    config
        The campaign's YAML.
    options
        Options and targets of Snakemake.
    measured
        Table of measured electrodes: then the campaign's coefficients are calibrated on it, and
        nothing else is done.

    Returns
    -------
    int
        Exit status: 0 done, 1 another controller runs this campaign, else that of Snakemake.

    Raises
    ------
    InputError
        The config, the table or an option is wrong, or the results folder cannot be written.
    """
    check(options)
    home = SNAKEFILE.parent
    chosen = with_own_settings(with_profile(options, home), home)
    campaign = load(config)
    if measured is None and needs_surrogates(options):
        try:
            check_electrodes(campaign)
        except InputError as error:
            raise InputError(f"{config}: {error}") from error
    results = Path("results") / campaign.campaign
    layout = Layout(results)
    course = _course(campaign, results, measured)
    _say(course.description)
    # Snakemake runs as many jobs as there are cores, so a job has one thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # --nolock last: `--config` would take a target that follows it for an entry.
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(SNAKEFILE)]
    command += ["--config", f"campaign={config}", *course.config, "--nolock", *course.targets]
    executor = executor_of(chosen)
    if asks_only(chosen):
        if executor == site_queue.EXECUTOR:
            chosen += site_queue.to_ask_only(chosen)
        return snakemake([*command, *chosen], results, local=True)
    local = executor not in ("slurm", site_queue.EXECUTOR)
    site = site_queue.commands_of(chosen) if executor == site_queue.EXECUTOR else None
    if executor == "slurm" and not is_here():
        raise InputError("squeue: not found; allowed: a machine with SLURM, or another profile")
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(Lease(layout.lease, wait=False))
        except BlockingIOError as holder:
            _say(
                f"{results}: another controller runs this campaign ({holder}); wait for it or "
                "stop it"
            )
            return REFUSED
        except OSError as error:
            if is_fault_of_the_machine(error):
                raise
            raise InputError(
                f"{results}: cannot be written ({error.strerror or error}); "
                "allowed: to start in a folder of your own"
            ) from error
        course.begin()
        if not local:
            held.callback(submission.remove, layout.submitting)
            chosen += _take_over(layout, campaign, site)
        _say(f"results: {results}/, at the end {course.page}")
        screen = local and measured is None and console.is_wanted(chosen)
        status = snakemake(
            [*command, *chosen],
            results,
            local=local,
            screen=screen,
            said_of=course.said_of,
            interrupted=lambda: None if local else _take_back(layout, campaign, site),
        )
        if status and not local and (told := submission.last_told(layout.submission)):
            _say(submission.in_words(told))
        if status == 0 and course.page.exists():
            _say(f"report: {course.page}")
        elif status and measured is None and (page := _page_so_far(campaign, results)):
            _say(f"report of what there is: {page}")
        return status


def _take_over(layout: Layout, campaign: Campaign, site: Commands | None) -> list[str]:
    """Wait for jobs of an earlier controller; give the options that new ones need.

    ``site`` are the commands of a queue other than SLURM's.
    """
    if site is not None:
        return site_queue.take_over(layout, site, _say)
    name = controller_name(layout.results, campaign.campaign)
    adopt(name, _say)
    submission.put_before(layout.submitting, layout.submission)
    return [f"--slurm-jobname-prefix={name}"]


def _take_back(layout: Layout, campaign: Campaign, site: Commands | None) -> None:
    """Cancel jobs that Snakemake left in the queue when it was interrupted.

    Its executors (interface 9.4) forget their jobs for as long as they ask the queue for them, so
    it cancels none if Ctrl-C comes in between.
    """
    if site is not None:
        site_queue.cancel_left(layout, site, _say)
    else:
        cancel_left(controller_name(layout.results, campaign.campaign), _say)


@dataclass(frozen=True)
class _Course:
    """What Snakemake is to do, and what a person is told of it."""

    description: str
    config: tuple[str, ...]
    targets: tuple[str, ...]
    page: Path
    said_of: Callable[[], str] | None
    begin: Callable[[], None] = lambda: None


def _course(campaign: Campaign, results: Path, measured: Path | None) -> _Course:
    layout = Layout(results)
    if measured is None:
        return _Course(
            describe(campaign, kept_plan(campaign, results)),
            (),
            (),
            layout.report,
            None,
        )
    from mesocast.calibration.jobs import read_plan

    plan = read_plan(campaign, measured)
    return _Course(
        describe_calibration(campaign, plan),
        (f"measured={measured}",),
        ("calibration",),
        layout.calibration_page,
        lambda: _calibration_so_far(results),
        lambda: write_plan(campaign, plan, results, measured),
    )


def _page_so_far(campaign: Campaign, results: Path) -> Path | None:
    """Write what there is of a campaign that ended before its end; None where that is nothing."""
    from mesocast.report.page import write_report

    try:
        return write_report(campaign, results)
    except (InputError, OSError) as error:  # the campaign's own end is what counts
        _say(f"no page could be written: {error}")
        return None


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - what a person waits for


def _die_with_parent() -> None:
    """Let the kernel end Snakemake when this process is killed: a controller is one, or none."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _has_children(process: int) -> bool:
    try:
        return any(p.read_text() for p in Path(f"/proc/{process}/task").glob("*/children"))
    except OSError:  # it ends just now
        return True


@contextlib.contextmanager
def _signals(
    stop: Callable[[int, object], None], note: Callable[[int, object], None]
) -> Iterator[None]:
    """Only note Ctrl-C, which a terminal sends to Snakemake as well, and hand SIGTERM on."""
    before = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, stop),
        signal.SIGINT: signal.signal(signal.SIGINT, note),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def snakemake(
    command: list[str],
    results: Path,
    *,
    local: bool,
    screen: bool = False,
    said_of: Callable[[], str] | None = None,
    interrupted: Callable[[], None] = lambda: None,
) -> int:
    """Let Snakemake work, and say from time to time how far it is, or show it on a screen.

    ``interrupted`` is called once it has ended by Ctrl-C.

    Told to stop, Snakemake 9 takes a lock that it may hold already, and hangs for ever without a
    job. On one machine it is ended then; on a cluster its jobs are no processes of this machine.
    """
    said = ""
    told_to_stop = False
    noted: list[int] = []
    looks_without_job = 0

    shown = console.Console(results, lambda: _look(results)) if screen else None
    with (
        shown or contextlib.nullcontext(),
        subprocess.Popen(  # noqa: S603 - no shell
            command,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one thread waits
            stdout=shown.words if shown else None,
            stderr=subprocess.STDOUT if shown else None,
        ) as process,
    ):

        def stop(number: int, _: object) -> None:
            nonlocal told_to_stop
            told_to_stop = True
            submission.remove(Layout(results).submitting)  # else Snakemake waits with it
            process.send_signal(number)

        with _signals(stop, lambda number, _: noted.append(number)):
            while True:
                poll_s = shown.poll_s if shown else _PROGRESS_S
                try:
                    status = process.wait(timeout=_STOPPING_S if told_to_stop else poll_s)
                    break
                except subprocess.TimeoutExpired:
                    idle = local and told_to_stop and not _has_children(process.pid)
                    looks_without_job = looks_without_job + 1 if idle else 0
                    if looks_without_job > 1:
                        process.kill()
                    if shown:
                        shown.update()
                        continue
                    line = said_of() if said_of else _progress(results)
                    if line not in ("", said):
                        _say(f"[{time.strftime('%H:%M:%S')}] {line}")
                        said = line
    if shown and status:
        _say(shown.last_words())
    if noted:
        interrupted()
    return status


def _look(results: Path) -> Status | None:
    try:
        return collect(results)
    except (InputError, OSError, ValueError):  # a file that is being written or replaced
        return None


def _calibration_so_far(results: Path) -> str:
    try:
        status = collect_calibration(results)
    except (InputError, OSError, ValueError):  # a file that is being written or replaced
        return ""
    return calibration_progress(status) if status else ""


def _progress(results: Path) -> str:
    status = _look(results)
    return "" if status is None else progress(status)
