"""Rows that an equation misses, and rows that it hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.surrogates.equations.expressions import evaluate
from mesocast.surrogates.methods.indicated import Indicated, equation_of, expanded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.surrogates.equations.equation import Equation
    from mesocast.surrogates.rows import Rows
    from mesocast.surrogates.surrogate import Surrogate


@dataclass(frozen=True)
class RowDiagnostics:
    """One row against the surrogate.

    Parameters
    ----------
    condition_id, split
        Which row; ``"train"`` or ``"test"``.
    residual
        Simulated minus predicted, in the unit of the property.
    relative_residual_pct
        The same over the simulated value; None where that is 0.
    leverage
        Weight of a row's own value in its prediction, at least 0; a training row's is at most 1.
        ``None`` for a surrogate that is no equation.
    standardized_residual
        Residual over its own standard deviation, which falls with leverage for training rows and
        grows for test rows. About 1 in 20 lies beyond +-2. ``None`` where there is no leverage.
    is_influential
        Leverage above twice the mean over the training rows (Hoaglin and Welsch, The American
        Statistician 32 (1978) 17), or a standardized residual beyond +-3.
    """

    condition_id: str
    split: str
    residual: float
    relative_residual_pct: float | None
    leverage: float | None
    standardized_residual: float | None
    is_influential: bool


def diagnose(surrogate: Surrogate, rows: Rows) -> list[RowDiagnostics]:
    """Hold every row against the surrogate.

    An equation is judged in the space where it is linear in its coefficients (the logarithm of the
    property for ``transform="log"``), with its descriptors as given: that they were chosen on the
    same rows is not counted, so leverages are low estimates.

    Parameters
    ----------
    surrogate
        Fitted to the rows whose ``split`` is ``"train"``.
    rows
        The rows it was made from.
    """
    split = {pair["condition_id"]: pair["split"] for pair in surrogate.pairs}
    is_train = np.array([split[name] == "train" for name in rows.condition_ids])
    residual = rows.y - surrogate.model(rows.x)
    leverage: list[float | None] = [None] * len(residual)
    standardized: list[float | None] = [None] * len(residual)
    limit = np.inf
    if (equation := equation_of(surrogate.model)) is not None:
        model, x = surrogate.model, rows.x
        if isinstance(model, Indicated):
            x = expanded(x, model.inputs, model.words)
        hat, parameters = _leverage(equation, x, is_train)
        target = np.log(rows.y) if equation.transform == "log" else rows.y
        prediction = surrogate.model(rows.x)
        deviation = target - (np.log(prediction) if equation.transform == "log" else prediction)
        freedom = max(int(is_train.sum()) - parameters, 1)
        noise = np.sqrt(np.sum(deviation[is_train] ** 2) / freedom)
        # An observation that the fit has seen pulled the prediction towards itself.
        share = np.where(is_train, np.maximum(1 - hat, 1e-12), 1 + hat)
        # An exact equation has residuals of rounding only, of which no ratio says anything.
        scale = np.maximum(noise, 1e-12 * np.abs(target).max()) * np.sqrt(share)
        leverage, standardized = hat.tolist(), (deviation / scale).tolist()
        limit = 2 * parameters / int(is_train.sum())
    return [
        RowDiagnostics(
            condition_id=name,
            split=split[name],
            residual=float(difference),
            relative_residual_pct=float(100 * difference / value) if value else None,
            leverage=own,
            standardized_residual=ratio,
            is_influential=(own or 0) > limit or abs(ratio or 0) > 3,
        )
        for name, difference, value, own, ratio in zip(
            rows.condition_ids, residual, rows.y, leverage, standardized, strict=True
        )
    ]


def _leverage(
    equation: Equation, x: NDArray[np.float64], is_train: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], int]:
    """Diagonal of ``A (A_train^T A_train)^-1 A^T`` and the number of coefficients."""
    scaled = list((x / equation.divisors).T)
    ones = np.ones(len(x))
    columns = np.stack(
        [ones, *(ones * evaluate(descriptor, scaled) for descriptor in equation.descriptors)],
        axis=1,
    )
    # The pseudo-inverse drops directions that only rounding holds apart.
    scales = np.linalg.norm(columns[is_train], axis=0)
    columns = columns / np.where(scales > 0, scales, 1.0)
    _, singular, axes = np.linalg.svd(columns[is_train], full_matrices=False)
    kept = singular > 1e-10 * singular[0]
    half = columns @ (axes[kept] / singular[kept, None]).T
    return np.asarray((half**2).sum(axis=1)), int(kept.sum())
