"""Cells of electrodes of two active materials."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("pybamm")

from mesocast.campaign.checks import load
from mesocast.cell.blend import check_kinds, equilibrium_V
from mesocast.cell.bpx_export import to_bpx
from mesocast.cell.chemistry import POSITIVE, Chemistry, read_chemistry
from mesocast.cell.jobs import cell_identity
from mesocast.cell.parameters import capacity_Ah_m2
from mesocast.cell.porous_electrode import KindInCell, PorousElectrode
from mesocast.cell.result import cell, discharge
from mesocast.config.cell import CellSettings
from mesocast.config.materials import ActiveMaterial
from mesocast.errors import InputError, PhysicsFailure

if TYPE_CHECKING:
    from pathlib import Path

PARTICLE = (
    "Minimum stoichiometry",
    "Maximum stoichiometry",
    "Maximum concentration [mol.m-3]",
    "Particle radius [m]",
    "Surface area per unit volume [m-1]",
    "Diffusivity [m2.s-1]",
    "OCP [V]",
    "Entropic change coefficient [V.K-1]",
    "Reaction rate constant [mol.m-2.s-1]",
)


def _blend(chemistry: Chemistry, folder: Path, **others: Any) -> Chemistry:
    """The chemistry with two kinds in its positive electrode: A as it is, B with some changes."""
    content: dict[str, Any] = copy.deepcopy(dict(chemistry.content))
    content.pop("Validation", None)
    positive = content["Parameterisation"][POSITIVE]
    first = {
        name: value for name, value in positive.items() if name in PARTICLE or "ctivation" in name
    }
    for name in first:
        positive.pop(name)
    positive["Particle"] = {"A": first, "B": {**first, **others.pop("b", {})}, **others}
    path = folder / "blend.json"
    path.write_text(json.dumps(content))
    return read_chemistry(path)


def _other(chemistry: Chemistry) -> dict[str, Any]:
    """Another material: it has its potential, charged, 0.3 V less when discharged."""
    found, potential = chemistry.section(POSITIVE), chemistry.potential_V(POSITIVE)
    x = np.linspace(0.1, 0.95, 200)
    low, high = found["Minimum stoichiometry"], found["Maximum stoichiometry"]
    used = (x - 0.1) / 0.85
    volts = [potential(low + share * (high - low)) - 0.3 * share for share in used]
    return {
        "Minimum stoichiometry": 0.1,
        "Maximum stoichiometry": 0.95,
        "Maximum concentration [mol.m-3]": 30000.0,
        "OCP [V]": {"x": x.tolist(), "y": volts},
        "Diffusivity [m2.s-1]": 1e-14,
    }


def _of(
    electrode: PorousElectrode, share: float, radius_um: float | None = None
) -> PorousElectrode:
    radius = electrode.particle_radius_um
    kinds = (
        KindInCell(name="A", volume_share=share, particle_radius_um=radius),
        KindInCell(name="B", volume_share=1 - share, particle_radius_um=radius_um or radius),
    )
    return replace(electrode, kinds=kinds)


@pytest.mark.parametrize("half", [True, False])
def test_two_kinds_of_one_material_are_that_material(
    half: bool, chemistry: Chemistry, electrode: PorousElectrode, tmp_path: Path
) -> None:
    blend = _blend(chemistry, tmp_path)
    one = discharge(electrode, 1, half=half, chemistry=chemistry)
    two = discharge(_of(electrode, 0.3), 1, half=half, chemistry=blend)
    assert two.current_A_m2 == pytest.approx(one.current_A_m2)
    assert two.energy_Wh_m2 == pytest.approx(one.energy_Wh_m2, rel=1e-3)
    np.testing.assert_allclose(
        np.interp(one.time_s, two.time_s, two.voltage_V)[:-2], one.voltage_V[:-2], atol=2e-3
    )
    for name, lost in one.lost_Wh_m2.items():
        assert two.lost_Wh_m2[name] == pytest.approx(lost, abs=2e-3 * one.energy_Wh_m2)


@pytest.mark.parametrize("half", [True, False])
def test_energy_and_losses_of_a_blend_are_the_open_circuit_energy(
    half: bool, chemistry: Chemistry, electrode: PorousElectrode, tmp_path: Path
) -> None:
    blend, blended = _blend(chemistry, tmp_path, b=_other(chemistry)), _of(electrode, 0.6, 2.0)
    found = discharge(blended, 2, half=half, chemistry=blend)
    losses = sum(found.lost_Wh_m2.values())
    assert found.energy_Wh_m2 + losses == pytest.approx(found.open_circuit_energy_Wh_m2, rel=1e-3)
    assert all(lost > 0 for lost in found.lost_Wh_m2.values())


def test_without_current_both_rest_at_one_potential_and_give_all_they_hold(
    chemistry: Chemistry, electrode: PorousElectrode, tmp_path: Path
) -> None:
    blend, blended = _blend(chemistry, tmp_path, b=_other(chemistry)), _of(electrode, 0.6, 2.0)
    volume = electrode.active_fraction * electrode.thickness_um * 1e-6
    held = volume * (
        0.6 * chemistry.capacity_Ah_m3(POSITIVE) + 0.4 * 30000 * 96485.33212 * 0.85 / 3600
    )
    assert capacity_Ah_m2(blended, blend) == pytest.approx(held)
    thin = replace(blended, thickness_um=2.0)
    found = discharge(thin, 0.002, half=True, chemistry=blend)
    assert found.capacity_Ah_m2 == pytest.approx(held * 2 / electrode.thickness_um, rel=0.01)
    np.testing.assert_allclose(found.voltage_V[2:-5], found.open_circuit_V[2:-5], atol=2e-3)
    # By hand: both kinds at half of their windows rest at two potentials, and together between.
    shares = {"A": 0.6, "B": 0.4}
    half_V = equilibrium_V(blend, shares)(np.array([0.0, 0.5, 1.0]))
    alone = [equilibrium_V(blend, {name: 1.0})(np.array([0.5]))[0] for name in shares]
    assert alone[1] < half_V[1] < alone[0]
    assert half_V[0] == pytest.approx(
        chemistry.potential_V(POSITIVE)(chemistry.section(POSITIVE)["Minimum stoichiometry"]),
        abs=1e-3,
    )


def test_the_faster_kind_gives_more_of_its_charge_at_a_high_rate(
    chemistry: Chemistry, electrode: PorousElectrode, tmp_path: Path
) -> None:
    """Small particles of a slow kind help; that they are small counts for it alone."""
    slow = {"Diffusivity [m2.s-1]": 2e-16}
    blend = _blend(chemistry, tmp_path, b=slow)
    coarse, fine = (
        discharge(_of(electrode, 0.5, radius), 3, half=True, chemistry=blend)
        for radius in (6.0, 1.0)
    )
    assert fine.energy_Wh_m2 > 1.1 * coarse.energy_Wh_m2
    assert coarse.lost_Wh_m2["particle"] > fine.lost_Wh_m2["particle"]


def test_a_row_of_two_kinds_gets_all_columns_and_a_bpx_file(
    chemistry: Chemistry, electrode: PorousElectrode, tmp_path: Path
) -> None:
    blend = _blend(chemistry, tmp_path, b=_other(chemistry))
    kinds = [
        _kind("A", mass_share=0.7, diameters_um=[6.0, 10.0], number_fractions=[0.5, 0.5]),
        _kind("B", density_g_cm3=3.5, diameters_um=[2.0], number_fractions=[1.0]),
    ]
    material = ActiveMaterial.model_validate({"kinds": kinds})
    row = {
        "status": "ok",
        "am_pct": 92.0,
        "thickness_um": 60.0,
        "density_g_cm3": 2.5,
        "porosity_total": 0.4,
        "am_fraction": 0.5,
        "tortuosity_factor_permeable_cbd": 2.5,
        "electronic_conductivity_S_m": 0.5,
        "active_surface_pct": 60.0,
    }
    settings = CellSettings(loading_mg_cm2=15)
    found = cell(row, blend, material=material, settings=settings)
    first, second = found.electrode.kinds
    assert (first.name, second.name) == ("A", "B")
    assert first.volume_share == pytest.approx((0.7 / 4.7) / (0.7 / 4.7 + 0.3 / 3.5))
    assert first.particle_radius_um == pytest.approx((3**3 + 5**3) / (3**2 + 5**2))
    assert second.particle_radius_um == 1.0
    columns = found.columns()
    assert columns["cell_status"] == "ok"
    assert columns["energy_stack_C5_Wh_L"] > columns["energy_stack_5C_Wh_L"]  # type: ignore[operator]
    exported = to_bpx(found.electrode, blend, settings, title="blend")
    particles = exported["Parameterisation"][POSITIVE]["Particle"]
    surfaces = {n: p["Surface area per unit volume [m-1]"] for n, p in particles.items()}
    fractions = {n: surfaces[n] * p["Particle radius [m]"] / 3 for n, p in particles.items()}
    assert sum(fractions.values()) == pytest.approx(found.electrode.active_fraction)
    assert fractions["A"] == pytest.approx(first.volume_share * found.electrode.active_fraction)
    third = _kind("C", mass_share=0.1, diameters_um=[3.0], number_fractions=[1.0])
    three = ActiveMaterial.model_validate({"kinds": [*kinds, third]})
    with pytest.raises(PhysicsFailure, match="3 kinds of active material; PyBaMM takes 2"):
        cell(row, blend, material=three, settings=settings)


def _kind(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "density_g_cm3": 4.7,
        "electronic_conductivity_S_m": 0.05,
        **changes,
    }


def test_a_chemistry_of_other_materials_is_refused_in_one_line(
    chemistry: Chemistry, tmp_path: Path
) -> None:
    blend = _blend(chemistry, tmp_path)
    check_kinds(blend, ["B", "A"])
    check_kinds(chemistry, [])
    wrong = [
        (blend, [], "is a blend of A and B, and the electrode has one active material; allowed: a"),
        (chemistry, ["A", "B"], "is one material, and the electrode is of A and B; allowed: a BPX"),
        (
            blend,
            ["A", "LFP"],
            "has A and B, and the electrode is of A and LFP; allowed: a particle",
        ),
    ]
    for file, kinds, said in wrong:
        with pytest.raises(InputError) as caught:
            check_kinds(file, kinds)
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)
    apart = _blend(chemistry, tmp_path, b={"Minimum stoichiometry": 0.7})
    with pytest.raises(InputError, match=r"minimum stoichiometry, A at .* V, B at .* allowed: one"):
        check_kinds(apart, ["A", "B"])
    third = {n: v for n, v in chemistry.section(POSITIVE).items() if n in PARTICLE}
    with pytest.raises(InputError, match=r"blend of 3 materials; allowed: one .*, or 2"):
        _blend(chemistry, tmp_path, C=third)
    alone = json.loads((tmp_path / "blend.json").read_text())
    for name in ("B", "C"):
        del alone["Parameterisation"][POSITIVE]["Particle"][name]
    (tmp_path / "alone.json").write_text(json.dumps(alone))
    with pytest.raises(InputError, match=r"blend of 1 materials; allowed: one material without"):
        read_chemistry(tmp_path / "alone.json")
    with pytest.raises(InputError, match=r"Positive electrode\.Particle\.B: stoichiometry from"):
        _blend(chemistry, tmp_path, b={"Minimum stoichiometry": 0.99})


def test_a_campaign_of_two_kinds_is_put_into_cells_with_a_file_of_both(
    chemistry: Chemistry, tmp_path: Path
) -> None:
    _blend(chemistry, tmp_path)
    kinds = [
        _kind("A", mass_share=0.7, diameters_um=[6.0], number_fractions=[1.0]),
        _kind("B", diameters_um=[4.0], number_fractions=[1.0]),
    ]
    content: dict[str, Any] = {
        "campaign": "blend",
        "materials": {"active_material": {"kinds": kinds}},
        "cell": {"chemistry": str(tmp_path / "blend.json")},
    }
    campaign = load(content)
    assert campaign.cell.enabled
    other = copy.deepcopy(content)
    other["materials"]["active_material"]["kinds"][0]["mass_share"] = 0.5
    assert cell_identity(campaign) != cell_identity(load(other))
    other["materials"]["active_material"]["kinds"][1]["name"] = "LFP"
    with pytest.raises(InputError, match=r"cell\.chemistry: .* has A and B, .* of A and LFP"):
        load(other)


def test_particles_of_one_size_and_the_full_model_only(
    chemistry: Chemistry, electrode: PorousElectrode, tmp_path: Path
) -> None:
    blend, blended = _blend(chemistry, tmp_path), _of(electrode, 0.5)
    for settings in (CellSettings(model="SPMe"), CellSettings(particle_sizes="distribution")):
        with pytest.raises(InputError, match="cell: two kinds of active material; allowed: model"):
            discharge(blended, 1, half=True, chemistry=blend, settings=settings)
