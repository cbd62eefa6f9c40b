"""A campaign in a queue other than SLURM's: its site's commands, and jobs of an earlier start."""

from __future__ import annotations

import shlex
import shutil
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.campaign.profiles import setting_of
from mesocast.errors import InputError
from mesocast.storage import queue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesocast.storage.layout import Layout

EXECUTOR = "cluster-generic"
_POLL_S = 10.0


def commands_of(options: Sequence[str]) -> queue.Commands:
    """Commands of the site, which a person gives as options or in a profile.

    Raises
    ------
    InputError
        Snakemake's plugin or a command is missing.
    """
    if find_spec("snakemake_executor_plugin_cluster_generic") is None:
        raise InputError(
            f"executor {EXECUTOR}: its plugin is not installed; allowed: "
            "pip install snakemake-executor-plugin-cluster-generic"
        )
    found = []
    for act in queue.Commands._fields:
        key = f"{EXECUTOR}-{act}-cmd"
        command = setting_of(options, key)
        if not command:
            raise InputError(
                f"{key}: is missing; allowed: the site's command in a profile of yours, or "
                f"--{key} (docs/how-to/cluster.md)"
            )
        try:
            program = Path(shlex.split(command)[0]).expanduser()
        except (ValueError, IndexError) as error:
            raise InputError(f"{key} = {command}: is no command ({error})") from error
        if shutil.which(program) is None:
            raise InputError(
                f"{key}: {program}: not found; allowed: a machine with this queue, or another "
                "profile"
            )
        found.append(command)
    return queue.Commands(*found)


def to_ask_only(options: Sequence[str]) -> list[str]:
    """Options with which Snakemake plans jobs without a site's commands, as it runs none."""
    key = f"{EXECUTOR}-submit-cmd"
    return [] if setting_of(options, key) else [f"--{key}=true"]


def take_over(layout: Layout, site: queue.Commands, say: Callable[[str], None]) -> list[str]:
    """Wait until no job of an earlier controller is left; give Snakemake's options for new ones.

    Parameters
    ----------
    layout
        The campaign's results.
    site
        The site's commands.
    say
        Tells a person something.
    """
    told = False
    while left := queue.still_queued(layout.queue, site.status):
        if not told:
            names = ", ".join(left[:5]) + (f" and {len(left) - 5} more" if len(left) > 5 else "")
            say(f"waiting for {len(left)} jobs of an earlier controller ({names})")
            told = True
        time.sleep(_POLL_S)
    queue.forget(layout.queue)
    before = queue.put_before(layout, site)
    return [
        f"--{EXECUTOR}-{act}-cmd={command}"
        for act, command in zip(before._fields, before, strict=True)
    ]


def cancel_left(layout: Layout, site: queue.Commands, say: Callable[[str], None]) -> None:
    """Cancel the jobs of a controller that is ending.

    Parameters
    ----------
    layout
        The campaign's results.
    site
        The site's commands.
    say
        Tells a person something.
    """
    if (left := queue.still_queued(layout.queue, site.status)) and (
        why := queue.cancel(left, site.cancel)
    ):
        say(f"the queue did not cancel {', '.join(left)}: {why}")
