from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.columns import PARAMETERS
from mesocast.optimization.optimum.result import ConstraintState
from mesocast.report.blocks import Headline, Notice, Table, Tiles
from mesocast.report.sections import answer
from mesocast.report.sections.weighing import weighed_and_set
from mesocast.surrogates.region import DataRegion
from tests.report.conftest import replaced
from tests.report.made_up import make_campaign

if TYPE_CHECKING:
    from mesocast.report.results import Results


def _remarks(results: Results) -> str:
    return " ".join(
        remark
        for block in answer.build(results).blocks
        if isinstance(block, Notice)
        for remark in block.remarks
    )


def test_table_holds_every_seed_and_the_deviation(results: Results) -> None:
    table = _table(results, "Predicted and verified properties at the optimum")
    assert [row[0] for row in table.rows] == [
        "Tortuosity factor",
        "Electronic conductivity (S/m)",
        "Active surface (%)",
        "Density (g/cm³)",
    ]
    for row in table.rows:
        assert "±" in row[table.header.index("Verified, mean")]
        assert len(row[table.header.index("Verified, each seed")].split(",\n")) == 2
        assert row[table.header.index("Deviation")].endswith(" %")


def test_recipe_at_a_bound_is_pointed_out(results: Results) -> None:
    low, high = results.optimum.bounds_pct["cr_pct"]

    def at(value: float) -> str:
        parameters = {**results.optimum.parameters, "cr_pct": value}
        return _remarks(replaced(results, optimum=replace(results.optimum, parameters=parameters)))

    text = "Compression rate lies at a bound"
    assert text in at(low)
    assert text in at(high)
    assert text not in at((low + high) / 2)


def test_extrapolated_prediction_is_pointed_out(results: Results) -> None:
    def predicting(value: float) -> str:
        predicted = {**results.optimum.predicted, "density_g_cm3": value}
        return _remarks(replaced(results, optimum=replace(results.optimum, predicted=predicted)))

    middle = float(results.simulated["density_g_cm3"].median())
    assert "Density: the prediction at the optimum" in predicting(10 * middle)
    assert "Density: the prediction at the optimum" not in predicting(middle)


def test_optimum_away_from_the_data_is_pointed_out(results: Results) -> None:
    def near(recipe: dict[str, float]) -> str:
        x = np.array([[recipe[name] for name in PARAMETERS]])
        around = x + np.random.default_rng(1).normal(0, [0.5, 1.0, 2.0], (40, 3))
        surrogates = {
            name: replace(found, region=DataRegion.of(around, found.region.box))
            for name, found in results.surrogates.items()
            if found.region is not None
        }
        assert len(surrogates) == len(results.surrogates)
        return _remarks(replaced(results, surrogates=surrogates))

    text = "The optimum lies away from the electrodes"
    found = results.optimum.parameters
    low, high = results.optimum.bounds_pct["sc_pct"]
    other = low if found["sc_pct"] > (low + high) / 2 else high
    assert text not in near(found)
    assert text in near({**found, "sc_pct": other})


def test_inputs_that_move_together_are_pointed_out(results: Results) -> None:
    text = "Active material and Solid content move together"
    assert text not in _remarks(results)
    rows = results.dataset.assign(sc_pct=45 + 2.6 * (results.dataset["am_pct"] - 86))
    assert text in _remarks(replaced(results, dataset=rows))


def _table(results: Results, title: str) -> Table:
    (found,) = (
        b for b in answer.build(results).blocks if isinstance(b, Table) and b.title == title
    )
    return found


def _headline(results: Results) -> str:
    (found,) = (b.text for b in answer.build(results).blocks if isinstance(b, Headline))
    return found


def _verified(results: Results, *objectives: float) -> Results:
    """Make the same results with electrodes at the optimum that have these objectives."""
    rows = results.simulated.head(1).iloc[[0] * len(objectives)]
    confirmed = rows.assign(objective=list(objectives), condition_id="V01-C01")
    return replaced(results, confirmed=confirmed)


