"""Where the data lie."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mesocast.optimization.optimize import optimize
from mesocast.surrogates.fit import fit
from mesocast.surrogates.predict import is_near_data
from mesocast.surrogates.region import DataRegion, collinear
from mesocast.surrogates.surrogate import Surrogate

if TYPE_CHECKING:
    from pathlib import Path

BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
LOW, HIGH = np.array(BOX).T
INPUTS = ("am_pct", "sc_pct", "cr_pct")


def _spread(rows: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(LOW, HIGH, (rows, 3))


def _line(rows: int) -> np.ndarray:
    """Active material and solids move together."""
    part = np.linspace(0, 1, rows)
    rates = np.random.default_rng(2).uniform(0, 40, rows)
    return np.stack([86 + 10 * part, 45 + 26 * part, rates], axis=1)


@pytest.mark.parametrize("x", [_spread(30), _spread(174), _line(30)], ids=["30", "174", "line"])
def test_all_electrodes_of_the_data_lie_inside(x: np.ndarray) -> None:
    region = DataRegion.of(x, BOX)
    assert region.is_inside(x).all()
    assert (region.growth(x) == 1).all()


def test_faces_of_the_box_are_inside_and_beyond_is_not() -> None:
    region = DataRegion.of(_spread(500), BOX)
    middles = np.array([[86, 58, 20], [96, 58, 20], [91, 45, 20], [91, 58, 40]], dtype=float)
    assert region.is_inside(middles).all()
    assert not region.is_inside(middles + np.sign(middles - [91, 58, 20]) * 0.1).any()


@pytest.mark.parametrize(
    ("recipe", "inside"),
    [
        ((91.0, 58.0, 20.0), True),  # on the line
        ((91.0, 58.6, 20.0), True),  # as near as a line can be mixed
        ((91.0, 63.0, 20.0), False),
        ((96.0, 45.0, 20.0), False),
        ((86.0, 71.0, 20.0), False),
        ((95.9, 70.8, 39.0), True),
    ],
)
def test_off_the_line_of_collinear_inputs_is_outside(
    recipe: tuple[float, float, float], *, inside: bool
) -> None:
    assert DataRegion.of(_line(40), BOX).is_inside([recipe]).tolist() == [inside]


def test_growth_rises_steadily_from_1() -> None:
    region = DataRegion.of(_line(40), BOX)
    away = np.linspace(0, 1, 50)[:, None]
    growth = region.growth((1 - away) * [91.0, 58.0, 20.0] + away * [91.0, 90.0, 20.0])
    assert growth[0] == 1
    assert (np.diff(growth) >= 0).all()
    assert growth[-1] > 50


def test_a_cluster_in_a_wide_box_does_not_speak_for_the_box() -> None:
    cluster = np.random.default_rng(3).normal([94, 65, 10], [0.5, 1.0, 2.0], (60, 3))
    region = DataRegion.of(cluster, BOX)
    assert region.is_inside([[94.0, 65.0, 10.0]]).all()
    assert not region.is_inside([[88.0, 50.0, 30.0]]).any()


@pytest.mark.parametrize(
    ("x", "found"),
    [
        (_spread(40), ()),
        (_line(40), ("am_pct", "sc_pct")),
        (_line(40) + np.random.default_rng(1).normal(0, 0.05, (40, 3)), ("am_pct", "sc_pct")),
        (_line(40)[:, [2, 0, 1]], ("sc_pct", "cr_pct")),
        (np.stack([90 + 0.1 * _spread(40)[:, 2], *_spread(40)[:, 1:].T], 1), ("am_pct", "cr_pct")),
        (_spread(40) @ np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 0]]), INPUTS),
    ],
    ids=["spread", "line", "noisy line", "other pair", "a multiple", "a sum"],
)
def test_collinear_inputs_are_named(x: np.ndarray, found: tuple[str, ...]) -> None:
    assert collinear(x, INPUTS) == found


def _table(x: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame(x, columns=list(INPUTS))
    return table.assign(
        condition_id=[f"E{n:03d}" for n in range(len(x))],
        slurry_id=[f"S{n // 3:03d}" for n in range(len(x))],
        status="ok",
        density_g_cm3=1.5 + 0.01 * (table["am_pct"] - 86) + 0.02 * table["cr_pct"],
    )


def test_fit_keeps_the_region_and_warns_of_collinear_inputs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        models = fit(_table(_line(40)), ["density_g_cm3"], method="polynomial", splits=3)
    assert "density_g_cm3: am_pct and sc_pct move together" in caplog.text
    surrogate = models["density_g_cm3"]
    surrogate.write(tmp_path / "density_g_cm3.json")
    again = Surrogate.read(tmp_path / "density_g_cm3.json")
    assert again.region == surrogate.region
    recipes = pd.DataFrame({"am_pct": [91.0, 95.0], "sc_pct": [58.0, 46.0], "cr_pct": [20.0, 20.0]})
    found = models.predict(recipes, intervals=True)
    assert found["is_inside"].tolist() == [True, False]
    assert list(found.columns) == [
        "is_inside", "density_g_cm3", "density_g_cm3_low", "density_g_cm3_high"
    ]  # fmt: skip
    content = json.loads((tmp_path / "density_g_cm3.json").read_text())
    del content["region"]  # as before it was kept: the box only
    (tmp_path / "old.json").write_text(json.dumps(content))
    old = Surrogate.read(tmp_path / "old.json")
    assert old.region is None
    assert old.is_inside(recipes.to_numpy()).tolist() == [True, True]
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        fit(_table(_spread(40)), ["density_g_cm3"], method="polynomial")
    assert caplog.text == ""


def test_an_optimum_off_the_line_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """The optimum lay 9 points off the line of the data, without a word."""
    table = _table(_line(40))
    models = fit(table, ["density_g_cm3"], method="polynomial")
    text = "lies away from the electrodes"
    with caplog.at_level(logging.WARNING):
        recipe = dict(zip(INPUTS, (96.0, 45.0, 20.0), strict=True))
        assert not is_near_data(models, recipe)
        assert f"am_pct = 96, sc_pct = 45, cr_pct = 20 {text}" in caplog.text
        caplog.clear()
        assert is_near_data(models, dict(zip(INPUTS, (91.0, 58.0, 20.0), strict=True)))
        assert caplog.text == ""
        best = optimize(
            models,
            table,
            goals={"density_g_cm3": "maximize"},
            constraints={"am_pct": (95.0, None), "sc_pct": (None, 46.0)},
            evaluations=20,
        )
    assert best.recipe.sc_pct <= 46
    assert text in caplog.text


def test_one_table_of_accuracy() -> None:
    models = fit(_table(_spread(40)), ["density_g_cm3"], method="polynomial", splits=3)
    table = models.validation
    assert table["split"].tolist() == ["random", "grouped"]
    assert {"property", "method", "test_r2", "test_rmse_pct", "test_r2_ci95_low"} <= set(table)
