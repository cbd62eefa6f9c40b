"""The calibration as jobs: points of a round, a film with a point's coefficients, the answer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from mesocast.calibration.answer import Calibration
from mesocast.calibration.calibrate import calibrate
from mesocast.calibration.coefficients import Coefficients
from mesocast.calibration.films import assemble
from mesocast.calibration.infer import next_points
from mesocast.calibration.plan import folder_of, make_calibration_plan, round_settings
from mesocast.calibration.table import table_of
from mesocast.dataset.measured import read_for_calibration
from mesocast.errors import InputError, reading
from mesocast.seeds import derived_seed
from mesocast.simulation.jobs import run_calendering, run_drying, run_slurry
from mesocast.simulation.stage_job import read_film
from mesocast.storage.files import read_record, write_json, write_text
from mesocast.storage.layout import CALENDERING, CALIBRATION_POINTS, CHARACTERIZATION, Layout
from mesocast.storage.once import file_digest, run_once
from mesocast.storage.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mesocast.calibration.films import Films
    from mesocast.calibration.plan import CalibrationPlan
    from mesocast.config.campaign import Campaign

_LOGGER = logging.getLogger(__name__)
_OBSERVED = "observed.json"


def read_plan(campaign: Campaign, measured: Path) -> CalibrationPlan:
    """Plan of a calibration on a table.

    Raises
    ------
    InputError
        Table or config are wrong.
    """
    return make_calibration_plan(campaign, read_for_calibration(measured), str(measured))


def run_round(campaign: Campaign, results: Path, measured: Path, number: int) -> None:
    """Write the coefficients of a round's points, once.

    A round that was proposed stays as it is when the table changes or more points come before it,
    since its films are there; it is proposed anew when other coefficients are sought.

    Raises
    ------
    InputError
        The round is none of the config's, or films of an earlier round are missing or broken.
    """
    plan, coefficients = read_plan(campaign, measured), Coefficients(campaign)
    if number not in range(len(plan.rounds)):
        raise InputError(f"--round {number}: allowed: 0 to {len(plan.rounds) - 1}")
    identity = round_settings(campaign, plan, number)

    def produce(scratch: Path) -> None:
        if number == 0:
            points = _first_points(coefficients, len(plan.rounds[0]), campaign.seed)
        else:
            points = next_points(
                assemble(plan, coefficients, *_made(plan, results, before=number)),
                coefficients,
                count=len(plan.rounds[number]),
                mass_ug=plan.masses_ug[number],
                seed=derived_seed(campaign.seed, "calibration", f"round {number}"),
            )
        write_json(
            scratch / CALIBRATION_POINTS,
            {
                "round": number,
                "mass_ug": plan.masses_ug[number],
                "points": dict(zip(plan.rounds[number], points, strict=True)),
            },
        )

    folder = Layout(results).calibration_round(number).parent
    run_once(folder, "points", identity, (CALIBRATION_POINTS,), produce)


def _first_points(coefficients: Coefficients, count: int, seed: int) -> list[dict[str, float]]:
    """First points of a scrambled Sobol sequence: more of them leave those before as they are."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(len(coefficients.names), rng=derived_seed(seed, "calibration", "design"))
    exponent = max(count - 1, 0).bit_length()
    return [coefficients.values(unit) for unit in sequence.random_base2(exponent)[:count]]


def run_film(
    campaign: Campaign,
    results: Path,
    points: Path,
    *,
    point: str,
    film: str,
    am_pct: float,
    sc_pct: float,
    seed: int,
    pressings: Sequence[str],
    has_voxels: bool,
) -> None:
    """Make a film with a point's coefficients, press it in every way, and write its ``film.json``.

    Parameters
    ----------
    campaign, results
        The campaign, whose other settings all points share, and its folder.
    points
        File of the round that has the point.
    point, film
        Identifiers.
    am_pct, sc_pct, seed
        Recipe, and seed of the random placement.
    pressings
        ``cr_pct=`` or ``pressure_MPa=`` and a number.
    has_voxels
        Whether transport and surfaces are measured.

    Raises
    ------
    InputError
        A file is broken, or the film cannot be built.
    """
    record = read_record(points, "points", "mass_ug")
    if point not in record["points"]:
        raise InputError(
            f"{points}: holds no point {point}; allowed: {', '.join(record['points'])}"
        )
    coefficients = Coefficients(campaign)
    own = coefficients.apply(record["points"][point], mass_ug=record["mass_ug"])
    output = Layout(results).calibration_film(point, film)
    folder = output.parent
    run_slurry(own, folder, slurry_id=f"{point}-{film}", am_pct=am_pct, sc_pct=sc_pct, seed=seed)
    run_drying(own, folder)
    observed = {
        pressing: _pressed(own, folder, pressing, has_voxels=has_voxels) for pressing in pressings
    }
    write_json(
        output,
        {
            "point": point,
            "film": film,
            "coefficients": record["points"][point],
            "am_pct": am_pct,
            "sc_pct": sc_pct,
            "seed": seed,
            "pressings": observed,
        },
    )


