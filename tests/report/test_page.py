from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from mesocast.columns import TARGETS
from mesocast.config.campaign import Campaign
from mesocast.errors import InputError
from mesocast.report.numbers import fixed, number
from mesocast.report.page import render, write_report
from mesocast.report.results import Results
from mesocast.storage.files import read_json, write_json, write_text
from mesocast.storage.layout import Layout
from mesocast.surrogates.equations.equation import Equation
from mesocast.verification.jobs import run_verification
from tests.report.conftest import link, replaced

if TYPE_CHECKING:
    from pathlib import Path


SECTIONS = (
    "answer",
    "what-if",
    "design",
    "electrodes",
    "data",
    "equations",
    "validation",
    "sensitivity",
    "optimizer",
    "optimum",
    "robustness",
    "tradeoffs",
    "cell",
    "failures",
    "provenance",
    "citation",
)

# Attributes from which a browser loads without being asked.
_LOADING = {"src", "srcset", "data", "poster", "background", "action"}


class _Page(HTMLParser):
    """Text per section, addresses that are loaded, and the JSON of the figures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: dict[str, str] = {}
        self.plots: dict[str, list[str]] = {}
        self.loaded: list[str] = []
        self.scripts: list[str] = []
        self.policy = ""
        self._section = ""
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "section":
            self._section = values["id"]
            self.text[self._section], self.plots[self._section] = "", []
        if values.get("class") == "plot":
            self.plots[self._section].append(values["id"])
        self.loaded += [value for name, value in values.items() if name in _LOADING]
        if tag == "link":
            self.loaded.append(values["href"])
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self._section = ""
        if tag == "script":
            self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data
        elif self._section:
            self.text[self._section] += data


@pytest.fixture(scope="module")
def html(results: Results) -> str:
    return render(results)


@pytest.fixture(scope="module")
def page(html: str) -> _Page:
    return _Page(html)


def test_column_that_a_given_dataset_does_not_have_is_a_gap_in_its_figures(
    results: Results,
) -> None:
    poor = replaced(results, dataset=results.dataset.assign(porosity_bulk=float("nan")))
    assert json.loads(_Page(render(poor)).scripts[0])["figures"]


def test_goal_of_ones_own_is_in_every_section(five_goals: Results) -> None:
    """A fifth property without a letter, an abbreviation and published values."""
    page = _Page(render(five_goals))
    # Its electrodes were not put into cells.
    assert tuple(page.text) == tuple(name for name in SECTIONS if name != "cell")
    for section in ("answer", "equations", "validation", "sensitivity", "optimum", "tradeoffs"):
        assert "Thickness" in page.text[section], section
    optimum, extreme = five_goals.optimum, five_goals.verification["extremes"]["thickness_um"]
    assert number(optimum.predicted["thickness_um"]) in page.text["answer"]
    assert [e["condition_id"] for e in extreme["electrodes"]] == [
        "VTHICKNESSUM01-C01",
        "VTHICKNESSUM02-C01",
    ]
    assert "thickness: minimize, weight 0.5" in page.text["optimizer"]


def test_sections_come_in_order(page: _Page) -> None:
    assert tuple(page.text) == SECTIONS


def test_every_section_has_numbers_of_this_run(page: _Page, results: Results) -> None:
    optimum, evenness = results.optimum, results.discrepancy
    shown, chosen = results.confirmed.iloc[0], results.chosen.iloc[0]
    assert chosen["condition_id"] != shown["condition_id"]
    mass = results.verification["properties"]["density_g_cm3"]
    expected = {
        "answer": [
            *(f"{value:g} %" for value in optimum.parameters.values()),
            *(number(optimum.predicted[name]) for name in TARGETS),
            *(number(mass["simulated"][turn]) for turn in (0, 1)),
            number(optimum.objective, 3),
        ],
        "what-if": [f"{low:g} to {high:g} %" for low, high in optimum.bounds_pct.values()],
        "design": [
            *(number(evenness[name], 3) for name in ("design", "random")),
            f"{number(len(results.design) / 10, 3)} if they were spread evenly",
        ],
        "electrodes": [shown["condition_id"], number(100 * shown["porosity_bulk"], 3), "0.100 %"],
        "data": [
            *(number(float(v)) for v in results.simulated["density_g_cm3"]),
            "2 electrodes of 1 recipe",
            number(float(results.confirmed["density_g_cm3"].std(ddof=1)), 3),
        ],
        "equations": [fixed(results.surrogates[name].test.r2, 4) for name in TARGETS],
        "validation": [fixed(v.random.test_r2.mean, 3) for v in results.validations.values()],
        "sensitivity": [fixed(i.total[0], 3) for i in results.sensitivities.values()],
        "optimizer": [number(optimum.search.regret, 2), f"{len(optimum.trace)} times"],
        "optimum": [number(optimum.predicted[name]) for name in TARGETS],
        "robustness": [
            number(results.robustness.nominal.objective_mean),
            number(results.robustness.over_slurries.loss_mean, 2),
        ],
        "tradeoffs": [
            number(results.tradeoffs.hypervolume, 3),
            *(
                number(v, 3)
                for v in results.tradeoffs.by_application["balanced"].parameters.values()
            ),
        ],
        "cell": [
            "cells, with the simulated structure stacked to 20 mg/cm²",
            number(float(chosen["energy_stack_5C_Wh_L"])),
            f"At 5C the full cell of {chosen['condition_id']} gives",
            f"Recommended is {chosen['condition_id']}, the best simulated.",
        ],
        "failures": results.failed["condition_id"].tolist(),
        "provenance": [results.campaign.physics("slurry"), "evaluations: 20"],
        "citation": [f"version {version('mesocast')}", "Duquesnoy et al.", "56, 50 (2023)"],
    }
    assert expected.keys() == set(SECTIONS)
    for section, texts in expected.items():
        for text in texts:
            assert text in page.text[section], (section, text)


def test_every_figure_has_a_place_and_data(page: _Page) -> None:
    content = json.loads(next(text for text in page.scripts if text.startswith('{"templates"')))
    places = [name for names in page.plots.values() for name in names]
    assert len(places) == len(set(places))
    assert set(places) == set(content["figures"])
    assert set(content["templates"]) == {"light", "dark"}
    for name, figure in content["figures"].items():
        points = [
            len(t.get("x") or t.get("r") or t.get("dimensions") or []) for t in figure["data"]
        ]
        assert max(points) > 1, name
        assert "template" not in figure["layout"]
    for section in set(SECTIONS) - {
        "answer",
        "what-if",
        "robustness",
        "failures",
        "provenance",
        "citation",
    }:
        assert page.plots[section], section


def test_nothing_is_loaded_from_outside(html: str, page: _Page) -> None:
    assert page.loaded
    assert all(address.startswith("data:") for address in page.loaded)
    # The browser refuses whatever the embedded library might still ask for.
    assert page.policy.startswith("default-src 'none'")
    assert "http" not in page.policy
    assert not re.search(r"@import|url\(", html.split("</style>", maxsplit=1)[0])


def test_plotly_is_embedded_once(page: _Page) -> None:
    assert sum("plotly.js v" in text for text in page.scripts) == 1


def test_failed_rows_are_shown_with_reason(page: _Page, html: str) -> None:
    assert "3 of 900 beads left the box" in page.text["failures"]
    assert "lost_beads" in page.text["data"]
    # Text of a run never becomes markup.
    assert "pores do not reach <the collector>" in page.text["failures"]
    assert "<the collector>" not in html


def test_same_results_give_same_bytes(results: Results) -> None:
    write_report(results.campaign, results.folder)
    first = (results.folder / "report.html").read_bytes()
    write_report(results.campaign, results.folder)
    assert (results.folder / "report.html").read_bytes() == first


def test_page_says_that_the_optimum_is_not_verified(unverified: Results) -> None:
    page = _Page(render(unverified))
    assert "2 of 2 electrodes simulated at the optimum failed" in page.text["answer"]
    assert "The optimum is not verified" in page.text["answer"]
    best = unverified.simulated.iloc[0]["condition_id"]
    assert f"the best electrode of the design ({best})" in page.text["electrodes"]
    assert "no path through the pores" in page.text["failures"]


def test_page_shows_logarithmic_equations_of_sisso(results: Results, tmp_path: Path) -> None:
    campaign = results.campaign.model_copy(
        update={"surrogates": results.campaign.surrogates.model_copy(update={"method": "sisso"})}
    )
    for name, surrogate in results.surrogates.items():
        model = surrogate.model
        assert isinstance(model, Equation)
        terms = (("*", 0, ("exp", ("/", 2, 1))), ("|-|", 0, 1))
        found = replace(model, descriptors=terms, coefficients=(2.5, -1e-6), transform="log")
        path = tmp_path / "surrogates" / "sisso" / f"{name}.json"
        replace(surrogate, method="sisso", model=found).write(path)
        results.validations[name].write(Layout(tmp_path).validation("sisso", name))
    write_json(
        Layout(tmp_path).sensitivity("sisso"),
        {name: asdict(indices) for name, indices in results.sensitivities.items()},
    )
    table = results.comparison.assign(method="sisso")
    write_text(tmp_path / "surrogates/comparison.csv", table.to_csv(index=False))
    link(results.folder, tmp_path, without=["surrogates"])
    html = render(Results(campaign, tmp_path))
    assert "<mi>ln</mi>" in html
    assert "<mfrac><mi>CR</mi><mi>SC</mi></mfrac>" in html
    assert "SISSO" in _Page(html).text["equations"]


def test_page_without_simulations_says_what_is_not_there(results: Results, tmp_path: Path) -> None:
    # A published dataset can be fitted and optimized without its simulations.
    link(results.folder, tmp_path, without=["slurries", "conditions"])
    for row in read_json(results.folder / "verification.json")["electrodes"]:
        kept = tmp_path / "conditions" / row["condition_id"]
        kept.mkdir(parents=True)
        name = "properties.json"
        (kept / name).symlink_to(results.folder / "conditions" / row["condition_id"] / name)
    page = _Page(render(Results(results.campaign, tmp_path)))
    assert "not in this results folder" in page.text["electrodes"]
    assert "not recorded" in page.text["failures"]


def test_page_of_a_given_dataset_says_where_that_comes_from(
    results: Results, tmp_path: Path
) -> None:
    campaign = Campaign.model_validate(
        {
            **results.campaign.model_dump(),
            "design": {"dataset": "data/films/dataset.parquet"},
            "verification": {"seeds": 0},
        }
    )
    stages = {
        "drying": {"jobs": 17, "cpu_hours": 2.5, "lammps": ["1.2.3"], "physics": ["v9-abc"]},
        "characterization": {"jobs": 81, "cpu_hours": 0.5},
    }
    package = {
        "licenses": [{"name": "CC-BY-4.0"}],
        "provenance": {"hardware": "an abacus", "stages": stages},
    }
    link(
        results.folder,
        tmp_path,
        without=["slurries", "conditions", "verification.json", "datapackage.json"],
    )
    write_json(tmp_path / "datapackage.json", {"name": "films", **package})
    run_verification(campaign, tmp_path, [])
    page = _Page(render(Results(campaign, tmp_path)))
    assert "verification.seeds is 0" in page.text["answer"]
    assert "data/films/dataset.parquet" in page.text["design"]
    assert results.simulated.iloc[0]["condition_id"] in page.text["electrodes"]
    assert "not in this results folder" not in page.text["electrodes"]
    for text in ("drying, before", "17", "2.5 h", "an abacus", "1.2.3", "v9-abc"):
        assert text in page.text["provenance"], text
    assert "CC-BY-4.0" in page.text["citation"]


@pytest.mark.parametrize(
    "name",
    [
        "design.csv",
        "design.json",
        "optimum.json",
        "tradeoffs.json",
        "robustness.json",
        "verification.json",
    ],
)
def test_missing_file_is_named(results: Results, tmp_path: Path, name: str) -> None:
    link(results.folder, tmp_path, without=[name])
    with pytest.raises(InputError, match=re.escape(name)):
        render(Results(results.campaign, tmp_path))
