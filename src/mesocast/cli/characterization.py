"""The subcommand that measures: a condition's electrode, or any image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.cli.command import Command, add_physics, campaign_of, whole_number
from mesocast.cli.images import add_image_arguments, characterize_image, counted
from mesocast.errors import InputError

if TYPE_CHECKING:
    import argparse


def _add_characterize(parser: argparse.ArgumentParser) -> None:
    add_image_arguments(parser)
    parser.add_argument(
        "--processes",
        type=whole_number,
        default=1,
        metavar="N",
        help="electrodes of a dataset to measure at the same time",
    )
    parser.add_argument(
        "--cell",
        action="store_true",
        help="put what was measured into a half and a full cell, too",
    )
    add_physics(parser)


def _characterize(arguments: argparse.Namespace) -> None:
    if arguments.image is not None:
        characterize_image(arguments)
        return
    if arguments.dataset is not None:
        if arguments.cell:
            raise InputError(
                "--cell: with a dataset; allowed: mesocast cell, on the dataset that is written"
            )
        _characterize_dataset(arguments)
        return
    for name in ("config", "folder"):
        if getattr(arguments, name) is None:
            raise InputError(f"--{name}: is missing; allowed: a path, or an image in its place")
    from mesocast.characterization.jobs import run_characterization

    campaign = campaign_of(arguments, "characterization")
    run_characterization(campaign, arguments.folder)
    if arguments.cell:
        from mesocast.cell.jobs import run_cell

        run_cell(campaign, arguments.folder)


def _characterize_dataset(arguments: argparse.Namespace) -> None:
    from mesocast.config.reading import check_content
    from mesocast.dataset.package import origin
    from mesocast.dataset.remeasure import remeasure
    from mesocast.storage.layout import Layout

    folder = Path(arguments.dataset)
    if arguments.folder is None:
        raise InputError("--folder: is missing; allowed: where to write the new dataset")
    if not Layout(folder).dataset.exists():
        raise InputError(
            f"{Layout(folder).dataset}: is not there; allowed: the folder of a published dataset"
        )
    if arguments.config is not None:
        campaign = campaign_of(arguments, "characterization")
    else:
        told = origin(Layout(folder).dataset).get("provenance", {})
        if "campaign" not in told:
            raise InputError(
                f"{Layout(folder).data_package}: does not tell the campaign; allowed: --config"
            )
        campaign = check_content(told["campaign"], str(Layout(folder).data_package))
    with counted("measuring the electrodes") as progress:
        remeasure(
            campaign, folder, arguments.folder, processes=arguments.processes, progress=progress
        )


COMMANDS = (
    Command(
        "characterize",
        "measure an electrode, any image, or a published dataset anew",
        _characterize,
        _add_characterize,
        config="optional",
    ),
)
