"""Measured electrodes beside simulated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

from mesocast.columns import PARAMETERS
from mesocast.errors import InputError
from mesocast.optimization.objective import Goal, Objective
from mesocast.optimization.problem import Problem
from mesocast.surrogates.fit import fit
from mesocast.surrogates.measured.table import measured_table
from mesocast.verification.jobs import write_measured
from mesocast.verification.measured import MeasuredComparison, compare_measured

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

BOUNDS = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}
NOISE = {"porosity_total": 0.005, "tortuosity_factor": 0.02}
GOALS = {"porosity_total": Goal("minimize"), "tortuosity_factor": Goal("minimize")}


def _simulated(recipes: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    am, sc, cr = recipes.T / 100
    return {
        "porosity_total": 0.5 - 0.4 * cr + 0.1 * (sc - 0.6),
        "tortuosity_factor": 1.5 + 2 * cr + 2 * (0.96 - am),
        "density_g_cm3": 2.2 + 2 * cr + am,
    }


def _line(recipes: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """What is measured: pores wind more when pressed, and the film is denser."""
    found = _simulated(recipes)
    cr = recipes[:, 2] / 100
    found["porosity_total"] = found["porosity_total"] - 0.05
    found["tortuosity_factor"] = found["tortuosity_factor"] + 0.5 + 6 * cr
    return found


def _recipes(count: int, seed: int) -> NDArray[np.float64]:
    low, high = np.array(list(BOUNDS.values())).T
    return np.asarray(qmc.scale(qmc.Sobol(3, rng=seed).random(count), low, high)).round(1)


def _table(recipes: NDArray[np.float64], found: dict[str, NDArray[np.float64]]) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(PARAMETERS, recipes.T, strict=True))).assign(**found)


def _measured(seed: int, count: int = 16, **changes: Any) -> pd.DataFrame:
    recipes, random = _recipes(count, seed), np.random.default_rng(seed)
    values = {n: v for n, v in _line(recipes).items() if n in NOISE}
    noisy = {n: v + NOISE[n] * random.standard_normal(count) for n, v in values.items()}
    spreads = {f"{n}_std": np.full(count, s) for n, s in NOISE.items()}
    return _table(recipes, noisy).assign(**spreads, **changes)


@pytest.fixture(scope="module")
def dataset() -> pd.DataFrame:
    recipes = _recipes(32, 0)
    names = [f"S{number:02d}" for number in range(len(recipes))]
    return _table(recipes, _simulated(recipes)).assign(
        condition_id=names, slurry_id=names, status="ok"
    )


def _compare(dataset: pd.DataFrame, measured: pd.DataFrame) -> MeasuredComparison:
    surrogates = fit(dataset, list(GOALS), method="polynomial", bounds_pct=BOUNDS)
    problem = Problem(dict(surrogates), Objective.from_table(dataset, GOALS), BOUNDS)
    return compare_measured(problem, surrogates, dataset, measured_table(measured))


@pytest.fixture(scope="module")
def found(dataset: pd.DataFrame) -> MeasuredComparison:
    return _compare(dataset, _measured(1))


def test_the_bias_of_each_property_and_parameter_is_found(found: MeasuredComparison) -> None:
    bias = found.bias.set_index("property")
    assert bias.loc["porosity_total", "difference"] == pytest.approx(-0.05, abs=0.005)
    winding: Any = bias.loc["tortuosity_factor"]
    assert winding["cr_pct"] == pytest.approx(2.4, abs=float(3 * winding["cr_pct_std"]))
    assert abs(winding["am_pct"]) < 0.2
    assert (bias["rmse_corrected"] < 0.3 * bias["rmse_predicted"]).all()
    assert (bias["inside_95"] >= 0.8).all()


def test_the_corrected_optimum_is_better_on_the_line(found: MeasuredComparison) -> None:
    def on_the_line(parameters: dict[str, float]) -> float:
        recipe = np.array([list(parameters.values())])
        span = {"porosity_total": (0.32, 0.51), "tortuosity_factor": (1.5, 2.5)}
        values = _line(recipe)
        return float(sum(((values[n][0] - low) / (h - low)) ** 2 for n, (low, h) in span.items()))

    assert found.uncorrected.parameters["cr_pct"] > 15
    assert found.corrected.parameters["cr_pct"] < 5
    assert on_the_line(found.corrected.parameters) < on_the_line(found.uncorrected.parameters)
    low, high = found.corrected.interval["tortuosity_factor"]
    assert low < found.corrected.predicted["tortuosity_factor"] < high


def test_new_electrodes_lie_in_the_intervals(found: MeasuredComparison) -> None:
    new = _measured(5, 64)
    predicted = found.predict(new)
    inside = [(new[n] >= predicted[f"{n}_low"]) & (new[n] <= predicted[f"{n}_high"]) for n in NOISE]
    assert 0.85 < np.mean(inside) <= 1


def test_simulated_electrodes_of_the_recipe_come_before_the_surrogate(
    dataset: pd.DataFrame,
) -> None:
    measured = _measured(1)
    simulated = measured[[*PARAMETERS]].head(1)
    simulated = simulated.assign(tortuosity_factor=9.0, porosity_total=0.3, status="ok")
    twice = pd.concat([dataset, simulated], ignore_index=True)
    surrogates = fit(dataset, list(GOALS), method="polynomial", bounds_pct=BOUNDS)
    problem = Problem(dict(surrogates), Objective.from_table(dataset, GOALS), BOUNDS)
    found = compare_measured(problem, surrogates, twice, measured_table(measured)).electrodes
    first = found[found["property"] == "tortuosity_factor"].iloc[0]
    assert first["simulated"] == first["expected"] == 9.0
    assert first["simulated_electrodes"] == 1
    assert first["predicted"] < 4
    others = found[found["name"] != first["name"]]
    assert others["simulated"].isna().all()
    assert (others["expected"] == others["predicted"]).all()


def test_a_property_without_a_surrogate_gets_one(dataset: pd.DataFrame) -> None:
    recipes = _recipes(6, 4)
    found = _compare(
        dataset, _table(recipes, {"density_g_cm3": _simulated(recipes)["density_g_cm3"] + 0.2})
    )
    assert found.bias["difference"].to_numpy() == pytest.approx([0.2], abs=0.02)
    assert "Not measured, so not corrected" in found.remarks[-1]


def test_a_unit_that_is_another_is_remarked(dataset: pd.DataFrame) -> None:
    recipes = _recipes(6, 4)
    found = _compare(dataset, _table(recipes, {"density_g_cm3": np.full(6, 0.024)}))
    assert any("is it in g/cm3?" in remark for remark in found.remarks)


def test_the_files_hold_what_was_found(found: MeasuredComparison, tmp_path: Path) -> None:
    write_measured(found, tmp_path / "m")
    table = pd.read_csv(tmp_path / "m/measured.csv")
    assert table["difference"].to_numpy() == pytest.approx(
        found.electrodes["difference"].to_numpy(), rel=1e-4
    )
    assert {path.name for path in (tmp_path / "m").iterdir()} == {
        "measured.csv",
        "bias.csv",
        "measured.json",
        "parity.svg",
    }


def test_a_column_that_no_simulation_varies_is_refused(dataset: pd.DataFrame) -> None:
    measured = _table(_recipes(4, 2), {"voxel_size_um": np.full(4, 0.3)})
    with pytest.raises(InputError, match="voxel_size_um"):
        _compare(dataset.assign(voxel_size_um=0.25), measured)