def _pressed(own: Campaign, film: Path, pressing: str, *, has_voxels: bool) -> dict[str, Any]:
    """Press a dried film and measure it, or say why not."""
    from mesocast.calibration.film import observe

    kind, _, text = pressing.partition("=")
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if kind not in ("cr_pct", "pressure_MPa") or value < 0:
        raise InputError(f"{pressing}: allowed: cr_pct=20, or pressure_MPa=80")
    name = folder_of(pressing)
    folder, pressure_kPa = film / name, None
    if kind == "pressure_MPa":
        scale = own.calendering.pressure_scale
        if scale is None:
            raise InputError(f"{pressing}: needs calendering.pressure_scale; allowed: a number")
        pressure_kPa = 1e3 * value / scale
    run_calendering(
        own,
        film,
        folder,
        condition_id=name,
        cr_pct=0.0 if kind == "pressure_MPa" else value,
        pressure_kPa=pressure_kPa,
    )
    before, electrode = read_film(folder, CHARACTERIZATION, folder, CALENDERING)

    def produce(scratch: Path) -> None:
        found = (
            observe(electrode, before["measured"], own, has_voxels=has_voxels)
            if before["status"] == "ok"
            else {}
        )
        write_json(
            scratch / _OBSERVED,
            {"status": before["status"], "reason": before["reason"], "quantities": found},
        )

    identity = {
        "physics": own.physics("characterization"),
        "electrode": file_digest(folder / CALENDERING.film),
        "measured": before["measured"],
        "status": before["status"],
        "reason": before["reason"],
        "has_voxels": has_voxels,
    }
    run_once(folder, "observed", identity, (_OBSERVED,), produce)
    return read_record(folder / _OBSERVED, "status", "reason", "quantities")


def _made(
    plan: CalibrationPlan, results: Path, *, before: int
) -> tuple[dict[str, Mapping[str, float]], Films]:
    """Points of all rounds before one, and what was measured of their films."""
    layout = Layout(results)
    points: dict[str, Mapping[str, float]] = {}
    films: dict[str, dict[str, dict[str, Mapping[str, float]]]] = {}
    for number, names in enumerate(plan.rounds[:before]):
        path = layout.calibration_round(number)
        kept = read_record(path, "points")["points"]
        for name in names:
            if name not in kept:
                raise InputError(f"{path}: holds no point {name}; allowed: the config's own")
            points[name] = kept[name]
            films[name] = {film: _quantities(layout, name, film) for film in plan.films}
    return points, films


def _quantities(layout: Layout, point: str, film: str) -> dict[str, Mapping[str, float]]:
    path = layout.calibration_film(point, film)
    pressings = read_record(path, "pressings")["pressings"]
    with reading(path, "a film of a calibration", AttributeError, KeyError, TypeError):
        return {pressing: dict(found["quantities"]) for pressing, found in pressings.items()}


def run_calibration(campaign: Campaign, results: Path, measured: Path) -> Calibration:
    """Calibrate on all films; write ``films.csv``, ``calibration.json`` and ``coefficients.yaml``.

    Raises
    ------
    InputError
        Table or config are wrong, or a film is missing or broken.
    """
    plan, coefficients = read_plan(campaign, measured), Coefficients(campaign)
    films = table_of(campaign, plan, *_made(plan, results, before=len(plan.rounds)))
    layout = Layout(results)
    write_text(layout.calibration_films, films.to_csv(index=False))
    found = calibrate(campaign, measured, films, mass_ug=plan.masses_ug[-1], report=_LOGGER.info)
    write_json(
        layout.calibration,
        {
            "mesocast": VERSION,
            "physics": campaign.physics("calendering"),
            "measured": {"file": measured.name, "digest": file_digest(measured)},
            "calibration": found.to_dict(),
        },
    )
    head = (
        f"# Written by `mesocast calibrate` ({VERSION}) from {measured.name}; a campaign includes "
        "it by its key `coefficients`.\n"
    )
    write_text(layout.coefficients, head + coefficients.text(found.best, found.remarks()))
    return found


def read_calibration(results: Path) -> Calibration:
    """Read what `run_calibration` found.

    Raises
    ------
    InputError
        The file is missing or broken.
    """
    path = Layout(results).calibration
    return Calibration.from_dict(read_record(path, "calibration")["calibration"])
