from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.methods import pysr
from mesocast.surrogates.training import TrainingData

if TYPE_CHECKING:
    from pathlib import Path

INPUTS = ("am_pct", "sc_pct", "cr_pct")
BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
LIMITS = np.array(BOX).T[0], np.array(BOX).T[1]
X = np.random.default_rng(0).uniform(*LIMITS, (60, 3))
NAMES = ["x0", "x1", "x2"]


def law(x: Any) -> Any:
    am, sc, cr = x.T / 100
    return 1.2 + 2.5 * am * sc / (1.3 - cr)


DATA = TrainingData("density_g_cm3", INPUTS, "g/cm3", BOX, X, law(X), None, seed=0)


def works() -> bool:
    try:
        pysr.require_working()
    except InputError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.skipif("not works()", reason="needs PySR with Julia")
def test_finds_a_law() -> None:
    equation, _ = pysr.fit_pysr(DATA, {"niterations": 20})
    assert np.abs(equation(X) / law(X) - 1).max() < 0.01
    assert pysr.fit_pysr(DATA, {"niterations": 20})[0] == equation


def test_the_front_is_read_and_the_best_safe_equation_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, Any] = {}

    class Regressor:
        def __init__(self, **settings: Any) -> None:
            asked.update(settings)

        def fit(self, x: Any, y: Any, variable_names: list[str]) -> None:
            assert x.max() <= 1
            texts = ["2.5", "x0 / (x2 - 0.2)", "x0 * Inf", "(x0 * x1) / (1.3 - x2)"]
            self.equations_ = pd.DataFrame({"equation": texts})

    module = ModuleType("pysr")
    module.PySRRegressor = Regressor  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pysr", module)
    monkeypatch.setattr(pysr, "require_working", lambda: None)
    monkeypatch.setenv("PYTHON_JULIAPKG_OFFLINE", "no")
    equation, facts = pysr.fit_pysr(DATA, {"maxsize": 15})
    assert equation(X) == pytest.approx(law(X), rel=1e-10)
    assert facts == {"pareto_front_equations": 4}
    assert (asked["maxsize"], asked["deterministic"], asked["parallelism"]) == (15, True, "serial")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x0", X[:, 0]),
        ("-1.5e-1", np.full(60, -0.15)),
        ("-(x0) + 3", 3 - X[:, 0]),
        ("square(x0 * 0.5) - exp(x1 / -100.0)", X[:, 0] ** 2 / 4 - np.exp(-X[:, 1] / 100)),
        ("cube(cbrt(x2)) + log(sqrt(x0))", X[:, 2] + np.log(X[:, 0]) / 2),
    ],
)
def test_text_is_read(text: str, values: Any) -> None:
    from mesocast.surrogates.equations.expressions import evaluate

    tree = pysr.parse(text, NAMES)
    assert np.ones(60) * evaluate(tree, list(X.T)) == pytest.approx(values, rel=1e-12)


@pytest.mark.parametrize(
    "text", ["", "x3", "x0 +", "__import__('os')", "x0 ** x1", "max(x0, x1)", "'a'", "True", "x0.y"]
)
def test_text_that_is_no_equation(text: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        pysr.parse(text, NAMES)


def pretend_installed(monkeypatch: pytest.MonkeyPatch, which: str | None) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: SimpleNamespace(name=name))
    monkeypatch.setattr(shutil, "which", lambda name: which if name == which else None)
    for name in ("PYTHON_JULIAPKG_EXE", "PYTHON_JULIAPKG_PROJECT"):
        monkeypatch.delenv(name, raising=False)


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="package is not installed; install it with: pip install"):
        pysr.require_installed()


def test_missing_julia(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_installed(monkeypatch, None)
    with pytest.raises(InputError, match="Julia is not installed; install it with"):
        pysr.require_installed()
    monkeypatch.setenv("PYTHON_JULIAPKG_EXE", "/no/julia")
    with pytest.raises(InputError, match="Julia is not installed"):
        pysr.require_installed()


@pytest.mark.parametrize("found", ["julia", "juliaup", "/envs/j/pyjuliapkg/install/bin/julia"])
def test_julia_is_found_where_its_installer_puts_it(
    found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_installed(monkeypatch, found)
    monkeypatch.setenv("PYTHON_JULIAPKG_PROJECT", "/envs/j")
    pysr.require_installed()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise Exception('could not find Julia 1.10')", "Exception: could not find Julia 1.10"),
        ("import sys; sys.exit(3)", "it says nothing"),
    ],
)
def test_import_that_fails(
    code: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_installed(monkeypatch, "julia")
    (tmp_path / "pysr.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(InputError, match="cannot be imported") as caught:
        pysr.require_working()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_import_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*words: Any, **settings: Any) -> None:
        raise subprocess.TimeoutExpired("python", settings["timeout"])

    pretend_installed(monkeypatch, "julia")
    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(InputError, match="does not start within 600 s"):
        pysr.require_working()
