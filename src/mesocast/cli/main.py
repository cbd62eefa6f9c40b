"""The command ``mesocast``: one subcommand per stage, as the workflow calls them.

Each room registers its own subcommands; here is what they have in common.
"""

from __future__ import annotations

import argparse
import logging
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from mesocast.cli import (
    calibration,
    campaign,
    cell,
    characterization,
    compare,
    dataset,
    design,
    materials,
    measured,
    optimization,
    report,
    simulation,
    surrogates,
    verification,
)
from mesocast.cli.command import AFTER_DASHES
from mesocast.cli.ending import INPUT_IS_WRONG, ended
from mesocast.cli.run import add_run_commands

if TYPE_CHECKING:
    from collections.abc import Sequence

#: In the order of ``mesocast --help``.
ROOMS = (
    campaign,
    materials,
    design,
    simulation,
    characterization,
    compare,
    cell,
    dataset,
    surrogates,
    optimization,
    measured,
    calibration,
    verification,
    report,
)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and keeps what stands after ``--`` for who asks for it."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        # argparse gives an empty rest to a positional of any number before it comes to options.
        if args and "--" in args and self.get_default(AFTER_DASHES) is not None:
            place = list(args).index("--")
            found, left = super().parse_known_args(args[:place], namespace)
            setattr(found, AFTER_DASHES, list(args[place + 1 :]))
            return found, left
        return super().parse_known_args(args, namespace)

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
    add_run_commands(commands)
    for room in ROOMS:
        for command in room.COMMANDS:
            command.add_to(commands)
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    arguments = make_parser().parse_args(words)
    logging.basicConfig(
        level=logging.WARNING if arguments.quiet else logging.INFO,
        format="%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        stream=sys.stderr,
    )
    return ended(lambda: _run(arguments), results=getattr(arguments, "results", None))


def _run(arguments: argparse.Namespace) -> None:
    if not getattr(arguments, "on_ranks", False):
        arguments.run(arguments)
        return
    from mesocast.simulation.engine.ranks import leading

    with leading() as is_leader:
        if is_leader:
            arguments.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
