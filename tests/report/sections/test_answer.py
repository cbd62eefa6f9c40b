from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mesocast.report.blocks import Notice, Table
from mesocast.report.sections import answer

if TYPE_CHECKING:
    from mesocast.report.collect import Results


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
        assert "±" in row[3]
        assert len(row[4].split(", ")) == 2
        assert row[5].endswith(" %")


def test_recipe_at_a_bound_is_pointed_out(results: Results) -> None:
    low, high = results.optimum.bounds_pct["cr_pct"]

    def at(value: float) -> str:
        parameters = {**results.optimum.parameters, "cr_pct": value}
        return _remarks(replace(results, optimum=replace(results.optimum, parameters=parameters)))

    text = "Compression rate lies at a bound"
    assert text in at(low)
    assert text in at(high)
    assert text not in at((low + high) / 2)


def test_extrapolated_prediction_is_pointed_out(results: Results) -> None:
    def predicting(value: float) -> str:
        predicted = {**results.optimum.predicted, "density_g_cm3": value}
        return _remarks(replace(results, optimum=replace(results.optimum, predicted=predicted)))

    middle = float(results.simulated["density_g_cm3"].median())
    assert "Density: the prediction at the optimum" in predicting(10 * middle)
    assert "Density: the prediction at the optimum" not in predicting(middle)


def test_better_electrode_of_the_design_is_pointed_out(results: Results) -> None:
    best = results.simulated.iloc[0]

    def verified(objective: float) -> str:
        score = {**results.verification["objective"], "simulated_mean": objective}
        return _remarks(replace(results, verification={**results.verification, "objective": score}))

    text = f"Electrode {best['condition_id']} of the design"
    assert text in verified(best["objective"] + 0.01)
    assert text not in verified(best["objective"] - 0.01)


def test_contradicted_prediction_is_pointed_out(results: Results) -> None:
    def deviating(value: float) -> str:
        properties = results.verification["properties"]
        compared = {**properties["density_g_cm3"], "predicted": value}
        changed = {**properties, "density_g_cm3": compared}
        return _remarks(
            replace(results, verification={**results.verification, "properties": changed})
        )

    mean = results.verification["properties"]["density_g_cm3"]["simulated_mean"]
    assert "Density: the prediction deviates" in deviating(2 * mean)
    assert "Density: the prediction deviates" not in deviating(mean)


def test_equation_without_predictive_power_is_pointed_out(results: Results) -> None:
    def judged(r2: float) -> str:
        surrogate = results.surrogates["density_g_cm3"]
        changed = replace(surrogate, test=replace(surrogate.test, r2=r2))
        return _remarks(
            replace(results, surrogates={**results.surrogates, "density_g_cm3": changed})
        )

    assert "equation of density predicts its test rows worse" in judged(-0.5)
    assert "equation of density predicts its test rows worse" not in judged(0.5)


def test_missing_verification_leaves_dashes(unverified: Results) -> None:
    (table,) = (b for b in answer.build(unverified).blocks if isinstance(b, Table))
    assert {row[3] for row in table.rows} == {"–"}
    assert {row[5] for row in table.rows} == {"–"}
