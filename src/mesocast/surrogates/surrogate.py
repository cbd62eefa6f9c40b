"""Fit, judge, write and read the surrogate of one property of the dataset."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.columns import CELL_COLUMNS, PARAMETERS, unit_of
from mesocast.errors import InputError, reading
from mesocast.storage.files import write_json
from mesocast.surrogates import metrics
from mesocast.surrogates.methods.indicated import equation_of
from mesocast.surrogates.region import DataRegion, collinear
from mesocast.surrogates.registry import METHODS, fit_model, read_model
from mesocast.surrogates.rows import Rows, numbers_of
from mesocast.surrogates.splits import random_split

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from mesocast.surrogates.training import Model, TrainingData


_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Errors:
    """Errors over some rows, as defined in :mod:`mesocast.surrogates.metrics`."""

    n: int
    rmse_pct: float
    r2: float
    rmse: float
    max_absolute_error: float

    @classmethod
    def of(cls, y: NDArray[np.float64], prediction: NDArray[np.float64]) -> Errors:
        """Compute all of them."""
        return cls(
            n=len(y),
            rmse_pct=metrics.rmse_pct(y, prediction),
            r2=metrics.r2(y, prediction),
            rmse=metrics.rmse(y, prediction),
            max_absolute_error=metrics.max_absolute_error(y, prediction),
        )


@dataclass(frozen=True)
class Surrogate:
    """A fitted model of one property with the evidence for it.

    Parameters
    ----------
    property_name, unit
        Column of the dataset and its unit.
    method, settings, seed, test_share
        What it was made with.
    model
        Function of recipes, fitted to the training rows only.
    train, test
        Errors over the training rows and over the rows kept from the fit.
    pairs
        Per row that was used: ``condition_id``, ``split`` (``"train"`` or ``"test"``),
        ``simulated``, ``predicted``.
    left_out
        Rows that were not used: ``status`` (not ok), ``not_finite``, ``duplicate``.
    facts
        What the method says about its fit.
    test_r2_over_splits
        Of the method on many other splits of the same rows, per kind of split (``random``,
        ``grouped``): the number of splits and the
        :class:`mesocast.surrogates.evidence.split_study.Spread` of the test R2. Empty before a
        validation.
    region
        Where the rows lie that were used, in the inputs that are numbers; ``None`` in files from
        before it was kept.
    words
        Of inputs that are choices, by column; recipes have their places, from 0.
    """

    property_name: str
    unit: str
    method: str
    settings: dict[str, Any]
    seed: int
    test_share: float
    model: Model
    train: Errors
    test: Errors
    pairs: list[dict[str, Any]]
    left_out: dict[str, int]
    facts: dict[str, Any]
    test_r2_over_splits: dict[str, Any] = field(default_factory=dict)
    region: DataRegion | None = None
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns of the design variables that the model takes, in its order."""
        return tuple(getattr(self.model, "inputs", PARAMETERS))

    @property
    def span(self) -> float:
        """Range of the simulated values, in the unit of the property."""
        values = [pair["simulated"] for pair in self.pairs]
        return float(max(values) - min(values))

    def __call__(self, recipes: ArrayLike) -> NDArray[np.float64]:
        """Predict the property of recipes, shape (n, inputs), in its unit."""
        return self.model(recipes)

    def is_inside(self, recipes: ArrayLike) -> NDArray[np.bool_]:
        """Say for each recipe, shape (n, inputs), whether it lies in the box and near the data."""
        inside = self.model.is_inside(recipes)
        if self.region is None:
            return inside
        return inside & self.region.is_inside(self._numbers(recipes))

    def growth(self, recipes: ArrayLike) -> NDArray[np.float64]:
        """How much wider intervals are at recipes, shape (n, inputs), than among the data."""
        if self.region is None:
            return np.ones(len(np.asarray(recipes)))
        return self.region.growth(self._numbers(recipes))

    def _numbers(self, recipes: ArrayLike) -> NDArray[np.float64]:
        """Inputs that are numbers, shape (n, numbers)."""
        return numbers_of(np.asarray(recipes, dtype=np.float64), self.inputs, self.words)

    def latex(self, digits: int = 4) -> str:
        """Write the equation as LaTeX.

        Raises
        ------
        InputError
            The method gives no equation.
        """
        equation = equation_of(self.model)
        if equation is None:
            raise InputError(f"{self.method}: gives no equation; allowed: a method that does")
        return equation.latex(digits)

    def _repr_html_(self) -> str:
        equation = f"$${self.latex()}$$" if equation_of(self.model) else ""
        return (
            f"<p>{self.property_name} by {self.method}: test R² {self.test.r2:.3f}, "
            f"RMSE {self.test.rmse_pct:.2f} %</p>{equation}"
        )

    def condition_ids(self, split: str) -> list[str]:
        """Give the conditions of one split, ``"train"`` or ``"test"``."""
        return [pair["condition_id"] for pair in self.pairs if pair["split"] == split]

    def write(self, path: Path) -> None:
        """Write JSON, complete or not at all; floats keep every digit."""
        data = {name: value for name, value in vars(self).items() if name != "model"}
        data |= {"train": asdict(self.train), "test": asdict(self.test)}
        data["model"] = self.model.to_dict()
        data["region"] = self.region and self.region.to_dict()
        if (equation := equation_of(self.model)) is not None:
            data["python"] = equation.python()
        if not self.words:
            data.pop("words")
        write_json(path, data)

    @classmethod
    def read(cls, path: Path) -> Surrogate:
        """Read what :meth:`write` wrote.

        Raises
        ------
        InputError
            The file is missing, is not JSON, or does not hold a surrogate.
        """
        with reading(path, "a surrogate", KeyError, TypeError, AttributeError, InputError):
            data = json.loads(path.read_text())
            data.pop("python", None)
            data["model"] = read_model(data["method"], data["model"])
            data["train"], data["test"] = Errors(**data["train"]), Errors(**data["test"])
            if data.get("region") is not None:
                data["region"] = DataRegion.from_dict(data["region"])
            data["words"] = {name: tuple(own) for name, own in data.get("words", {}).items()}
            return cls(**data)


