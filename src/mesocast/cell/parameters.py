r"""Electrode and chemistry as parameters of PyBaMM's porous-electrode models.

Traps that this file knows (PyBaMM 26.10): the solid's factor is (1 - porosity)^b, so an effective
conductivity needs b = 0; the active fraction, not 1 - porosity, sets capacity and surface; the
surface is always 3 active_fraction / radius, so what covers it is the interface's utilisation.

A thickness is part of a model's mesh, and building a model costs as much as twenty discharges. The
equations do not change when a domain's coordinate is stretched, :math:`x = s x'`, if what it stores
and what reacts in it is multiplied and what it conducts is divided by *s*:

.. math:: \varepsilon' = s \varepsilon,\quad \varepsilon_s' = s \varepsilon_s,\quad
          D_\mathrm{eff}' = D_\mathrm{eff} / s,\quad \kappa_\mathrm{eff}' = \kappa_\mathrm{eff} / s,
          \quad \sigma' = \sigma / s .

So electrodes are solved on a reference thickness near their own, exactly, and one model serves all
that are within 10 % of it. The stretch must stay near 1: the mesh errs where the electrode meets
the separator, by 3 mV at 3C for a stretch of 0.1 and by 0.4 mV for 1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from mesocast.cell.blend import phases_of
from mesocast.cell.chemistry import NEGATIVE, POSITIVE, import_pybamm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.cell.chemistry import Chemistry
    from mesocast.cell.porous_electrode import PorousElectrode
    from mesocast.config.cell import CellSettings

# PyBaMM's name of a current that is given with each discharge.
CURRENT = "Current function [A]"

# Lithium metal: 6.94 g/mol over 0.534 g/cm3, and its conductivity (CRC Handbook). The thickness
# enters only the ohmic loss within the metal, which is nothing.
_LITHIUM_MOLAR_VOLUME_M3_MOL = 1.3e-5
_LITHIUM_CONDUCTIVITY_S_M = 1.0776e7
_LITHIUM_THICKNESS_M = 5e-5
# Far above any voltage: only a discharge is simulated, and it starts below the upper cut-off.
_NO_UPPER_CUTOFF_V = 10.0
# Reference thicknesses are powers of this.
_STEP = 1.2


class Reference(NamedTuple):
    """Thicknesses (um) of the electrodes on the mesh of a model."""

    positive_um: float
    negative_um: float


def reference_of(
    electrode: PorousElectrode, chemistry: Chemistry, settings: CellSettings
) -> Reference:
    """Reference thicknesses within 10 % of those of an electrode's cell, the same for its like."""
    return Reference(
        _near(electrode.thickness_um),
        _near(negative_thickness_um(electrode, chemistry, settings.np_ratio)),
    )


def _near(thickness_um: float) -> float:
    return float(_STEP ** round(math.log(thickness_um, _STEP)))


def capacity_Ah_m2(electrode: PorousElectrode, chemistry: Chemistry) -> float:
    """Charge over area that an electrode gives over the stoichiometry windows of its materials."""
    volume = electrode.active_fraction * electrode.thickness_um * 1e-6
    shares = volume_shares(electrode)
    return volume * sum(s * chemistry.capacity_Ah_m3(POSITIVE, kind) for kind, s in shares.items())


def volume_shares(electrode: PorousElectrode) -> dict[str, float]:
    """Share of each kind in the volume of active material; one material alone has no name."""
    return {kind.name: kind.volume_share for kind in electrode.kinds} or {"": 1.0}


def negative_thickness_um(
    electrode: PorousElectrode, chemistry: Chemistry, np_ratio: float
) -> float:
    """Thickness of the negative electrode of the file that has np_ratio times the capacity."""
    per_m3 = chemistry.active_fraction(NEGATIVE) * chemistry.capacity_Ah_m3(NEGATIVE)
    return np_ratio * capacity_Ah_m2(electrode, chemistry) / per_m3 * 1e6


