"""CPU time of the multigrid solver and of TauFactor on the same voxels, side by side.

Each solver is run at several tolerances; its error is against multigrid at a very small one. For
every run of TauFactor the last column compares with the cheapest run of multigrid that is at least
as accurate. Both use one thread. Voxels count as cubes, because TauFactor as published has periodic
sides for cubes only; for the electronic conductivity it has none, so there the comparison is
with its solver as extended in ``mesocast.characterization.transport.taufactor_method``.

    python scripts/benchmark_transport.py results/demo/conditions/*/electrode.dump.gz
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from taufactor import PeriodicSolver

from mesocast.characterization.transport import multigrid, taufactor_method
from mesocast.characterization.transport.percolation import spanning
from mesocast.characterization.transport.voxel_faces import voxel_faces
from mesocast.characterization.voxels import PORE, voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    # (phases, conductivities, tolerance) -> effective conductivity
    Solver = Callable[[NDArray[np.uint8], tuple[float, ...], float], float]

PROBLEMS = {
    "pore diffusivity": {PORE: 1.0},
    "pores and permeable CBD": {PORE: 1.0, CBD: 0.05},
    "electronic conductivity": {ACTIVE_MATERIAL: 0.005 / 0.8, CBD: 1.0},
}
COLUMNS = (
    "electrode",
    "porosity",
    "voxel_size_um",
    "million_voxels",
    "problem",
    "solver",
    "tolerance",
    "value",
    "error",
    "cpu_s",
    "ratio",
)
REFERENCE_TOLERANCE = 1e-11
MULTIGRID_TOLERANCES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
TAUFACTOR_TOLERANCES = (1e-2, 1e-3, 1e-4)


def by_multigrid(phases: NDArray[np.uint8], values: tuple[float, ...], tolerance: float) -> float:
    """Effective conductivity of cubic voxels."""
    nx, ny, nz = phases.shape
    cube = (1.0, 1.0, 1.0)
    faces = voxel_faces(phases, values, cube)
    return float(multigrid.solve(faces, cube, tolerance=tolerance).conductance * nz / (nx * ny))


def by_taufactor(phases: NDArray[np.uint8], values: tuple[float, ...], tolerance: float) -> float:
    """Do the same with TauFactor, for one conductivity exactly as published."""
    if len(values) == 1:
        solver = PeriodicSolver(phases.transpose(2, 0, 1).astype(int), device="cpu")
        solver.solve(verbose=False, conv_crit=tolerance)
        return float(solver.D_eff[0])
    return taufactor_method.solve(
        phases, values, (1.0, 1.0, 1.0), flux_tolerance=tolerance
    ).effective_conductivity


def timed(
    solver: Solver, phases: NDArray[np.uint8], values: tuple[float, ...], tolerance: float
) -> tuple[float, float]:
    """Value and CPU seconds."""
    started = time.process_time()
    value = solver(phases, values, tolerance)
    return value, time.process_time() - started


def compare(phases: NDArray[np.uint8], values: tuple[float, ...]) -> list[dict[str, float | str]]:
    """Print one problem's table; return its rows."""
    by_multigrid(phases[:, :, :8], values, 1e-2)  # compile before timing
    exact = by_multigrid(phases, values, REFERENCE_TOLERANCE)
    print(f"    {'solver':9} {'tolerance':>9} {'value':>10} {'error':>8} {'CPU s':>7} {'ratio':>6}")
    ours = []
    rows: list[dict[str, float | str]] = []

    def note(solver: str, tolerance: float, value: float, error: float, seconds: float) -> None:
        rows.append(
            {
                "solver": solver,
                "tolerance": tolerance,
                "value": f"{value:.6f}",
                "error": f"{error:.1e}",
                "cpu_s": f"{seconds:.2f}",
            }
        )

    for tolerance in MULTIGRID_TOLERANCES:
        value, seconds = timed(by_multigrid, phases, values, tolerance)
        error = abs(value / exact - 1)
        ours.append((error, seconds))
        print(f"    multigrid {tolerance:9.0e} {value:10.6f} {error:8.1e} {seconds:7.2f}")
        note("multigrid", tolerance, value, error, seconds)
    for tolerance in TAUFACTOR_TOLERANCES:
        value, seconds = timed(by_taufactor, phases, values, tolerance)
        error = abs(value / exact - 1)
        equal = min((cpu for our_error, cpu in ours if our_error <= error), default=float("nan"))
        print(
            f"    TauFactor {tolerance:9.0e} {value:10.6f} {error:8.1e} {seconds:7.2f} "
            f"{seconds / equal:5.0f}x"
        )
        note("TauFactor", tolerance, value, error, seconds)
        rows[-1]["ratio"] = f"{seconds / equal:.0f}"
    return rows


def main() -> None:
    """Run and print the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dumps", nargs="+", type=Path, help="electrode.dump.gz of an electrode")
    parser.add_argument("--voxel-size-um", type=float, default=0.25)
    parser.add_argument(
        "--problems", nargs="+", choices=PROBLEMS, default=list(PROBLEMS), help="what to solve"
    )
    parser.add_argument("--csv", type=Path, help="table to write")
    arguments = parser.parse_args()
    table: list[dict[str, float | str]] = []
    torch.set_num_threads(1)
    for path in arguments.dumps:
        electrode = Electrode.read_dump(path)
        image = voxelize(electrode, arguments.voxel_size_um, electrode.thickness_um)
        print(f"{path}: {image.labels.shape} voxels, porosity {image.fraction(PORE):.3f}")
        for name in arguments.problems:
            conductivities = PROBLEMS[name]
            kept = spanning(np.isin(image.labels, list(conductivities)))
            if not kept.any():
                print(f"  {name}: does not percolate")
                continue
            phases = np.zeros_like(image.labels)
            for number, phase in enumerate(conductivities, start=1):
                phases[kept & (image.labels == phase)] = number
            print(f"  {name}")
            origin: dict[str, float | str] = {
                "electrode": path.name.removesuffix(".dump.gz"),
                "porosity": f"{image.fraction(PORE):.3f}",
                "voxel_size_um": arguments.voxel_size_um,
                "million_voxels": f"{image.labels.size / 1e6:.2f}",
                "problem": name,
            }
            table += [origin | row for row in compare(phases, tuple(conductivities.values()))]
    if arguments.csv:
        with arguments.csv.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)


if __name__ == "__main__":
    main()
