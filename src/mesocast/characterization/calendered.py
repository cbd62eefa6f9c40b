"""Columns of what calendering did to a film."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pandas as pd

from mesocast.errors import reading
from mesocast.simulation.composition import porosity_by_mass
from mesocast.simulation.convergence import Observation
from mesocast.simulation.passes import line_load_N_mm
from mesocast.storage.layout import CALENDERING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mesocast.config.campaign import Campaign
    from mesocast.electrode import Electrode

#: Compression (%) below which its springback is the noise of two thicknesses.
LEAST_IMPOSED_PCT = 1.0
_TAKEN = ("cr_imposed_pct", "cr_retained_pct", "pressure_model_kPa", "inertial_number")


def calendering_columns(
    campaign: Campaign, measured: Mapping[str, float], electrode: Electrode, folder: Path
) -> dict[str, float | None]:
    """Columns of what calendering did to a film, all for its row.

    Pressures and line loads have the config's scale of today, whatever it was when the film was
    pressed; without one there are none.

    Parameters
    ----------
    campaign
        Scale of the pressure, rolls, foil and densities.
    measured
        What the stage measured (``calendering.json``); empty where it failed.
    electrode
        The film after it.
    folder
        Holds the stage's history, from which the line load follows.
    """
    settings, scale = campaign.calendering, campaign.calendering.pressure_scale
    collector_um = campaign.characterization.collector_thickness_um
    found: dict[str, float | None] = {name: measured.get(name) for name in _TAKEN}
    found |= recorded_columns(measured)
    if scale is not None and "pressure_model_kPa" in measured:
        found["pressure_max_MPa"] = scale * measured["pressure_model_kPa"] / 1e3
    if "cr_imposed_pct" in measured:
        before_um = measured["thickness_before_um"]
        found["cr_gross_pct"] = measured["cr_imposed_pct"] / (1 + collector_um / before_um)
    if "thickness_um" in measured:
        porosity = porosity_by_mass(campaign.materials, electrode, measured["thickness_um"])
        found["porosity_by_mass"] = porosity if porosity > 0 else None
    if measured and scale is not None and settings.roll_diameter_mm is not None:
        down = last_way_down(folder / CALENDERING.history)
        found["line_load_N_mm"] = (
            line_load_N_mm(down, settings.roll_diameter_mm, scale) if down else 0.0
        )
    return found


def recorded_columns(measured: Mapping[str, float]) -> dict[str, float | None]:
    """Columns that need nothing but what the stage measured; also of films of earlier versions."""
    imposed, retained = (measured.get(name) for name in _TAKEN[:2])
    springback = None
    if imposed is not None and retained is not None and imposed >= LEAST_IMPOSED_PCT:
        springback = 100 * (1 - retained / imposed)
    porosity = measured.get("porosity_by_mass")
    return {
        "gap_um": measured.get("gap_um"),
        "passes": measured.get("passes"),
        "springback_pct": springback,
        "porosity_by_mass": porosity if porosity is not None and porosity >= 0 else None,
    }


def last_way_down(history: Path) -> list[Observation]:
    """What was seen while the plane came down the last time; nothing for a film at rest.

    Raises
    ------
    InputError
        The file is missing or broken.
    """
    with reading(history, "a history", KeyError, TypeError):
        rows = pd.read_csv(history, float_precision="round_trip").to_dict("records")
        seen = [Observation(**{str(name): value for name, value in row.items()}) for row in rows]
    ways = [
        list(group)
        for phase, group in itertools.groupby(seen, key=lambda observation: observation.phase)
        if phase == "press"
    ]
    return ways[-1] if ways else []