def charged_stoichiometry(chemistry: Chemistry, np_ratio: float) -> float:
    """Stoichiometry of the negative electrode when the positive one is charged.

    When the positive electrode is at its highest stoichiometry, the negative one is at its lowest,
    as in the file; from there it takes up the same charge, which is 1 / np_ratio of its window.
    """
    negative = chemistry.section(NEGATIVE)
    low, high = negative["Minimum stoichiometry"], negative["Maximum stoichiometry"]
    return float(low + (high - low) / np_ratio)


def cutoff_V(chemistry: Chemistry, settings: CellSettings, *, half: bool) -> float:
    """Voltage at which a discharge stops."""
    if half and settings.half_cell_cutoff_V is not None:
        return settings.half_cell_cutoff_V
    return float(chemistry.section("Cell")["Lower voltage cut-off [V]"])


def separator_of(chemistry: Chemistry, settings: CellSettings) -> dict[str, float]:
    """Thickness, porosity and transport efficiency of the separator: the config's or the file's."""
    found, asked = chemistry.section("Separator"), settings.separator
    return {
        "thickness_um": asked.thickness_um or 1e6 * found["Thickness [m]"],
        "porosity": asked.porosity or found["Porosity"],
        "transport_efficiency": asked.transport_efficiency or found["Transport efficiency"],
    }


def cell_parameters(
    chemistry: Chemistry,
    settings: CellSettings,
    *,
    half: bool,
    reference: Reference,
    particle_radius_um: float,
    particle_radius_spread: float = 0.0,
    radii_of_kinds_um: Sequence[tuple[str, float]] = (),
) -> dict[str, Any]:
    """Parameters of all cells of a chemistry, charged, per square metre; the rest is input.

    Nothing of a parameter set of PyBaMM's own is used: all that is not the electrode's is the
    chemistry's, but for the lithium of a half cell.

    Parameters
    ----------
    chemistry, settings
        The materials and the rest of the cell.
    half
        The counter electrode is lithium metal in place of the file's negative electrode.
    reference
        Thicknesses of the mesh.
    particle_radius_um, particle_radius_spread
        See `PorousElectrode`; they are part of the mesh too.
    radii_of_kinds_um
        In place of them, name and radius of each kind of an electrode of two.
    """
    values = chemistry.pybamm_values()
    if half:
        values = {name: value for name, value in values.items() if "egative" not in name}
        values |= _lithium(settings)
    else:
        values |= dict.fromkeys(_domain_inputs(NEGATIVE, 1, 0.5, {"": 0.5}, 0.1, 1), "[input]")
        values["Initial concentration in negative electrode [mol.m-3]"] = charged_stoichiometry(
            chemistry, settings.np_ratio
        ) * float(chemistry.section(NEGATIVE)["Maximum concentration [mol.m-3]"])
        values["Negative electrode thickness [m]"] = reference.negative_um * 1e-6
    separator, phases = separator_of(chemistry, settings), phases_of(chemistry)
    fractions = {phase.parameters: 0.5 for phase in phases.values()}
    values |= dict.fromkeys(_domain_inputs(POSITIVE, 1, 0.5, fractions, 0.1, 1), "[input]")
    for name, radius_um in radii_of_kinds_um or (("", particle_radius_um),):
        particle, prefix = chemistry.particles(POSITIVE)[name], phases[name].parameters
        values[f"{prefix}Positive particle radius [m]"] = radius_um * 1e-6
        values[f"{prefix}Initial concentration in positive electrode [mol.m-3]"] = (
            particle["Minimum stoichiometry"] * particle["Maximum concentration [mol.m-3]"]
        )
    values |= {
        "Positive electrode thickness [m]": reference.positive_um * 1e-6,
        "Initial positive electrode interface utilisation": "[input]",
        "Separator thickness [m]": separator["thickness_um"] * 1e-6,
        "Separator porosity": separator["porosity"],
        "Separator Bruggeman coefficient (electrolyte)": _exponent(
            separator["transport_efficiency"], separator["porosity"]
        ),
        CURRENT: "[input]",
        "Nominal cell capacity [A.h]": 1.0,
        "Electrode height [m]": 1.0,
        "Electrode width [m]": 1.0,
        "Number of electrodes connected in parallel to make a cell": 1,
        "Lower voltage cut-off [V]": cutoff_V(chemistry, settings, half=half),
        "Upper voltage cut-off [V]": _NO_UPPER_CUTOFF_V,
    }
    if settings.particle_sizes == "distribution" and particle_radius_spread > 0:
        values |= _distribution(particle_radius_um, particle_radius_spread)
    return values


