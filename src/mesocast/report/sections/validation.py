"""What the equations are worth: splits, methods, published values, residuals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.columns import name_of, with_unit
from mesocast.report.blocks import Figure, Notice, Row, Section, Table, Text
from mesocast.report.figures.validation import compared_methods, residuals
from mesocast.report.numbers import fixed, number, percent
from mesocast.surrogates.registry import method_name
from mesocast.verification.published_accuracy import PUBLISHED, SOURCE

if TYPE_CHECKING:
    import pandas as pd

    from mesocast.report.blocks import Block
    from mesocast.report.results import Results
    from mesocast.surrogates.evidence.split_study import SplitStudy
    from mesocast.surrogates.evidence.validation import Validation

_KINDS = {"random": "random splits", "grouped": "splits by slurry"}
# Differences of R2 below this are not worth a remark.
_WORTH_A_REMARK = 0.02


def build(results: Results) -> Section:
    """Write the section."""
    method = results.campaign.surrogate_method
    remarks = _remarks(results)
    blocks: list[Block] = [
        Text(
            f"One split into training and test rows says little, so {method_name(method)} was "
            "fitted again on many. Random splits, as published, put conditions of one slurry on "
            "both sides: the test asks for another compression of a slurry that is known. Splits "
            "by slurry ask for a slurry that is not; since conditions of one slurry share its "
            "structure, this is the test that a new recipe has to pass."
        ),
        *([Notice(remarks)] if remarks else []),
        _accuracy(results),
        *_comparison(results),
        Row(tuple(_residuals(results, name) for name in results.campaign.targets)),
        *_outstanding(results),
        *_stability(results),
    ]
    return Section("validation", "What the equations are worth", blocks)


def _remarks(results: Results) -> tuple[str, ...]:
    """Say where another method does better, and where no method does well."""
    own, remarks = results.campaign.surrogate_method, []
    for (name, split), rows in results.comparison.groupby(["property", "split"], sort=False):
        scores = dict(zip(rows["method"], rows["test_r2"], strict=True))
        best = max(scores, key=lambda method: scores[method])
        if scores[best] > scores[own] + _WORTH_A_REMARK:
            remarks.append(
                f"{name_of(str(name))}, {_KINDS[str(split)]}: {method_name(best)} does better "
                f"than {method_name(own)} (test R² {fixed(scores[best], 3)} against "
                f"{fixed(scores[own], 3)})."
            )
        if scores[own] < 0.5:
            remarks.append(
                f"{name_of(str(name))}, {_KINDS[str(split)]}: the equation explains less than "
                "half of the variance; what is said with it is a guess."
            )
    return tuple(remarks)


def _accuracy(results: Results) -> Table:
    rows = []
    for name in results.campaign.targets:
        validation, published = results.validations[name], PUBLISHED.get(name)
        ceiling = validation.noise_ceiling
        rows.append(
            (
                name_of(name),
                fixed(results.surrogates[name].test.r2, 3),
                *_spread(validation.random),
                *_spread(validation.grouped),
                "–" if ceiling is None else _bracketed(ceiling.r2, ceiling.r2_ci95),
                "–" if published is None else _bracketed(published.r2, published.r2_ci95),
            )
        )
    random = next(iter(results.validations.values())).random
    return Table(
        "Test R² over many splits",
        f"{random.splits} random splits. The first interval is the published one: where the mean "
        "over such splits lies (mean ± 1.96 standard errors; too narrow, since splits share their "
        "rows). The percentiles say where a single split falls. The noise ceiling is the highest "
        "R² that electrodes of one recipe, made from several slurries, allow, with its 95 % "
        f"interval; a dash: no recipe was made twice. Published: {SOURCE}, other electrodes; its "
        "values of conductivity and tortuosity look swapped.",
        f"surrogates/{results.campaign.surrogate_method}/",
        (
            "Property",
            "R² of the split above",
            "Random: mean [95 % of the mean]",
            "2.5 to 97.5 %",
            "By slurry: mean [95 % of the mean]",
            "2.5 to 97.5 %",
            "Noise ceiling [95 %]",
            "Published R² [95 % of the mean]",
        ),
        tuple(rows),
    )


def _spread(study: SplitStudy | None) -> tuple[str, str]:
    if study is None:
        return "–", "–"
    r2 = study.test_r2
    return (
        _bracketed(r2.mean, r2.mean_ci95),
        f"{fixed(r2.percentiles95[0], 3)} to {fixed(r2.percentiles95[1], 3)}",
    )


def _bracketed(value: float, interval: tuple[float, float]) -> str:
    return f"{fixed(value, 3)} [{fixed(interval[0], 3)}; {fixed(interval[1], 3)}]"


def _comparison(results: Results) -> list[Block]:
    table, source = results.comparison, "surrogates/comparison.csv"
    figures = []
    for kind, text in _KINDS.items():
        rows = table[table["split"] == kind]
        if len(rows):
            figures.append(
                Figure(
                    f"methods-{kind}",
                    f"Methods compared: {text}",
                    "Mean test R² and where 95 % of the splits fall, on the same splits for all "
                    "methods. The quadratic polynomial is the floor: an equation of the same "
                    "height earns its place by its form only.",
                    source,
                    compared_methods(rows, with_published=kind == "random"),
                )
            )
    return [
        Row(tuple(figures)),
        Table(
            "Methods compared",
            "Means over the splits. Pooled: R² of the test rows of all splits together, steadier "
            "where a test holds few rows.",
            source,
            (
                "Property",
                "Splits",
                "Method",
                "n",
                "Test R²",
                "Pooled test R²",
                "Test RMSE %",
                "Train R²",
                "Train RMSE %",
            ),
            tuple(_compared(row) for _, row in table.iterrows()),
        ),
    ]


def _compared(row: pd.Series) -> tuple[str, ...]:
    return (
        name_of(row["property"]),
        _KINDS[row["split"]],
        method_name(row["method"]),
        str(row["splits"]),
        fixed(row["test_r2"], 3),
        fixed(row["test_r2_pooled"], 3),
        percent(row["test_rmse_pct"]),
        fixed(row["train_r2"], 3),
        percent(row["train_rmse_pct"]),
    )


def _residuals(results: Results, name: str) -> Figure:
    validation = results.validations[name]
    amount = sum(row.is_influential for row in validation.rows)
    is_judged = any(row.leverage is not None for row in validation.rows)
    rings = (
        f"Rings: {amount} of {len(validation.rows)} rows that stand out (listed below)."
        if is_judged
        else "Which rows stand out is told of equations only."
    )
    return Figure(
        f"residuals-{name.replace('_', '-')}",
        f"Residuals: {name_of(name)}",
        "Simulated minus predicted, over simulated. A trend along the axis is what the equation "
        f"misses. {rings}",
        _source(results, name),
        residuals(results.surrogates[name], validation),
        height_px=320,
    )


def _source(results: Results, name: str) -> str:
    return f"surrogates/{results.campaign.surrogate_method}/{name}.validation.json"


def _outstanding(results: Results) -> list[Block]:
    rows = [
        (
            row.condition_id,
            name_of(name),
            row.split,
            percent(row.relative_residual_pct, signed=True),
            number(row.leverage, 2),
            number(row.standardized_residual, 2),
        )
        for name in results.campaign.targets
        for row in results.validations[name].rows
        if row.is_influential
    ]
    if not rows:
        return []
    return [
        Table(
            "Electrodes that stand out",
            "Rows on which the equation hangs (leverage above twice the mean) or which it misses "
            "(residual beyond 3 standard deviations). Look at their microstructure first.",
            f"surrogates/{results.campaign.surrogate_method}/<property>.validation.json",
            ("Electrode", "Property", "Rows", "Residual", "Leverage", "Standardized residual"),
            tuple(rows),
        )
    ]


def _stability(results: Results) -> list[Block]:
    rows = [
        (with_unit(name), *_chosen(results.validations[name]))
        for name in results.campaign.targets
        if results.validations[name].random.dimensions
    ]
    if not rows:
        return []
    return [
        Table(
            "What the splits agree on",
            "Share of the random splits in which an equation has so many descriptors, takes the "
            "logarithm of the property, and holds one of the three descriptors that were chosen "
            "most often. Low shares: several equations say the same, so do not read a cause into "
            "the form of one.",
            f"surrogates/{results.campaign.surrogate_method}/<property>.validation.json",
            ("Property", "Descriptors", "Logarithm", "Most frequent descriptors"),
            tuple(rows),
        )
    ]


def _chosen(validation: Validation) -> tuple[str, str, str]:
    study = validation.random
    frequent = list(study.selection.items())[:3]
    return (
        ", ".join(f"{n}: {100 * share:.0f} %" for n, share in sorted(study.dimensions.items())),
        f"{100 * study.transforms.get('log', 0.0):.0f} %",
        "; ".join(f"{text} ({100 * share:.0f} %)" for text, share in frequent) or "–",
    )
