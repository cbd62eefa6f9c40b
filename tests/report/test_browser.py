"""The page in a browser: `scripts/check_report.py` looks at every figure."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

import check_report
from mesocast.columns import PARAMETERS, RATES
from mesocast.config.design import Design
from mesocast.optimization.objective import Goal
from mesocast.report.page import render
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.equations.operators import OPERATORS
from mesocast.surrogates.surrogate import fit_surrogate
from mesocast.surrogates.training import InPage
from tests.report.conftest import replaced

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from mesocast.optimization.objective import Utility
    from mesocast.report.results import Results

pytestmark = pytest.mark.skipif(check_report.browser() is None, reason="no Chromium here")


@pytest.fixture(scope="module")
def report(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(results))
    return path


@pytest.mark.parametrize(("width_px", "theme"), [(1400, "light"), (390, "dark")])
def test_figures_are_whole_apart_and_not_empty(report: Path, width_px: int, theme: str) -> None:
    found = check_report.check(report, width_px, theme)
    assert found["problems"] == []
    assert found["width"] == width_px
    # All can be saved as a table, but for the beads.
    assert found["figures"] == found["tables"] + 1 > 20


def test_what_is_wrong_is_found(report: Path, tmp_path: Path) -> None:
    html = report.read_text()
    content = re.search(r'<script type="application/json" id="figures">(.*?)</script>', html)
    assert content
    figures = json.loads(content[1])
    figures["figures"]["radar"]["data"] = []
    figures["figures"]["radar"]["layout"]["polar"] = None
    figures["figures"]["convergence"]["layout"]["xaxis"]["title"]["text"] = 40 * "too long "
    broken = tmp_path / "broken.html"
    broken.write_text(
        html.replace(content[1], json.dumps(figures).replace("<", "\\u003c"))
        .replace("<main>", '<main><div style="width: 2000px">wide</div><script>nowhere()</script>')
        .replace('id="convergence" role="img"', 'id="convergence"')
        .replace('role="img" aria-label="Balance', 'role="img" title="Balance')
        .replace('<img src="', '<img title="', 1)
        .replace(' alt="', ' id="', 1)
        .replace("tellMore({ target: target", "({ target: target")
    )
    problems = "\n".join(check_report.check(broken, 390, "light")["problems"])
    for expected in (
        "radar: empty",
        "convergence: cut",
        "wider than the window",
        "nowhere",
        "convergence: no text alternative",
        "radar: no text alternative",
        "Predicted and verified properties at the optimum: scrolls without a sign",
    ):
        assert expected in problems


def _evaluate(page: Path, html: str, script: str) -> Any:
    """Give what ``script``, the body of a function run at the end of the page, returns."""
    page.write_text(
        html.replace(
            "</body>",
            "<script>addEventListener('load', () => {"
            "const text = parent.document.createElement('pre'); text.id = 'found';"
            f"text.textContent = JSON.stringify((() => {{ {script} }})());"
            "parent.document.body.append(text); });</script></body>",
        )
    )
    dom, log = check_report._open(page, 1400, 900, "light", "--dump-dom")
    text = re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)
    assert text, log
    assert ":ERROR:CONSOLE" not in log
    return json.loads(unescape(text[1]))


def test_the_ragone_plot_draws_every_electrode(
    results: Results, report: Path, tmp_path: Path
) -> None:
    """Energy and power of the dataset's columns, as they stand in the page."""
    found = _evaluate(
        tmp_path / "ragone.html",
        report.read_text(),
        "dispatchEvent(new Event('beforeprint'));"
        "const plot = document.getElementById('ragone');"
        "const drawn = plot.querySelectorAll('.scatterlayer .trace').length;"
        "const marks = plot.querySelectorAll('.scatterlayer .point').length;"
        "const points = plot._fullData.flatMap((trace) => "
        "Array.from(trace.x, (x, i) => [x, trace.y[i]]).filter(([x]) => Number.isFinite(x)));"
        "const titles = [plot._fullLayout.xaxis.title.text, plot._fullLayout.yaxis.title.text];"
        "const shown = [...document.querySelectorAll('#cell .plot')].map((one) => one.id);"
        "return { drawn, marks, points, titles, shown, log: plot._fullLayout.xaxis.type };",
    )
    table = results.everything.drop_duplicates("condition_id")
    table = table[table["cell_status"] == "ok"]
    expected = [
        (row[f"power_stack_{rate}_W_L"], row[f"energy_stack_{rate}_Wh_L"])
        for _, row in table.iterrows()
        for rate in RATES
    ]
    assert len(expected) == 4 * len(table) > 4
    np.testing.assert_allclose(sorted(found["points"]), sorted(expected), rtol=1e-4)
    assert found["marks"] == len(expected)
    assert found["drawn"] >= 2  # all, and those that stand out
    assert found["titles"] == ["Mean power of the stack (W/L)", "Energy of the stack (Wh/L)"]
    assert found["log"] == "log"
    assert {"ragone", "ragone-loadings", "discharge-curves", "losses"} <= set(found["shown"])


