"""Simulated electrodes against published ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesocast.columns import PARAMETERS, TARGETS, with_unit
from mesocast.errors import InputError
from mesocast.storage import markdown
from mesocast.storage.files import replacing, write_json, write_text
from mesocast.storage.version import VERSION
from mesocast.surrogates.evidence.noise_ceiling import replicates
from mesocast.verification.published_figures import draw
from mesocast.verification.shipped import shipped_table

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from pathlib import Path

    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """What a validation found.

    Parameters
    ----------
    electrodes
        One row per published number whose recipe was simulated: ``published``, ``simulated``
        (mean over seeds), ``standard_deviation`` (between seeds; missing with one seed),
        ``seeds`` and ``difference`` (simulated minus published).
    not_simulated
        Names of published electrodes without a simulated row.
    recovered_pct
        Share of the imposed compression that springs back, by recipe.
    uncalendered
        Total porosity of films as dried: ``porosity_total`` (mean over seeds)
        and ``seeds`` by ``am_pct`` and ``sc_pct``.
    seed_noise
        Standard deviation between electrodes of one recipe, pooled over the recipes, of each
        property: ``standard_deviation``, its share of the mean ``of_the_mean_pct``, ``recipes`` and
        ``electrodes`` by ``column``; no rows where no recipe has two seeds.
    """

    electrodes: pd.DataFrame
    not_simulated: list[str]
    recovered_pct: pd.DataFrame
    uncalendered: pd.DataFrame
    seed_noise: pd.DataFrame

    @property
    def fall_with_solid_content(self) -> dict[float, float]:
        """Points of uncalendered total porosity lost per point of solid content.

        By active material (percent), where three solid contents or more were simulated; a least
        squares line through the means.
        """
        import numpy as np

        return {
            float(rows["am_pct"].iloc[0]): -100
            * float(np.polyfit(rows["sc_pct"], rows["porosity_total"], 1)[0])
            for _, rows in self.uncalendered.groupby("am_pct")
            if len(rows) > 2
        }


def published_electrodes() -> pd.DataFrame:
    """Published numbers, one per row, with the recipe, the dataset's column and the source."""
    return shipped_table("published_electrodes")


def compare(dataset: pd.DataFrame) -> Comparison:
    """Put the means over seeds beside the published numbers of the same recipe.

    Raises
    ------
    InputError
        No published recipe was simulated.
    """
    import pandas as pd

    good = dataset[dataset["status"] == "ok"]
    rows, missing = [], []
    for published in published_electrodes().to_dict("records"):
        same = (good[list(PARAMETERS)] - [published[name] for name in PARAMETERS]).abs().max(axis=1)
        column = published["column"]
        # A further measurement, without which the dataset was made.
        values = good.loc[same < 1e-6, column].dropna() if column in good else good.iloc[:0, 0]
        if values.empty:
            missing.append(f"{published['name']}: {published['column']}")
            continue
        rows.append(
            {
                "name": published["name"],
                "kind": published["kind"],
                **{name: published[name] for name in PARAMETERS},
                "column": published["column"],
                "published": published["published"],
                "simulated": values.mean(),
                "standard_deviation": values.std(ddof=1),
                "seeds": len(values),
                "difference": values.mean() - published["published"],
                "source": published["source"],
            }
        )
    if not rows:
        raise InputError(
            "dataset: no recipe of it is published; allowed: those of config/validation.yaml"
        )
    pressed = good[good["cr_pct"] > 0]
    recovered = 100 * (1 - pressed["cr_retained_pct"] / pressed["cr_pct"])
    by_recipe = pressed.assign(recovered=recovered).groupby(list(PARAMETERS), as_index=False)
    return Comparison(
        pd.DataFrame(rows),
        missing,
        by_recipe.agg(recovered_pct=("recovered", "mean"), seeds=("recovered", "count")),
        _uncalendered(good),
        _seed_noise(good),
    )


def _uncalendered(good: pd.DataFrame) -> pd.DataFrame:
    films = good[good["cr_pct"] == 0].groupby(["am_pct", "sc_pct"], as_index=False)
    return films.agg(
        porosity_total=("porosity_total", "mean"),
        seeds=("porosity_total", "count"),
    )


