"""Films that were simulated, as numbers for the emulators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.calibration.posterior import Data
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.calibration.coefficients import Coefficients
    from mesocast.calibration.plan import CalibrationPlan, Output

    #: Quantities by pressing of each film, by point and film.
    Films = Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]

# Fewer simulated points of an output tell no trend.
_LEAST_POINTS = 3
# What one weighing and one thickness tell of an electrode, with the sign by which each follows the
# thickness: their errors are the same error but for rounding.
_OF_ONE_WEIGHING = {"thickness_um": 1, "density_g_cm3": -1, "porosity_by_mass": 1}
_SAME_ERROR = 0.95


@dataclass(frozen=True)
class Simulated:
    """Simulated outputs over the points.

    Parameters
    ----------
    outputs
        Those that enough points have a value of.
    left_out
        Those that have too few.
    x
        Coefficients in the unit cube and, where films differ in it, their mass: (points, inputs).
    values
        Shape (outputs, points, seeds), logarithms where the output is one; NaN without a value.
    masses_ug
        Of the films of each point, shape (points,).
    all_masses_ug
        Of the whole plan: what the mass among the inputs is scaled by.
    """

    outputs: tuple[Output, ...]
    left_out: tuple[Output, ...]
    x: NDArray[np.float64]
    values: NDArray[np.float64]
    masses_ug: NDArray[np.float64]
    all_masses_ug: tuple[float, ...]

    @property
    def groups(self) -> NDArray[np.int64]:
        """Points of films of one mass have one noise."""
        return np.unique(self.masses_ug, return_inverse=True)[1].astype(np.int64)

    def inputs(self, unit: NDArray[np.float64], mass_ug: float) -> NDArray[np.float64]:
        """Inputs of the emulators at points of the unit cube, with films of a mass."""
        return with_mass(unit, np.full(len(unit), mass_ug), self.all_masses_ug)

    @property
    def quantities(self) -> tuple[str, ...]:
        """Quantities among the outputs."""
        return tuple(dict.fromkeys(o.quantity for o in self.outputs))

    @property
    def kinds(self) -> NDArray[np.int64]:
        """Place of each output's quantity in `quantities`."""
        return np.array([self.quantities.index(o.quantity) for o in self.outputs], dtype=np.int64)

    def data(self) -> Data:
        """What was measured of the outputs."""
        places = [j for j, o in enumerate(self.outputs) if o.measured is not None]
        values, deviations = zip(*(_scaled(self.outputs[j]) for j in places), strict=True)
        return Data(
            np.array(places, dtype=np.int64),
            np.array(values),
            np.array(deviations),
            self.kinds[places],
        )

    def deviations(self) -> NDArray[np.float64]:
        """Standard deviation of each output's measurement; the usual one where there is none."""
        own = [_scaled(o)[1] if o.measured is not None else np.nan for o in self.outputs]
        found = np.array(own)
        for kind in range(len(self.quantities)):
            same = self.kinds == kind
            found[same & np.isnan(found)] = np.nanmedian(found[same])
        return found

    def measurement_correlation(self) -> NDArray[np.float64]:
        """Correlation of the measurements' errors, (outputs, outputs).

        Thickness, density and porosity by mass of an electrode are one measurement told thrice.
        """
        signs = np.array([_OF_ONE_WEIGHING.get(o.quantity, 0) for o in self.outputs])
        names = np.array([o.electrode for o in self.outputs])
        found: NDArray[np.float64] = _SAME_ERROR * np.outer(signs, signs)
        found *= names[:, None] == names
        np.fill_diagonal(found, 1.0)
        return found

    def correlation(self) -> NDArray[np.float64]:
        """Correlation of outputs between seeds, (outputs, outputs): of one recipe they share films.

        Pooled over the points, and drawn towards none by as much as there are outputs of a recipe
        for each degree of freedom, so that it can be inverted.
        """
        recipes = np.array([o.recipe_id for o in self.outputs])
        found = np.eye(len(recipes))
        for recipe in dict.fromkeys(recipes.tolist()):
            places = np.flatnonzero(recipes == recipe)
            products, freedom = np.zeros((len(places), len(places))), 0
            for own in np.moveaxis(self.values[places], 1, 0):
                whole = own[:, np.isfinite(own).all(axis=0)]
                if whole.shape[1] > 1:
                    residual = whole - whole.mean(axis=1, keepdims=True)
                    products += residual @ residual.T
                    freedom += whole.shape[1] - 1
            roots = np.sqrt(np.diag(products))
            scale = np.outer(roots, roots)
            # An output that no seed changes goes together with none.
            block = np.divide(products, scale, out=np.zeros_like(scale), where=scale > 0)
            block *= freedom / (freedom + len(places))
            np.fill_diagonal(block, 1.0)
            found[np.ix_(places, places)] = block
        return found

    def error_scales(self) -> NDArray[np.float64]:
        """Root mean square of the measurements' deviations by quantity."""
        data = self.data()
        return np.array(
            [
                np.sqrt(np.mean(data.deviations[data.kinds == kind] ** 2))
                for kind in range(len(self.quantities))
            ]
        )