def test_what_if_equals_python_at_100_recipes(
    report: Path, results: Results, tmp_path: Path
) -> None:
    low, high = np.array([results.optimum.bounds_pct[name] for name in PARAMETERS]).T
    x = np.random.default_rng(5).uniform(low, high, (100, 3))
    x[50:] += 0.2 * (high - low)
    definition = results.optimum.objective_definition
    weights = {name: float(2 * n + 1) for n, name in enumerate(definition.goals)}
    every = Equation(
        "every_operator",
        PARAMETERS,
        tuple(results.optimum.bounds_pct[name] for name in PARAMETERS),
        tuple((o.symbol, *(0, 1)[: o.arity]) for o in OPERATORS.values()),
        tuple(1.0 + n for n in range(len(OPERATORS))),
        -0.25,
    )
    table = results.dataset.assign(energy_stack_5C_Wh_L=lambda t: 1 / t["thickness_um"])
    process, through = (
        fit_surrogate(table, name, seed=1, method=method).model
        for name, method in (
            ("density_g_cm3", "gaussian_process"),
            ("energy_stack_5C_Wh_L", "through_microstructure"),
        )
    )
    assert isinstance(process, InPage)
    assert isinstance(through, InPage)
    found = _evaluate(
        tmp_path / "page.html",
        report.read_text(),
        f"const x = {json.dumps(x.tolist())}; const every = {every.javascript()};"
        f"const process = {process.javascript()}; const through = {through.javascript()};"
        f"const weights = {json.dumps(weights)};"
        "return { every: x.map((row) => every(...row)),"
        "  process: x.map((row) => process(...row)), through: x.map((row) => through(...row)),"
        "  values: x.map((row) => whatIf.properties.map((p) => whatIf.predict(p, row))),"
        "  ends: x.map((row) => whatIf.properties.map("
        "    (p) => whatIf.around(p, whatIf.predict(p, row), row))),"
        "  growth: x.map((row) => whatIf.properties.map((p) => whatIf.growth(p, row))),"
        "  parts: x.map((row) => whatIf.parts(row, weights)),"
        "  nearest: x.map((row) => whatIf.nearest(row)) };",
    )
    np.testing.assert_allclose(found["every"], every(x), rtol=1e-12)
    np.testing.assert_allclose(found["process"], process(x), rtol=1e-9)
    np.testing.assert_allclose(found["through"], through(x), rtol=1e-9)
    predicted = {name: results.surrogates[name](x) for name in results.campaign.modelled}
    for n, (name, values) in enumerate(predicted.items()):
        np.testing.assert_allclose(np.array(found["values"])[:, n], values, rtol=1e-12)
        growth = results.surrogates[name].growth(x)
        assert growth.max() > 1  # half of the recipes lie beyond the bounds
        np.testing.assert_allclose(np.array(found["growth"])[:, n], growth, rtol=1e-9)
        for side, ends in enumerate(results.intervals[name].around(values, name, growth)):
            np.testing.assert_allclose(np.array(found["ends"])[:, n, side], ends, rtol=1e-9)
    weighed = {n: replace(g, weight=weights[n]) for n, g in definition.goals.items()}
    objective = replace(definition, goals=weighed)(predicted)
    np.testing.assert_allclose([sum(p.values()) for p in found["parts"]], objective, rtol=1e-11)
    rows = results.everything[results.everything["status"] == "ok"]
    scaled = (rows[list(PARAMETERS)].to_numpy(float)[None] - x[:, None]) / (high - low)
    distance = np.linalg.norm(scaled, axis=2)
    np.testing.assert_allclose([f["distance"] for f in found["nearest"]], distance.min(axis=1))


