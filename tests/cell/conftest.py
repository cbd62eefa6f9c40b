"""Electrodes and chemistries that the tests of the cell share."""

from __future__ import annotations

import pytest

pytest.importorskip("pybamm")

from mesocast.cell.chemistry import Chemistry, default_chemistry
from mesocast.cell.porous_electrode import PorousElectrode
from mesocast.config.cell import CellSettings

NP_RATIO_OF_FILE = 1.0


@pytest.fixture(scope="session")
def chemistry() -> Chemistry:
    return default_chemistry()


@pytest.fixture(scope="session")
def electrode() -> PorousElectrode:
    """Like S001-C01 of the open dataset, at 20 mg/cm2."""
    return PorousElectrode(
        thickness_um=84.0,
        density_g_cm3=2.38,
        porosity=0.3975,
        tortuosity_factor=2.75,
        active_fraction=0.4492,
        active_mass_fraction=0.8776,
        conductivity_S_m=0.0746,
        wetted_share=0.527,
        particle_radius_um=3.726,
        particle_radius_spread=0.315,
    )


@pytest.fixture(scope="session")
def pouch_electrode(chemistry: Chemistry) -> PorousElectrode:
    """The positive electrode of the chemistry's own cell."""
    found = chemistry.section("Positive electrode")
    return PorousElectrode(
        thickness_um=1e6 * found["Thickness [m]"],
        density_g_cm3=3.4,
        porosity=found["Porosity"],
        tortuosity_factor=found["Porosity"] / found["Transport efficiency"],
        active_fraction=chemistry.active_fraction("Positive electrode"),
        active_mass_fraction=0.9,
        conductivity_S_m=found["Conductivity [S.m-1]"],
        wetted_share=1.0,
        particle_radius_um=1e6 * found["Particle radius [m]"],
    )


@pytest.fixture(scope="session")
def pouch_settings(chemistry: Chemistry) -> CellSettings:
    """Settings with the ratio of the electrodes that the chemistry's own cell has."""
    negative, positive = (
        chemistry.active_fraction(side)
        * chemistry.capacity_Ah_m3(side)
        * chemistry.section(side)["Thickness [m]"]
        for side in ("Negative electrode", "Positive electrode")
    )
    return CellSettings(np_ratio=max(1.0, negative / positive))
