"""The subcommand ``characterize`` on a segmented image instead of a condition's folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.errors import InputError

if TYPE_CHECKING:
    import argparse


def add_image_arguments(command: argparse.ArgumentParser) -> None:
    """Arguments to measure a condition's folder, or a segmented image."""
    command.add_argument(
        "image", type=Path, nargs="?", help="TIFF stack of labels; without it, --folder is measured"
    )
    command.add_argument(
        "--folder", type=Path, help="the condition; of an image, where to write pictures and tables"
    )
    command.add_argument(
        "--voxel-size-um",
        type=float,
        nargs="+",
        metavar="EDGE",
        help="edge of a voxel, or its edges along x, y and z; without it, the TIFF must say it",
    )
    command.add_argument(
        "--labels",
        nargs="+",
        metavar="PHASE=LABEL",
        help="labels of pore, active_material and cbd (pore=0 active_material=1 cbd=2)",
    )
    command.add_argument(
        "--thickness-axis", default="z", help="axis from collector to surface: x, y or z (pages)"
    )
    command.add_argument(
        "--periodic", action="store_true", help="the image repeats sideways; else: walls"
    )


def characterize_image(arguments: argparse.Namespace) -> None:
    """Measure the image and print its properties."""
    from mesocast.campaign.checks import load
    from mesocast.config.campaign import Campaign

    edges_um = arguments.voxel_size_um
    if edges_um is not None and len(edges_um) not in (1, 3):
        raise InputError(f"--voxel-size-um = {edges_um}; allowed: one edge, or three")
    campaign = Campaign(campaign="image") if arguments.config is None else load(arguments.config)
    labels = None if arguments.labels is None else dict(map(_label, arguments.labels))

    from mesocast.characterization.jobs import characterize_file

    properties = characterize_file(
        arguments.image,
        campaign,
        voxel_size_um=None if edges_um is None else tuple(edges_um * (3 // len(edges_um))),
        labels=labels,
        thickness_axis=arguments.thickness_axis,
        periodic=arguments.periodic,
        folder=arguments.folder,
    )
    print(json.dumps(properties, indent=2))  # noqa: T201 - the command's answer


def _label(word: str) -> tuple[str, int]:
    phase, _, label = word.partition("=")
    try:
        return phase, int(label)
    except ValueError as error:
        raise InputError(f"--labels {word}; allowed: a phase and a number, as pore=0") from error
