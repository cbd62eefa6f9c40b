"""CPU time and memory of all properties of an electrode together, part by part.

Each electrode.dump.gz is measured in a new process on one thread, as a job of the workflow is, with
files and pictures; loops are compiled before (numba keeps them on disk). A full-size electrode of a
given height is made from a lower one with --stack-to-um, by stacking and cutting off.

    python scripts/benchmark_characterization.py electrode.dump.gz --stack-to-um 50
"""

from __future__ import annotations

import argparse
import csv
import functools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.characterization import image as image_columns
from mesocast.characterization import measure
from mesocast.characterization.files import write
from mesocast.config.campaign import Campaign
from mesocast.electrode import Electrode

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS = ("electrode", "beads", "height_um", "million_voxels", "part", "cpu_s", "peak_gib")
# Functions whose time is a part of its own; what is left is "imports and the rest".
PARTS = {
    "image_columns.pore_transport": "transport of the pores: 4 solves",
    "image_columns.electronic_conduction": "electronic conduction: 2 solves",
    "image_columns.pore_sizes": "pore sizes",
    "image_columns.area_by_marching_cubes": "marching cubes",
    "measure.active_surface": "exact surface",
    "measure.voxelize": "voxels",
    "write.write_electrode_files": "files and pictures",
}


def stacked(electrode: Electrode, height_um: float) -> Electrode:
    """Stack copies of an electrode and keep the beads whose centres lie below a height."""
    copies = int(np.ceil(height_um / electrode.thickness_um))
    shift = np.repeat(np.arange(copies), len(electrode.radii_um)) * electrode.thickness_um
    positions = np.tile(electrode.positions_um, (copies, 1))
    positions[:, 2] += shift
    kept = positions[:, 2] < height_um
    return Electrode(
        positions[kept],
        np.tile(electrode.radii_um, copies)[kept],
        np.tile(electrode.species, copies)[kept],
        np.tile(electrode.masses_pg, copies)[kept],
        electrode.lateral_um,
    )


def characterize_here(path: Path, voxel_size_um: float) -> dict[str, Any]:
    """Characterize one electrode in this process, with a clock around each part."""
    modules = {"image_columns": image_columns, "measure": measure, "outputs": write}
    seconds = dict.fromkeys(PARTS.values(), 0.0)

    def clocked(function: Callable[..., Any], part: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            started = time.process_time()
            try:
                return function(*arguments, **options)
            finally:
                seconds[part] += time.process_time() - started

        return call

    for name, part in PARTS.items():
        module, function = name.split(".")
        setattr(modules[module], function, clocked(getattr(modules[module], function), part))
    electrode, settings = Electrode.read_dump(path), Campaign(campaign="benchmark")
    materials = settings.materials
    result = measure.characterize(
        electrode,
        image_columns.Phases(
            materials.active_material.electronic_conductivity_S_m,
            materials.cbd.electronic_conductivity_S_m,
            materials.cbd.nanoporosity,
        ),
        voxel_size_um=voxel_size_um,
        coverage_tolerance_um=settings.characterization.coverage_tolerance_um,
    )
    with tempfile.TemporaryDirectory() as folder:
        write.write_electrode_files(electrode, result, Path(folder))
    total = time.process_time()  # imports included
    seconds["imports and the rest"] = total - sum(seconds.values())
    return {
        "beads": len(electrode.radii_um),
        "height_um": result.thickness_um,
        "million_voxels": result.image.labels.size / 1e6,
        "seconds": seconds | {"all together": total},
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def measure_in_new_process(path: Path, voxel_size_um: float) -> dict[str, Any]:
    """Do it twice, so that everything is compiled, and return the second."""
    command = [sys.executable, __file__, str(path), "--voxel-size-um", str(voxel_size_um), "--here"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    for _ in range(2):
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dumps", nargs="+", type=Path, help="electrode.dump.gz of an electrode")
    parser.add_argument("--voxel-size-um", type=float, default=0.25)
    parser.add_argument("--stack-to-um", type=float, help="height of the electrode to make")
    parser.add_argument("--csv", type=Path, help="file to write as well")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        print(json.dumps(characterize_here(arguments.dumps[0], arguments.voxel_size_um)))
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for path in arguments.dumps:
            measured = path
            if arguments.stack_to_um:
                measured = Path(folder) / path.name
                stacked(Electrode.read_dump(path), arguments.stack_to_um).write_dump(measured)
            answer = measure_in_new_process(measured, arguments.voxel_size_um)
            print(
                f"{path}: {answer['beads']} beads, {answer['height_um']:.1f} um high, "
                f"{answer['million_voxels']:.2f} million voxels, {answer['peak_gib']:.2f} GiB"
            )
            for part, seconds in answer["seconds"].items():
                print(f"    {part:32} {seconds:6.2f} CPU s")
                rows.append(
                    {
                        "electrode": path.name.removesuffix(".dump.gz"),
                        "beads": answer["beads"],
                        "height_um": round(answer["height_um"], 1),
                        "million_voxels": round(answer["million_voxels"], 2),
                        "part": part,
                        "cpu_s": round(seconds, 2),
                        "peak_gib": round(answer["peak_gib"], 2),
                    }
                )
    if arguments.csv:
        with arguments.csv.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