def fit_surrogate(
    table: pd.DataFrame,
    property_name: str,
    *,
    seed: int,
    method: str = "sisso",
    settings: Mapping[str, Any] | None = None,
    test_share: float = 0.2,
    box_pct: Mapping[str, tuple[float, float]] | None = None,
    unit: str = "",
) -> Surrogate:
    """Fit one property on a seeded random split of the rows that are ok.

    As published (Duquesnoy et al., Energy Storage Mater. 56 (2023) 50): the model is the one
    fitted to the training rows.

    Parameters
    ----------
    table
        Dataset with ``condition_id``, ``status``, the inputs (``am_pct, sc_pct, cr_pct`` in
        percent, or those of ``box_pct``) and the property; ``slurry_id``, when there, keeps the
        conditions of a slurry together wherever the method cross-validates.
    property_name
        Column to fit.
    seed
        Decides the split and whatever the method draws.
    method
        Name in :data:`mesocast.surrogates.registry.METHODS`.
    settings
        Of the method; for ``"sisso"`` the parameters of
        :class:`mesocast.surrogates.sisso.estimator.SISSO`.
    test_share
        Share of the rows that is kept from the fit, between 0 and 1.
    box_pct
        Bounds per input, in the unit of its column, which also name the inputs; ``None``: those of
        the rows that are used, and the design variables of the table.
    unit
        Of the property, for the file and the report.

    Raises
    ------
    InputError
        A column is missing, not numeric or constant; rows lie outside the box; too few rows are
        left; the method or a setting of it is unknown.
    """
    check_method(method)
    rows, train, test, data = training_rows(
        table, property_name, seed=seed, test_share=test_share, box_pct=box_pct, unit=unit
    )
    plain = tuple(name for name in rows.inputs if name not in rows.words)
    x = numbers_of(rows.x, rows.inputs, rows.words)
    if together := collinear(x, plain):
        _LOGGER.warning(
            "%s: %s move together in the dataset; recipes in which they do not are outside of "
            "what it tells",
            property_name,
            " and ".join(together),
        )
    model, facts = fit_model(method, data, settings or {})
    y, prediction = rows.y, model(rows.x)
    split = np.full(len(y), "train", dtype=object)
    split[test] = "test"
    return Surrogate(
        property_name=property_name,
        unit=unit,
        method=method,
        settings=dict(settings or {}),
        seed=seed,
        test_share=test_share,
        model=model,
        train=Errors.of(y[train], prediction[train]),
        test=Errors.of(y[test], prediction[test]),
        pairs=[
            {"condition_id": name, "split": part, "simulated": simulated, "predicted": predicted}
            for name, part, simulated, predicted in zip(
                rows.condition_ids,
                split,
                y.tolist(),
                prediction.tolist(),
                strict=True,
            )
        ],
        left_out=rows.left_out,
        facts=facts,
        region=DataRegion.of(
            x, [one for name, one in zip(rows.inputs, data.box, strict=True) if name in plain]
        ),
        words=rows.words,
    )


def training_rows(
    table: pd.DataFrame,
    property_name: str,
    *,
    seed: int,
    test_share: float,
    box_pct: Mapping[str, tuple[float, float]] | None = None,
    unit: str = "",
) -> tuple[Rows, NDArray[np.intp], NDArray[np.intp], TrainingData]:
    """Give what a fit begins with: the rows, which are for training and test, and the former.

    Parameters and errors are those of `fit_surrogate`.
    """
    rows = Rows.from_table(table, property_name, box_pct)
    train, test = random_split(len(rows.y), test_share, seed)
    data = rows.training_data(train, test, box=rows.box(box_pct), unit=unit, seed=seed)
    return rows, train, test, data


def check_method(name: str) -> None:
    """Refuse the name of a method that does not exist.

    Raises
    ------
    InputError
        It is unknown.
    """
    if name not in METHODS:
        raise InputError(f"method: found {name!r}; allowed: {', '.join(METHODS)}")


def fit_like(
    model: Surrogate, table: pd.DataFrame, name: str, bounds_pct: Mapping[str, tuple[float, float]]
) -> Surrogate:
    """Fit a further property by the method, settings and seed of a surrogate.

    What a cell does goes through the microstructure where the surrogate is SISSO's.

    Raises
    ------
    InputError
        The table does not carry the fit.
    """
    return fit_surrogate(
        table,
        name,
        seed=model.seed,
        method=(
            "through_microstructure"
            if model.method == "sisso" and name in CELL_COLUMNS
            else model.method
        ),
        settings=model.settings,
        test_share=model.test_share,
        box_pct=bounds_pct,
        unit=unit_of(name),
    )