def test_headline_is_the_best_simulated_electrode_where_the_check_failed(results: Results) -> None:
    best = results.simulated.iloc[0]
    failed = _headline(_verified(results, best["objective"] + 0.2, best["objective"] + 0.21))
    assert failed.startswith(
        f"Make AM {best['am_pct']:g} %, SC {best['sc_pct']:g} %, CR {best['cr_pct']:g} %: "
        f"electrode {best['condition_id']}, the best of {len(results.simulated)}"
    )
    assert "failed its check" in failed
    assert "simulate it with further seeds next" in failed


def test_an_electrode_that_misses_a_constraint_is_not_recommended(results: Results) -> None:
    best = results.simulated.iloc[0]
    constraints = {"density_g_cm3": {"max": float(best["density_g_cm3"]) - 1e-6}}
    campaign = make_campaign(optimum={"evaluations": 20, "ensemble": 5, "constraints": constraints})
    failed = _verified(results, best["objective"] + 1.2, best["objective"] + 1.21)
    asked = replaced(failed, campaign=campaign, confirmed=failed.confirmed)
    other = asked.allowed.iloc[0]
    assert other["condition_id"] != best["condition_id"]
    assert f"electrode {other['condition_id']}, the best of {len(asked.allowed)}" in _headline(
        asked
    )
    assert _remarks(asked).endswith("equations' recipe, which is not the one above.")
    none = replaced(asked, confirmed=failed.confirmed, allowed=asked.allowed.iloc[:0])
    assert "no other electrode meets the constraints" in _headline(none)


def test_headline_is_the_optimum_where_its_electrodes_are_better(results: Results) -> None:
    best, recipe = results.simulated.iloc[0], results.optimum.recipe
    confirmed = _headline(_verified(results, best["objective"] - 0.1, best["objective"] - 0.101))
    assert confirmed.startswith(
        f"Make AM {recipe.am_pct:g} %, SC {recipe.sc_pct:g} %, CR {recipe.cr_pct:g} %: confirmed"
    )
    level = _headline(_verified(results, best["objective"] - 0.1, best["objective"] + 0.09))
    assert "as good as the best" in level
    worse = _headline(_verified(results, best["objective"] + 0.1, best["objective"] - 0.09))
    assert f"electrode {best['condition_id']}" in worse
    assert "is not better" in worse


def test_headline_of_a_recipe_that_was_not_simulated_says_so(results: Results) -> None:
    best = float(results.simulated.iloc[0]["objective"])
    for predicted, expected in (
        (best - 0.1, "was not simulated; do that next"),
        (best + 0.1, best),
    ):
        optimum = replace(results.optimum, objective=predicted)
        nothing = results.confirmed.head(0)
        found = _headline(replaced(results, confirmed=nothing, optimum=optimum))
        assert (expected if isinstance(expected, str) else "promises less") in found


def test_sacrificed_property_is_pointed_out(results: Results) -> None:
    scaling = results.optimum.objective_definition.scaling["density_g_cm3"]
    for value, said in ((scaling.minimum, True), (scaling.maximum, False)):
        predicted = {**results.optimum.predicted, "density_g_cm3": value}
        changed = replaced(results, optimum=replace(results.optimum, predicted=predicted))
        assert ("Density is sacrificed" in _remarks(changed)) is said


def test_recipe_is_weighed_and_set(results: Results) -> None:
    table = weighed_and_set(results)
    cells = {row[0]: row[1] for row in table.rows}
    recipe = results.verdict.recipe
    active, solvent = (float(cells[name].split()[0]) for name in (table.rows[0][0], "NMP"))
    assert active == pytest.approx(recipe.am_pct * recipe.sc_pct / 100, abs=0.06)
    assert solvent == pytest.approx(100 - recipe.sc_pct, abs=0.06)
    masses = [float(row[1].split()[0]) for row in table.rows[:4]]
    assert sum(masses) == pytest.approx(100, abs=0.2)
    end_um, gap_um = (
        float(cells[name].split()[0])
        for name in ("Thickness at the end", "Thickness under the plane")
    )
    assert end_um >= gap_um - 0.1


