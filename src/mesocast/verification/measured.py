"""Measured electrodes beside simulated ones: parity, bias, and the optimum that follows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.columns import PARAMETERS, name_of, unit_of
from mesocast.columns.variables import words_of
from mesocast.dataset.design_columns import step_of
from mesocast.optimization.laboratory.expected import OnTheLine
from mesocast.optimization.optimum.find import RESOLUTION_PCT, best_recipe
from mesocast.recipe import Recipe
from mesocast.storage.rows import records_of
from mesocast.surrogates.measured.correction import correct, with_measured
from mesocast.surrogates.measured.discrepancy import FEWEST
from mesocast.surrogates.measured.table import only_simulated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from mesocast.optimization.problem import Problem
    from mesocast.surrogates.measured.correction import Corrected
    from mesocast.surrogates.measured.table import MeasuredTable
    from mesocast.surrogates.surrogate import Surrogate

# A difference by more than this factor may be one of units.
_ANOTHER_UNIT = 30.0


@dataclass(frozen=True)
class BestRecipe:
    """A recipe that is best by some models, and what the corrected ones say of it.

    Parameters
    ----------
    parameters
        By column, in its unit; of choices their words.
    predicted
        Each property, in its unit.
    interval
        Bounds that hold 95 % of new measured electrodes.
    objective
        By the corrected models: its mean over what is not known of the line.
    """

    parameters: dict[str, Any]
    predicted: dict[str, float]
    interval: dict[str, tuple[float, float]]
    objective: float

    @property
    def recipe(self) -> Recipe:
        """The recipe."""
        return Recipe.of(self.parameters)


@dataclass(frozen=True, eq=False)
class MeasuredComparison:
    """What measured electrodes say of simulations.

    Parameters
    ----------
    electrodes
        One row per measured value: ``name``, the recipe, ``property``, ``measured``,
        ``measured_std``, ``simulated`` (mean of the simulated electrodes of this recipe; empty
        without one), ``simulated_electrodes``, ``predicted`` by the surrogate, ``expected``
        (``simulated``, in its place ``predicted``), ``difference`` (measured minus expected), and
        the prediction that the other measured electrodes correct: ``corrected`` with its 95 %
        interval ``corrected_low`` to ``corrected_high``.
    bias
        One row per property: ``n``, ``difference`` (mean of measured minus expected),
        ``difference_pct`` of the expected, ``rmse_predicted``, ``rmse_corrected`` and
        ``inside_95`` (share of the measured values in the interval), the last two by the other
        electrodes; the discrepancy's change from the lower to the upper bound of each parameter
        (``am_pct``, ``am_pct_std``, ...), in the unit of the property, or in percent where
        ``is_ratio``.
    models
        Corrected surrogates, by property.
    uncorrected, corrected
        The recipe that is best by the surrogates, and the one whose objective is lowest by the
        corrected ones, as a mean over what is not known of the line.
    remarks
        What to know before one trusts it.
    inputs
        Design variables that the models take, in their order.
    words
        Words of the choices among them, by column.
    """

    electrodes: pd.DataFrame
    bias: pd.DataFrame
    models: dict[str, Corrected]
    uncorrected: BestRecipe
    corrected: BestRecipe
    remarks: tuple[str, ...]
    inputs: tuple[str, ...] = PARAMETERS
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give plain types."""
        return {
            "bias": _records(self.bias),
            "uncorrected": asdict(self.uncorrected),
            "corrected": asdict(self.corrected),
            "electrodes": _records(self.electrodes),
            "remarks": list(self.remarks),
        }

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """What was measured, in the order of the table."""
        return tuple(self.bias["property"])

    def predict(self, recipes: pd.DataFrame) -> pd.DataFrame:
        """Predict what is measured at recipes (columns `inputs`).

        Returns
        -------
        DataFrame
            Per property its prediction and the bounds that hold 95 % of new measured electrodes.
        """
        import pandas as pd

        x = _numbers(recipes, self.inputs, self.words)
        columns: dict[str, NDArray[np.float64]] = {}
        for name, model in self.models.items():
            low, high = model.interval(x)
            columns |= {name: model(x), f"{name}_low": low, f"{name}_high": high}
        return pd.DataFrame(columns, index=recipes.index)

    def plot(self) -> Figure:
        """Draw measured against expected values, and against corrected ones."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(3.4 * len(self.properties), 3.4), layout="constrained")
        grid = figure.subplots(1, len(self.properties), squeeze=False)[0]
        for axes, name in zip(grid, self.properties, strict=True):
            rows = self.electrodes[self.electrodes["property"] == name]
            axes.errorbar(
                rows["expected"], rows["measured"], rows["measured_std"], fmt="o", label="simulated"
            )
            axes.plot(rows["corrected"], rows["measured"], "s", label="corrected")
            axes.axline((float(rows["measured"].mean()),) * 2, slope=1, color="0.5", linewidth=0.8)
            unit = f" ({unit_of(name)})" if unit_of(name) else ""
            axes.set(title=name_of(name) + unit, xlabel="simulated, corrected", ylabel="measured")
            axes.legend()
        return figure

    def _repr_html_(self) -> str:
        return str(self.bias.to_html(index=False, float_format="{:.4g}".format))


def compare_measured(
    problem: Problem,
    surrogates: Mapping[str, Surrogate],
    dataset: pd.DataFrame,
    measured: MeasuredTable,
    *,
    resolution_pct: Mapping[str, float] = RESOLUTION_PCT,
) -> MeasuredComparison:
    """Lay measured electrodes beside simulated ones, and correct what simulations predict.

    The bias is that against simulated electrodes of the same recipe, where there are some, else
    against the surrogate. What is corrected is the surrogate, so the correction learns from its
    own differences.

    Parameters
    ----------
    problem
        What is sought, and where.
    surrogates
        By property. A property that was measured and has none gets one by the same method.
    dataset
        The simulated electrodes.
    measured
        The measured ones.
    resolution_pct
        Smallest step of each parameter that a machine can set.

    Raises
    ------
    InputError
        The dataset does not carry a surrogate of what was measured.
    """
    measured = only_simulated(measured, dataset[dataset["status"] == "ok"])
    surrogates = with_measured(surrogates, measured, dataset, problem.bounds_pct)
    models = correct(surrogates, measured, problem.bounds_pct)
    corrected = OnTheLine.of(problem, models)
    electrodes = _electrodes(surrogates, models, dataset, measured, problem.bounds_pct)
    bias = _bias(electrodes, models, measured.inputs)
    return MeasuredComparison(
        electrodes=electrodes,
        bias=bias,
        models=models,
        uncorrected=_best(problem, corrected, models, resolution_pct),
        corrected=_best(corrected, corrected, models, resolution_pct),
        remarks=(*measured.remarks, *_remarks(problem, measured, bias, models)),
        inputs=measured.inputs,
        words=words_of(problem.bounds_pct),
    )


def _electrodes(
    surrogates: Mapping[str, Surrogate],
    models: Mapping[str, Corrected],
    dataset: pd.DataFrame,
    measured: MeasuredTable,
    bounds: Mapping[str, tuple[float, float]],
) -> pd.DataFrame:
    import pandas as pd

    inputs, words = measured.inputs, words_of(bounds)
    steps = np.array([step_of(name, bounds[name]) for name in inputs])
    good = dataset[dataset["status"] == "ok"]
    made = _numbers(good, inputs, words)
    tables = []
    for name, values in measured.properties.items():
        there = np.isfinite(values)
        recipes = measured.recipes_pct[there]
        is_same = [(np.abs(made - recipe) < steps).all(axis=1) for recipe in recipes]
        found = [good.loc[same, name].dropna().to_numpy(float) for same in is_same]
        simulated = np.array([np.mean(v) if len(v) else np.nan for v in found])
        predicted = surrogates[name](recipes)
        expected = np.where(np.isfinite(simulated), simulated, predicted)
        corrected, low, high = models[name].left_out()
        columns = {
            "name": np.array(measured.names, dtype=object)[there],
            **{
                n: [words[n][round(place)] for place in column] if n in words else column
                for n, column in zip(inputs, recipes.T, strict=True)
            },
            "property": name,
            "measured": values[there],
            "measured_std": measured.deviations[name][there],
            "simulated": simulated,
            "simulated_electrodes": [len(v) for v in found],
            "predicted": predicted,
            "expected": expected,
            "difference": values[there] - expected,
            "corrected": corrected,
            "corrected_low": low,
            "corrected_high": high,
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def _numbers(
    table: pd.DataFrame, inputs: Sequence[str], words: Mapping[str, tuple[str, ...]]
) -> NDArray[np.float64]:
    """Recipes of a table, shape (n, inputs), choices by their place."""
    columns = [
        table[name].map(list(words[name]).index) if name in words else table[name]
        for name in inputs
    ]
    return np.stack([column.to_numpy(float) for column in columns], axis=1)


def _bias(
    electrodes: pd.DataFrame, models: Mapping[str, Corrected], inputs: tuple[str, ...]
) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for key, group in electrodes.groupby("property", sort=False):
        name = str(key)
        measured = group["measured"].to_numpy(float)
        inside = (measured >= group["corrected_low"]) & (measured <= group["corrected_high"])
        mean, deviation = models[name].discrepancy.slopes()
        factor = 100.0 if models[name].is_ratio else 1.0
        slopes = {
            f"{parameter}{end}": factor * float(value)
            for parameter, *pair in zip(inputs, mean, deviation, strict=True)
            for end, value in zip(("", "_std"), pair, strict=True)
        }
        rows.append(
            {
                "property": name,
                "unit": unit_of(name),
                "n": len(group),
                "difference": group["difference"].mean(),
                "difference_pct": 100 * group["difference"].mean() / group["expected"].mean(),
                "rmse_predicted": _rms(measured - group["predicted"].to_numpy(float)),
                "rmse_corrected": _rms(measured - group["corrected"].to_numpy(float)),
                "inside_95": float(inside.mean()),
                "is_ratio": models[name].is_ratio,
                **slopes,
            }
        )
    return pd.DataFrame(rows)


def _rms(values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _best(
    sought: Problem,
    corrected: Problem,
    models: Mapping[str, Corrected],
    resolution_pct: Mapping[str, float],
) -> BestRecipe:
    """Best recipe of one problem, and what the corrected models say of it."""
    point = best_recipe(sought, resolution_pct)[None]
    ends = {name: model.interval(point) for name, model in models.items()}
    return BestRecipe(
        sought.named(point[0]),
        {name: float(model(point)[0]) for name, model in models.items()},
        {name: (float(low[0]), float(high[0])) for name, (low, high) in ends.items()},
        float(corrected.value(point)[0]),
    )


def _remarks(
    problem: Problem,
    measured: MeasuredTable,
    bias: pd.DataFrame,
    models: Mapping[str, Corrected],
) -> list[str]:
    remarks = [
        f"{name_of(row['property'])}: {row['n']} measured; fewer than {FEWEST} say little of where "
        "it differs."
        for row in bias.to_dict("records")
        if row["n"] < FEWEST
    ]
    missing = [name for name in problem.objective.goals if name not in measured.properties]
    if missing:
        remarks.append(
            f"Not measured, so not corrected: {', '.join(name_of(n).lower() for n in missing)}."
        )
    for name, values in measured.properties.items():
        there = np.isfinite(values)
        predicted = models[name].model(measured.recipes_pct[there])
        ratio = float(np.median(values[there]) / np.median(predicted))
        if ratio > 0 and not 1 / _ANOTHER_UNIT < ratio < _ANOTHER_UNIT:
            remarks.append(
                f"{name_of(name)}: measured is {ratio:.2g} times what is predicted; is it in "
                f"{unit_of(name) or 'the unit of a share, 0 to 1'}?"
            )
    low, high = np.array([problem.bounds_pct[name] for name in measured.inputs]).T
    outside = ((measured.recipes_pct < low) | (measured.recipes_pct > high)).any(axis=1)
    if outside.any():
        named_outside = ", ".join(np.array(measured.names)[outside])
        remarks.append(
            f"Outside of the bounds of the design, where surrogates extrapolate: {named_outside}."
        )
    return remarks


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows in types of JSON."""
    return [
        {key: v.item() if isinstance(v, np.generic) else v for key, v in row.items()}
        for row in records_of(table)
    ]
