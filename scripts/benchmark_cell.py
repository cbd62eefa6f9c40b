"""What a cell costs, how far SPMe and the mesh are off, and through what an optimizer should look.

    OMP_NUM_THREADS=1 python scripts/benchmark_cell.py            # CPU seconds, SPMe, mesh
    OMP_NUM_THREADS=1 python scripts/benchmark_cell.py --surrogates sisso polynomial

With --surrogates, the rows are divided into five parts that keep slurries whole. What a cell does
is predicted for each part from the others in two ways: by a surrogate of the cell's column (which
the method through_microstructure makes over SISSO's equations of the microstructure), and by
surrogates of the microstructure with PyBaMM after them.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import GroupKFold

from mesocast.cell.chemistry import default_chemistry
from mesocast.cell.discharge import POINTS, CellModel
from mesocast.cell.parameters import reference_of
from mesocast.cell.porous_electrode import NEEDED, PorousElectrode
from mesocast.cell.result import RATES_C, cell, discharge
from mesocast.columns import PARAMETERS, TARGETS, unit_of
from mesocast.config.cell import CellSettings
from mesocast.config.materials import ActiveMaterial
from mesocast.errors import InputError
from mesocast.storage.rows import read_file
from mesocast.surrogates.registry import METHODS
from mesocast.surrogates.training import TrainingData

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

DATASET = Path(__file__).parents[1] / "data/paper/dataset.parquet"
GOALS = (
    "energy_stack_C5_Wh_L",
    "energy_stack_5C_Wh_L",
    "power_at_energy_W_L",
    "rate_at_80_pct_C",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", type=Path, default=DATASET)
    parser.add_argument("--electrodes", type=int, default=0, help="of the dataset; 0: all")
    parser.add_argument("--surrogates", nargs="*", default=[], choices=list(METHODS))
    arguments = parser.parse_args()
    table = read_file(arguments.dataset)
    table = table[table["status"] == "ok"].reset_index(drop=True)
    if arguments.electrodes:
        table = table.iloc[:: max(len(table) // arguments.electrodes, 1)].reset_index(drop=True)
    truth = _cells(table)
    if arguments.surrogates:
        for method in arguments.surrogates:
            _compare(table, truth, method)
    else:
        _fast_mode(table)
        _mesh(table)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def _cells(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Columns of all electrodes; prints what they cost."""
    start = time.process_time()
    cell(_records(table)[0])
    first = time.process_time() - start
    start = time.process_time()
    found = [cell(row).columns() for row in _records(table)]
    each = (time.process_time() - start) / len(found)
    failed = sum(row["cell_status"] != "ok" for row in found)
    print(f"first electrode {first:.2f} s CPU with imports, then {each:.3f} s CPU each", flush=True)
    print(f"{len(found)} electrodes, of which {failed} with a discharge that failed", flush=True)
    return found


def _electrodes(table: pd.DataFrame) -> list[PorousElectrode]:
    loading = CellSettings().loading_mg_cm2 or 0
    return [PorousElectrode.of(row, ActiveMaterial()).stacked(loading) for row in _records(table)]


def _fast_mode(table: pd.DataFrame) -> None:
    """Energy by SPMe over that by DFN, and what it costs."""
    for half in (True, False):
        for name, rate in RATES_C.items():
            energies: dict[str, list[float]] = {}
            for model in ("DFN", "SPMe"):
                settings = CellSettings.model_validate({"model": model})
                energies[model] = [
                    discharge(one, rate, half=half, settings=settings).energy_Wh_m2
                    for one in _electrodes(table)
                ]
            _print_error(
                f"SPMe {'half' if half else 'full'} {name}", energies["SPMe"], energies["DFN"]
            )


def _mesh(table: pd.DataFrame) -> None:
    """Energy on the mesh of a campaign over that on one of twice as many points."""
    chemistry, settings = default_chemistry(), CellSettings()
    for half in (True, False):
        fine = {
            reference_of(one, chemistry, settings): CellModel(
                chemistry,
                settings,
                half=half,
                reference=reference_of(one, chemistry, settings),
                particle_radius_um=one.particle_radius_um,
                points={name: 2 * count for name, count in POINTS.items()},
                tolerance=1e-6,
            )
            for one in _electrodes(table)
        }
        for name, rate in RATES_C.items():
            coarse = [discharge(one, rate, half=half).energy_Wh_m2 for one in _electrodes(table)]
            exact = [
                fine[reference_of(one, chemistry, settings)].discharge(one, rate).energy_Wh_m2
                for one in _electrodes(table)
            ]
            _print_error(f"mesh {'half' if half else 'full'} {name}", coarse, exact)


def _print_error(what: str, found: list[float], exact: list[float]) -> None:
    error = 100 * np.abs(np.array(found) / np.array(exact) - 1)
    print(
        f"{what:14} median {np.median(error):6.3f} %, 95 % below "
        f"{np.percentile(error, 95):6.3f} %, largest {error.max():6.2f} %",
        flush=True,
    )


def _compare(table: pd.DataFrame, truth: list[dict[str, Any]], method: str) -> None:
    """Errors of both ways, over held-back slurries."""
    x = table[list(PARAMETERS)].to_numpy(float)
    slurries = table["slurry_id"].to_numpy(object)
    box = tuple(zip(x.min(axis=0).tolist(), x.max(axis=0).tolist(), strict=True))
    folds = list(GroupKFold(5).split(x, groups=slurries))
    inputs = list(NEEDED)
    values = {name: table[name].to_numpy(float) for name in {*inputs, *TARGETS}}
    values |= {goal: np.array([row[goal] for row in truth], float) for goal in GOALS}

    def predicted(name: str) -> NDArray[np.float64]:
        found = np.full(len(x), np.nan)
        for train, test in folds:
            use = train[np.isfinite(values[name][train])]
            data = TrainingData(
                name,
                PARAMETERS,
                unit_of(name),
                box,
                x[use],
                values[name][use],
                slurries[use],
                seed=1,
                microstructure={part: values[part][use] for part in inputs if name in GOALS},
            )
            found[test] = METHODS[method].fit(data, {})[0](x[test])
        return found

    parts = {name: predicted(name) for name in inputs}
    rows = []
    for i, row in enumerate(_records(table)):
        made = row | {name: float(part[i]) for name, part in parts.items()}
        try:
            rows.append(cell(made).columns())
        except InputError:
            rows.append({})  # a surrogate gave what no electrode has
    for goal in GOALS:
        after = np.array(
            [row.get(goal) if row.get(goal) is not None else np.nan for row in rows], float
        )
        both = {"surrogate of the column": predicted(goal), "microstructure and PyBaMM": after}
        for way, found in both.items():
            known = np.isfinite(found) & np.isfinite(values[goal])
            residual = found[known] - values[goal][known]
            r2 = (
                1
                - (residual**2).sum()
                / ((values[goal][known] - values[goal][known].mean()) ** 2).sum()
            )
            print(
                f"{method:18} {goal:22} {way:26} rows {known.sum():4d} "
                f"RMSE {np.sqrt((residual**2).mean()):8.3f} R2 {r2:7.4f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
