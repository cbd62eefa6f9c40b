"""Surrogates of recipes with choices: the process takes words, other methods numbers 0 and 1."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mesocast.columns.variables import Discrete
from mesocast.errors import InputError
from mesocast.surrogates.evidence.diagnostics import diagnose
from mesocast.surrogates.methods.gaussian_process import GaussianProcess
from mesocast.surrogates.methods.indicated import Indicated, equation_of, expanded, indicators
from mesocast.surrogates.rows import Rows
from mesocast.surrogates.surrogate import Surrogate, fit_surrogate
from mesocast.surrogates.training import InPage

if TYPE_CHECKING:
    from pathlib import Path

WORDS = ("LCO", "LFP", "NMC622")
SHIFTS = {"LCO": 0.1, "LFP": 0.0, "NMC622": 0.5}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    random = np.random.default_rng(4)
    rows = pd.DataFrame(
        {
            "am_pct": random.uniform(86, 96, 48),
            "sc_pct": random.uniform(45, 71, 48),
            "cr_pct": random.uniform(0, 40, 48),
            "set_material": np.array(WORDS)[np.arange(48) % 3],
        }
    )
    shift = rows["set_material"].map(SHIFTS)
    names = [f"S{number:03d}" for number in range(48)]
    return rows.assign(
        density_g_cm3=2 + shift * (1 + rows["cr_pct"] / 40) + 0.02 * rows["cr_pct"],
        condition_id=[f"{name}-C01" for name in names],
        slurry_id=names,
        status="ok",
    )


@pytest.fixture(scope="module", params=["gaussian_process", "polynomial", "sisso"])
def surrogate(request: pytest.FixtureRequest, table: pd.DataFrame) -> Surrogate:
    settings = {"rung": 1} if request.param == "sisso" else None
    return fit_surrogate(table, "density_g_cm3", seed=1, method=request.param, settings=settings)


def test_words_decide_and_survive_a_file(surrogate: Surrogate, tmp_path: Path) -> None:
    assert surrogate.test.r2 > 0.97
    assert surrogate.words == {"set_material": WORDS}
    recipes = np.array([[90.0, 60.0, 20.0, place] for place in range(3)])
    true = [2.4 + 1.5 * SHIFTS[word] for word in WORDS]
    assert surrogate(recipes) == pytest.approx(true, abs=0.08)
    assert surrogate.is_inside(recipes).all()
    assert not surrogate.is_inside(recipes + np.array([0.0, 0.0, 100.0, 0.0])).any()
    surrogate.write(tmp_path / "surrogate.json")
    read = Surrogate.read(tmp_path / "surrogate.json")
    assert read(recipes).tolist() == surrogate(recipes).tolist()
    assert read.words == surrogate.words
    assert type(read.model) is type(surrogate.model)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_page_computes_the_same(surrogate: Surrogate) -> None:
    assert isinstance(surrogate.model, InPage)
    recipes = [[90.0, 60.0, 20.0, place] for place in range(3)]
    script = (
        f"const f = {surrogate.model.javascript()};"
        f"console.log(JSON.stringify({recipes}.map((x) => f(...x))))"
    )
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == pytest.approx(surrogate(recipes).tolist())


def test_equation_has_a_number_for_each_word_but_the_first(table: pd.DataFrame) -> None:
    found = fit_surrogate(table, "density_g_cm3", seed=1, method="polynomial")
    assert isinstance(found.model, Indicated)
    equation = equation_of(found.model)
    assert equation is not None
    assert equation.inputs == ("am_pct", "sc_pct", "cr_pct", "is_LFP", "is_NMC622")
    assert r"\mathrm{is\_NMC622}" in found.latex()
    x = np.array([[90.0, 60.0, 20.0, 2.0], [90.0, 60.0, 20.0, 0.0]])
    assert expanded(x, found.inputs, found.words)[:, 3:].tolist() == [[0, 1], [0, 0]]
    # Words that look alike as names are told apart.
    words = {"set_a": ("x", "a-b", "a_b")}
    assert [name for name, _, _ in indicators(["set_a"], words)] == ["is_a_b", "is_a_b_set_a"]


def test_two_words_are_as_far_apart_as_any_other_two(table: pd.DataFrame) -> None:
    model = fit_surrogate(table, "density_g_cm3", seed=1, method="gaussian_process").model
    assert isinstance(model, GaussianProcess)
    assert model.choices == (0, 0, 0, 3)
    recipes = np.array([[90.0, 60.0, 20.0, place] for place in range(3)])
    scaled = model._scaled(recipes)
    apart = [((scaled[i] - scaled[j]) ** 2).sum() for i, j in ((0, 1), (0, 2), (1, 2))]
    assert apart == pytest.approx([2 / model.length_scales[3] ** 2] * 3)
    samples = model.sample(recipes, 400, np.random.default_rng(0))
    assert samples.mean(axis=0) == pytest.approx(model(recipes), abs=0.02)


def test_other_words_are_refused(table: pd.DataFrame) -> None:
    words = table["set_material"].where(table.index != 7, "LMO")
    with pytest.raises(InputError, match="set_material = LMO: is no choice; allowed: LCO, LFP"):
        fit_surrogate(
            table.assign(set_material=words),
            "density_g_cm3",
            seed=1,
            box_pct={
                "am_pct": (86, 96),
                "sc_pct": (45, 71),
                "cr_pct": (0, 40),
                "set_material": Discrete.of_words(WORDS),
            },
        )
    mixed = words.where(table.index != 7, 3.0)
    with pytest.raises(InputError, match="set_material"):
        fit_surrogate(table.assign(set_material=mixed), "density_g_cm3", seed=1)


@pytest.mark.parametrize("method", ["gaussian_process", "polynomial"])
def test_a_word_that_no_electrode_has_is_not_fitted(method: str, table: pd.DataFrame) -> None:
    failed = table.assign(status=np.where(table["set_material"] == "LFP", "bad", "ok"))
    box = {
        **{
            name: (float(table[name].min()), float(table[name].max())) for name in table.columns[:3]
        },
        "set_material": Discrete.of_words(WORDS),
    }
    with pytest.raises(InputError, match="no row with set_material = LFP is there to fit"):
        fit_surrogate(failed, "density_g_cm3", seed=1, method=method, box_pct=box)


def test_rows_that_stand_out_are_told_of_equations_with_choices(table: pd.DataFrame) -> None:
    random = np.random.default_rng(1)
    noisy = table.assign(density_g_cm3=table["density_g_cm3"] + random.normal(0, 0.01, 48))
    noisy["density_g_cm3"] += 0.5 * (noisy.index == 7)
    fitted = fit_surrogate(noisy, "density_g_cm3", seed=1, method="polynomial")
    rows = diagnose(fitted, Rows.from_table(noisy, "density_g_cm3", None))
    assert rows[7].is_influential
    assert all(row.leverage is not None for row in rows)
