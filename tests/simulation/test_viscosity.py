"""Shear of a slurry: symmetry, the cell, the power law, the commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.cli.main import main
from mesocast.config.force_fields import ForceFields
from mesocast.config.materials import Materials
from mesocast.electrode import CBD, Electrode
from mesocast.simulation.engine.shear import WINDOW_STEPS, ShearSimulation
from mesocast.simulation.viscosity import cubic_cell
from mesocast.verification.flow_curves import compare

if TYPE_CHECKING:
    from pathlib import Path

CELL_UM = 8.0


def _irregular() -> Electrode:
    """Beads that touch their neighbours on a lattice from which they are shifted at random."""
    places = (np.arange(4) + 0.5) * 2.0
    lattice = np.stack(np.meshgrid(places, places, places), axis=-1).reshape(-1, 3)
    positions = lattice + np.random.default_rng(1).uniform(-0.3, 0.3, lattice.shape)
    count = len(positions)
    return Electrode(
        positions,
        np.full(count, 1.05),
        np.full(count, CBD),
        np.full(count, 4.0),
        (CELL_UM, CELL_UM),
    )


def test_a_cell_at_rest_carries_no_shear_stress_and_a_sheared_one_resists() -> None:
    with ShearSimulation(
        _irregular(),
        ForceFields().slurry,
        height_um=CELL_UM,
        cbd_reference_diameter_um=1.3,
        time_step_us=2e-3,
    ) as simulation:
        simulation.separate(5000, longest_move_um=0.01)
        for _ in range(30):
            at_rest = simulation.mean_stress_kPa()
        simulation.shear(0.05)
        forward = np.mean([simulation.mean_stress_kPa() for _ in range(30)])
        simulation.shear(-0.05)
        back = np.mean([simulation.mean_stress_kPa() for _ in range(30)][10:])
        assert simulation.steps == 5000 + 90 * WINDOW_STEPS
    assert forward > 3 * abs(at_rest)
    assert back < -3 * abs(at_rest)


def test_the_cell_is_a_cube_of_the_recipe() -> None:
    cell = cubic_cell(Materials(), am_pct=94, sc_pct=60, mass_ug=0.02)
    assert cell.slurry_thickness_um == pytest.approx(cell.lateral_um, rel=1e-9)
    assert cell.am_pct == pytest.approx(94, abs=0.05)
    assert cell.sc_pct == pytest.approx(60, abs=0.01)


def test_a_measured_slurry_stands_beside_the_simulated_one() -> None:
    point = {"shear_rate_1_s": 1e4, "viscosity_Pa_s": 0.05, "viscosity_error_Pa_s": 0.0}
    table = compare(
        [
            {"recipe": {"am_pct": 94, "sc_pct": 60}, "points": [point]},
            {"recipe": {"am_pct": 91, "sc_pct": 60}, "points": [point]},
        ]
    )
    measured = 21.5 * 1e4 ** (0.39 - 1)
    assert table["measured_Pa_s"][0] == pytest.approx(measured)
    assert table["simulated_over_measured"][0] == pytest.approx(0.05 / measured)
    assert np.isnan(table["measured_Pa_s"][1])


def test_commands_write_the_curve_once_and_compare_it(tmp_path: Path) -> None:
    config = tmp_path / "shear.yaml"
    config.write_text(
        "campaign: shear\n"
        "materials: {active_material: {diameters_um: [4.0], number_fractions: [1]},\n"
        "            cbd: {dry_diameter_um: 2.0}}\n"
        "viscosity: {mass_ug: 0.002, shear_rates_1_s: [2.0e+5, 1.0e+5], strain: 2}\n"
    )
    folder = tmp_path / "S001"
    words = ["viscosity", "--config", str(config), "--folder", str(folder)]
    words += ["--am-pct", "94", "--sc-pct", "60"]
    assert main(words) == 0
    file = folder / "viscosity.json"
    written = json.loads(file.read_text())
    assert written["status"] == "ok"
    assert [point["shear_rate_1_s"] for point in written["points"]] == [2e5, 1e5]
    assert all(point["viscosity_Pa_s"] > 0 for point in written["points"])
    assert main(words) == 0
    assert json.loads(file.read_text()) == written
    compared = ["flow-curves", "--config", str(config), "--folder", str(tmp_path / "out")]
    assert main([*compared, str(file)]) == 0
    assert (tmp_path / "out" / "viscosity.csv").read_text().count("\n") == 3
    assert (tmp_path / "out" / "viscosity.svg").stat().st_size > 1000
    assert main([*words, "--physics", "v1-other"]) == 2
