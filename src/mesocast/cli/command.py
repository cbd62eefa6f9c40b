"""How a room registers its subcommands: a name, a help, a function, and typed options."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mesocast.columns.variables import is_value, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign

RESULTS = "the campaign's results folder"
ROWS = "properties.json of electrodes, in place of all that the config asks for"
#: Of the parsed words: where a command that has it gets the words after ``--``.
AFTER_DASHES = "options_after_dashes"
_LARGEST_SEED = 2**31 - 1


def _nothing(parser: argparse.ArgumentParser) -> None:
    """Add no option."""


@dataclass(frozen=True)
class Command:
    """A subcommand.

    Parameters
    ----------
    name, help
        What a person types, and what ``mesocast --help`` says of it.
    run
        Does it; imports what is heavy itself, so that ``--help`` stays light.
    add_options
        Adds its options to its parser.
    config
        Whether it takes ``--config``.
    on_ranks
        Whether it may be started on several MPI ranks.
    """

    name: str
    help: str
    run: Callable[[argparse.Namespace], None]
    add_options: Callable[[argparse.ArgumentParser], None] = _nothing
    config: Literal["required", "optional", "none"] = "required"
    on_ranks: bool = False

    def add_to(self, commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        """Add the subcommand to the command line's parser."""
        parser = commands.add_parser(self.name, help=self.help, description=self.help)
        parser.set_defaults(run=self.run, on_ranks=self.on_ranks)
        if self.config != "none":
            parser.add_argument(
                "--config",
                type=Path,
                required=self.config == "required",
                help="the campaign's YAML",
            )
        self.add_options(parser)


def campaign_of(arguments: argparse.Namespace, *stages: str) -> Campaign:
    """Read and check the config of a subcommand.

    Parameters
    ----------
    arguments
        With ``config``, and where the subcommand has them ``physics`` and ``results``.
    *stages
        Stages whose physics the subcommand runs; refused if ``--physics`` asks for another one.

    Raises
    ------
    InputError
        The config is wrong, or the results are those of another campaign.
    """
    from mesocast.campaign.checks import check_results, load

    campaign = load(arguments.config)
    campaign.check_physics(*stages, asked=getattr(arguments, "physics", None))
    if (results := getattr(arguments, "results", None)) is not None:
        check_results(campaign, results)
    return campaign


def add_results(parser: argparse.ArgumentParser) -> None:
    """Add ``--results``."""
    parser.add_argument("--results", type=folder_to_write, required=True, help=RESULTS)


def add_physics(parser: argparse.ArgumentParser) -> None:
    """Add ``--physics``, by which the workflow makes sure of what runs."""
    parser.add_argument(
        "--physics",
        metavar="NAME",
        help="refuse to run unless the config asks for this physics; the workflow gives it, so "
        "that a job never runs another one than was planned",
    )


def seed(text: str) -> int:
    """Read a seed."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number <= _LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text}; allowed: a whole number from 0 to 2147483647")
    return number


def number(text: str) -> float:
    """Read a finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text}; allowed: a number")
    return value


def add_set(parser: argparse.ArgumentParser) -> None:
    """Add ``--set``, which gives a value of a campaign's own design variable."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=setting,
        metavar="NAME=VALUE",
        help="value of one of the campaign's own design variables (design.variables)",
    )


def setting(text: str) -> tuple[str, Value]:
    """Read a name and its value, as ``set_mass_loading_mg_cm2=12`` or ``set_material=LFP``."""
    name, _, value = text.partition("=")
    found = value_of(value)
    if not is_value(found):
        raise argparse.ArgumentTypeError(f"{text}; allowed: NAME=VALUE, a number or a word")
    return name, found


def whole_number(text: str) -> int:
    """Read a number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}; allowed: a whole number from 1")
    return int(text)


def folder_to_write(text: str) -> Path:
    """Read the path of a folder that is there or can be made."""
    path = Path(text)
    for part in (path, *path.parents):
        if part.exists() and not part.is_dir():
            raise argparse.ArgumentTypeError(f"{part} is a file; allowed: a folder")
    return path


def file_to_write(text: str) -> Path:
    """Read the path of a file that is there or can be made."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is a folder; allowed: a file")
    folder_to_write(str(path.parent))
    return path
