"""The subcommand that measures: a condition's electrode, or any image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.cli.command import Command, add_physics, campaign_of
from mesocast.cli.images import add_image_arguments, characterize_image
from mesocast.errors import InputError

if TYPE_CHECKING:
    import argparse


def _add_characterize(parser: argparse.ArgumentParser) -> None:
    add_image_arguments(parser)
    add_physics(parser)


def _characterize(arguments: argparse.Namespace) -> None:
    if arguments.image is not None:
        characterize_image(arguments)
        return
    for name in ("config", "folder"):
        if getattr(arguments, name) is None:
            raise InputError(f"--{name}: is missing; allowed: a path, or an image in its place")
    from mesocast.characterization.jobs import run_characterization

    run_characterization(campaign_of(arguments, "characterization"), arguments.folder)


COMMANDS = (
    Command(
        "characterize",
        "measure an electrode, or any image",
        _characterize,
        _add_characterize,
        config="optional",
    ),
)
