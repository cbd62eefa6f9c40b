"""What `scripts/published_work.py` lays beside the published work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import published_work
from mesocast.columns import PARAMETERS
from mesocast.errors import InputError
from mesocast.report.numbers import fixed

if TYPE_CHECKING:
    from mesocast.report.results import Results


def _cells(lines: list[str]) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_figures_are_those_of_the_published_work(results: Results) -> None:
    figures = {figure.name: figure for figure in published_work.figures_of(results)}
    for kind, count in (("sampling", 3), ("process", 3), ("radar-", 4), ("fit", 4), ("dist", 4)):
        assert sum(name.startswith(kind) for name in figures) == count
    bounds = results.bounds_pct
    slurries = results.dataset.drop_duplicates("slurry_id")
    for way in ("sobol", "uniform", "gaussian"):
        (trace,) = figures[f"sampling-{way}"].figure.data
        assert len(trace.x) == len(slurries)
        for values, name in ((trace.x, "am_pct"), (trace.y, "sc_pct")):
            assert bounds[name][0] <= min(values) < max(values) <= bounds[name][1]
    own = sorted(figures["sampling-sobol"].figure.data[0].x)
    np.testing.assert_allclose(own, sorted(slurries["am_pct"]))


def test_the_process_of_the_search_is_near_the_objective_that_it_knows(results: Results) -> None:
    """The points of this campaign's search are spread, so the process knows the objective."""
    figures = {figure.name: figure for figure in published_work.figures_of(results)}
    for panel in results.optimum.partial_dependence:
        name = f"process-{panel.first}-{panel.second}".replace("_", "-")
        drawn = np.array(figures[name].figure.data[0].z).T
        exact = np.array(panel.objective)
        assert np.abs(drawn - exact).max() < 0.25 * np.ptp(exact)


def test_tables_hold_both_numbers(results: Results) -> None:
    test = {row[0]: row[1:] for row in _cells(published_work.accuracy(results, of_test=True))}
    assert test["Density"][0] == "1.87"
    assert test["Density"][1] == fixed(results.surrogates["density_g_cm3"].test.rmse_pct, 2)
    assert test["Density"][4] == "0.962 to 0.971"
    train = {row[0]: row[1:] for row in _cells(published_work.accuracy(results, of_test=False))}
    assert train["Density"][2:4] == [
        "0.985",
        fixed(results.surrogates["density_g_cm3"].train.r2, 3),
    ]
    found = _cells(published_work.recipes(results, results.everything))
    recipe = dict(results.optimum.parameters)
    assert [float(row[1]) for row in found[:3]] == [90.4, 58.2, 28.4]
    assert [float(row[2]) for row in found[:3]] == pytest.approx(list(recipe.values()), rel=1e-3)


def test_the_measured_electrode_needs_its_recipe() -> None:
    columns = {name: [1.0, 3.0] for name in published_work.MEASURED}
    rows = [
        pd.DataFrame({**columns, "status": "ok", **dict(zip(PARAMETERS, recipe, strict=True))})
        for recipe in published_work.MEASURED_RECIPES
    ]
    lines = _cells(published_work.measured_electrode(pd.concat(rows)))
    assert lines[0] == ["Mass loading (mg/cm²)", "6.70", "2.00 ± 1.4", "6.70", "2.00 ± 1.4"]
    with pytest.raises(InputError, match=r"'cr_pct': 43\.5"):
        published_work.measured_electrode(rows[0])