def _seed_noise(good: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for column in ("porosity_total", "porosity_bulk", *TARGETS):
        values = good[column].to_numpy(float)
        slurries = good["slurry_id"].to_numpy()
        found = replicates(good[list(PARAMETERS)].to_numpy(), values, slurries)
        if found is not None:
            deviation, of_the_mean_pct = found.standard_deviation, found.of_the_mean_pct
            rows.append((column, deviation, of_the_mean_pct, found.recipes, found.rows))
    return pd.DataFrame(
        rows, columns=["column", "standard_deviation", "of_the_mean_pct", "recipes", "electrodes"]
    )


def write(dataset: pd.DataFrame, folder: Path, provenance: dict[str, object]) -> Comparison:
    """Compare, and write ``validation.csv``, ``validation.json``, ``.md`` and ``.svg``.

    Parameters
    ----------
    dataset
        Dataset of the campaign ``config/validation.yaml``, complete or not.
    folder
        Where to write.
    provenance
        What the numbers come from, for the JSON file.
    """
    found = compare(dataset)
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / "validation.csv") as path:
        found.electrodes.to_csv(path, index=False, float_format="%.6g")
    with replacing(folder / "electrodes.csv") as path:
        dataset.to_csv(path, index=False, float_format="%.6g")
    write_json(
        folder / "validation.json",
        {
            "mesocast": VERSION,
            **provenance,
            "not_simulated": found.not_simulated,
            "recovered_pct": found.recovered_pct.to_dict("records"),
            "uncalendered": found.uncalendered.to_dict("records"),
            "fall_with_solid_content": found.fall_with_solid_content,
            "seed_noise": found.seed_noise.to_dict("records"),
        },
    )
    write_text(folder / "validation.md", _markdown(found))
    draw(dataset, found, folder / "validation.svg")
    return found


def _short(row: Mapping[Hashable, float]) -> str:
    return "/".join(f"{row[name]:g}" for name in PARAMETERS)


def _markdown(found: Comparison) -> str:
    lines = markdown.table(
        ("electrode", "AM/SC/CR", "quantity", "published", "simulated", "seeds", "difference"),
        [
            (
                f"{row['name']} ({row['kind']})",
                _short(row),
                with_unit(row["column"]),
                f"{row['published']:.4g}",
                f"{row['simulated']:.4g}"
                + (f" ± {row['standard_deviation']:.2g}" if row["seeds"] > 1 else ""),
                row["seeds"],
                f"{row['difference']:+.3g}",
            )
            for row in found.electrodes.to_dict("records")
        ],
    )
    lines += [
        "",
        *markdown.table(
            ("AM/SC/CR", "share of the compression that springs back, %", "seeds"),
            [
                (_short(row), f"{row['recovered_pct']:.0f}", row["seeds"])
                for row in found.recovered_pct.to_dict("records")
            ],
        ),
    ]
    lines += [
        "",
        *markdown.table(
            ("AM/SC", "total porosity as dried", "seeds"),
            [
                (
                    f"{row['am_pct']:g}/{row['sc_pct']:g}",
                    f"{row['porosity_total']:.3f}",
                    row["seeds"],
                )
                for row in found.uncalendered.to_dict("records")
            ],
        ),
    ]
    lines += [
        f"\nAt {am:g} % active material the porosity of dried films falls by {fall:.2f} points per "
        "point of solid content."
        for am, fall in found.fall_with_solid_content.items()
    ]
    if len(found.seed_noise):
        lines += [
            "",
            *markdown.table(
                ("property", "standard deviation between seeds", "of the mean", "recipes"),
                [
                    (
                        with_unit(row["column"]),
                        f"{row['standard_deviation']:.2g}",
                        f"{row['of_the_mean_pct']:.1f} %",
                        row["recipes"],
                    )
                    for row in found.seed_noise.to_dict("records")
                ],
            ),
        ]
    if found.not_simulated:
        lines += ["", "Not simulated yet: " + "; ".join(found.not_simulated) + "."]
    return "\n".join(lines) + "\n"
