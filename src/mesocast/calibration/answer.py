"""What a calibration found: coefficients and predictions, with their intervals."""

from __future__ import annotations

import html
import math
from dataclasses import asdict, dataclass
from typing import Any

from mesocast.errors import InputError

# Nearer to an end of its bounds, in shares of them, a coefficient has nowhere to go.
_AT_A_BOUND = 0.05
# Widths, over those before any measurement, above which data say nothing, or little.
_NOT_IDENTIFIED, _HARDLY_IDENTIFIED = 0.8, 0.5


@dataclass(frozen=True)
class Interval:
    """Median and 90 % interval of what would be measured."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Found:
    """A coefficient: the most probable value, its 90 % interval, and what the data add.

    ``width_of_prior`` is the standard deviation over that before any measurement, on the scale of
    the coefficient: 1 where the data say nothing.
    """

    name: str
    minimum: float
    maximum: float
    scale: str
    best: float
    low: float
    high: float
    width_of_prior: float

    @property
    def is_identified(self) -> bool:
        """Whether the data tell it at all."""
        return self.width_of_prior <= _NOT_IDENTIFIED

    @property
    def is_at_a_bound(self) -> bool:
        """Whether the data pull it against an end of its bounds, beyond which they may be met."""
        ends = (self.minimum, self.low, self.best, self.high, self.maximum)
        start, low, best, high, end = map(math.log, ends) if self.scale == "log" else ends
        margin = _AT_A_BOUND * (end - start)
        below = best - start < margin and low - start < margin
        above = end - best < margin and end - high < margin
        return self.is_identified and (below or above)


@dataclass(frozen=True)
class Row:
    """An output of an electrode: measured, met with all data, and predicted without its recipe.

    ``predicted`` is None where nothing of its recipe was measured; then ``fitted`` is the
    prediction. ``gain_nat`` is what one more measurement of it would tell; ``informs`` how many
    errors (of measurement and model) it moves when a coefficient moves by its standard deviation
    before any measurement. ``joint`` is `fitted` with ends between which all rows that were not
    measured lie at once with 90 %; None for a measured row, and where only one was not.
    """

    electrode: str
    am_pct: float
    sc_pct: float
    pressing: str
    quantity: str
    measured: float | None
    standard_deviation: float | None
    fitted: Interval
    predicted: Interval | None
    seed_deviation: float
    informs: dict[str, float]
    gain_nat: float
    joint: Interval | None = None

    @property
    def is_inside(self) -> bool | None:
        """Whether the measured value lies in the interval that was predicted without its recipe."""
        if self.predicted is None or self.measured is None:
            return None
        return self.predicted.low <= self.measured <= self.predicted.high


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Parameters
    ----------
    coefficients, correlations
        The coefficients, and their correlations in the posterior.
    rows
        All outputs.
    draws
        Some draws from the posterior, by coefficient.
    model_errors
        By quantity: median standard deviation of what the model misses (relative where the
        quantity is compared by its logarithm).
    points, films, failed_films, effective_draws
        How much it rests on.
    left_out
        Measured outputs that could not be simulated.
    mass_ug
        Size of the films that the predictions are of.
    """

    coefficients: tuple[Found, ...]
    correlations: tuple[tuple[float, ...], ...]
    rows: tuple[Row, ...]
    draws: dict[str, tuple[float, ...]]
    model_errors: dict[str, float]
    points: int
    films: int
    failed_films: int
    effective_draws: float
    left_out: tuple[str, ...]
    mass_ug: float

    @property
    def best(self) -> dict[str, float]:
        """The most probable coefficients."""
        return {found.name: found.best for found in self.coefficients}

    @property
    def covered(self) -> tuple[int, int]:
        """How many data lie in their predicted interval, and of how many."""
        inside = [row.is_inside for row in self.rows if row.is_inside is not None]
        return sum(inside), len(inside)

    def remarks(self) -> dict[str, str]:
        """What is known of each coefficient, in words."""
        return {
            c.name: f"{c.best:g} (90 % between {c.low:.3g} and {c.high:.3g}; {identified(c)})"
            for c in self.coefficients
        }

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(c.name)}</td><td>{c.best:g}</td>"
            f"<td>{c.low:.3g} to {c.high:.3g}</td><td>{html.escape(identified(c))}</td></tr>"
            for c in self.coefficients
        )
        inside, data = self.covered
        return (
            f"<p>{self.films} films; {inside} of {data} measured values in the 90 % interval that "
            "is predicted without their recipe</p><table><tr><th>coefficient</th>"
            f"<th>most probable</th><th>90 % interval</th><th>identified</th></tr>{rows}</table>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers, strings and lists."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Calibration:
        """Read what :meth:`to_dict` gave.

        Raises
        ------
        InputError
            A key is missing, or a value has the wrong type.
        """
        try:
            rows = tuple(
                Row(
                    **{
                        **row,
                        "fitted": Interval(**row["fitted"]),
                        "predicted": Interval(**row["predicted"]) if row["predicted"] else None,
                        "joint": Interval(**row["joint"]) if row.get("joint") else None,
                    }
                )
                for row in data["rows"]
            )
            found = tuple(Found(**entry) for entry in data["coefficients"])
            return cls(**{**data, "rows": rows, "coefficients": found})
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"calibration: {type(error).__name__} {error} in the file") from error


def identified(found: Found) -> str:
    """Say whether the data tell a coefficient, and whether its bounds allow what they ask for."""
    if not found.is_identified:
        return "not identified by these data"
    bound = ", at a bound: wider ones may meet the data better" if found.is_at_a_bound else ""
    if found.width_of_prior > _HARDLY_IDENTIFIED:
        return f"hardly identified by these data{bound}"
    return f"to {100 * found.width_of_prior:.0f} % of what was possible{bound}"
