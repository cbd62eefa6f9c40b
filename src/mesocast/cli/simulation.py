"""The subcommands that simulate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesocast.cli.command import (
    Command,
    add_physics,
    add_results,
    add_set,
    campaign_of,
    file_to_write,
    folder_to_write,
    number,
    seed,
)
from mesocast.columns.variables import value_of
from mesocast.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping, Sequence

    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign


def _add_slurry_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder", type=folder_to_write, required=True, help="folder of the slurry"
    )


def _add_recipe(parser: argparse.ArgumentParser, names: Sequence[str]) -> None:
    """Let a command take its recipe as numbers, from ``optimum.json`` or ``proposal.json``."""
    files = parser.add_mutually_exclusive_group()
    files.add_argument(
        "--recipe", type=Path, help="take it from this optimum.json or extremes/*.json"
    )
    files.add_argument("--proposal", type=Path, help="take it from this proposal.json of a round")
    for name in names:
        parser.add_argument(f"--{name.replace('_', '-')}", type=number, help="percent")
    add_set(parser)


def _further(
    arguments: argparse.Namespace, campaign: Campaign, *stages: str, also: str = ""
) -> dict[str, Value]:
    """Values of the campaign's own design variables of these stages, by column.

    Those of the stage ``also`` are taken where they are given.
    """
    given = dict(arguments.set)
    _refuse_unknown(given, campaign, "--set ")
    if campaign.design.variables and getattr(arguments, "recipe", None) is not None:
        from mesocast.storage.files import read_json

        given = read_json(arguments.recipe)["parameters"]
    return _values(given, campaign, *stages, also=also, where="--set ")


def _refuse_unknown(given: Iterable[str], campaign: Campaign, where: str) -> None:
    own = campaign.design.variables
    unknown = [name for name in given if name not in own]
    if unknown:
        raise InputError(
            f"{where}{unknown[0]}: is no variable of the config; allowed: "
            f"{', '.join(own) or 'none, without design.variables'}"
        )


def _values(
    given: Mapping[str, Any], campaign: Campaign, *stages: str, also: str = "", where: str
) -> dict[str, Value]:
    """Values of variables of these stages, checked; those of the stage ``also`` where given."""
    own = campaign.design.variables
    wanted = [name for name in own if campaign.stage_of(name) in stages]
    missing = [name for name in wanted if name not in given]
    if missing:
        raise InputError(f"{where}{missing[0]}: is missing; allowed: {missing[0]}=VALUE")
    more = [name for name in own if campaign.stage_of(name) == also and name in given]
    found: dict[str, Value] = {}
    for name in (*wanted, *more):
        value = given[name]
        try:
            own[name].check(value, f"{where}{name}")
        except ValueError as error:
            raise InputError(str(error)) from error
        found[name] = value if isinstance(value, str) else float(value)
    return found


def _recipe(arguments: argparse.Namespace, names: Sequence[str]) -> list[float]:
    from mesocast.storage.files import read_json

    if arguments.recipe is not None:
        content = read_json(arguments.recipe)
        try:
            return [float(content["parameters"][name]) for name in names]
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{arguments.recipe}: holds no parameters {', '.join(names)}; allowed: an "
                "optimum.json or extremes/*.json"
            ) from error
    values = [getattr(arguments, name) for name in names]
    missing = [name for name, value in zip(names, values, strict=True) if value is None]
    if missing:
        options = " and ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise InputError(
            f"{options}: is missing; allowed: a number, --recipe optimum.json, or "
            "--proposal proposal.json"
        )
    return values


def _add_slurry(parser: argparse.ArgumentParser) -> None:
    _add_slurry_folder(parser)
    parser.add_argument("--slurry-id", required=True, help="its identifier")
    _add_recipe(parser, ("am_pct", "sc_pct"))
    parser.add_argument("--seed", type=seed, required=True, help="seed of the random placement")
    add_physics(parser)


def _slurry(arguments: argparse.Namespace) -> None:
    from mesocast.design.rounds import Proposal
    from mesocast.simulation.jobs import run_slurry

    campaign = campaign_of(arguments, "slurry")
    round_number, skipped = 0, ""
    if arguments.proposal is not None:
        proposal = Proposal.read(arguments.proposal)
        place = proposal.slurry(arguments.slurry_id)
        am_pct, sc_pct, further = place.am_pct, place.sc_pct, place.further
        round_number, skipped = proposal.round, place.skipped
    else:
        am_pct, sc_pct = _recipe(arguments, ("am_pct", "sc_pct"))
        # Of the optimum the drying is known here alone.
        further = _further(arguments, campaign, "slurry", also="drying")
    run_slurry(
        campaign,
        arguments.folder,
        slurry_id=arguments.slurry_id,
        am_pct=am_pct,
        sc_pct=sc_pct,
        seed=arguments.seed,
        further=further,
        round_number=round_number,
        skipped=skipped,
    )


def _add_drying(parser: argparse.ArgumentParser) -> None:
    _add_slurry_folder(parser)
    parser.add_argument(
        "--slurry-folder",
        type=folder_to_write,
        help="folder of the slurry, of which this is another film",
    )
    parser.add_argument("--slurry-id", help="identifier of that other film")
    add_set(parser)
    add_physics(parser)


def _drying(arguments: argparse.Namespace) -> None:
    from mesocast.simulation.jobs import run_drying

    campaign = campaign_of(arguments, "drying")
    if (arguments.slurry_folder is None) != (arguments.slurry_id is None):
        raise InputError("--slurry-folder, --slurry-id: one is given; allowed: both, or none")
    run_drying(
        campaign,
        arguments.folder,
        slurry_folder=arguments.slurry_folder,
        slurry_id=arguments.slurry_id,
        further=_further(arguments, campaign, "drying") if arguments.slurry_id else None,
    )


def _add_calendering(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--slurry-folder",
        type=folder_to_write,
        required=True,
        help="folder of the slurry; with --proposal, of all slurries",
    )
    parser.add_argument(
        "--folder", type=folder_to_write, required=True, help="folder of the condition"
    )
    parser.add_argument("--condition-id", required=True, help="its identifier")
    _add_recipe(parser, ("cr_pct",))
    add_physics(parser)


def _calendering(arguments: argparse.Namespace) -> None:
    from mesocast.design.rounds import Proposal
    from mesocast.simulation.jobs import run_calendering

    campaign, folder = campaign_of(arguments, "calendering"), arguments.slurry_folder
    round_number, skipped = None, ""
    if arguments.proposal is not None:
        proposal = Proposal.read(arguments.proposal)
        place = proposal.condition(arguments.condition_id)
        folder, cr_pct, further = folder / place.slurry_id, place.cr_pct, place.further
        round_number, skipped = proposal.round, place.skipped
    else:
        (cr_pct,) = _recipe(arguments, ("cr_pct",))
        further = _further(arguments, campaign, "calendering", "characterization")
    run_calendering(
        campaign,
        folder,
        arguments.folder,
        condition_id=arguments.condition_id,
        cr_pct=cr_pct,
        further=further,
        round_number=round_number,
        skipped=skipped,
    )


def _add_pack(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    parser.add_argument("--slurry-id", required=True, help="the slurry")
    parser.add_argument(
        "--rows", type=file_to_write, required=True, help="file for their properties"
    )
    parser.add_argument(
        "conditions",
        nargs="+",
        metavar="ID=CR_PCT[,NAME=VALUE]",
        help="condition, its compression rate, and its values of the campaign's own variables",
    )
    add_physics(parser)


def _pack(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.pack import run_pack

    campaign = campaign_of(arguments, "calendering", "characterization")
    rates_pct: dict[str, float] = {}
    further: dict[str, dict[str, Value]] = {}
    for text in arguments.conditions:
        (name, rate), *own = (part.partition("=")[::2] for part in text.split(","))
        try:
            rates_pct[name] = float(rate)
            given = {key: value_of(value) for key, value in own}
        except ValueError as error:
            raise InputError(f"{text}: allowed: ID=CR_PCT, for example S001-C01=20") from error
        _refuse_unknown(given, campaign, f"{name}: ")
        stages = ("calendering", "characterization")
        further[name] = _values(given, campaign, *stages, where=f"{name}: ")
    run_pack(campaign, arguments.results, arguments.slurry_id, rates_pct, arguments.rows, further)


def _add_viscosity(parser: argparse.ArgumentParser) -> None:
    _add_slurry_folder(parser)
    parser.add_argument("--am-pct", type=number, required=True, help="percent")
    parser.add_argument("--sc-pct", type=number, required=True, help="percent")
    parser.add_argument("--seed", type=seed, default=1, help="seed of the random placement")
    add_set(parser)
    add_physics(parser)


def _viscosity(arguments: argparse.Namespace) -> None:
    from mesocast.simulation.jobs import run_viscosity

    campaign = campaign_of(arguments, "viscosity")
    run_viscosity(
        campaign.at(_further(arguments, campaign, "slurry")),
        arguments.folder,
        am_pct=arguments.am_pct,
        sc_pct=arguments.sc_pct,
        seed=arguments.seed,
    )


COMMANDS = (
    Command("slurry", "mix a slurry", _slurry, _add_slurry, on_ranks=True),
    Command("drying", "dry a slurry", _drying, _add_drying, on_ranks=True),
    Command(
        "calendering",
        "press a dried film and let it spring back",
        _calendering,
        _add_calendering,
        on_ranks=True,
    ),
    Command(
        "pack",
        "calender and characterize several electrodes of one slurry",
        _pack,
        _add_pack,
        on_ranks=True,
    ),
    Command(
        "viscosity",
        "shear a slurry and measure its viscosity",
        _viscosity,
        _add_viscosity,
        on_ranks=True,
    ),
)
