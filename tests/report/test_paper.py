"""What a paper needs of the page: figures, tables, equations, and where they are from."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import importlib.util
import re
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import check_report
from mesocast.cli.main import main
from mesocast.columns import PARAMETERS
from mesocast.report import drawing
from mesocast.report.blocks import Figure, Picture, Table
from mesocast.report.latex import equations_source, table_source
from mesocast.report.page import sections_of
from mesocast.report.paper import write_paper
from mesocast.storage.files import read_json
from mesocast.surrogates.methods.indicated import equation_of

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.report.results import Results


@pytest.fixture(scope="module")
def paper(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_paper(results, tmp_path_factory.mktemp("paper"), with_figures=False).parent


def _blocks(results: Results) -> list[Any]:
    return [block for section in sections_of(results) for block in section.single()]


def test_the_module_of_equations_gives_the_surrogates_numbers(
    results: Results, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The folder belongs to other tests, too, and is to hold nothing but what was written.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = importlib.util.spec_from_file_location("equations", paper / "equations.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    low, high = np.array([results.optimum.bounds_pct[name] for name in PARAMETERS]).T
    recipes = np.random.default_rng(3).uniform(low, high, (100, 3))
    assert len(results.campaign.modelled) >= 4
    for name in results.campaign.modelled:
        own = getattr(module, name)(*recipes.T)
        np.testing.assert_allclose(own, results.surrogates[name](recipes), rtol=1e-14)


def test_every_table_and_picture_is_written_with_its_source(results: Results, paper: Path) -> None:
    manifest = read_json(paper / "manifest.json")
    listed = {name: entry for entry in manifest["files"] for name in entry["files"]}
    there = {str(path.relative_to(paper)) for path in paper.rglob("*") if path.is_file()}
    assert there == {*listed, "manifest.json"}
    blocks = _blocks(results)
    tables = [block for block in blocks if isinstance(block, Table)]
    assert sum(name.endswith(".csv") for name in listed) == len(tables) > 10
    pictures = sum(isinstance(block, Picture) for block in blocks)
    assert sum(name.endswith(".png") for name in listed) == pictures > 0
    for entry in manifest["files"]:
        assert entry["title"]
        assert entry["caption"]
        for name, found in entry["sha256"].items():
            assert name in entry["source"]
            content = (results.folder / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == found
    assert "dataset.parquet" in {name for e in manifest["files"] for name in e["sha256"]}
    (name,) = (name for name in listed if name.endswith("sobol-indices.csv"))
    (table,) = (table for table in tables if table.title == "Sobol indices")
    with (paper / name).open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == list(table.header)
    assert len(rows) == len(table.rows) + 1


def test_every_figure_is_drawn_and_the_curves_of_the_sliders_too(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr("mesocast.report.paper.draw", lambda figures, folder: drawn.extend(figures))
    listed = read_json(write_paper(results, tmp_path))["files"]
    names = {block.name for block in _blocks(results) if isinstance(block, Figure)}
    assert {figure.name for figure in drawn} == names | {"curves"}
    assert len(drawn) == len(names) + 1
    files = [name for entry in listed for name in entry["files"]]
    assert len(files) == len(set(files))
    assert {f"figures/{name}-180mm.pdf" for name in names | {"curves"}} <= set(files)
    of_curves = "figures/curves-88mm.svg"
    (source,) = (entry["source"] for entry in listed if of_curves in entry["files"])
    assert (results.folder / source).is_dir()
    (curves,) = (figure.figure.data for figure in drawn if figure.name == "curves")
    assert len(curves) == 3 * 3 * len(results.campaign.modelled)
    recipe = [getattr(results.verdict.recipe, name) for name in PARAMETERS]
    name = results.campaign.modelled[0]
    lines = [trace for trace in curves if trace.name == "predicted"][:3]
    for number, line in enumerate(lines):
        x = np.tile(recipe, (len(line.x), 1))
        x[:, number] = line.x
        np.testing.assert_allclose(line.y, results.surrogates[name](x))
        assert (line.x[0], line.x[-1]) == results.optimum.bounds_pct[PARAMETERS[number]]


def test_tables_in_latex_are_text_that_latex_takes(paper: Path) -> None:
    for path in paper.glob("**/*.tex"):
        text = path.read_text()
        bare = re.sub(r"\\[{}%&$#_\\]", "", text)
        assert bare.count("{") == bare.count("}"), path
        assert re.sub(r"\\\$", "", text).count("$") % 2 == 0, path
        assert not re.search(r"[−²³⁻µ±×–τσρε]", text), path
        body = "\n".join(line for line in bare.splitlines() if not line.startswith("%"))
        assert not re.search(r"[#%](?!\n)|_(?!\w*[}:])", body.replace("^{3}", "")), path


def test_cells_keep_their_meaning_in_latex() -> None:
    table = Table("A_b", "50 % & more", "", ("x", "x"), (("−1 × 10⁻⁵ µm", "a{b}^2 <c"),))
    source = table_source(table, "tab:a")
    assert r"$-$1 $\times$ 10$^{-5}$ \textmu{}m & a\{b\}\textasciicircum{}2 $<$c \\" in source
    assert r"\caption{A\_b. 50 \% \& more}" in source
    assert source.count("x & x") == 1
    assert all(rule in source for rule in (r"\toprule", r"\midrule", r"\bottomrule"))


def test_a_table_without_rows_has_its_head_in_latex() -> None:
    assert "Step & Loss" in table_source(Table("A", "b", "", ("Step", "Loss"), ()), "tab:a")


def test_symbols_in_latex_are_balanced(results: Results) -> None:
    equation = next(
        found
        for surrogate in results.surrogates.values()
        if (found := equation_of(surrogate.model)) is not None
    )
    names = ("tortuosity_factor", "tortuosity_factor_blocking", "density_g_cm3")
    source = equations_source(dict.fromkeys(names, equation))
    for line in source.splitlines():
        assert line.count("$") % 2 == 0, line
    assert r"  \tau" in source
    assert r"  \text{$\tau$\_e}" in source


@pytest.mark.skipif(check_report.browser() is None, reason="no Chromium here")
def test_figures_are_vectors_of_one_and_two_columns_with_text(
    results: Results, tmp_path: Path
) -> None:
    figures = {block.name: block for block in _blocks(results) if isinstance(block, Figure)}

    async def in_a_notebook() -> None:
        drawing.draw([figures["radar"], figures["convergence"]], tmp_path)

    asyncio.run(in_a_notebook())
    assert len(list(tmp_path.iterdir())) == 2 * 2 * 2
    for width_mm in (88, 180):
        svg = (tmp_path / f"convergence-{width_mm}mm.svg").read_text()
        assert svg.startswith("<svg")
        assert f'width="{width_mm}mm"' in svg[:400]
        assert ">Evaluation</text>" in svg
        assert svg.count("<path") > 20
        assert "<image" not in svg
        pdf = (tmp_path / f"convergence-{width_mm}mm.pdf").read_bytes()
        assert pdf.startswith(b"%PDF")
        assert b"/FontFile2" in pdf
        (box,) = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf))
        assert float(box[0]) == pytest.approx(width_mm * 72 / 25.4, abs=1)


def test_without_a_browser_one_line_says_what_to_do(
    results: Results,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("mesocast.report.results.open_results", lambda folder: results)
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "nowhere"))
    words = ["export", str(results.folder), "--output", str(tmp_path / "out")]
    assert main(words) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "--no-figures" in line
    assert main([*words, "--no-figures"]) == 0
    assert (tmp_path / "out/equations.py").exists()