def cell_inputs(
    electrode: PorousElectrode,
    chemistry: Chemistry,
    settings: CellSettings,
    *,
    half: bool,
    reference: Reference,
) -> dict[str, float]:
    """Values of the inputs of ``cell_parameters`` for one electrode, but for the current."""
    phases = phases_of(chemistry)
    inputs = _domain_inputs(
        POSITIVE,
        electrode.thickness_um / reference.positive_um,
        electrode.porosity,
        {
            phases[name].parameters: share * electrode.active_fraction
            for name, share in volume_shares(electrode).items()
        },
        electrode.transport_efficiency,
        electrode.conductivity_S_m,
    ) | {"Initial positive electrode interface utilisation": electrode.wetted_share}
    if half:
        return inputs
    thickness_um = negative_thickness_um(electrode, chemistry, settings.np_ratio)
    negative = chemistry.section(NEGATIVE)
    return inputs | _domain_inputs(
        NEGATIVE,
        thickness_um / reference.negative_um,
        negative["Porosity"],
        {"": chemistry.active_fraction(NEGATIVE)},
        negative["Transport efficiency"],
        negative["Conductivity [S.m-1]"],
    )


def _domain_inputs(
    side: str,
    stretch: float,
    porosity: float,
    active_fractions: Mapping[str, float],
    transport_efficiency: float,
    conductivity_S_m: float,
) -> dict[str, float]:
    """Give the values of an electrode on its reference thickness; ``stretch`` is s above.

    Active fractions are by what PyBaMM writes before the parameters of a kind.
    """
    stretched = porosity * stretch
    return {
        f"{side} porosity": stretched,
        **{
            f"{prefix}{side} active material volume fraction": fraction * stretch
            for prefix, fraction in active_fractions.items()
        },
        f"{side} Bruggeman coefficient (electrolyte)": _exponent(
            transport_efficiency / stretch, stretched
        ),
        f"{side} conductivity [S.m-1]": conductivity_S_m / stretch,
    }


def _lithium(settings: CellSettings) -> Mapping[str, Any]:
    pybamm = import_pybamm()
    rate = settings.lithium_rate_constant_mol_m2_s

    def exchange_current(c_e: Any, c_li: Any, temperature: Any) -> Any:  # noqa: ARG001 - PyBaMM's
        return rate * pybamm.constants.F * c_li**0.7 * c_e**0.3

    return {
        "Negative electrode OCP [V]": 0.0,
        "Negative electrode OCP entropic change [V.K-1]": 0.0,
        "Negative electrode thickness [m]": _LITHIUM_THICKNESS_M,
        "Negative electrode conductivity [S.m-1]": _LITHIUM_CONDUCTIVITY_S_M,
        "Negative electrode charge transfer coefficient": 0.5,
        "Lithium metal partial molar volume [m3.mol-1]": _LITHIUM_MOLAR_VOLUME_M3_MOL,
        "Exchange-current density for lithium metal electrode [A.m-2]": exchange_current,
    }


def _distribution(mean_um: float, spread: float) -> dict[str, Any]:
    """Log-normal distribution of the radius by surface, with the classes' mean and spread."""
    pybamm = import_pybamm()
    mean = mean_um * 1e-6
    # Four standard deviations hold all but 1e-4 of the surface; the radius must stay above 0.
    low, high = max(0.02, 1 - 4 * spread), 1 + 4 * spread

    def density(radius: Any) -> Any:
        return pybamm.lognormal(radius, mean, spread * mean)

    return {
        "Positive area-weighted particle-size distribution [m-1]": density,
        "Positive minimum particle radius [m]": low * mean,
        "Positive maximum particle radius [m]": high * mean,
    }


def _exponent(efficiency: float, porosity: float) -> float:
    """Exponent b with porosity^b = efficiency, by which PyBaMM takes a transport efficiency."""
    return math.log(efficiency) / math.log(porosity)
