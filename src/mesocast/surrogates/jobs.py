"""Surrogates as jobs: fitted, validated, compared, and asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mesocast.columns import unit_of
from mesocast.errors import InputError
from mesocast.storage.files import read_json, write_json, write_text
from mesocast.storage.layout import Layout
from mesocast.storage.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign
    from mesocast.surrogates.evidence.validation import Validation
    from mesocast.surrogates.predict import Interval
    from mesocast.surrogates.sensitivity import SobolIndices
    from mesocast.surrogates.surrogate import Surrogate


def run_surrogate(campaign: Campaign, results: Path, name: str, method: str | None = None) -> None:
    """Fit the surrogate of one property, validate it, and write both.

    Parameters
    ----------
    campaign, results
        The config and the campaign's folder.
    name
        Property.
    method
        ``None``: the campaign's.

    Raises
    ------
    InputError
        The dataset is missing or does not carry a fit.
    """
    from dataclasses import replace

    from mesocast.dataset.package import read_dataset
    from mesocast.seeds import derived_seed
    from mesocast.surrogates.evidence.validation import validate
    from mesocast.surrogates.surrogate import fit_surrogate

    method = method or campaign.surrogate_method
    table, box = read_dataset(results), campaign.box_pct
    surrogate = fit_surrogate(
        table,
        name,
        seed=derived_seed(campaign.seed, "surrogates"),
        method=method,
        settings=campaign.surrogates.of(method),
        test_share=campaign.surrogates.test_share,
        box_pct=box,
        unit=unit_of(name),
    )
    validation = validate(surrogate, table, splits=campaign.surrogates.splits, box_pct=box)
    validation.write(Layout(results).validation(method, name))
    surrogate = replace(surrogate, test_r2_over_splits=validation.test_r2)
    surrogate.write(Layout(results).surrogate(method, name))


def read_surrogates(campaign: Campaign, results: Path) -> dict[str, Surrogate]:
    """Read the surrogates of all modelled properties."""
    from mesocast.surrogates.surrogate import Surrogate

    method = campaign.surrogate_method
    return {
        name: Surrogate.read(Layout(results).surrogate(method, name)) for name in campaign.modelled
    }


def run_sensitivity(campaign: Campaign, results: Path) -> None:
    """Write the Sobol indices of all properties by the campaign's surrogates.

    Raises
    ------
    InputError
        A surrogate is missing or broken.
    """
    from mesocast.seeds import derived_seed
    from mesocast.surrogates.sensitivity import sobol_indices

    box = campaign.box_pct
    seed = derived_seed(campaign.seed, "sensitivity")
    indices = {
        name: asdict(sobol_indices(surrogate.model, tuple(box), tuple(box.values()), seed=seed))
        for name, surrogate in read_surrogates(campaign, results).items()
    }
    write_json(Layout(results).sensitivity(campaign.surrogate_method), indices)


def read_sensitivity(campaign: Campaign, results: Path) -> dict[str, SobolIndices]:
    """Read the Sobol indices of all properties.

    Raises
    ------
    InputError
        The file is missing or broken.
    """
    from mesocast.surrogates.sensitivity import SobolIndices

    path = Layout(results).sensitivity(campaign.surrogate_method)
    try:
        return {name: SobolIndices(**found) for name, found in read_json(path).items()}
    except (AttributeError, TypeError) as error:
        raise InputError(f"{path}: cannot be read as Sobol indices ({error})") from error


def run_comparison(campaign: Campaign, results: Path) -> pd.DataFrame:
    """Put the validations of all methods into one table and write ``surrogates/comparison.csv``.

    Returns
    -------
    DataFrame
        One row per property, kind of split (``random``, ``grouped``) and method, in this order.

    Raises
    ------
    InputError
        A validation is missing or broken, or was made with other splits than the first one.
    """
    import pandas as pd

    rows = []
    for name in campaign.targets:
        validations: dict[str, Validation] = {
            method: read_validation(results, method, name) for method in campaign.surrogate_methods
        }
        _check_same_splits(validations)
        found = [row for validation in validations.values() for row in validation.table()]
        rows += sorted(found, key=lambda row: ("random", "grouped").index(row["split"]))
    table = pd.DataFrame(rows)
    write_text(Layout(results).comparison, table.to_csv(index=False))
    return table


def read_comparison(results: Path) -> pd.DataFrame:
    """Read the table that :func:`run_comparison` wrote.

    Raises
    ------
    InputError
        The file is missing or broken.
    """
    return read_table(Layout(results).comparison, "property", "split", "method", "test_r2")


def _check_same_splits(validations: Mapping[str, Validation]) -> None:
    """Refuse to run_comparison what was not measured alike."""
    (first, reference), *others = validations.items()

    def made_with(validation: Validation) -> tuple[Any, ...]:
        study = validation.random
        number = study.splits + sum(study.left_out.values())
        ids = tuple(row.condition_id for row in validation.rows)
        return validation.seed, validation.test_share, number, ids

    for method, validation in others:
        if made_with(validation) != made_with(reference):
            raise InputError(
                f"comparison: the validations of {validation.property_name} by {first} and "
                f"{method} used other rows or splits; make both again with the same config"
            )


def read_validation(results: Path, method: str, name: str) -> Validation:
    """Read the validation of one property's surrogate.

    Raises
    ------
    InputError
        The file is missing or broken.
    """
    from mesocast.surrogates.evidence.validation import Validation

    path = Layout(results).validation(method, name)
    if not path.exists():
        raise InputError(
            f"{path}: no such file; make it with: mesocast surrogate --property {name} "
            f"--method {method}"
        )
    return Validation.read(path)


def fitted_intervals(campaign: Campaign, results: Path) -> dict[str, Interval]:
    """Read the prediction interval of each modelled property, as validation measured it."""
    method = campaign.surrogate_method
    return {name: read_validation(results, method, name).interval for name in campaign.modelled}


def predict_table(campaign: Campaign, results: Path, recipes: Path) -> pd.DataFrame:
    """Predict the properties of the recipes in a CSV file.

    Raises
    ------
    InputError
        The file is no table of recipes, or surrogates or validations are missing.
    """
    table = read_table(recipes)
    names = {name.lower(): name for name in campaign.box_pct}
    table = table.rename(columns=lambda name: names.get(str(name).lower(), str(name)))
    return _predicted(campaign, results, table, str(recipes))


def predict_recipe(
    campaign: Campaign, results: Path, recipe_pct: Mapping[str, Value]
) -> pd.DataFrame:
    """Predict the properties of one recipe.

    Raises
    ------
    InputError
        Surrogates or validations are missing.
    """
    import pandas as pd

    return _predicted(campaign, results, pd.DataFrame([recipe_pct]), "recipe")


def _predicted(campaign: Campaign, results: Path, table: pd.DataFrame, where: str) -> pd.DataFrame:
    from mesocast.surrogates.predict import predict

    surrogates, intervals = read_surrogates(campaign, results), fitted_intervals(campaign, results)
    try:
        return predict(surrogates, intervals, table)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
