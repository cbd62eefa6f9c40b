"""The subcommand ``characterize`` on an image or a packing instead of a condition's folder."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesocast.errors import InputError, PhysicsFailure

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from mesocast.cell.result import CellResult
    from mesocast.characterization.sample import ImageRequest
    from mesocast.config.campaign import Campaign

_LOGGER = logging.getLogger(__name__)
_FAULT_OF_THE_RUN = 1


def add_image_arguments(command: argparse.ArgumentParser) -> None:
    """Arguments to measure a condition's folder, a segmented image, or a packing of spheres."""
    command.add_argument(
        "image",
        type=Path,
        nargs="?",
        help="stack of labels (TIFF, a folder of slices, .npy, .raw, .nrrd, .mha, .h5, .mat) or a "
        "dump of spheres; without it, --folder is measured",
    )
    command.add_argument(
        "--folder", type=Path, help="the condition; of an image, where to write pictures and tables"
    )
    command.add_argument(
        "--fields", action="store_true", help="write fields.vti, too: potentials and fluxes (large)"
    )
    add_reading_arguments(command)
    command.add_argument(
        "--length-unit", metavar="UNIT", help="of a dump that does not say it (um, nm, mm, m)"
    )


def add_reading_arguments(command: argparse.ArgumentParser) -> None:
    """Arguments that say how an image is to be read."""
    command.add_argument(
        "--voxel-size-um",
        type=float,
        nargs="+",
        metavar="EDGE",
        help="edge of a voxel, or its edges along x, y and z; without it, the file must say it",
    )
    command.add_argument(
        "--labels",
        nargs="+",
        metavar="PHASE=LABELS",
        help="labels of pore, active_material, cbd, other (insulates) and ignore (no part of the "
        "sample), as pore=0 active_material=1,2 cbd=10..20; without it pore=0 active_material=1 "
        "cbd=2",
    )
    command.add_argument(
        "--thickness-axis",
        nargs="+",
        choices=("x", "y", "z", "all"),
        default=[],
        metavar="AXIS",
        help="axes from collector to surface: x, y, z (pages, the default), or all",
    )
    command.add_argument(
        "--periodic", action="store_true", help="the image repeats sideways; else: walls"
    )
    command.add_argument(
        "--crop", nargs="+", default=[], metavar="AXIS=FROM:TO", help="voxels, as x=0:200 z=50:150"
    )
    command.add_argument(
        "--rebin", type=int, default=1, metavar="N", help="merge N x N x N voxels, by majority"
    )
    choices = command.add_argument_group("of a file that holds more than one stack")
    choices.add_argument("--series", metavar="N", help="series of a TIFF, from 0; all joins them")
    choices.add_argument("--channel", type=int, metavar="N", help="channel or colour, from 0")
    choices.add_argument("--frame", type=int, metavar="N", help="time frame, from 0")
    choices.add_argument(
        "--layers-axis", metavar="LETTER", help="axis of the layers, where that is not Z: T, C, S"
    )
    choices.add_argument(
        "--stored-values", action="store_true", help="do not invert a TIFF that has 0 as white"
    )
    choices.add_argument(
        "--dataset",
        metavar="NAME",
        help="path inside HDF5, variable in .mat; without an image: folder of a published dataset, "
        "whose electrodes are measured anew from their beads",
    )
    choices.add_argument(
        "--raw-shape", type=int, nargs=3, metavar=("X", "Y", "Z"), help="voxels of a raw file"
    )
    choices.add_argument("--raw-type", metavar="TYPE", help="uint8, uint16, >u2, float32, ...")
    choices.add_argument("--raw-offset", type=int, default=0, metavar="BYTES", help="to skip")


