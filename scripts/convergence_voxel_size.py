"""Error of transport figures against the size of the voxels, on given electrodes.

For each electrode.dump.gz it prints a table: effective diffusivity of the pores by apertures and by
sharp voxels, and effective electronic conductivity, with their CPU time. Errors of the diffusivity
are against the limit of small voxels, which is extrapolated by a straight line through the three
smallest voxels, twice: from apertures sampled 4 x 4 per face (the reference) and from sharp voxels
(the check). The smallest voxels are costly: `--slab-um 5 13` measures that part of the height only.

    python scripts/convergence_voxel_size.py results/demo/conditions/*/electrode.dump.gz
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from mesocast.characterization.transport.aperture import SAMPLES_PER_EDGE
from mesocast.characterization.transport.properties import electronic_conduction, pore_transport
from mesocast.characterization.voxels import voxelize
from mesocast.electrode import Electrode
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from mesocast.characterization.voxels import VoxelImage

    Series = dict[float, tuple[float, float]]  # voxel edge in um: value, CPU seconds
    Table = dict[str, Series]

AM_CONDUCTIVITY_S_M, CBD_CONDUCTIVITY_S_M = 0.005, 0.8
REFERENCE_SAMPLES = 4
SERIES = ("aperture", "aperture 4 x 4", "sharp voxels", "conductivity")


def value_of(series: str, electrode: Electrode, image: VoxelImage) -> float:
    """Measure one figure; nan where nothing percolates."""
    try:
        if series == "conductivity":
            return electronic_conduction(
                image, AM_CONDUCTIVITY_S_M, CBD_CONDUCTIVITY_S_M
            ).effective_conductivity
        return pore_transport(
            image,
            "multigrid" if series == "sharp voxels" else "aperture",
            electrode=electrode,
            samples_per_edge=SAMPLES_PER_EDGE if series == "aperture" else REFERENCE_SAMPLES,
        ).effective_diffusivity
    except PhysicsFailure:
        return float("nan")


def measure(electrode: Electrode, thickness_um: float, edges_um: list[float]) -> Table:
    """Measure all series at all voxel sizes."""
    table: Table = {name: {} for name in SERIES}
    for edge in edges_um:
        image = voxelize(electrode, edge, thickness_um)
        for name in SERIES:
            started = time.process_time()
            value = value_of(name, electrode, image)
            table[name][edge] = value, time.process_time() - started
    return table


def extrapolated(series: Series) -> float:
    """Limit of zero voxel size by a straight line through the three smallest voxels."""
    edges = sorted(series)[:3]
    return float(np.polyfit(edges, [series[edge][0] for edge in edges], 1)[1])


def print_table(path: Path, electrode: Electrode, thickness_um: float, table: Table) -> float:
    """Print one electrode's table; return the limit of its diffusivity."""
    limit = extrapolated(table["aperture 4 x 4"])
    check = extrapolated(table["sharp voxels"])
    print(f"\n{path}: {len(electrode.radii_um)} spheres, {thickness_um:.2f} um high")
    print(
        f"diffusivity at zero voxel size {limit:.5f}; from sharp voxels {check:.5f} "
        f"({100 * (check / limit - 1):+.1f} %)"
    )
    print(
        f"{'voxel um':>8} {'million':>8} | "
        + " | ".join(f"{name:>14} {'error %':>8} {'CPU s':>6}" for name in SERIES[:3])
        + f" | {'sigma S/m':>9} {'CPU s':>6}"
    )
    for edge in sorted(table["aperture"], reverse=True):
        voxels = electrode.area_um2 * thickness_um / edge**3 / 1e6
        columns = [
            f"{table[name][edge][0]:14.5f} {100 * (table[name][edge][0] / limit - 1):8.2f} "
            f"{table[name][edge][1]:6.2f}"
            for name in SERIES[:3]
        ]
        sigma, seconds = table["conductivity"][edge]
        print(
            f"{edge:8.3f} {voxels:8.2f} | "
            + " | ".join(columns)
            + f" | {sigma:9.5f} {seconds:6.2f}"
        )
    return limit


def plot(path: Path, results: dict[str, tuple[float, Table]]) -> None:
    """Draw error against voxel size and against CPU time."""
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    against_size, against_cost = figure.subplots(1, 2, sharey=True)
    colours = ("#0072b2", "#56b4e9", "#d55e00")
    for number, (limit, table) in enumerate(results.values()):
        for name, colour in zip(SERIES[:3], colours, strict=True):
            edges = sorted(table[name])
            errors = [100 * abs(table[name][edge][0] / limit - 1) for edge in edges]
            seconds = [table[name][edge][1] for edge in edges]
            style = {"color": colour, "marker": ".", "label": "" if number else name}
            against_size.loglog(edges, errors, **style)
            against_cost.loglog(seconds, errors, **style)
    against_size.set(xlabel="voxel size (um)", ylabel="error of the pore diffusivity (%)")
    against_cost.set(xlabel="CPU time (s)")
    for axes in (against_size, against_cost):  # their labels overlap within one decade
        axes.xaxis.set_minor_formatter(NullFormatter())
    against_size.set_xticks(shown := sorted(next(iter(results.values()))[1]["aperture"]), shown)
    against_size.legend()
    figure.savefig(path, dpi=150)


def write_csv(path: Path, results: dict[str, tuple[float, Table]]) -> None:
    """Write all figures; the limit of the diffusivity stands as voxel size 0."""
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("electrode", "series", "voxel_size_um", "value", "error_pct", "cpu_s"))
        for name, (limit, table) in results.items():
            writer.writerow((name, "aperture 4 x 4", 0, f"{limit:.5f}", 0, ""))
            check = extrapolated(table["sharp voxels"])
            error = f"{100 * (check / limit - 1):.2f}"
            writer.writerow((name, "sharp voxels", 0, f"{check:.5f}", error, ""))
            for series, values in table.items():
                for edge, (value, seconds) in sorted(values.items()):
                    error = "" if series == "conductivity" else f"{100 * (value / limit - 1):.2f}"
                    writer.writerow((name, series, edge, f"{value:.5f}", error, f"{seconds:.2f}"))


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dumps", nargs="+", type=Path, help="electrode.dump.gz of an electrode")
    parser.add_argument(
        "--voxel-sizes-um", nargs="+", type=float, default=[0.5, 0.4, 0.3, 0.25, 0.2, 0.15]
    )
    parser.add_argument("--slab-um", nargs=2, type=float, metavar=("LOW", "HIGH"))
    parser.add_argument("--plot", type=Path, help="PNG to write")
    parser.add_argument("--csv", type=Path, help="table to write")
    arguments = parser.parse_args()
    if len(set(arguments.voxel_sizes_um)) < 3:
        parser.error("--voxel-sizes-um: needs at least three sizes to extrapolate")
    results = {}
    for path in arguments.dumps:
        electrode = Electrode.read_dump(path)
        thickness_um = electrode.thickness_um
        if arguments.slab_um:
            low, high = arguments.slab_um
            thickness_um = high - low
            electrode = dataclasses.replace(
                electrode, positions_um=electrode.positions_um - [0.0, 0.0, low]
            )
        measure(electrode, thickness_um, [max(arguments.voxel_sizes_um)])  # compile before timing
        table = measure(electrode, thickness_um, arguments.voxel_sizes_um)
        limit = print_table(path, electrode, thickness_um, table)
        results[path.name.removesuffix(".dump.gz")] = limit, table
    if arguments.csv:
        write_csv(arguments.csv, results)
    if arguments.plot:
        plot(arguments.plot, results)


if __name__ == "__main__":
    main()
