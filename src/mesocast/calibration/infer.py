"""From simulated films and measured electrodes to coefficients, predictions and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.calibration.answer import Calibration, Found, Interval, Row
from mesocast.calibration.emulator import Emulators, fit_emulators, seed_variance
from mesocast.calibration.feasibility import fit_feasibility, is_made
from mesocast.calibration.films import Simulated, unscaled
from mesocast.calibration.posterior import (
    PRIOR_DEVIATION,
    Posterior,
    information,
    joint_ends,
    predict,
    sample_posterior,
    sensitivities,
)
from mesocast.calibration.propose import propose_points
from mesocast.seeds import derived_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from mesocast.calibration.coefficients import Coefficients
    from mesocast.calibration.plan import Output

#: Ends of the intervals that are told: 90 %.
INTERVAL = (0.05, 0.95)
_KEPT_DRAWS = 400


@dataclass(frozen=True)
class _Fit:
    """Emulators of the films so far, at the size of film that counts."""

    simulated: Simulated
    emulators: Emulators
    mass_ug: float
    feasible: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None

    def emulate(self, unit: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.emulators(self.simulated.inputs(unit, self.mass_ug))

    def sample(self, coefficients: int, seed: int, without: NDArray[np.bool_]) -> Posterior:
        return sample_posterior(
            self.emulate,
            self.simulated.data().without(without),
            coefficients=coefficients,
            error_scales=self.simulated.error_scales(),
            correlation=self.simulated.correlation(),
            measurement_correlation=self.simulated.measurement_correlation(),
            feasible=self.feasible,
            seed=seed,
        )


def _fit(simulated: Simulated, mass_ug: float) -> _Fit:
    emulators = fit_emulators(simulated.x, simulated.values, simulated.groups)
    found = fit_feasibility(simulated.x, is_made(simulated.values))
    feasible = None if found is None else lambda unit: found(simulated.inputs(unit, mass_ug))
    return _Fit(simulated, emulators, mass_ug, feasible)


def next_points(
    simulated: Simulated, coefficients: Coefficients, *, count: int, mass_ug: float, seed: int
) -> list[dict[str, float]]:
    """Coefficients of the next round, whose films have a mass."""
    fit = _fit(simulated, mass_ug)
    data = simulated.data()
    none = np.zeros(len(data.outputs), dtype=bool)
    posterior = fit.sample(len(coefficients.names), derived_seed(seed, "posterior"), none)
    variance = np.full(len(simulated.outputs), np.inf)
    errors = np.median(posterior.errors, axis=0)
    variance[data.outputs] = data.deviations**2 + errors[data.kinds] ** 2
    points = propose_points(
        posterior,
        fit.emulators,
        lambda unit: simulated.inputs(unit, mass_ug),
        count=count,
        error_variance=variance,
        noise=_noise(simulated) / simulated.values.shape[2],
        failed=simulated.x[~is_made(simulated.values), : len(coefficients.names)],
    )
    return [coefficients.values(point) for point in points]


def _noise(simulated: Simulated) -> NDArray[np.float64]:
    """Variance between seeds of each output, of the largest films so far."""
    last = int(simulated.groups.max())
    return np.array([seed_variance(v, simulated.groups)[last] for v in simulated.values])


def infer(
    simulated: Simulated,
    coefficients: Coefficients,
    recipes: dict[str, tuple[float, float]],
    *,
    seed: int,
    each_recipe: bool = True,
    report: Callable[[str], None] = lambda _line: None,
) -> Calibration:
    """Find coefficients, and predict each recipe from the others.

    Parameters
    ----------
    simulated
        All films.
    coefficients
        What is sought.
    recipes
        Active material and solid content (%) by the identifier of the recipe.
    seed
        The same films and seed give the same answer.
    each_recipe
        Whether each recipe is predicted from the others, which takes a posterior for each.
    report
        Told what is being done.
    """
    mass_ug = simulated.all_masses_ug[-1]
    report("fitting the emulators")
    fit = _fit(simulated, mass_ug)
    data, count = simulated.data(), len(coefficients.names)
    own_recipe = np.array([simulated.outputs[j].recipe_id for j in data.outputs])

    def predicted(left_out: str) -> tuple[Posterior, NDArray[np.float64]]:
        posterior = fit.sample(
            count, derived_seed(seed, "posterior", left_out), own_recipe == left_out
        )
        draws = predict(
            posterior,
            fit.emulate,
            kinds=simulated.kinds,
            deviations=simulated.deviations(),
            correlation=simulated.correlation(),
            measurement_correlation=simulated.measurement_correlation(),
            seed=derived_seed(seed, "predict", left_out),
        )
        return posterior, draws

    report("sampling the posterior")
    posterior, fitted = predicted("")
    without: dict[str, NDArray[np.float64]] = {}
    for recipe in dict.fromkeys(own_recipe.tolist() if each_recipe else []):
        am_pct, sc_pct = recipes[recipe]
        report(f"predicting {am_pct:g}/{sc_pct:g} from the others")
        _, without[recipe] = predicted(recipe)
    moved = sensitivities(posterior, fit.emulate)
    kinds, deviations = simulated.kinds, simulated.deviations()
    gain = information(
        posterior,
        fit.emulate,
        kinds=kinds,
        deviations=deviations,
        is_measured=np.array([output.measured is not None for output in simulated.outputs]),
    )
    errors = np.median(posterior.errors, axis=0)
    total = np.sqrt(deviations**2 + errors[kinds] ** 2)
    noise = np.sqrt(_noise(simulated))
    joint = _joint(simulated.outputs, fitted)

    def row(j: int, output: Output) -> Row:
        am_pct, sc_pct = recipes[output.recipe_id]
        others = without.get(output.recipe_id)
        return Row(
            output.electrode,
            am_pct,
            sc_pct,
            output.pressing,
            output.quantity,
            output.measured,
            output.standard_deviation,
            _interval(output, fitted[:, j]),
            None if others is None else _interval(output, others[:, j]),
            float(noise[j]),
            dict(zip(coefficients.names, (moved[j] / total[j]).tolist(), strict=True)),
            float(gain[j]),
            joint.get(j),
        )

    kept = posterior.unit[:: max(len(posterior.unit) // _KEPT_DRAWS, 1)]
    values = [coefficients.values(point) for point in kept]
    return Calibration(
        coefficients=_found(coefficients, posterior),
        correlations=_correlations(posterior),
        rows=tuple(row(j, output) for j, output in enumerate(simulated.outputs)),
        draws={name: tuple(v[name] for v in values) for name in coefficients.names},
        model_errors=dict(zip(simulated.quantities, errors.tolist(), strict=True)),
        points=len(simulated.x),
        films=int(simulated.values.shape[1] * simulated.values.shape[2]) * len(recipes),
        failed_films=_failed(simulated),
        effective_draws=posterior.effective_draws,
        left_out=tuple(
            f"{o.electrode}: {o.quantity}" for o in simulated.left_out if o.measured is not None
        ),
        mass_ug=mass_ug,
    )


def _interval(output: Output, draws: NDArray[np.float64]) -> Interval:
    low, median, high = np.quantile(draws, [INTERVAL[0], 0.5, INTERVAL[1]])
    return _in_unit(output, median, low, high)


def _joint(outputs: Sequence[Output], draws: NDArray[np.float64]) -> dict[int, Interval]:
    """Intervals of the outputs that were not measured, all at once, by place."""
    places = [j for j, output in enumerate(outputs) if output.measured is None]
    if len(places) < 2:
        return {}
    own = draws[:, places]
    ends = zip(places, np.median(own, axis=0), *joint_ends(own, INTERVAL), strict=True)
    return {j: _in_unit(outputs[j], median, low, high) for j, median, low, high in ends}


def _in_unit(output: Output, median: float, low: float, high: float) -> Interval:
    return Interval(*(float(end) for end in unscaled(output, np.array([median, low, high]))))


def _found(coefficients: Coefficients, posterior: Posterior) -> tuple[Found, ...]:
    best = coefficients.values(posterior.best)
    low, high = (coefficients.values(np.quantile(posterior.unit, q, axis=0)) for q in INTERVAL)
    widths = posterior.unit.std(axis=0) / PRIOR_DEVIATION
    return tuple(
        Found(
            name,
            *coefficients.bounds(name),
            best[name],
            low[name],
            high[name],
            float(width),
        )
        for name, width in zip(coefficients.names, widths, strict=True)
    )


def _correlations(posterior: Posterior) -> tuple[tuple[float, ...], ...]:
    matrix = np.atleast_2d(np.corrcoef(posterior.unit, rowvar=False))
    return tuple(tuple(row) for row in matrix.tolist())


def _failed(simulated: Simulated) -> int:
    """Films of which some output has no value."""
    failed = {
        (output.recipe_id, int(i), int(s))
        for j, output in enumerate(simulated.outputs)
        for i, s in np.argwhere(~np.isfinite(simulated.values[j]))
    }
    return len(failed)