def test_missed_prediction_is_the_first_remark(results: Results) -> None:
    def remarks(outside: int) -> str:
        properties = results.verification["properties"]
        compared = {**properties["density_g_cm3"], "outside": outside}
        changed = {**properties, "density_g_cm3": compared}
        return _remarks(
            replaced(results, verification={**results.verification, "properties": changed})
        )

    assert remarks(1).startswith("The prediction at the optimum missed ")
    assert "density (1 of 2 electrodes outside of the interval; simulated " in remarks(1)
    assert "density (" not in remarks(0)


def test_constraint_that_nothing_meets_is_pointed_out(results: Results) -> None:
    def constrained(*, is_met: bool) -> str:
        constraints = {"porosity_bulk": ConstraintState(0.9, None, is_met)}
        return _remarks(
            replaced(results, optimum=replace(results.optimum, constraints=constraints))
        )

    text = "No recipe meets all constraints; this one comes nearest and misses that on bulk"
    assert text in constrained(is_met=False)
    assert text not in constrained(is_met=True)


def test_equation_without_predictive_power_is_pointed_out(results: Results) -> None:
    def judged(r2: float) -> str:
        surrogate = results.surrogates["density_g_cm3"]
        changed = replace(surrogate, test=replace(surrogate.test, r2=r2))
        return _remarks(
            replaced(results, surrogates={**results.surrogates, "density_g_cm3": changed})
        )

    assert "equation of density predicts its test rows worse" in judged(-0.5)
    assert "equation of density predicts its test rows worse" not in judged(0.5)


def test_missing_verification_leaves_dashes(unverified: Results) -> None:
    table = _table(unverified, "Predicted and verified properties at the optimum")
    for column in ("Verified, mean", "Verified, each seed", "Deviation"):
        assert {row[table.header.index(column)] for row in table.rows} == {"–"}


def test_extremes_are_shown_and_their_misses_come_first(results: Results) -> None:
    found = deepcopy(results.verification)
    del found["extremes"]
    found["properties"]["density_g_cm3"]["outside"] = 1
    changed = replaced(
        results, verification={**results.verification, "extremes": {"tortuosity_factor": found}}
    )
    text = "The prediction at the recipe best in tortuosity factor alone missed "
    assert _remarks(changed).startswith("The prediction at ")
    assert "density (1 of 2 electrodes outside" in _remarks(changed).split(text)[1]
    assert text not in _remarks(results)
    table = _table(
        changed, "Predicted and verified properties at the recipes best in one property alone"
    )
    assert table.rows[0][0].startswith("Tortuosity factor: ")
    assert len(table.rows) == len(found["properties"])
    assert "V01-C01" in table.caption


def test_first_tiles_tell_what_each_property_costs(results: Results) -> None:
    def told(results: Results) -> dict[str, str]:
        (tiles,) = (b for b in answer.build(results).blocks if isinstance(b, Tiles))
        return {tile.label: tile.note for tile in tiles.tiles}

    best = results.simulated.iloc[0]["objective"]
    other = told(_verified(results, best + 0.2, best + 0.21))
    assert "as good" not in other["Compression rate"]  # of the equations' recipe, not of this one
    results = _verified(results, best - 0.1, best - 0.101)
    notes = told(results)
    assert set(notes) >= {"Active material", "Density (g/cm³)", "Tortuosity factor"}
    assert "as good within seeds' noise" in notes["Compression rate"]
    flat = results.optimum.flat
    assert flat is not None
    assert f"{flat.extent_pct['cr_pct'][0]:.3g} to" in notes["Compression rate"]
    better = float(
        (results.simulated["density_g_cm3"] < results.chosen["density_g_cm3"].mean()).mean()
    )
    assert f"better than {100 * better:.0f} % of the electrodes" in notes["Density (g/cm³)"]