def image_request(arguments: argparse.Namespace) -> ImageRequest:
    """Gather what the arguments say of an image."""
    from mesocast.characterization.files.stack import ALL_SERIES, Choices
    from mesocast.characterization.labels import PhaseLabels
    from mesocast.characterization.region import AXES, Crop
    from mesocast.characterization.sample import ImageRequest

    edges_um = arguments.voxel_size_um
    if edges_um is not None and len(edges_um) not in (1, 3):
        raise InputError(f"--voxel-size-um = {edges_um}; allowed: one edge, or three")
    series = arguments.series
    if series is not None and series != "all" and not series.isdecimal():
        raise InputError(f"--series {series}; allowed: a number from 0, or all")
    axes = arguments.thickness_axis
    return ImageRequest(
        voxel_size_um=None if edges_um is None else tuple(edges_um * (3 // len(edges_um))),
        labels=None if arguments.labels is None else PhaseLabels.parse(arguments.labels),
        thickness_axes=AXES if "all" in axes else tuple(dict.fromkeys(axes)),
        periodic=arguments.periodic,
        crop=Crop.parse(arguments.crop),
        rebin=arguments.rebin,
        choices=Choices(
            series=ALL_SERIES if series == "all" else series and int(series),
            channel=arguments.channel,
            frame=arguments.frame,
            layers_axis=arguments.layers_axis,
            stored_values=arguments.stored_values,
            dataset=arguments.dataset,
            raw_shape=arguments.raw_shape and tuple(arguments.raw_shape),
            raw_type=arguments.raw_type,
            raw_offset=arguments.raw_offset,
        ),
    )


def characterize_image(arguments: argparse.Namespace) -> None:
    """Measure an image or a packing and print its properties, before any file is written."""
    from mesocast.campaign.checks import load
    from mesocast.config.campaign import Campaign

    campaign = Campaign(campaign="image") if arguments.config is None else load(arguments.config)

    from mesocast.characterization.files.spheres import is_dump
    from mesocast.characterization.image_file import characterize_file
    from mesocast.characterization.sphere_file import characterize_packing

    request = image_request(arguments)
    cells = _Cells(campaign) if arguments.cell else None
    printer = _Rows(len(request.thickness_axes) > 1, cells)
    try:
        if is_dump(arguments.image):
            axis, *more = request.thickness_axes or ("z",)
            if more:
                raise InputError("--thickness-axis: of spheres, allowed is one axis")
            characterize_packing(
                arguments.image,
                campaign,
                labels=request.labels,
                length_unit=arguments.length_unit,
                thickness_axis=axis,
                folder=arguments.folder,
                emit=printer,
            )
        else:
            with progress(max(1, len(request.thickness_axes))) as report:
                characterize_file(
                    arguments.image,
                    campaign,
                    request,
                    folder=arguments.folder,
                    fields=arguments.fields,
                    emit=printer,
                    report=report,
                )
        if cells is not None and arguments.folder is not None:
            cells.write(arguments.folder)
    except OSError as error:
        printer.close()
        raise said_fault(error, arguments.folder) from error
    printer.close()


def said_fault(error: OSError, folder: Path) -> SystemExit:
    """Say in one line that files are missing; the exit status of a fault of the run."""
    place = error.filename or folder
    message = f"{place}: cannot be written ({error.strerror}); the properties are printed above"
    print(message, file=sys.stderr)  # noqa: T201 - one line for a person
    return SystemExit(_FAULT_OF_THE_RUN)


class _Cells:
    """Puts what was measured into cells."""

    def __init__(self, campaign: Campaign) -> None:
        from mesocast.cell.chemistry import import_pybamm
        from mesocast.cell.jobs import chemistry_of

        import_pybamm()  # what is not installed is said before anything is measured
        self._campaign = campaign
        self._chemistry = chemistry_of(campaign)
        self._found: list[tuple[dict[str, Any], CellResult | PhysicsFailure]] = []

    def __call__(self, row: dict[str, Any]) -> None:
        """Add the columns of the cell to a row."""
        from mesocast.cell.measured import cell_of_measured
        from mesocast.cell.result import failed_columns

        found = cell_of_measured(row, self._campaign, self._chemistry)
        self._found.append((row, found))
        row.update(failed_columns(found) if isinstance(found, PhysicsFailure) else found.columns())

    def write(self, folder: Path) -> None:
        """Write the files of the cells, with several thickness axes in a folder of each."""
        from mesocast.cell.jobs import write_cell

        for row, found in self._found:
            axis = str(row["thickness_axis"])
            place = folder / axis if len(self._found) > 1 else folder
            write_cell(found, place, title=f"{row['source']['file']} along {axis}")


class _Rows:
    """Prints one JSON object, or a list of several, each as soon as it is known."""

    def __init__(self, several: bool, cells: _Cells | None) -> None:
        self._several = several
        self._cells = cells
        self._count = 0

    def __call__(self, row: dict[str, Any]) -> None:
        if self._cells is not None:
            self._cells(row)
        for remark in row["remarks"]:
            print(f"remark: {remark}", file=sys.stderr)  # noqa: T201
        if self._several:
            print("[" if self._count == 0 else ",")  # noqa: T201
        print(json.dumps(row, indent=2), flush=True)  # noqa: T201 - the command's answer
        self._count += 1

    def close(self) -> None:
        """End the list."""
        if self._several and self._count:
            print("]", flush=True)  # noqa: T201


@contextlib.contextmanager
def counted(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many of how many are done: a bar on a terminal, else a line for each tenth."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    is_terminal = sys.stderr.isatty()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=None)

        def report(done: int, whole: int) -> None:
            bar.update(task, completed=done, total=whole)
            if not is_terminal and 10 * done // whole > 10 * (done - 1) // whole:
                _LOGGER.info("%s: %d of %d", what, done, whole)

        yield report


@contextlib.contextmanager
def progress(images: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on standard error while images are measured, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from mesocast.characterization.image import PARTS

    names = list(PARTS)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("reading", total=images)
        done = 0.0

        def report(part: str) -> None:
            nonlocal done
            finished = int(done + 0.5) if part == names[0] else int(done)
            done = finished + sum(PARTS[name] for name in names[: names.index(part)])
            bar.update(task, completed=done, description=part)

        yield report
