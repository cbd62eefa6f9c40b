from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

from mesocast.optimization.optimum.result import ConstraintState
from mesocast.report.blocks import Notice, Table
from mesocast.report.sections import answer
from tests.report.conftest import replaced

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
    (table,) = (b for b in answer.build(results).blocks if isinstance(b, Table))
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


def test_better_electrode_of_the_design_is_pointed_out(results: Results) -> None:
    best = results.simulated.iloc[0]

    def verified(objective: float) -> str:
        score = {**results.verification["objective"], "simulated_mean": objective}
        return _remarks(
            replaced(results, verification={**results.verification, "objective": score})
        )

    text = f"Electrode {best['condition_id']} (AM"
    assert text in verified(best["objective"] + 0.01)
    assert text not in verified(best["objective"] - 0.01)


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
    (table,) = (b for b in answer.build(unverified).blocks if isinstance(b, Table))
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
    _, table = (b for b in answer.build(changed).blocks if isinstance(b, Table))
    assert table.rows[0][0].startswith("Tortuosity factor: ")
    assert len(table.rows) == len(found["properties"])
    assert "V01-C01" in table.caption
