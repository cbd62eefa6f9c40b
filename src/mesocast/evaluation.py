"""What a campaign's surrogates are worth, and the questions that they answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mesocast.analysis import box_pct, read_surrogates, validation_path
from mesocast.errors import InputError
from mesocast.files import read_json, write_json, write_text
from mesocast.properties import TARGETS, unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from mesocast.config import Campaign
    from mesocast.surrogates.invert import Inversion, Wanted
    from mesocast.surrogates.sensitivity import SobolIndices
    from mesocast.surrogates.study import SplitStudy
    from mesocast.surrogates.validation import Validation


def sensitivity_path(results: Path, method: str) -> Path:
    """File of the Sobol indices of all properties."""
    return results / "surrogates" / method / "sensitivity.json"


def analyze_sensitivity(campaign: Campaign, results: Path) -> None:
    """Write the Sobol indices of all properties by the campaign's surrogates.

    Raises
    ------
    InputError
        A surrogate is missing or broken.
    """
    from mesocast.design import derived_seed
    from mesocast.surrogates.sensitivity import sobol_indices

    box = box_pct(campaign)
    seed = derived_seed(campaign.seed, "sensitivity")
    indices = {
        name: asdict(sobol_indices(surrogate.model, tuple(box), tuple(box.values()), seed=seed))
        for name, surrogate in read_surrogates(campaign, results).items()
    }
    write_json(sensitivity_path(results, campaign.surrogates.method), indices)


def read_sensitivity(campaign: Campaign, results: Path) -> dict[str, SobolIndices]:
    """Read the Sobol indices of all properties.

    Raises
    ------
    InputError
        The file is missing or broken.
    """
    from mesocast.surrogates.sensitivity import SobolIndices

    path = sensitivity_path(results, campaign.surrogates.method)
    try:
        return {name: SobolIndices(**found) for name, found in read_json(path).items()}
    except (AttributeError, TypeError) as error:
        raise InputError(f"{path}: cannot be read as Sobol indices ({error})") from error


def compare(campaign: Campaign, results: Path) -> pd.DataFrame:
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
    for name in TARGETS:
        validations: dict[str, Validation] = {
            method: read_validation(results, method, name) for method in campaign.surrogates.methods
        }
        _check_same_splits(validations)
        for kind in ("random", "grouped"):
            for method, validation in validations.items():
                study: SplitStudy | None = getattr(validation, kind)
                if study is not None:
                    rows.append(_compared(validation, method, kind, study))
    table = pd.DataFrame(rows)
    write_text(_comparison_path(results), table.to_csv(index=False))
    return table


def _comparison_path(results: Path) -> Path:
    return results / "surrogates/comparison.csv"


def read_comparison(results: Path) -> pd.DataFrame:
    """Read the table that :func:`compare` wrote.

    Raises
    ------
    InputError
        The file is missing or broken.
    """
    import pandas as pd

    path = _comparison_path(results)
    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as a comparison ({error})") from error


def _check_same_splits(validations: Mapping[str, Validation]) -> None:
    """Refuse to compare what was not measured alike."""
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


def _compared(validation: Validation, method: str, kind: str, study: SplitStudy) -> dict[str, Any]:
    ceiling = validation.noise_ceiling
    return {
        "property": validation.property_name,
        "split": kind,
        "method": method,
        "splits": study.splits,
        "splits_left_out": sum(study.left_out.values()),
        "test_r2": study.test_r2.mean,
        "test_r2_ci95_low": study.test_r2.mean_ci95[0],
        "test_r2_ci95_high": study.test_r2.mean_ci95[1],
        "test_r2_percentile_2_5": study.test_r2.percentiles95[0],
        "test_r2_percentile_97_5": study.test_r2.percentiles95[1],
        "test_r2_pooled": study.pooled_test_r2,
        "test_rmse_pct": study.test_rmse_pct.mean,
        "train_r2": study.train_r2.mean,
        "train_rmse_pct": study.train_rmse_pct.mean,
        "noise_ceiling_r2": None if ceiling is None else ceiling.r2,
    }


def read_validation(results: Path, method: str, name: str) -> Validation:
    """Read the validation of one property's surrogate.

    Raises
    ------
    InputError
        The file is missing or broken.
    """
    from mesocast.surrogates.validation import Validation

    path = validation_path(results, method, name)
    if not path.exists():
        raise InputError(
            f"{path}: no such file; make it with: mesocast surrogate --property {name} "
            f"--method {method}"
        )
    return Validation.read(path)


def _intervals(campaign: Campaign, results: Path) -> dict[str, tuple[float, float]]:
    method = campaign.surrogates.method
    return {name: read_validation(results, method, name).interval for name in campaign.modelled}


def predict_table(campaign: Campaign, results: Path, recipes: Path) -> pd.DataFrame:
    """Predict the properties of the recipes in a CSV file.

    Raises
    ------
    InputError
        The file is no table of recipes, or surrogates or validations are missing.
    """
    import pandas as pd

    from mesocast.surrogates.predict import predict

    try:
        table = pd.read_csv(recipes)
    except (OSError, ValueError) as error:
        raise InputError(f"{recipes}: cannot be read as CSV ({error})") from error
    surrogates = read_surrogates(campaign, results)
    try:
        return predict(
            {name: surrogate.model for name, surrogate in surrogates.items()},
            _intervals(campaign, results),
            table,
        )
    except InputError as error:
        raise InputError(f"{recipes}: {error}") from error


def answer(campaign: Campaign, results: Path, wanted: Mapping[str, Wanted]) -> dict[str, Any]:
    """Search the recipes that reach wanted properties.

    Returns
    -------
    dict
        The :class:`mesocast.surrogates.invert.Inversion` and the properties' units, in types of
        JSON.

    Raises
    ------
    InputError
        Nothing is wanted, or something unknown, or surrogates or validations are missing.
    """
    from mesocast.surrogates.invert import invert

    surrogates = read_surrogates(campaign, results)
    inversion: Inversion = invert(
        {name: surrogate.model for name, surrogate in surrogates.items()},
        _intervals(campaign, results),
        {name: surrogate.span for name, surrogate in surrogates.items()},
        box_pct(campaign),
        wanted,
    )
    return {"units": {name: unit_of(name) for name in surrogates}, **inversion.to_dict()}
