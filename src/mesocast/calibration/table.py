"""Films of a calibration as one table: a row per film and way of pressing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mesocast.calibration.coefficients import Coefficients
from mesocast.calibration.films import Simulated, assemble
from mesocast.calibration.plan import film_seed, make_calibration_plan
from mesocast.dataset.measured import QUANTITIES, number_in
from mesocast.errors import InputError
from mesocast.storage.rows import records_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mesocast.calibration.films import Films
    from mesocast.calibration.plan import CalibrationPlan
    from mesocast.config.campaign import Campaign
    from mesocast.dataset.measured import MeasuredElectrode

_FILM = ("mass_ug", "am_pct", "sc_pct", "seed")
_PRESSED = ("cr_pct", "pressure_MPa")


def table_of(
    campaign: Campaign,
    plan: CalibrationPlan,
    points: Mapping[str, Mapping[str, float]],
    films: Films,
) -> pd.DataFrame:
    """Put films into a table, as :func:`simulated_of` reads it.

    Parameters
    ----------
    campaign, plan
        What was calibrated.
    points
        Coefficients of each point.
    films
        What was measured of each film, by point, film and pressing.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for point, values in points.items():
        for film, recipe in plan.films.items():
            for pressing in recipe.pressings:
                kind, _, value = pressing.partition("=")
                rows.append(
                    {
                        "point": point,
                        "film": film,
                        **values,
                        "mass_ug": plan.masses_ug[plan.round_of[point]],
                        "am_pct": recipe.am_pct,
                        "sc_pct": recipe.sc_pct,
                        "seed": film_seed(campaign, point, film),
                        **dict.fromkeys(_PRESSED),
                        kind: float(value),
                        **films[point][film].get(pressing, {}),
                    }
                )
    return pd.DataFrame(rows)


def simulated_of(
    campaign: Campaign,
    electrodes: Sequence[MeasuredElectrode],
    films: pd.DataFrame,
    *,
    mass_ug: float | None = None,
) -> Simulated:
    """Read films that were simulated with several sets of coefficients.

    Parameters
    ----------
    campaign
        Its section ``calibration`` names the coefficients.
    electrodes
        What was measured; rows of other recipes, and pressed otherwise, are not looked at.
    films
        A column per coefficient, by its key; ``mass_ug``, ``am_pct``, ``sc_pct``, ``seed``;
        ``cr_pct`` or ``pressure_MPa``; and any of what can be measured.
    mass_ug
        Size of film that the predictions are of; None: the largest.

    Raises
    ------
    InputError
        One line that says which row and column is wrong, what was found and what is allowed.
    """
    coefficients = Coefficients(campaign)
    plan = make_calibration_plan(campaign, electrodes, "measured")
    missing = next((n for n in (*coefficients.names, *_FILM) if n not in films), None)
    if missing is not None or films.empty:
        raise InputError(
            f"films: {'no row' if films.empty else f'column {missing} is missing'}; allowed: a row "
            f"per film and pressing, with columns {', '.join((*coefficients.names, *_FILM))}, "
            f"one of {' and '.join(_PRESSED)}, and what was measured"
        )
    recipes = {(r.am_pct, r.sc_pct): r.recipe_id for r in plan.recipes}
    names: dict[tuple[float, ...], str] = {}
    seeds: dict[tuple[str, str], dict[float, int]] = {}
    found: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for number, record in enumerate(records_of(films), start=1):
        where = f"films: row {number}"
        key = tuple(_number(record, name, where) for name in ("mass_ug", *coefficients.names))
        am_pct, sc_pct, seed = (_number(record, name, where) for name in _FILM[1:])
        point = names.setdefault(key, f"P{len(names) + 1:04d}")
        own = found.setdefault(point, {})
        recipe = recipes.get((am_pct, sc_pct))
        if recipe is None:
            continue
        of_recipe = seeds.setdefault((point, recipe), {})
        place = of_recipe.setdefault(seed, len(of_recipe) + 1)
        quantities = {q: v for q in QUANTITIES if (v := number_in(record, q, where)) is not None}
        own.setdefault(f"{recipe}S{place}", {})[_pressing(record, where)] = quantities
    masses = sorted({key[0] for key in names})
    if mass_ug is not None and mass_ug not in masses:
        told = ", ".join(f"{mass:g}" for mass in masses)
        raise InputError(f"mass_ug = {mass_ug:g}: no film has it; allowed: {told}")
    # The last mass is that of which the predictions are.
    masses.sort(key=lambda mass: (mass == mass_ug, mass))
    rounds = tuple(tuple(p for key, p in names.items() if key[0] == mass) for mass in masses)
    points = {
        point: dict(zip(coefficients.names, key[1:], strict=True)) for key, point in names.items()
    }
    plan = replace(
        plan,
        rounds=rounds,
        masses_ug=tuple(masses),
        seeds=max((len(of_recipe) for of_recipe in seeds.values()), default=1),
    )
    return assemble(plan, coefficients, points, found)


def _number(record: dict[str, Any], key: str, where: str) -> float:
    value = number_in(record, key, where)
    if value is None:
        raise InputError(f"{where}: {key} is empty; allowed: a number")
    return value


def _pressing(record: dict[str, Any], where: str) -> str:
    """How a film was pressed, as `pressing_of` says it of an electrode."""
    given = {k: v for k in _PRESSED if (v := number_in(record, k, where)) is not None}
    if len(given) > 1:
        raise InputError(f"{where}: {' and '.join(given)} are given; allowed: one of them")
    kind, value = next(iter(given.items()), ("cr_pct", 0.0))
    return f"{kind}={value:.6g}"
