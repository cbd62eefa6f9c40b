"""The subcommand ``compare``: what was measured beside what was simulated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesocast.cli.command import RESULTS, Command, folder_to_write
from mesocast.cli.images import add_reading_arguments, image_request, progress, said_fault
from mesocast.cli.measured import compare_table
from mesocast.errors import InputError

if TYPE_CHECKING:
    import argparse


def _add_compare(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "tomogram", type=Path, nargs="?", help="segmented image, as characterize takes it"
    )
    command.add_argument(
        "simulated",
        type=Path,
        nargs="?",
        help="folder of a condition, whose spheres are painted on the tomogram's voxels; or a dump "
        "of spheres; or a microstructure.tif",
    )
    command.add_argument(
        "--measured",
        type=Path,
        metavar="FILE",
        help="in place of images, a table of electrodes that were measured: recipes, columns of "
        "the dataset, and their standard deviations in columns with _std behind the name",
    )
    command.add_argument("--results", type=folder_to_write, help=f"with --measured: {RESULTS}")
    command.add_argument(
        "--folder", type=folder_to_write, help="where to write tables, curves and a picture"
    )
    add_reading_arguments(command)


def _compare(arguments: argparse.Namespace) -> None:
    images = (arguments.tomogram, arguments.simulated)
    tables = (arguments.measured, arguments.results)
    if None not in tables and images == (None, None):
        compare_table(arguments)
    elif None not in images and tables == (None, None):
        _compare_images(arguments)
    else:
        raise InputError(
            "compare: wants two images or a table; allowed: TOMOGRAM SIMULATED, or --measured FILE "
            "--results FOLDER"
        )


def _compare_images(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.checks import load
    from mesocast.characterization.comparison_job import compare_files
    from mesocast.config.campaign import Campaign

    campaign = Campaign(campaign="image") if arguments.config is None else load(arguments.config)

    def emit(answer: dict[str, Any]) -> None:
        print(table_text(answer), flush=True)  # noqa: T201 - the command's answer

    try:
        with progress(2) as report:
            compare_files(
                arguments.tomogram,
                arguments.simulated,
                campaign,
                image_request(arguments),
                folder=arguments.folder,
                emit=emit,
                report=report,
            )
    except OSError as error:
        raise said_fault(error, arguments.folder) from error


def table_text(answer: dict[str, Any]) -> str:
    """Lines of a comparison for people."""
    rows = [("", "", "tomogram", "simulated", "ratio")]
    rows += [
        (
            name,
            str(line["unit"]),
            *(
                "-" if line[key] is None else f"{line[key]:.4g}"
                for key in ("tomogram", "simulated", "ratio")
            ),
        )
        for name, line in answer["table"].items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    remarks = [f"remark: {remark}" for remark in answer["remarks"]]
    statuses = [
        f"{source}: {answer[source]['status']}: {answer[source]['reason']}"
        for source in ("tomogram", "simulated")
        if answer[source]["status"] != "ok"
    ]
    return "\n".join([*lines, *statuses, *remarks])


COMMANDS = (
    Command(
        "compare",
        "lay measured electrodes beside simulated ones: a tomogram, or a table",
        _compare,
        _add_compare,
        config="optional",
    ),
)
