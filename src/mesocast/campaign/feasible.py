"""What would fail after hours, found before any job starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.columns import CELL_COLUMNS
from mesocast.columns.variables import told_value, words_of
from mesocast.config.choices import materials_of
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mesocast.config.campaign import Campaign

# Electrodes that failed say why; these words say it themselves.
_PLAIN_FAILURES = ("failed", "skipped")
# Targets of the workflow that need no surrogates.
_WITHOUT_SURROGATES = {"electrodes", "dataset", "design", "flow_curves", "validate"}


def check_dataset(campaign: Campaign) -> None:
    """Refuse a given dataset that the campaign's surrogates or objective could not use.

    Raises
    ------
    InputError
        The file is none, a row has an unknown status or lies outside of the design's bounds, no
        electrode is ok, or the rows carry no fit of what is sought.
    """
    from mesocast.storage.rows import read_file

    path = Path(str(campaign.design.dataset))
    table = read_file(path)
    _check_rows(campaign, table, path)
    try:
        _check_fits(campaign, table)
    except InputError as error:
        raise InputError(f"{path}: {str(error).removeprefix('dataset: ')}") from error


def _check_rows(campaign: Campaign, table: pd.DataFrame, path: Path) -> None:
    materials = [campaign.materials.densest_g_cm3]
    materials += [
        campaign.at({name: word}).materials.densest_g_cm3
        for name, words in words_of(campaign.box_pct).items()
        for word in words
    ]
    densest = max(materials)
    for row in table.to_dict("records"):
        name, status = row["condition_id"], row["status"]
        if status != "ok" and not row["reason"] and status not in _PLAIN_FAILURES:
            raise InputError(
                f"{path}: {name}: status = {status!r} without a reason; allowed: ok, "
                f"{', '.join(_PLAIN_FAILURES)}, or a word with what failed in the column reason"
            )
        if status != "ok":
            continue
        if row["density_g_cm3"] > densest:
            raise InputError(
                f"{path}: {name}: density_g_cm3 = {row['density_g_cm3']:g} is above that of the "
                f"densest component ({densest:g}); allowed: less, or other densities in materials"
            )
        for parameter, (low, high) in campaign.box_pct.items():
            if parameter not in row:
                raise InputError(
                    f"{path}: column {parameter} is missing; allowed: a dataset with the design "
                    f"variables {', '.join(campaign.box_pct)}"
                )
            words = getattr(campaign.box_pct[parameter], "words", ())
            if words or isinstance(row[parameter], str):
                if row[parameter] not in words:
                    raise InputError(
                        f"{path}: {name}: {parameter} = {row[parameter]} is no choice of design."
                        f"variables.{parameter}; allowed: {', '.join(words) or 'numbers'}"
                    )
                continue
            if not low <= row[parameter] <= high:
                raise InputError(
                    f"{path}: {name}: {parameter} = {row[parameter]:g} lies outside of "
                    f"design.{parameter}; allowed: {low:g} to {high:g}, or other bounds there"
                )
    if not (table["status"] == "ok").any():
        found = ", ".join(f"{n} {status}" for status, n in table["status"].value_counts().items())
        raise InputError(f"{path}: no electrode is ok ({found}); allowed: a dataset with results")


def _check_fits(campaign: Campaign, table: pd.DataFrame) -> None:
    """Make the rows ready for each fit, and take the ranges of the goals, as the jobs will."""
    from mesocast.optimization.asked import goals_of
    from mesocast.optimization.objective import Objective
    from mesocast.seeds import derived_seed
    from mesocast.surrogates.surrogate import training_rows

    made_later = CELL_COLUMNS if campaign.cell.enabled else ()
    for name in campaign.modelled:
        if name not in made_later:
            training_rows(
                table,
                name,
                seed=derived_seed(campaign.seed, "surrogates"),
                test_share=campaign.surrogates.test_share,
                box_pct=campaign.box_pct,
            )
    goals = {name: goal for name, goal in goals_of(campaign).items() if name not in made_later}
    if any(goal.weight for goal in goals.values()):
        Objective.from_table(table, goals)


def check_electrodes(campaign: Campaign) -> None:
    """Refuse a design with fewer electrodes than a fit needs, even if none of them fails.

    Raises
    ------
    InputError
        There are too few, or a free design variable is the same in all of them.
    """
    from mesocast.design.plan import make_plan
    from mesocast.surrogates.rows import least_rows

    design = campaign.design
    if design.dataset is not None:
        return
    plan, least = make_plan(campaign), least_rows(campaign.surrogates.test_share)
    key = "design.recipes" if design.recipes else "design.conditions"
    if len(plan.conditions) < least:
        raise InputError(
            f"{key}: {len(plan.conditions)} electrodes are too few for surrogates; allowed: at "
            f"least {least} (some may fail), or the target electrodes, which needs none"
        )
    if "polynomial" in (campaign.surrogates.method, *campaign.surrogates.compare):
        _check_polynomial(campaign, key, len(plan.conditions))
    table = plan.table()
    for name in campaign.box_pct:
        if len(set(table[name])) == 1:
            raise InputError(
                f"{key}: {name} is {told_value(table[name].iloc[0])} in all electrodes, so "
                "surrogates cannot tell what it does; allowed: at least two values, or the target "
                "electrodes"
            )


def _check_polynomial(campaign: Campaign, key: str, electrodes: int) -> None:
    """Refuse fewer electrodes than a polynomial of all inputs has coefficients."""
    from mesocast.surrogates.methods.indicated import indicators
    from mesocast.surrogates.methods.polynomial import coefficient_count
    from mesocast.surrogates.rows import least_rows

    inputs = len(indicators(tuple(campaign.box_pct), words_of(campaign.box_pct)))
    needed = coefficient_count(inputs)
    least = least_rows(campaign.surrogates.test_share, needed)
    if electrodes < least:
        raise InputError(
            f"{key}: {electrodes} electrodes are too few for polynomials of {inputs} inputs, which "
            f"have {needed} coefficients; allowed: at least {least} (some may fail), or surrogates "
            "without polynomial"
        )


def needs_surrogates(options: Sequence[str]) -> bool:
    """Whether a run goes on to the search for a better recipe, by its options and targets."""
    return not any(word in _WITHOUT_SURROGATES or word.startswith("results/") for word in options)


def remarks(campaign: Campaign) -> list[str]:
    """What a person should know of a campaign that can run: its dataset, its cells."""
    return [*_remark_on_dataset(campaign), *_remark_on_cells(campaign)]


def _remark_on_dataset(campaign: Campaign) -> list[str]:
    if campaign.design.dataset is None:
        return []
    from mesocast.storage.rows import read_file
    from mesocast.surrogates.region import collinear

    table = read_file(Path(campaign.design.dataset))
    words = words_of(campaign.box_pct)
    names = tuple(name for name in campaign.box_pct if name not in words)
    rows = table[table["status"] == "ok"][list(names)].to_numpy(float)
    together = collinear(rows, names)
    told = (
        f"{' and '.join(together)} move together in {campaign.design.dataset}: surrogates cannot "
        "tell what is due to which, and know recipes of the same kind only"
    )
    return [told] if together else []


def _remark_on_cells(campaign: Campaign) -> list[str]:
    """Say that another material has the electrochemistry of the default one."""
    cell, material = campaign.cell, campaign.materials.active_material
    default = type(material).model_fields["name"].default
    chosen = materials_of(campaign.design.variables)
    names = [one["name"] for one in chosen.values()] or [material.name]
    others = " and ".join(name for name in names if name != default)
    if not cell.enabled or cell.chemistry is not None or not others:
        return []
    told = (
        f"cells of {others} have the electrochemistry of {default}: what they deliver "
        "is not that of this material; give cell.chemistry, a BPX file with it, or cell.enabled: "
        "false"
    )
    return [told]