def with_mass(
    unit: NDArray[np.float64], masses_ug: NDArray[np.float64], all_masses_ug: Sequence[float]
) -> NDArray[np.float64]:
    """Points of the unit cube and the films' mass on a logarithmic scale from 0 to 1."""
    low, high = min(all_masses_ug), max(all_masses_ug)
    if low == high:
        return unit
    return np.column_stack([unit, np.log(masses_ug / low) / np.log(high / low)])


def _scaled(output: Output) -> tuple[float, float]:
    """Measured value and deviation on the scale on which an output is compared."""
    if output.measured is None or output.standard_deviation is None:
        raise ValueError(f"{output.electrode}: {output.quantity} was not measured")
    if output.is_logarithmic:
        return float(np.log(output.measured)), output.standard_deviation / output.measured
    return output.measured, output.standard_deviation


def unscaled(output: Output, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of an output in its unit."""
    return np.exp(values) if output.is_logarithmic else values


def _value(output: Output, quantities: Mapping[str, float]) -> float:
    """Value of an output in a film; NaN if it has none."""
    if output.quantity == "thickness_um":
        # mg/cm2 over g/cm3 is 10 um.
        density_g_cm3 = quantities.get("density_g_cm3")
        if density_g_cm3 is None or output.mass_loading_mg_cm2 is None:
            return np.nan
        return 10 * output.mass_loading_mg_cm2 / density_g_cm3
    value = quantities.get(output.quantity, np.nan)
    if output.is_logarithmic:
        return float(np.log(value)) if value > 0 else np.nan
    return value


def assemble(
    plan: CalibrationPlan,
    coefficients: Coefficients,
    points: Mapping[str, Mapping[str, float]],
    films: Films,
) -> Simulated:
    """Put the films of the points so far into arrays.

    Parameters
    ----------
    plan, coefficients
        What is simulated, and what is sought.
    points
        Coefficients of each point.
    films
        What was measured of each film; a pressing that failed is missing.

    Raises
    ------
    InputError
        Nothing that was measured could be simulated.
    """
    names = list(points)
    values = np.full((len(plan.outputs), len(names), plan.seeds), np.nan)
    for j, output in enumerate(plan.outputs):
        for i, point in enumerate(names):
            for seed in range(plan.seeds):
                found = films[point].get(f"{output.recipe_id}S{seed + 1}", {})
                values[j, i, seed] = _value(output, found.get(output.pressing, {}))
    enough = np.isfinite(values).any(axis=2).sum(axis=1) >= min(_LEAST_POINTS, len(names))
    # A quantity that is measured only where nothing could be simulated has no error to be told of.
    measured = {
        o.quantity
        for o, ok in zip(plan.outputs, enough, strict=True)
        if ok and o.measured is not None
    }
    kept = [j for j, o in enumerate(plan.outputs) if enough[j] and o.quantity in measured]
    if not kept:
        raise InputError(
            "calibration: no film has what was measured; allowed: bounds of the coefficients "
            "between which films can be made and pressed (calibration/films/*/*/film.json say why)"
        )
    masses = np.array([plan.masses_ug[plan.round_of[name]] for name in names])
    unit = np.array([coefficients.unit(points[name]) for name in names])
    return Simulated(
        outputs=tuple(plan.outputs[j] for j in kept),
        left_out=tuple(o for j, o in enumerate(plan.outputs) if j not in kept),
        x=with_mass(unit, masses, plan.masses_ug),
        values=values[kept],
        masses_ug=masses,
        all_masses_ug=plan.masses_ug,
    )
