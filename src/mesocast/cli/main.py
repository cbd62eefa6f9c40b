"""The command ``mesocast``: one subcommand per stage, as the workflow calls them."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mesocast.cli.compare import add_compare_command
from mesocast.cli.images import add_image_arguments, characterize_image
from mesocast.cli.published import add_published_commands
from mesocast.cli.run import add_run_commands
from mesocast.cli.surrogates import add_surrogate_commands
from mesocast.errors import InputError, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesocast.config.campaign import Campaign

INPUT_IS_WRONG = 2
START_AGAIN = 75  # EX_TEMPFAIL of sysexits.h
_ROWS = "properties.json of electrodes, in place of all that the config asks for"
_SIMULATING = ("slurry", "drying", "calendering", "pack")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(INPUT_IS_WRONG, f"{self.prog}: {message}\n")


def make_parser() -> argparse.ArgumentParser:
    """Parser of all subcommands."""
    from mesocast.storage.version import VERSION

    parser = _Parser(
        prog="mesocast",
        description="From a battery-electrode recipe to a microstructure to a better recipe.",
    )
    parser.add_argument("--version", action="version", version=f"mesocast {VERSION}")
    parser.add_argument("--quiet", action="store_true", help="say only what goes wrong")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], None], text: str) -> _Parser:
        command: _Parser = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        # An image needs no campaign.
        optional = name in ("characterize", "compare")
        command.add_argument(
            "--config", type=Path, required=not optional, help="the campaign's YAML"
        )
        return command

    add_run_commands(commands)
    add("check", _check, "check a config and say what the campaign would cost")
    add("design", _design, "write the table of recipes").add_argument(
        "--results", type=Path, required=True, help="the campaign's results folder"
    )

    slurry = add("slurry", _slurry, "mix a slurry")
    slurry.add_argument("--folder", type=Path, required=True, help="folder of the slurry")
    slurry.add_argument("--slurry-id", required=True, help="its identifier")
    _add_recipe(slurry, ("am_pct", "sc_pct"))
    slurry.add_argument("--seed", type=int, required=True, help="seed of the random placement")

    drying = add("drying", _drying, "dry a slurry")
    drying.add_argument("--folder", type=Path, required=True, help="folder of the slurry")

    calendering = add("calendering", _calendering, "press a dried film and let it spring back")
    calendering.add_argument(
        "--slurry-folder",
        type=Path,
        required=True,
        help="folder of the slurry; with --proposal, of all slurries",
    )
    calendering.add_argument("--folder", type=Path, required=True, help="folder of the condition")
    calendering.add_argument("--condition-id", required=True, help="its identifier")
    _add_recipe(calendering, ("cr_pct",))

    add_image_arguments(add("characterize", _characterize, "measure an electrode, or any image"))
    add_compare_command(add)

    pack = add("pack", _pack, "calender and characterize several electrodes of one slurry")
    pack.add_argument("--results", type=Path, required=True, help="the campaign's results folder")
    pack.add_argument("--slurry-id", required=True, help="the slurry")
    pack.add_argument("--rows", type=Path, required=True, help="file for their properties")
    pack.add_argument(
        "conditions", nargs="+", metavar="ID=CR_PCT", help="condition and its compression rate"
    )

    for stage in (*_SIMULATING, "characterize"):
        commands.choices[stage].add_argument(
            "--physics", help="refuse to run unless the config asks for this physics (see DESIGN)"
        )

    gather = add("dataset", _dataset, "gather the properties of all conditions")
    gather.add_argument("--results", type=Path, required=True)
    gather.add_argument("rows", type=Path, nargs="*", help=_ROWS)

    _add_round(add("propose", _propose, "choose what a round simulates"))
    add_surrogate_commands(add)
    for name, run, text in (
        ("optimum", _optimum, "find the best recipe"),
        ("extremes", _extremes, "find the recipes that are best in one property alone"),
        ("tradeoffs", _tradeoffs, "find the Pareto front, and the best recipe by the weights"),
        ("robustness", _robustness, "say how sure the best recipe is"),
    ):
        add(name, run, text).add_argument("--results", type=Path, required=True)
    verification = add("verification", _verification, "compare simulated and predicted optimum")
    verification.add_argument("--results", type=Path, required=True)
    verification.add_argument("rows", type=Path, nargs="*", help="properties.json at the optimum")

    add_published_commands(add)

    status: _Parser = commands.add_parser("status", help="say where a campaign stands")
    status.set_defaults(run=_status)
    status.add_argument("results", type=Path, help="the campaign's results folder")

    add("costs", _costs, "fit the cost model to a campaign's finished jobs").add_argument(
        "results", type=Path, help="the campaign's results folder"
    )

    add("report", _report, "write the page that shows the campaign").add_argument(
        "--results", type=Path, required=True
    )
    return parser


def _add_round(command: argparse.ArgumentParser) -> None:
    command.add_argument("--results", type=Path, required=True, help="the campaign's results")
    command.add_argument("--round", type=int, required=True, help="its number, from 1")
    command.add_argument("rows", type=Path, nargs="*", help=_ROWS)


def _rows(
    arguments: argparse.Namespace, campaign: Campaign, before: int | None = None
) -> list[Path]:
    from mesocast.design.plan import kept_plan
    from mesocast.design.rounds import row_files

    if arguments.rows:
        return list(arguments.rows)
    plan = kept_plan(campaign, arguments.results)
    return row_files(campaign, plan, arguments.results, before=before)


def _add_recipe(command: argparse.ArgumentParser, names: Sequence[str]) -> None:
    """Let a command take its recipe as numbers, from ``optimum.json`` or ``proposal.json``."""
    files = command.add_mutually_exclusive_group()
    files.add_argument(
        "--recipe", type=Path, help="take it from this optimum.json or extremes/*.json"
    )
    files.add_argument("--proposal", type=Path, help="take it from this proposal.json of a round")
    for name in names:
        command.add_argument(f"--{name.replace('_', '-')}", type=float, help="percent")


def _recipe(arguments: argparse.Namespace, names: Sequence[str]) -> list[float]:
    from mesocast.storage.files import read_json

    if arguments.recipe is not None:
        content = read_json(arguments.recipe)
        try:
            return [float(content["parameters"][name]) for name in names]
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{arguments.recipe}: holds no parameters {names}") from error
    values = [getattr(arguments, name) for name in names]
    missing = [name for name, value in zip(names, values, strict=True) if value is None]
    if missing:
        options = " and ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise InputError(
            f"{options}: is missing; allowed: a number, --recipe optimum.json, or "
            "--proposal proposal.json"
        )
    return values


def _campaign(arguments: argparse.Namespace, *stages: str) -> Campaign:
    from mesocast.campaign.checks import load

    campaign = load(arguments.config)
    campaign.check_physics(*stages, asked=getattr(arguments, "physics", None))
    return campaign


def _check(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.costs import describe

    print(describe(_campaign(arguments)))  # noqa: T201 - the command's answer


def _design(arguments: argparse.Namespace) -> None:
    from mesocast.design.jobs import run_design

    run_design(_campaign(arguments), arguments.results)


def _slurry(arguments: argparse.Namespace) -> None:
    from mesocast.design.rounds import Proposal
    from mesocast.simulation.jobs import run_slurry

    campaign = _campaign(arguments, "slurry")
    round_number, skipped = 0, ""
    if arguments.proposal is not None:
        proposal = Proposal.read(arguments.proposal)
        place = proposal.slurry(arguments.slurry_id)
        am_pct, sc_pct = place.am_pct, place.sc_pct
        round_number, skipped = proposal.round, place.skipped
    else:
        am_pct, sc_pct = _recipe(arguments, ("am_pct", "sc_pct"))
    run_slurry(
        campaign,
        arguments.folder,
        slurry_id=arguments.slurry_id,
        am_pct=am_pct,
        sc_pct=sc_pct,
        seed=arguments.seed,
        round_number=round_number,
        skipped=skipped,
    )


def _drying(arguments: argparse.Namespace) -> None:
    from mesocast.simulation.jobs import run_drying

    run_drying(_campaign(arguments, "drying"), arguments.folder)


def _calendering(arguments: argparse.Namespace) -> None:
    from mesocast.design.rounds import Proposal
    from mesocast.simulation.jobs import run_calendering

    campaign, folder = _campaign(arguments, "calendering"), arguments.slurry_folder
    round_number, skipped = None, ""
    if arguments.proposal is not None:
        proposal = Proposal.read(arguments.proposal)
        place = proposal.condition(arguments.condition_id)
        folder, cr_pct = folder / place.slurry_id, place.cr_pct
        round_number, skipped = proposal.round, place.skipped
    else:
        (cr_pct,) = _recipe(arguments, ("cr_pct",))
    run_calendering(
        campaign,
        folder,
        arguments.folder,
        condition_id=arguments.condition_id,
        cr_pct=cr_pct,
        round_number=round_number,
        skipped=skipped,
    )


def _characterize(arguments: argparse.Namespace) -> None:
    if arguments.image is not None:
        characterize_image(arguments)
        return
    for name in ("config", "folder"):
        if getattr(arguments, name) is None:
            raise InputError(f"--{name}: is missing; allowed: a path, or an image in its place")
    from mesocast.characterization.jobs import run_characterization

    run_characterization(_campaign(arguments, "characterization"), arguments.folder)


def _pack(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.pack import run_pack

    campaign = _campaign(arguments, "calendering", "characterization")
    rates_pct: dict[str, float] = {}
    for text in arguments.conditions:
        name, _, rate = text.partition("=")
        try:
            rates_pct[name] = float(rate)
        except ValueError as error:
            raise InputError(f"{text}: allowed: ID=CR_PCT, for example S001-C01=20") from error
    run_pack(campaign, arguments.results, arguments.slurry_id, rates_pct, arguments.rows)


def _dataset(arguments: argparse.Namespace) -> None:
    from mesocast.dataset.jobs import run_dataset

    campaign = _campaign(arguments)
    run_dataset(campaign, arguments.results, _rows(arguments, campaign))


def _propose(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.jobs import run_proposal

    campaign, number = _campaign(arguments), arguments.round
    rows = _rows(arguments, campaign, before=number)
    run_proposal(campaign, arguments.results, number, rows)


def _optimum(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.jobs import run_optimum

    run_optimum(_campaign(arguments), arguments.results)


def _extremes(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.jobs import run_extremes

    run_extremes(_campaign(arguments), arguments.results)


def _tradeoffs(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.jobs import run_tradeoffs

    run_tradeoffs(_campaign(arguments), arguments.results)


def _robustness(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.jobs import run_robustness

    run_robustness(_campaign(arguments), arguments.results)


def _verification(arguments: argparse.Namespace) -> None:
    from mesocast.verification.jobs import run_verification

    run_verification(_campaign(arguments), arguments.results, arguments.rows)


def _costs(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.costs import fit

    print("cost_model:")  # noqa: T201 - the command's answer
    for name, value in fit(_campaign(arguments), arguments.results).items():
        print(f"  {name}: {value:g}")  # noqa: T201


def _status(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.status import collect, render

    print(render(collect(arguments.results)))  # noqa: T201 - the command's answer


def _report(arguments: argparse.Namespace) -> None:
    from mesocast.report.page import write_report

    write_report(_campaign(arguments), arguments.results)


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    arguments = make_parser().parse_args(words)
    logging.basicConfig(
        level=logging.WARNING if arguments.quiet else logging.INFO,
        format="%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        stream=sys.stderr,
    )
    try:
        if arguments.command in (*_SIMULATING, "viscosity"):  # on one MPI rank or several
            from mesocast.simulation.engine.ranks import leading

            with leading() as is_leader:
                if is_leader:
                    arguments.run(arguments)
        else:
            arguments.run(arguments)
    except InputError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the one line that is promised
        return INPUT_IS_WRONG
    except Stopped as stopped:
        print(stopped, file=sys.stderr)  # noqa: T201
        return START_AGAIN
    return 0


if __name__ == "__main__":
    sys.exit(main())
