"""The stages as jobs: what each reads, what it writes, and what its result depends on."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mesocast.columns.units import refusal
from mesocast.electrode import Electrode
from mesocast.errors import InputError, PhysicsFailure
from mesocast.recipe import Recipe
from mesocast.simulation.calendering import calender
from mesocast.simulation.composition import composition_of, solid_density_g_cm3
from mesocast.simulation.drying import dry
from mesocast.simulation.engine.ranks import cpu_time_s
from mesocast.simulation.restarts import SharedRestarts
from mesocast.simulation.slurry import mix_slurry
from mesocast.simulation.viscosity import cubic_cell, flow_curve
from mesocast.storage.files import write_json
from mesocast.storage.interruption import Interruption
from mesocast.storage.layout import CALENDERING, DRYING, SLURRY, VISCOSITY
from mesocast.storage.once import file_digest, run_once
from mesocast.storage.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign
from mesocast.simulation.stage_job import StageJob, read_film, restart_digest, run_stage, unless_ok


def run_slurry(
    campaign: Campaign,
    folder: Path,
    *,
    slurry_id: str,
    am_pct: float,
    sc_pct: float,
    seed: int,
    further: Mapping[str, Value] | None = None,
    round_number: int = 0,
    skipped: str = "",
) -> None:
    """Mix a slurry in its folder.

    Parameters
    ----------
    campaign, folder
        The campaign and the slurry's folder.
    slurry_id, am_pct, sc_pct, seed
        Identifier, recipe in percent, and seed of the random placement.
    further
        Values of the campaign's own design variables, by column.
    round_number
        Round that asked for it.
    skipped
        Why nothing is simulated: all that is made of the slurry has the status ``skipped``.

    Raises
    ------
    InputError
        The recipe cannot be built.
    """
    recipe: dict[str, Any] = {
        "slurry_id": slurry_id,
        "round": round_number,
        "seed": seed,
        "am_pct": am_pct,
        "sc_pct": sc_pct,
        **(further or {}),
    }
    Recipe(am_pct, sc_pct)  # refuses what is none
    campaign = campaign.at(recipe)
    composition = composition_of(campaign, recipe)
    job = StageJob(
        stage=SLURRY,
        folder=folder,
        before=_skipped(skipped),
        start=lambda: _empty(composition.lateral_um),
        simulate=lambda course: mix_slurry(
            composition,
            campaign.force_fields.slurry,
            campaign.slurry,
            seed,
            course,
        ),
        recipe=recipe,
        identity={"physics": campaign.physics("slurry"), **recipe, **_skipped(skipped)},
    )
    run_stage(campaign, job)


def _skipped(reason: str) -> dict[str, Any]:
    return {"status": "skipped", "reason": reason} if reason else {}


def _empty(lateral_um: float) -> Electrode:
    import numpy as np

    return Electrode(
        np.empty((0, 3)),
        np.empty(0),
        np.empty(0, dtype=np.int64),
        np.empty(0),
        (lateral_um, lateral_um),
    )


def run_drying(
    campaign: Campaign,
    folder: Path,
    *,
    slurry_folder: Path | None = None,
    slurry_id: str | None = None,
    further: Mapping[str, Value] | None = None,
) -> None:
    """Dry a slurry into a folder.

    Parameters
    ----------
    campaign, folder
        The campaign, and the folder of the dried film.
    slurry_folder, slurry_id
        Folder of the slurry, and identifier of the film, where that is another film of a slurry
        that was mixed elsewhere.
    further
        Values of the campaign's own design variables of the drying, by column.

    Raises
    ------
    InputError
        The slurry's files are missing or broken.
    """
    before, slurry = read_film(folder, DRYING, slurry_folder or folder, SLURRY)
    own = {} if slurry_id is None else {"slurry_id": slurry_id}
    recipe = {**before["recipe"], **own, **(further or {})}
    campaign = campaign.at(recipe)
    composition = composition_of(campaign, recipe)
    job = StageJob(
        stage=DRYING,
        folder=folder,
        before=before,
        start=lambda: slurry,
        simulate=lambda course: dry(
            slurry, composition, campaign.force_fields, campaign.drying, course
        ),
        recipe=recipe,
        identity={
            "physics": campaign.physics("drying"),
            "slurry": file_digest((slurry_folder or folder) / SLURRY.film),
            "status": before["status"],
            **unless_ok(before),
            **own,
            **(further or {}),
        },
    )
    run_stage(campaign, job)


def run_calendering(
    campaign: Campaign,
    slurry_folder: Path,
    folder: Path,
    *,
    condition_id: str,
    cr_pct: float,
    pressure_kPa: float | None = None,
    further: Mapping[str, Value] | None = None,
    round_number: int | None = None,
    skipped: str = "",
) -> None:
    """Calender the dried film of a slurry into a condition's folder.

    Parameters
    ----------
    campaign, slurry_folder, folder
        The campaign and the folders of slurry and condition.
    condition_id, cr_pct
        Identifier and net compression rate.
    pressure_kPa
        Pressure in the model at which the plane stops, in place of a compression rate.
    further
        Values of the campaign's own design variables from calendering on, by column.
    round_number
        Round that asked for it; ``None``: its slurry's.
    skipped
        Why nothing is simulated: the condition's status is ``skipped``.

    Raises
    ------
    InputError
        The dried film's files are missing or broken, or the compression rate is not allowed.
    """
    if not 0 <= cr_pct < 60:
        raise InputError(f"cr_pct = {cr_pct:g}: {refusal(cr_pct, 0, 60, '%', below=True)}")
    before, dried = read_film(folder, CALENDERING, slurry_folder, DRYING)
    before |= _skipped(skipped)
    recipe = {
        **before["recipe"],
        "condition_id": condition_id,
        "cr_pct": cr_pct,
        **(further or {}),
    }
    campaign = campaign.at(recipe)
    if pressure_kPa is not None:
        recipe["pressure_kPa"] = pressure_kPa
    if round_number is not None:
        recipe["round"] = round_number
    film = {
        "physics": campaign.physics("calendering"),
        "dried": file_digest(slurry_folder / DRYING.film),
        "status": before["status"],
    }
    job = StageJob(
        stage=CALENDERING,
        folder=folder,
        before=before,
        start=lambda: _empty(dried.lateral_um[0]) if skipped else dried,
        simulate=lambda course: calender(
            dried,
            cr_pct=cr_pct,
            cbd_diameter_um=campaign.materials.cbd.dry_diameter_um,
            force_field=campaign.force_fields.dried,
            settings=campaign.calendering,
            pressure_kPa=pressure_kPa,
            solid_density_g_cm3=solid_density_g_cm3(campaign.materials, dried),
            course=course,
        ),
        recipe=recipe,
        identity={**film, **unless_ok(before), **recipe},
        # A film that is not pressed never goes the way that the others share; one that is pressed
        # to something else than a rate, or in its own way, leaves it no one knows where.
        shared=SharedRestarts(
            slurry_folder / "work" / "pressed",
            restart_digest(film),
            parts_at=cr_pct / campaign.calendering.passes,
        )
        if cr_pct > 0 and campaign.calendering.to is None and not further
        else None,
    )
    run_stage(campaign, job)


def run_viscosity(
    campaign: Campaign, folder: Path, *, am_pct: float, sc_pct: float, seed: int
) -> None:
    """Write ``viscosity.json`` of a slurry into its folder, unless it is kept there.

    Raises
    ------
    InputError
        The recipe cannot be built.
    """
    composition = cubic_cell(
        campaign.materials, am_pct=am_pct, sc_pct=sc_pct, mass_ug=campaign.viscosity.mass_ug
    )
    recipe = {"am_pct": am_pct, "sc_pct": sc_pct, "seed": seed}
    identity = {**recipe, "physics": campaign.physics("viscosity")}
    interruption = Interruption(campaign.jobs.wall_time_margin_s)

    def produce(scratch: Path) -> None:
        status, reason, points = "ok", "", []
        started = cpu_time_s()
        try:
            with interruption:
                points = flow_curve(
                    composition,
                    campaign.force_fields.slurry,
                    campaign.viscosity,
                    seed,
                    interruption.reason,
                )
        except PhysicsFailure as failure:
            status, reason = failure.status, failure.reason
        write_json(
            scratch / VISCOSITY,
            {
                "status": status,
                "reason": reason,
                "recipe": recipe,
                "points": [asdict(point) for point in points],
                "identity": identity,
                "mesocast": VERSION,
                "cpu_s": round(cpu_time_s() - started, 1),
            },
        )

    run_once(
        folder,
        "viscosity",
        identity,
        (VISCOSITY,),
        produce,
        stop_reason=interruption.reason,
        cpu_time_s=cpu_time_s,
    )
