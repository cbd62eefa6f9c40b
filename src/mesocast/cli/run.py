"""The subcommands that begin a campaign and run it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_OPTIONS = """
for example
  --dry-run --quiet rules       say what would run and what it would cost
  --cores 4                     use four cores (all, if not given)
  --workflow-profile slurm      send the jobs to SLURM, with your --profile
  electrodes                    simulate, without the search for a better recipe
"""


def add_run_commands(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``init`` and ``run``, which know no campaign yet, to the parser's subcommands."""
    init = commands.add_parser(
        "init",
        help="write a first config",
        description="Write a first config, which runs in minutes, into a folder.",
    )
    init.set_defaults(run=_init)
    init.add_argument("folder", type=Path, metavar="FOLDER", help="made if it is not there")

    run = commands.add_parser(
        "run",
        help="run a campaign, or go on with it",
        description="Run a campaign, or go on with it, in results/<campaign>/ of this folder.",
        epilog=_OPTIONS.strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [-h] CONFIG [options of snakemake]",
    )
    run.set_defaults(run=_run)
    run.add_argument("config", type=Path, metavar="CONFIG", help="the campaign's YAML")
    options = run.add_argument(
        "options",
        nargs=argparse.REMAINDER,
        metavar="...",
        help="options and targets of Snakemake, after CONFIG",
    )
    options.required = False  # so that only CONFIG is said to be missing


def _init(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.init import write_first_config

    print(write_first_config(arguments.folder))  # noqa: T201 - the command's answer


def _run(arguments: argparse.Namespace) -> None:
    from mesocast.campaign import controller

    raise SystemExit(controller.run(arguments.config, arguments.options))
