"""The subcommands that calibrate the physics on measured electrodes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.cli.command import (
    AFTER_DASHES,
    Command,
    add_physics,
    add_results,
    campaign_of,
    number,
    seed,
)

if TYPE_CHECKING:
    import argparse


def _add_measured(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "measured", type=Path, metavar="MEASURED", help="table of measured electrodes"
    )


def _add_calibrate(parser: argparse.ArgumentParser) -> None:
    _add_measured(parser)
    parser.add_argument("--cores", default="all", help="cores of this machine to use")
    parser.add_argument("--dry-run", action="store_true", help="say what would run and its cost")
    parser.add_argument("--workflow-profile", help="slurm sends the jobs to SLURM")
    parser.add_argument("--profile", help="your own profile of Snakemake")
    parser.set_defaults(**{AFTER_DASHES: []})
    parser.epilog = "Words after -- are further options of Snakemake: -- --keep-going"


def _calibrate(arguments: argparse.Namespace) -> None:
    from mesocast.campaign import controller

    options = ["--cores", arguments.cores, *getattr(arguments, AFTER_DASHES)]
    for name in ("workflow_profile", "profile"):
        if (value := getattr(arguments, name)) is not None:
            options += [f"--{name.replace('_', '-')}", value]
    if arguments.dry_run:
        options += ["--dry-run", "--quiet", "rules"]
    status = controller.run(arguments.config, options, measured=arguments.measured)
    if status:
        raise SystemExit(status)


def _add_round(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    parser.add_argument("--round", type=int, required=True, help="which, from 0")
    _add_measured(parser)


def _round(arguments: argparse.Namespace) -> None:
    from mesocast.calibration.jobs import run_round

    run_round(campaign_of(arguments), arguments.results, arguments.measured, arguments.round)


def _add_film(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    parser.add_argument("--points", type=Path, required=True, help="points.json of the round")
    parser.add_argument("--point", required=True, help="its set of coefficients")
    parser.add_argument("--film", required=True, help="its identifier")
    for name in ("--am-pct", "--sc-pct"):
        parser.add_argument(name, type=number, required=True, help="percent")
    parser.add_argument("--seed", type=seed, required=True, help="seed of the random placement")
    parser.add_argument("--voxels", action="store_true", help="measure transport and surfaces, too")
    parser.add_argument("pressings", nargs="+", metavar="HOW", help="cr_pct=20, or pressure_MPa=80")
    add_physics(parser)


def _film(arguments: argparse.Namespace) -> None:
    from mesocast.calibration.jobs import run_film
    from mesocast.storage.layout import STAGES

    run_film(
        campaign_of(arguments, *STAGES),
        arguments.results,
        arguments.points,
        point=arguments.point,
        film=arguments.film,
        am_pct=arguments.am_pct,
        sc_pct=arguments.sc_pct,
        seed=arguments.seed,
        pressings=arguments.pressings,
        has_voxels=arguments.voxels,
    )


def _add_calibration(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    _add_measured(parser)


def _calibration(arguments: argparse.Namespace) -> None:
    from mesocast.calibration.jobs import run_calibration
    from mesocast.report.calibration import write_calibration_page

    campaign = campaign_of(arguments)
    run_calibration(campaign, arguments.results, arguments.measured)
    write_calibration_page(campaign, arguments.results)


COMMANDS = (
    Command(
        "calibrate",
        "find the coefficients of the physics that measured electrodes ask for",
        _calibrate,
        _add_calibrate,
    ),
    Command(
        "calibration-round", "choose the coefficients that are simulated next", _round, _add_round
    ),
    Command(
        "calibration-film",
        "make a film with a set of coefficients, press and measure it",
        _film,
        _add_film,
        on_ranks=True,
    ),
    Command(
        "calibration",
        "coefficients, their uncertainty and what they predict, from all films",
        _calibration,
        _add_calibration,
    ),
)
