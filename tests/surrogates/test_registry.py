from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.campaign.checks import load
from mesocast.errors import InputError
from mesocast.surrogates.names import method_names
from mesocast.surrogates.registry import METHODS
from mesocast.surrogates.training import TrainingData
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
LIMITS = np.array(BOX).T[0], np.array(BOX).T[1]


def data(y: Any, x: Any) -> TrainingData:
    return TrainingData(
        property_name="active_surface_pct",
        inputs=("am_pct", "sc_pct", "cr_pct"),
        unit="%",
        box=BOX,
        x=x,
        y=y,
        slurries=None,
        seed=0,
    )


def test_each_method_learns_and_comes_back_from_its_dictionary() -> None:
    x = np.random.default_rng(0).uniform(*LIMITS, (40, 3))
    y = 60 + 20 * x[:, 2] / 100 * x[:, 0] / 100
    tried: list[tuple[str, dict[str, Any], float]] = [
        ("sisso", {"rung": 1}, 1e-8),
        ("polynomial", {}, 1e-8),
        ("gaussian_process", {}, 5e-3),
        ("operon", {"max_evaluations": 20_000}, 1e-2),
        ("through_microstructure", {"rung": 1}, 1e-8),
    ]
    assert {name for name, _, _ in tried} == set(METHODS) - {"pysr"}
    for name, settings, tolerance in tried:
        model, facts = METHODS[name].fit(data(y, x), settings)
        assert np.abs(model(x) / y - 1).max() < tolerance, name
        assert METHODS[name].read(json.loads(json.dumps(model.to_dict()))) == model
        inside = model.is_inside([[90.0, 50.0, 40.0], [90.0, 50.0, 40.1]])
        assert inside.tolist() == [True, False]
        if name == "sisso":
            assert facts["dimension"] == 1
            assert facts["condition_number"] == 1
            assert set(facts["cross_validated_mean_squared_error"]) == {"identity", "log"}


@pytest.mark.parametrize("name", ["sisso", "polynomial", "gaussian_process", "operon", "pysr"])
def test_unknown_setting(name: str) -> None:
    x = np.random.default_rng(0).uniform(*LIMITS, (40, 3))
    with pytest.raises(InputError, match=f"{name}: unknown setting 'depth'"):
        METHODS[name].fit(data(x[:, 0], x), {"depth": 3})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rung": "two"}, "rung: found 'two'; allowed: whole numbers, 0 to 3"),
        ({"max_dimension": 9}, "max_dimension: found 9"),
        ({"subspace_size": 1.5}, "subspace_size: found 1.5"),
        ({"box": "sample"}, "unknown setting 'box'"),
    ],
)
def test_wrong_setting_of_sisso(settings: dict[str, Any], message: str) -> None:
    x = np.random.default_rng(0).uniform(*LIMITS, (40, 3))
    with pytest.raises(InputError, match=message):
        METHODS["sisso"].fit(data(x[:, 0], x), settings)


@pytest.mark.parametrize("fault", [TypeError, ValueError])
def test_fault_of_the_program_is_not_said_to_be_one_of_the_input(
    fault: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mesocast.surrogates.sisso.estimator import SISSO

    def broken(*words: object) -> None:
        raise fault("a defect")

    monkeypatch.setattr(SISSO, "_space", broken)
    x = np.random.default_rng(0).uniform(*LIMITS, (40, 3))
    with pytest.raises(fault, match="a defect") as caught:
        METHODS["sisso"].fit(data(x[:, 0], x), {"rung": 1})
    assert not isinstance(caught.value, InputError)


_NEAREST = """
from mesocast.surrogates.training import Method
from mesocast.surrogates.methods.polynomial import fit_quadratic
from mesocast.surrogates.equations.equation import Equation

def fit(data, settings):
    return fit_quadratic(data.property_name, data.inputs, data.box, data.x, data.y), {}

METHOD = Method(fit, Equation.from_dict, "a method from elsewhere")
"""
_ASK = """
import sys
from mesocast.campaign.checks import load
from mesocast.surrogates.registry import METHODS, method_name
campaign = load({"campaign": "a", "surrogates": {"compare": ["elsewhere"]}})
print(campaign.surrogate_methods, method_name("elsewhere"), callable(METHODS["elsewhere"].fit))
"""


def test_method_of_another_package_is_known_to_the_config_and_by_its_label(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text(_NEAREST)
    metadata = tmp_path / "elsewhere-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: elsewhere\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[mesocast.surrogate_methods]\nelsewhere = elsewhere:METHOD\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", _ASK],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "['sisso', 'elsewhere'] a method from elsewhere True", done.stderr


def test_method_that_nobody_has_is_refused_before_any_job() -> None:
    with pytest.raises(InputError, match=r"surrogates\.compare\.0 = 'elsewhere': unknown; allowed"):
        load({"campaign": "a", "surrogates": {"compare": ["elsewhere"]}})


def test_names_are_those_of_the_registry() -> None:
    assert set(method_names()) == set(METHODS)
