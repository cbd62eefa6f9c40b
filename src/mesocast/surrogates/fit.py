"""Several properties at once: from a table to models and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mesocast.columns import TARGETS, unit_of, with_unit
from mesocast.surrogates.evidence.validation import Validation, validate
from mesocast.surrogates.predict import (
    checked_recipes,
    inputs_of_models,
    predict,
    words_of_models,
)
from mesocast.surrogates.surrogate import Surrogate, fit_surrogate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from matplotlib.figure import Figure


class Surrogates(Mapping[str, Surrogate]):
    """Surrogates of several properties of one table, by property.

    Parameters
    ----------
    models
        The surrogates.
    table
        The dataset that they were fitted to.
    bounds_pct
        Bounds of the parameters, in percent; ``None``: those of the rows.
    splits
        Divisions into training and test on which they are validated.
    """

    def __init__(
        self,
        models: Mapping[str, Surrogate],
        table: pd.DataFrame,
        bounds_pct: Mapping[str, tuple[float, float]] | None,
        splits: int,
    ) -> None:
        self._models = dict(models)
        self._table = table
        self._splits = splits
        self.bounds_pct = bounds_pct

    def __getitem__(self, name: str) -> Surrogate:
        return self._models[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    @cached_property
    def validations(self) -> dict[str, Validation]:
        """Evidence per property: fits to many divisions of the rows; made when asked for."""
        return {
            name: validate(surrogate, self._table, splits=self._splits, box_pct=self.bounds_pct)
            for name, surrogate in self.items()
        }

    @property
    def validation(self) -> pd.DataFrame:
        """Accuracy on rows that a fit has not seen, over many splits; made when asked for.

        One row per property and kind of split: ``random`` asks for another compression of known
        slurries, ``grouped`` for new slurries. Columns as in ``surrogates/comparison.csv``.
        """
        import pandas as pd

        return pd.DataFrame(
            [row for validation in self.validations.values() for row in validation.table()]
        )

    def predict(self, recipes: pd.DataFrame, *, intervals: bool = False) -> pd.DataFrame:
        """Predict all properties of recipes (columns of the inputs: ``am_pct``, ``sc_pct``, ...).

        Parameters
        ----------
        recipes
            In the unit of their columns; further columns are not looked at.
        intervals
            Whether to give the bounds (``<property>_low``, ``_high``) that hold 95 % of new
            electrodes; they come from `validations`, which take many fits the first time.

        Returns
        -------
        DataFrame
            With the index of the recipes: ``is_inside`` (whether a recipe lies in the bounds, near
            the electrodes of the fit) and, per property, what `mesocast predict` gives.

        Raises
        ------
        InputError
            A column is missing or holds anything but percents.
        """
        found = {name: v.interval for name, v in self.validations.items()} if intervals else {}
        inputs = list(inputs_of_models(self))
        checked_recipes(recipes, tuple(inputs), words_of_models(self))
        return predict(self, found, recipes[inputs]).drop(columns=inputs)

    def plot(self) -> Figure:
        """Draw predicted against simulated values of all rows, test rows apart."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(3.2 * len(self), 3.2), layout="constrained")
        for axes, (name, surrogate) in zip(
            figure.subplots(1, len(self), squeeze=False)[0], self.items(), strict=True
        ):
            for split, colour in (("train", "C7"), ("test", "C0")):
                pairs = [pair for pair in surrogate.pairs if pair["split"] == split]
                axes.plot(
                    [pair["simulated"] for pair in pairs],
                    [pair["predicted"] for pair in pairs],
                    "o",
                    color=colour,
                    markersize=3,
                    label=split,
                )
            axes.axline((axes.get_xlim()[0],) * 2, slope=1, color="C3", linewidth=0.8)
            axes.set(title=with_unit(name), xlabel="simulated", ylabel="predicted")
            axes.legend()
        return figure

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{name}</td><td>{s.method}</td><td>{s.test.r2:.3f}</td>"
            f"<td>{s.test.rmse_pct:.2f}</td></tr>"
            for name, s in self.items()
        )
        return (
            "<table><tr><th>property</th><th>method</th><th>test R²</th><th>test RMSE (%)</th>"
            f"</tr>{rows}</table>"
        )


def fit(
    table: pd.DataFrame,
    properties: Sequence[str] = TARGETS,
    *,
    method: str = "sisso",
    seed: int = 1,
    settings: Mapping[str, Any] | None = None,
    test_share: float = 0.2,
    splits: int = 75,
    bounds_pct: Mapping[str, tuple[float, float]] | None = None,
) -> Surrogates:
    """Fit surrogates to a dataset.

    Parameters
    ----------
    table
        Rows of electrodes, as a campaign's ``dataset.parquet``.
    properties
        Columns to fit.
    method
        Name of a method: ``sisso``, ``polynomial``, ``gaussian_process``, ``operon``, or one that
        is registered.
    seed
        Decides which rows are kept for the test, and whatever the method draws.
    settings
        Of the method.
    test_share
        Share of the rows kept for the test.
    splits
        Divisions for `Surrogates.validation`.
    bounds_pct
        Bounds of the inputs by their columns (``am_pct``, ``sc_pct``, ``cr_pct``, or a campaign's
        own ``set_...``); ``None``: those of the rows. Of levels and choices
        `mesocast.columns.variables.Discrete`, as ``mc.load("my.yaml").box_pct`` gives them.

    Raises
    ------
    InputError
        A column is missing or constant, there are too few rows, or the method is unknown.

    Examples
    --------
    >>> import mesocast as mc
    >>> results = mc.open("results/demo")  # doctest: +SKIP
    >>> models = mc.fit(results.dataset, method="polynomial")  # doctest: +SKIP
    >>> models["density_g_cm3"].test.r2  # doctest: +SKIP
    0.98
    """
    models = {
        name: fit_surrogate(
            table,
            name,
            seed=seed,
            method=method,
            settings=settings,
            test_share=test_share,
            box_pct=bounds_pct,
            unit=unit_of(name),
        )
        for name in properties
    }
    return Surrogates(models, table, bounds_pct, splits)
