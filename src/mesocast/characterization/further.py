"""Measurements that a config asks for: ``characterization.measurements``."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.infiltration.measure import infiltrate
from mesocast.characterization.transport.blocking import blocking_impedance
from mesocast.characterization.transport.contacts import contact_conductivity
from mesocast.characterization.transport.four_point import four_point_conductivity
from mesocast.characterization.transport.kinds import kind_of_particles, paint_kinds
from mesocast.characterization.transport.properties import PermeableCbd
from mesocast.columns import FURTHER
from mesocast.config.characterization import ContactSettings, InfiltrationSettings
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mesocast.characterization.image import Phases
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.config.characterization import CharacterizationSettings, MeasurementName
    from mesocast.electrode import Electrode

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """What to measure besides; by default nothing.

    Parameters
    ----------
    names
        Names of measurements.
    contacts
        How contacts conduct.
    infiltration
        The electrolyte.
    """

    names: tuple[MeasurementName, ...] = ()
    contacts: ContactSettings = field(default_factory=ContactSettings)
    infiltration: InfiltrationSettings = field(default_factory=InfiltrationSettings)

    @classmethod
    def of(cls, settings: CharacterizationSettings) -> Wanted:
        """Take it from the settings of a campaign."""
        return cls(settings.measurements, settings.contacts, settings.infiltration)


@dataclass(frozen=True, eq=False)
class Further:
    """What was measured besides.

    Parameters
    ----------
    columns
        By name; None where a measurement has no result.
    curve
        Saturation against capillary pressure, by column of a table; None without infiltration.
    """

    columns: dict[str, float | None] = field(default_factory=dict)
    curve: dict[str, NDArray[np.float64]] | None = None


def measure_further(
    image: VoxelImage,
    phases: Phases,
    wanted: Wanted,
    electrode: Electrode | None,
    *,
    by_apertures: bool = True,
) -> Further:
    """Measure what is wanted; what has no result is None, and no failure of the electrode.

    Parameters
    ----------
    image, phases
        Voxel image, and what its phases are.
    wanted
        Names of the measurements and their settings.
    electrode
        The spheres that the image shows. Without them, what comes from the pores' transport has
        ``_voxel`` at its end.
    by_apertures
        Whether pores are resolved by apertures between the spheres.

    Raises
    ------
    InputError
        Infiltration is wanted and PoreSpy is not installed.
    """
    found: dict[str, float | None] = {}
    curve = None
    suffix = "" if electrode is not None else "_voxel"
    spheres = electrode if by_apertures else None
    cbd = PermeableCbd(phases.cbd_relative_diffusivity, phases.cbd_nanoporosity)

    def attempt(name: str, measure: Callable[[], float]) -> None:
        try:
            found[name] = measure()
        except PhysicsFailure as failure:
            _LOGGER.info("no %s: %s", name, failure)
            found[name] = None

    if "blocking" in wanted.names:
        for name, permeable in (("", None), ("_permeable_cbd", cbd)):
            attempt(
                f"tortuosity_factor_blocking{name}{suffix}",
                lambda permeable=permeable: (  # type: ignore[misc]  # mypy knows no default here
                    blocking_impedance(image, electrode=spheres, cbd=permeable).tortuosity_factor
                ),
            )
    if "four_point" in wanted.names:
        attempt(
            "conductivity_four_point_S_m",
            lambda: four_point_conductivity(*_conducting(image, phases, electrode)),
        )
    if "infiltration" in wanted.names:
        try:
            entered = infiltrate(image, wanted.infiltration, cbd, spheres)
        except PhysicsFailure as failure:
            _LOGGER.info("no infiltration: %s", failure)
            found |= dict.fromkeys(column.name for column in FURTHER["infiltration"])
        else:
            found |= entered.columns
            curve = entered.capillarity.curve()
    return Further(found, curve)


def _conducting(
    image: VoxelImage, phases: Phases, electrode: Electrode | None
) -> tuple[VoxelImage, dict[int, float]]:
    """Image and conductivities of what conducts; each kind of active material has its own."""
    if electrode is not None and phases.kinds:
        return paint_kinds(image, electrode, phases.kinds, phases.cbd_conductivity_S_m)
    return image, {
        ACTIVE_MATERIAL: phases.am_conductivity_S_m,
        CBD: phases.cbd_conductivity_S_m,
    }


def by_contacts(electrode: Electrode, phases: Phases, settings: ContactSettings) -> float | None:
    """Electronic conductivity through contacts of beads, S/m; None where none leads through.

    Parameters
    ----------
    electrode
        The spheres.
    phases
        Conductivities of the active material.
    settings
        The skin of CBD beads, and what they conduct inside of it.
    """
    is_cbd = electrode.species == CBD
    conductivities = np.full(len(is_cbd), phases.am_conductivity_S_m)
    if phases.kinds:
        of_kind = kind_of_particles(2 * electrode.radii_um[~is_cbd], phases.kinds)
        conductivities[~is_cbd] = np.array([k.conductivity_S_m for k in phases.kinds])[of_kind]
    conductivities[is_cbd] = settings.cbd_conductivity_S_m
    try:
        return contact_conductivity(electrode, conductivities, settings.skin_um)
    except PhysicsFailure as failure:
        _LOGGER.info("no conductivity by contacts: %s", failure)
        return None
