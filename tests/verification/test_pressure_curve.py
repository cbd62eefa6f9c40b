"""The scale of pressure, from films pressed to pressures of the model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pressure_curve import PRESSURES_KPA, at, curve, scale_of, table


def _porosity(pressure_kPa: float) -> float:
    return 0.53 - 0.06 * float(np.log(1 + pressure_kPa / 100))


FILMS = pd.DataFrame(
    [
        {
            "status": "ok",
            "pressed_to_kPa": kPa,
            "pressure_model_kPa": kPa,
            "porosity_by_mass": _porosity(kPa) + off,
        }
        for kPa in PRESSURES_KPA
        for off in (-0.01, 0.01)
    ]
)


def _points(scale: float, off: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)) -> pd.DataFrame:
    MPa = np.array([0.0, 20.0, 40.0, 80.0])
    porosity = [_porosity(1e3 * p / scale) + o for p, o in zip(MPa, off, strict=True)]
    return pd.DataFrame({"pressure_MPa": MPa, "porosity_total": porosity})


def test_curve_is_the_mean_of_the_films_and_ends_with_them() -> None:
    found = curve(FILMS)
    assert at(found, np.array([0.0, 1350.0])) == pytest.approx([0.53, _porosity(1350)])
    assert np.isnan(at(found, np.array([2 * PRESSURES_KPA[-1]]))).all()


def test_scale_of_films_that_were_measured_is_found() -> None:
    assert scale_of(curve(FILMS), _points(35.0)) == pytest.approx(35, rel=0.02)


def test_largest_miss_is_as_large_on_either_side() -> None:
    found, points = curve(FILMS), _points(35.0, (0.0, 0.0, 0.0, -0.01))
    scale = scale_of(found, points)
    kPa = 1e3 * points["pressure_MPa"].to_numpy()[1:] / scale
    missed = at(found, kPa) - points["porosity_total"].to_numpy()[1:]
    assert missed.max() == pytest.approx(-missed.min(), abs=1e-3)
    assert missed.max() < 0.01


def test_point_beyond_the_films_is_said_to_be() -> None:
    lines = table(curve(FILMS), _points(10.0), 10.0)
    assert "beyond the films" in lines[-1]
    assert lines[2].endswith("| +0.0 |") or lines[2].endswith("| -0.0 |")
