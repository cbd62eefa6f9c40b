from __future__ import annotations

import numpy as np
import pandas as pd

from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.report.figures.electrodes import (
    PressCurve,
    press_curves,
    spheres,
    thickness_history,
)


def _history(times: list[float], phases: list[str] | None = None) -> pd.DataFrame:
    count = len(times)
    return pd.DataFrame(
        {
            "phase": phases or ["mix"] * count,
            "time_us": times,
            "plane_um": np.linspace(60, 40, count),
            "pressure_kPa": np.linspace(0, 5000, count),
            "thickness_um": np.linspace(100, 60, count),
        }
    )


def test_stages_follow_each_other_in_time() -> None:
    stages = {
        "slurry": _history([1.0, 2.0]),
        # Two simulations, each from its own zero.
        "drying": _history([1.0, 3.0, 1.0, 4.0]),
        "calendering": _history([1.0]),
    }
    figure = thickness_history({"A": stages})
    assert [list(trace.x) for trace in figure.data] == [
        [1.0, 2.0],
        [3.0, 5.0, 6.0, 9.0],
        [10.0],
    ]


def test_second_electrode_differs_by_dash_and_leaves_the_legend_alone() -> None:
    stages = {"slurry": _history([1.0, 2.0])}
    first, second = thickness_history({"A": stages, "B": stages}).data
    assert first.line.color == second.line.color
    assert first.line.dash != second.line.dash
    assert (first.showlegend, second.showlegend) == (True, False)


def test_pressure_is_drawn_where_the_plane_touches() -> None:
    phases = ["rest", "press", "press", "hold", "unload", "spring back"]
    curve = PressCurve("A", 30.0, _history([1.0, 2, 3, 4, 5, 6], phases), highlighted=True)
    calibrated, not_calibrated = press_curves([curve], 50.0), press_curves([curve], None)
    (trace,) = not_calibrated.data
    np.testing.assert_allclose(trace.y, [1.0, 2.0, 3.0, 4.0])  # MPa
    assert len(trace.x) == 4
    assert "not calibrated" in not_calibrated.layout.yaxis.title.text
    np.testing.assert_allclose(calibrated.data[0].y, [50.0, 100.0, 150.0, 200.0])
    assert "not calibrated" not in calibrated.layout.yaxis.title.text


def test_uncalendered_electrode_leaves_no_line() -> None:
    rest = PressCurve("A", 0.0, _history([1.0, 2.0], ["rest", "rest"]), highlighted=False)
    assert len(press_curves([rest], None).data) == 0


def test_further_electrodes_bring_the_scale_of_compression() -> None:
    press = _history([1.0, 2.0], ["press", "press"])
    curves = [PressCurve("A", 30.0, press, highlighted=True)]
    curves += [PressCurve("B", rate, press, highlighted=False) for rate in (10.0, 40.0)]
    *lines, scale = press_curves(curves, None).data
    # The highlighted line comes last, on top.
    assert [line.name for line in lines] == ["B", "B", "A"]
    assert lines[0].line.color != lines[1].line.color
    assert scale.marker.cmax == 40.0


def test_presses_that_are_set_to_a_gap_have_no_rate() -> None:
    press = _history([1.0, 2.0], ["press", "press"])
    curves = [PressCurve(name, 0.0, press, highlighted=name == "A") for name in "AB"]
    assert [line.name for line in press_curves(curves, None).data][:2] == ["B", "A"]


def test_beads_are_closed_surfaces_in_their_places() -> None:
    centres = np.array([[1.0, 2.0, 3.0], [7.0, 8.0, 9.0], [20.0, 20.0, 20.0]])
    radii, species = np.array([1.0, 3.0, 0.5]), np.array([CBD, ACTIVE_MATERIAL, CBD])
    film = Electrode(centres, radii, species, np.ones(3), (30.0, 30.0))
    for surface in spheres(film).data:
        own = species == {"CBD": CBD, "active material": ACTIVE_MATERIAL}[surface.name]
        vertices = np.column_stack([surface.x, surface.y, surface.z])
        bead = np.repeat(np.arange(own.sum()), len(vertices) // own.sum())
        distance = np.linalg.norm(vertices - centres[own][bead], axis=1)
        np.testing.assert_allclose(distance, radii[own][bead], rtol=1e-5)
        # By the divergence theorem; a hole or a face turned inwards would be missing.
        a, b, c = vertices[np.column_stack([surface.i, surface.j, surface.k])].transpose(1, 0, 2)
        a, b, c = (corner - centres[own].mean(axis=0) for corner in (a, b, c))
        volume = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6
        exact = (4 / 3 * np.pi * radii[own] ** 3).sum()
        assert {"CBD": 0.5, "active material": 0.9}[surface.name] < volume / exact < 1
