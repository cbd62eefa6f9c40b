"""Discharges against PyBaMM used directly, closed forms, a measurement, and the energy balance."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mesocast.cell import discharge as discharge_module
from mesocast.cell.bpx_export import to_bpx
from mesocast.cell.chemistry import import_pybamm
from mesocast.cell.discharge import CellModel, Discharge
from mesocast.cell.overpotentials import ended_by, limited_by, open_circuit_energy_Wh_m2
from mesocast.cell.parameters import Reference, capacity_Ah_m2, reference_of
from mesocast.cell.result import discharge
from mesocast.columns import LOSSES
from mesocast.config.cell import CellSettings
from mesocast.errors import InputError

if TYPE_CHECKING:
    from mesocast.cell.chemistry import Chemistry
    from mesocast.cell.porous_electrode import PorousElectrode

_POINTS = {"x_n": 20, "x_s": 20, "x_p": 40, "r_n": 20, "r_p": 20}


def _direct(
    values: dict[str, Any], current_A: float, times_s: np.ndarray, options: dict[str, Any]
) -> np.ndarray:
    """Voltage by PyBaMM alone, with the real thickness as its mesh."""
    pybamm = import_pybamm()
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.DFN(options),
        parameter_values=pybamm.ParameterValues(values | {"Current function [A]": current_A}),
        var_pts=_POINTS,
        solver=pybamm.IDAKLUSolver(rtol=1e-6, atol=1e-8),
    )
    solution = simulation.solve([0, times_s[-1]], t_interp=times_s)
    return np.asarray(solution["Voltage [V]"](times_s), float)


def _bpx_values(content: dict[str, Any]) -> dict[str, Any]:
    """Give PyBaMM's own reading of a file, charged to the ends of its stoichiometry windows.

    PyBaMM charges to the upper cut-off, which the file's windows miss by 2 mV.
    """
    pybamm = import_pybamm()
    # A deep copy: PyBaMM writes its own objects into what it is given.
    values = dict(pybamm.ParameterValues.create_from_bpx_obj(copy.deepcopy(content)))
    for side, end in (("Negative", "Maximum"), ("Positive", "Minimum")):
        found = content["Parameterisation"][f"{side} electrode"]
        values[f"Initial concentration in {side.lower()} electrode [mol.m-3]"] = (
            found[f"{end} stoichiometry"] * found["Maximum concentration [mol.m-3]"]
        )
    return values


@pytest.mark.parametrize("rate", [0.2, 1.0, 3.0])
def test_the_published_example_cell_is_pybamms_own(
    chemistry: Chemistry,
    pouch_electrode: PorousElectrode,
    pouch_settings: CellSettings,
    rate: float,
) -> None:
    model = CellModel(
        chemistry,
        pouch_settings,
        half=False,
        reference=reference_of(pouch_electrode, chemistry, pouch_settings),
        particle_radius_um=pouch_electrode.particle_radius_um,
        tolerance=1e-6,
    )
    found = model.discharge(pouch_electrode, rate)
    values = _bpx_values(dict(chemistry.content))
    area_m2 = 0.016808 * 34
    times_s = found.time_s[found.time_s < 0.97 * found.time_s[-1]]

    voltage = _direct(values, found.current_A_m2 * area_m2, times_s, {})

    assert np.abs(found.voltage_V[: len(times_s)] - voltage).max() < 2e-4


def test_an_exported_electrode_discharges_elsewhere_as_here(
    chemistry: Chemistry, electrode: PorousElectrode
) -> None:
    settings = CellSettings()
    content = to_bpx(electrode, chemistry, settings, title="S001-C01")
    found = discharge(electrode, 2.0, half=False, chemistry=chemistry, settings=settings)
    times_s = found.time_s[found.time_s < 0.95 * found.time_s[-1]]

    voltage = _direct(_bpx_values(content), found.current_A_m2 * 1e-4, times_s, {})

    assert electrode.wetted_share < 0.6  # so that the reaction rate of the export matters
    assert np.abs(found.voltage_V[: len(times_s)] - voltage).max() < 1e-3


def test_a_half_cell_is_pybamms_own_with_all_values_overwritten(
    chemistry: Chemistry, electrode: PorousElectrode
) -> None:
    pybamm = import_pybamm()
    settings = CellSettings()
    found = discharge(electrode, 2.0, half=True, chemistry=chemistry, settings=settings)
    exported = _bpx_values(to_bpx(electrode, chemistry, settings, title="half"))
    values = dict(pybamm.ParameterValues("Xu2019"))
    values |= {
        name: value
        for name, value in exported.items()
        if any(
            word in name
            for word in ("ositive", "eparator", "lectrolyte", "temperature", "transference")
        )
        and "egative" not in name
    }
    values |= {
        "Electrode height [m]": 1.0,
        "Electrode width [m]": 1.0,
        "Lower voltage cut-off [V]": 2.7,
        "Upper voltage cut-off [V]": 10.0,
    }
    times_s = found.time_s[found.time_s < 0.95 * found.time_s[-1]]

    voltage = _direct(values, found.current_A_m2, times_s, {"working electrode": "positive"})

    assert np.abs(found.voltage_V[: len(times_s)] - voltage).max() < 1e-3


def test_the_published_cell_gives_the_curves_that_were_measured_on_it(
    chemistry: Chemistry, pouch_electrode: PorousElectrode, pouch_settings: CellSettings
) -> None:
    measured = pd.read_csv(Path(__file__).with_name("nmc111_pouch_cell_measured.csv"))
    current_A_m2 = 12.5 / 34 / 0.016808
    for rate, limit_V in ((0.05, 0.010), (1.0, 0.020)):
        curve = measured[measured["rate_C"] == rate]
        found = discharge(
            pouch_electrode,
            rate * current_A_m2 / capacity_Ah_m2(pouch_electrode, chemistry),
            half=False,
            chemistry=chemistry,
            settings=pouch_settings,
        )
        times_s = curve["test_time_second"].to_numpy()
        inside = times_s < 0.95 * times_s[-1]
        simulated = np.interp(times_s[inside], found.time_s, found.voltage_V)
        error = simulated - curve["voltage_volt"].to_numpy()[inside]
        assert np.sqrt(np.mean(error**2)) < limit_V


def test_without_current_the_voltage_is_the_open_circuit_one(
    chemistry: Chemistry, electrode: PorousElectrode
) -> None:
    potential = chemistry.potential_V("Positive electrode")
    found = discharge(electrode, 1e-3, half=True, chemistry=chemistry)
    expected = [
        potential(0.42424 + (0.96210 - 0.42424) * share)
        for share in found.time_s / 3600 * found.rate_C
    ]

    assert np.abs(found.voltage_V - expected).max() < 5e-4
    assert found.is_complete


def test_the_capacity_follows_from_the_mass(
    chemistry: Chemistry, electrode: PorousElectrode
) -> None:
    found = discharge(electrode, 1e-3, half=True, chemistry=chemistry)
    mass_g_m2 = electrode.loading_mg_cm2 * 10 * 0.8776
    per_g = 46200 * 96485.33212 * (0.96210 - 0.42424) / 3600 / 4.65e3  # mAh/g at 4.65 g/cm3

    assert found.capacity_mAh_g == pytest.approx(per_g, rel=2e-3)
    assert found.capacity_Ah_m2 == pytest.approx(per_g * mass_g_m2 / 1e3, rel=2e-3)


def test_a_thin_electrode_has_no_gradients(
    chemistry: Chemistry, electrode: PorousElectrode
) -> None:
    thin = discharge(electrode.stacked(0.05), 1.0, half=True, chemistry=chemistry)
    thick = discharge(electrode.stacked(20), 1.0, half=True, chemistry=chemistry)

    for name in ("electrolyte_concentration", "electrolyte_ohmic", "electronic"):
        assert np.abs(thin.losses_V[name]).max() < 1e-4
        assert np.abs(thick.losses_V[name]).max() > 1e-3
    # What is left is the particle's alone: the reaction by the Butler-Volmer law in closed form.
    half = len(thin.time_s) // 2
    stoichiometry = 0.42424 + (0.96210 - 0.42424) * thin.time_s[half] / 3600
    surface = 3 * electrode.active_fraction / (electrode.particle_radius_um * 1e-6)
    area = surface * electrode.wetted_share * electrode.stacked(0.05).thickness_um * 1e-6
    exchange = 96485.33212 * 2.305e-5 * np.sqrt(stoichiometry * (1 - stoichiometry))
    expected = (
        2 * 8.314462618 * 298.15 / 96485.33212 * np.arcsinh(thin.current_A_m2 / area / 2 / exchange)
    )
    assert thin.losses_V["reaction"][half] == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("rate", [0.2, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("model", ["DFN", "SPMe"])
def test_energy_and_losses_are_the_open_circuit_energy(
    chemistry: Chemistry, electrode: PorousElectrode, rate: float, model: str
) -> None:
    settings = CellSettings.model_validate({"model": model})
    found = discharge(electrode, rate, half=True, chemistry=chemistry, settings=settings)
    full = discharge(electrode, rate, half=False, chemistry=chemistry, settings=settings)
    ideal = open_circuit_energy_Wh_m2(
        chemistry, capacity_Ah_m2(electrode, chemistry), found.capacity_Ah_m2
    )

    assert set(found.losses_V) == set(full.losses_V) == set(LOSSES)
    assert found.energy_Wh_m2 + sum(found.lost_Wh_m2.values()) == pytest.approx(ideal, rel=1e-3)
    assert full.energy_Wh_m2 + sum(full.lost_Wh_m2.values()) == pytest.approx(
        full.open_circuit_energy_Wh_m2, rel=1e-3
    )
    assert all(lost > 0 for lost in full.lost_Wh_m2.values())


@pytest.mark.parametrize(
    ("loss", "change"),
    [
        ("electronic", {"conductivity_S_m": 0.004}),
        ("reaction", {"conductivity_S_m": 5.0, "wetted_share": 0.1}),
    ],
)
def test_what_limits_is_what_pays_to_improve(
    chemistry: Chemistry, electrode: PorousElectrode, loss: str, change: dict[str, Any]
) -> None:
    limited = replace(electrode, **change)
    found = discharge(limited, 1.0, half=True, chemistry=chemistry)
    better = {
        "electronic": replace(limited, conductivity_S_m=2 * limited.conductivity_S_m),
        "reaction": replace(limited, wetted_share=min(2 * limited.wetted_share, 1.0)),
        "electrolyte": replace(limited, tortuosity_factor=limited.tortuosity_factor / 2),
    }
    energy = {
        name: discharge(changed, 1.0, half=True, chemistry=chemistry).energy_Wh_m2
        for name, changed in better.items()
    }

    assert limited_by(found) == loss
    assert max(energy, key=lambda name: energy[name]) == loss


def test_a_thick_electrode_at_high_rate_ends_before_its_window(
    chemistry: Chemistry, electrode: PorousElectrode
) -> None:
    found = discharge(electrode.stacked(40), 5.0, half=False, chemistry=chemistry)

    assert found.capacity_mAh_g < 0.5 * 143
    assert found.voltage_V[-1] == pytest.approx(2.7, abs=1e-3)
    assert ended_by(found) in LOSSES
    assert ended_by(discharge(electrode, 0.01, half=True, chemistry=chemistry)) is None


def test_a_cell_below_its_cutoff_at_once_gives_nothing_and_is_no_failure(
    chemistry: Chemistry, electrode: PorousElectrode
) -> None:
    settings = CellSettings(half_cell_cutoff_V=4.2)
    found = discharge(electrode, 5.0, half=True, chemistry=chemistry, settings=settings)

    assert (found.capacity_Ah_m2, found.energy_Wh_m2, found.mean_power_W_m2) == (0, 0, 0)
    assert found.failure == ""
    assert limited_by(found) is None


def test_a_distribution_of_sizes_delivers_a_little_less(
    chemistry: Chemistry, electrode: PorousElectrode
) -> None:
    settings = CellSettings(particle_sizes="distribution")
    mean = discharge(electrode, 5.0, half=True, chemistry=chemistry)
    found = discharge(electrode, 5.0, half=True, chemistry=chemistry, settings=settings)

    assert 0.9 * mean.energy_Wh_m2 < found.energy_Wh_m2 < mean.energy_Wh_m2


def test_a_distribution_without_spread_is_one_size(
    chemistry: Chemistry, electrode: PorousElectrode
) -> None:
    settings = CellSettings(particle_sizes="distribution")
    narrow = replace(electrode, particle_radius_spread=0.01)
    mean = discharge(electrode, 2.0, half=True, chemistry=chemistry)
    found = discharge(narrow, 2.0, half=True, chemistry=chemistry, settings=settings)

    assert found.energy_Wh_m2 == pytest.approx(mean.energy_Wh_m2, rel=1e-3)


def test_a_solver_that_fails_is_a_reason_and_no_crash(
    chemistry: Chemistry, electrode: PorousElectrode, monkeypatch: pytest.MonkeyPatch
) -> None:
    pybamm = import_pybamm()
    model = CellModel(
        chemistry,
        CellSettings(),
        half=True,
        reference=Reference(80, 80),
        particle_radius_um=3.7,
    )

    def fail(*_: Any, **__: Any) -> None:
        raise pybamm.SolverError("IDA_CONV_FAIL: |h| = hmin")

    monkeypatch.setattr(model._simulation, "solve", fail)
    found = model.discharge(electrode, 1.0)

    assert isinstance(found, Discharge)
    assert found.failure == "1C: PyBaMM: IDA_CONV_FAIL: |h| = hmin"
    assert found.energy_Wh_m2 == 0


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_must_be_above_zero(
    chemistry: Chemistry, electrode: PorousElectrode, rate: float
) -> None:
    with pytest.raises(InputError, match=r"rate = .*; allowed: above 0"):
        discharge(electrode, rate, half=True, chemistry=chemistry)


def test_the_mesh_suffices(chemistry: Chemistry, electrode: PorousElectrode) -> None:
    fine = CellModel(
        chemistry,
        CellSettings(),
        half=False,
        reference=reference_of(electrode, chemistry, CellSettings()),
        particle_radius_um=electrode.particle_radius_um,
        points={name: 2 * n for name, n in discharge_module.POINTS.items()},
        tolerance=1e-6,
    )
    for rate in (0.2, 2.0):
        found = discharge(electrode, rate, half=False, chemistry=chemistry)
        assert found.energy_Wh_m2 == pytest.approx(
            fine.discharge(electrode, rate).energy_Wh_m2, rel=1e-3
        )
