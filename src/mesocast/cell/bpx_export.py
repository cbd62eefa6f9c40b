"""A simulated electrode in its cell as a BPX file, for other programs."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any

from mesocast.cell.chemistry import NEGATIVE, POSITIVE
from mesocast.cell.parameters import (
    capacity_Ah_m2,
    charged_stoichiometry,
    cutoff_V,
    negative_thickness_um,
    separator_of,
    volume_shares,
)
from mesocast.cell.stack import stack_of

if TYPE_CHECKING:
    from mesocast.cell.chemistry import Chemistry
    from mesocast.cell.porous_electrode import PorousElectrode
    from mesocast.config.cell import CellSettings

_AREA_M2 = 1e-4  # one square centimetre, as a laboratory would report it


def to_bpx(
    electrode: PorousElectrode, chemistry: Chemistry, settings: CellSettings, *, title: str
) -> dict[str, Any]:
    """Describe the full cell of an electrode by BPX 1.x, one square centimetre of it.

    A reader of BPX derives the active fraction from the surface, as 3 times it over the radius, so
    the surface is that of whole spheres and what part of it is wetted goes into the reaction rate.
    Transport efficiency and conductivity are effective values, as BPX wants them.

    Parameters
    ----------
    electrode
        The positive electrode, at its loading.
    chemistry, settings
        The materials and the rest of the cell.
    title
        Title of the file.

    Returns
    -------
    dict
        What the package ``bpx`` accepts.
    """
    content: dict[str, Any] = copy.deepcopy(dict(chemistry.content))
    parts = content["Parameterisation"]
    separator = separator_of(chemistry, settings)
    parts[POSITIVE] |= {
        "Thickness [m]": electrode.thickness_um * 1e-6,
        "Porosity": electrode.porosity,
        "Transport efficiency": electrode.transport_efficiency,
        "Conductivity [S.m-1]": electrode.conductivity_S_m,
    }
    particles = parts[POSITIVE].get("Particle") or {"": parts[POSITIVE]}
    radii_um = {kind.name: kind.particle_radius_um for kind in electrode.kinds}
    for name, share in volume_shares(electrode).items():
        radius_m = 1e-6 * radii_um.get(name, electrode.particle_radius_um)
        particles[name]["Particle radius [m]"] = radius_m
        particles[name]["Surface area per unit volume [m-1]"] = (
            3 * share * electrode.active_fraction / radius_m
        )
        particles[name]["Reaction rate constant [mol.m-2.s-1]"] *= electrode.wetted_share
    parts[NEGATIVE] |= {
        "Thickness [m]": negative_thickness_um(electrode, chemistry, settings.np_ratio) * 1e-6,
        # BPX's window is what the cell uses of it: all of the positive electrode's charge.
        "Maximum stoichiometry": charged_stoichiometry(chemistry, settings.np_ratio),
    }
    parts["Separator"] |= {
        "Thickness [m]": separator["thickness_um"] * 1e-6,
        "Porosity": separator["porosity"],
        "Transport efficiency": separator["transport_efficiency"],
    }
    parts["Cell"] |= {
        "Electrode area [m2]": _AREA_M2,
        # Of the bare stack. BPX does not ask for them, but PyBaMM's reader does.
        "External surface area [m2]": 2 * _AREA_M2,
        "Volume [m3]": 1e-3 * stack_of(electrode, chemistry, settings).volume_L_m2 * _AREA_M2,
        "Number of electrode pairs connected in parallel to make a cell": 1,
        "Nominal cell capacity [A.h]": capacity_Ah_m2(electrode, chemistry) * _AREA_M2,
        "Lower voltage cut-off [V]": cutoff_V(chemistry, settings, half=False),
    }
    header = chemistry.content["Header"]
    content["Header"] = {
        "BPX": header["BPX"],
        "Title": title,
        "Description": "Positive electrode: a microstructure simulated by Mesocast, the rest: "
        f"{chemistry.title}. Transport efficiency, conductivity, porosity, thickness and surface "
        "of the positive electrode are simulated; the share of its surface that faces pore "
        f"({100 * electrode.wetted_share:.1f} %) is in its reaction rate constant.",
        **({"References": header["References"]} if header.get("References") else {}),
        "Model": "DFN",
    }
    content.pop("Validation", None)  # measured on the file's own cell
    check_bpx(content)
    return content


def check_bpx(content: dict[str, Any]) -> None:
    """Have the package ``bpx`` read what it shall read.

    Raises
    ------
    pydantic.ValidationError
        It refuses.
    """
    import bpx

    with warnings.catch_warnings():
        # The schema warns where the stoichiometry windows do not meet the cut-offs to 1 mV.
        warnings.simplefilter("ignore")
        bpx.parse_bpx_obj(copy.deepcopy(content))  # it writes its objects into what it is given