@pytest.mark.parametrize("utility", ["quadratic", "desirability"])
def test_what_if_knows_targets_ranges_and_utilities(
    results: Results, tmp_path: Path, utility: Utility
) -> None:
    optimum = results.optimum
    goals = dict(optimum.objective_definition.goals)
    middle = float(results.simulated["density_g_cm3"].median())
    goals["density_g_cm3"] = Goal("target", 2.0, (middle, middle + 0.1))
    definition = replace(optimum.objective_definition, goals=goals, utility=utility)
    changed = replaced(results, optimum=replace(optimum, objective_definition=definition))
    low, high = np.array([optimum.bounds_pct[name] for name in PARAMETERS]).T
    x = np.random.default_rng(6).uniform(low, high, (40, 3))
    weights = {name: goal.weight for name, goal in goals.items()}
    found = _evaluate(
        tmp_path / "page.html",
        render(changed),
        f"return {json.dumps(x.tolist())}.map((row) => whatIf.parts(row, {json.dumps(weights)}));",
    )
    predicted = {name: results.surrogates[name](x) for name in results.campaign.modelled}
    sums = [sum(parts.values()) for parts in found]
    np.testing.assert_allclose(sums, definition(predicted), rtol=1e-9, atol=1e-12)


def test_what_if_follows_sliders_weights_and_links(
    report: Path, results: Results, tmp_path: Path
) -> None:
    found = _evaluate(
        tmp_path / "page.html",
        report.read_text(),
        """
        const get = (id) => document.getElementById(id);
        const move = (id, value) => {
          get(id).value = value; get(id).dispatchEvent(new Event("input"));
        };
        const look = () => ({
          text: get("what-if").querySelector("table").innerText,
          sum: get("whatif-objective").textContent,
          near: get("whatif-near").textContent,
          link: get("whatif-link").getAttribute("href"),
          typed: get("type-sc_pct").value, slid: get("slide-sc_pct").value,
        });
        const start = look();
        move("slide-sc_pct", 50); const slid = look();
        move("type-sc_pct", 61.5); const typed = look();
        move("type-sc_pct", 500); get("type-sc_pct").dispatchEvent(new Event("change"));
        const beyond = look();
        move("weight-density_g_cm3", 7); const weighed = look();
        document.querySelectorAll("[id^=weight-]").forEach((field) => move(field.id, 0));
        const weightless = look();
        get("whatif-reset").click(); const reset = look();
        location.hash = "#am_pct=90.5&sc_pct=60&cr_pct=12.25&other=1";
        dispatchEvent(new Event("hashchange")); const linked = look();
        return { start, slid, typed, beyond, weighed, weightless, reset, linked,
          yaml: whatIf.yaml([90.5, 60, 12.25]) };
        """,
    )
    start, high = found["start"], results.optimum.bounds_pct["sc_pct"][1]
    assert found["slid"]["typed"] == "50"
    assert float(found["typed"]["slid"]) == 61.5
    assert float(found["beyond"]["typed"]) == high
    assert found["slid"]["text"] != start["text"] != found["typed"]["text"]
    assert found["slid"]["sum"] != start["sum"]
    assert found["slid"]["near"] != start["near"]
    assert found["weighed"]["sum"] != found["beyond"]["sum"]
    assert "weight above 0" in found["weightless"]["sum"]
    assert found["reset"] == start
    assert found["linked"]["link"] == "#am_pct=90.5&sc_pct=60&cr_pct=12.25"
    (recipe,) = Design.model_validate(yaml.safe_load(found["yaml"])["design"]).recipes
    assert (recipe.am_pct, recipe.sc_pct, recipe.cr_pct) == (90.5, 60, (12.25,))
