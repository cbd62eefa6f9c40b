"""The page of a calibration: what to expect of it, what was found, and what to measure next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.calibration.answer import identified
from mesocast.calibration.jobs import read_calibration
from mesocast.columns import name_of, unit_text
from mesocast.report.blocks import Figure, Headline, Notice, Row, Section, Table, Text
from mesocast.report.figures.calibration import marginals, parity, pressure_curves
from mesocast.report.numbers import fixed, number
from mesocast.report.page import page_of
from mesocast.storage.files import write_text
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.calibration.answer import Calibration, Interval
    from mesocast.calibration.answer import Row as Output
    from mesocast.config.campaign import Campaign
    from mesocast.report.blocks import Block

_SOURCE = "calibration/calibration.json"
_SHOWN_NEXT = 10


def write_calibration_page(campaign: Campaign, results: Path) -> None:
    """Write ``calibration/calibration.html``: self-contained, the same bytes for the same results.

    Raises
    ------
    InputError
        ``calibration.json`` is missing or broken.
    """
    found = read_calibration(results)
    sections = [_expect(found), _coefficients(found), _informs(found), _next(found)]
    curves = pressure_curves(found)
    if curves is not None:
        block = Figure(
            "calibration-pressure",
            "Porosity against pressure",
            "Measured points with their standard deviations; the band holds 90 % of what would be "
            "measured at the calibrated coefficients.",
            _SOURCE,
            curves,
        )
        sections.insert(1, Section("pressure", "Under pressure", [block]))
    text = page_of(
        campaign, "From measured electrodes to the coefficients of the physics.", sections
    )
    write_text(Layout(results).calibration_page, text)


def quantity_name(quantity: str) -> str:
    """Name of a measured quantity for people, with its unit."""
    if quantity == "springback_pct":
        return "Springback (% of the compression)"
    unit = unit_text(quantity)
    return f"{name_of(quantity)} ({unit})" if unit else name_of(quantity)


def _expect(found: Calibration) -> Section:
    inside, data = found.covered
    rows = [row for row in found.rows if row.measured is not None]
    remarks = [
        f"{place} was measured but could not be simulated, and is not used."
        for place in found.left_out
    ]
    if found.failed_films:
        remarks.append(
            f"No value of some quantity: {found.failed_films} of {found.films} films; "
            "calibration/films/*/*/film.json say why."
        )
    if found.effective_draws < 200:
        remarks.append(
            f"The posterior was sampled by {found.effective_draws:.0f} independent draws only: its "
            "intervals are rough."
        )
    section = Section(
        "expect",
        "What to expect for a new recipe",
        [
            Headline(
                f"Each recipe predicted from the others: {inside} of {data} measured values lie in "
                f"their 90 % interval. {_typical_misses(found)}"
            ),
            Text(
                "The intervals hold what would be measured: uncertain coefficients, emulators and "
                "measurement, and what the model misses. They are those to expect for a recipe "
                f"between those of the table, of films of {found.mass_ug:g} µg."
            ),
            *([Notice(tuple(remarks))] if remarks else []),
            Row(
                tuple(
                    Figure(
                        f"calibration-parity-{name.replace('_', '-')}",
                        quantity_name(name),
                        "Predicted without its own recipe (90 % interval) against measured.",
                        _SOURCE,
                        parity([row for row in rows if row.quantity == name]),
                    )
                    for name in dict.fromkeys(row.quantity for row in rows)
                )
            ),
            _parity_table(rows),
        ],
    )
    wanted = [row for row in found.rows if row.measured is None]
    if wanted:
        section.blocks.append(_predicted_table(wanted))
    return section


def _typical_misses(found: Calibration) -> str:
    parts = []
    for quantity in found.model_errors:
        misses = [
            (row.predicted.median - row.measured) ** 2
            for row in found.rows
            if row.quantity == quantity and row.predicted and row.measured is not None
        ]
        if misses:
            root = (sum(misses) / len(misses)) ** 0.5
            parts.append(f"{name_of(quantity)} {number(root, 2)} {unit_text(quantity)}".rstrip())
    return f"Root mean square of what the predictions miss: {', '.join(parts)}." if parts else ""


def _interval(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return f"{number(interval.median, 3)} ({_ends(interval)})"


def _ends(interval: Interval) -> str:
    return f"{number(interval.low, 3)} to {number(interval.high, 3)}"


def _electrode(row: Output) -> tuple[str, str, str]:
    recipe = f"{row.am_pct:g}/{row.sc_pct:g}"
    kind, _, value = row.pressing.partition("=")
    if row.pressing == "cr_pct=0":
        return row.electrode, recipe, "not"
    return row.electrode, recipe, f"{value} {'MPa' if kind == 'pressure_MPa' else '%'}"


def _parity_table(rows: list[Output]) -> Table:
    return Table(
        "Measured, predicted and met",
        "Predicted: without the data of its own recipe. Met: with all data. Medians and 90 % "
        "intervals. Seeds: standard deviation between simulated films (relative for conductivity "
        "and pressure).",
        _SOURCE,
        ("Electrode", "AM/SC", "Pressed", "Quantity", "Measured", "Predicted", "Met", "Seeds"),
        tuple(
            (
                *_electrode(row),
                quantity_name(row.quantity),
                f"{number(row.measured, 3)} ± {number(row.standard_deviation, 2)}",
                _interval(row.predicted),
                _interval(row.fitted),
                number(row.seed_deviation, 2),
            )
            for row in rows
        ),
        numeric=False,
    )


def _predicted_table(rows: list[Output]) -> Table:
    return Table(
        "Predicted, not measured",
        "What would be measured of the other electrodes of the table: median and 90 % interval of "
        "each by itself. All of them at once lie in the last intervals with 90 %: those to hold "
        "against if several are made.",
        _SOURCE,
        ("Electrode", "AM/SC", "Pressed", "Quantity", "Predicted", "All of them at once"),
        tuple(
            (
                *_electrode(row),
                quantity_name(row.quantity),
                _interval(row.fitted),
                _ends(row.joint or row.fitted),
            )
            for row in rows
        ),
        numeric=False,
    )


def _coefficients(found: Calibration) -> Section:
    names = [c.name for c in found.coefficients]
    unknown = [c.name for c in found.coefficients if not c.is_identified]
    bound = [c.name for c in found.coefficients if c.is_at_a_bound]
    lines = [
        *([f"Not identified by these data: {', '.join(unknown)}."] if unknown else []),
        *([f"At a bound, so try wider ones: {', '.join(bound)}."] if bound else []),
    ]
    blocks: list[Block] = [
        *([Notice(tuple(lines))] if lines else []),
        Table(
            "Coefficients",
            "Most probable set, 90 % intervals, and the standard deviation over that of the bounds "
            "alone. coefficients.yaml has the most probable set, to be included in a campaign.",
            _SOURCE,
            ("Coefficient", "Bounds", "Most probable", "90 % interval", "Width", "Identified"),
            tuple(
                (
                    c.name,
                    f"{c.minimum:g} to {c.maximum:g}",
                    number(c.best, 3),
                    f"{number(c.low, 3)} to {number(c.high, 3)}",
                    fixed(c.width_of_prior, 2),
                    identified(c),
                )
                for c in found.coefficients
            ),
            numeric=False,
        ),
        Row(
            tuple(
                Figure(
                    f"calibration-posterior-{place}",
                    c.name,
                    "Share of the draws; the axis spans the bounds.",
                    _SOURCE,
                    marginals(c, found.draws[c.name]),
                    height_px=260,
                )
                for place, c in enumerate(found.coefficients)
            )
        ),
        Table(
            "Correlations",
            "Of the coefficients in the posterior: where one may be traded for another.",
            _SOURCE,
            ("", *names),
            tuple(
                (name, *(fixed(value, 2) for value in row))
                for name, row in zip(names, found.correlations, strict=True)
            ),
        ),
        Table(
            "What the model misses",
            "Standard deviation of measured values around the best simulation beyond the error of "
            "measurement (relative for conductivity and pressure).",
            _SOURCE,
            ("Quantity", "Deviation"),
            tuple((quantity_name(q), number(v, 2)) for q, v in found.model_errors.items()),
        ),
    ]
    return Section("coefficients", "Coefficients", blocks)


def _informs(found: Calibration) -> Section:
    names = [c.name for c in found.coefficients]
    table = Table(
        "Errors by which a datum moves with a coefficient",
        "When a coefficient moves by its standard deviation before any measurement, in errors of "
        "measurement and model. Below 1 a datum says little of a coefficient.",
        _SOURCE,
        ("Electrode", "AM/SC", "Pressed", "Quantity", *names),
        tuple(
            (
                *_electrode(row),
                quantity_name(row.quantity),
                *(fixed(row.informs[name], 1) for name in names),
            )
            for row in found.rows
            if row.measured is not None
        ),
    )
    return Section("informs", "Which datum informs which coefficient", [table])


def _next(found: Calibration) -> Section:
    ranked = sorted(found.rows, key=lambda row: -row.gain_nat)[:_SHOWN_NEXT]
    table = Table(
        "What to measure next",
        "Electrodes and quantities of the table by what one more measurement would tell "
        "(expected gain; 0.7 nat is as much as halving what is possible). A row of the table "
        "without a measured value takes part: add the recipes that you could make.",
        _SOURCE,
        ("Electrode", "AM/SC", "Pressed", "Quantity", "Expected", "Gain (nat)", "Measured so far"),
        tuple(
            (
                *_electrode(row),
                quantity_name(row.quantity),
                _interval(row.fitted),
                fixed(row.gain_nat, 2),
                "no" if row.measured is None else "yes",
            )
            for row in ranked
        ),
        numeric=False,
    )
    return Section("next", "What to measure next", [table])
