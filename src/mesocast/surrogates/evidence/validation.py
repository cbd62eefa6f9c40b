"""How well a surrogate carries over to electrodes that its fit has not seen."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from mesocast.errors import InputError, reading
from mesocast.storage.files import write_json
from mesocast.surrogates.evidence.diagnostics import RowDiagnostics, diagnose
from mesocast.surrogates.evidence.noise_ceiling import NoiseCeiling, noise_ceiling
from mesocast.surrogates.evidence.split_study import SplitStudy, study_splits
from mesocast.surrogates.rows import Rows
from mesocast.surrogates.splits import grouped_splits, random_splits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from mesocast.surrogates.predict import Interval
    from mesocast.surrogates.surrogate import Surrogate

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Validation:
    """The evidence for one surrogate.

    Parameters
    ----------
    property_name, unit, method, settings, seed, test_share
        Those of the surrogate.
    random
        Random splits, as published: the test asks for another compression of slurries that are
        known.
    grouped
        Splits that keep all conditions of a slurry on one side: the test asks for new slurries.
        ``None`` when the dataset names fewer than two slurries, or when the others hold too few
        rows for a fit.
    noise_ceiling
        ``None`` when no recipe was made from two slurries.
    rows
        Residual and leverage of each row.
    """

    property_name: str
    unit: str
    method: str
    settings: dict[str, Any]
    seed: int
    test_share: float
    random: SplitStudy
    grouped: SplitStudy | None
    noise_ceiling: NoiseCeiling | None
    rows: list[RowDiagnostics]

    def write(self, path: Path) -> None:
        """Write JSON, complete or not at all."""
        write_json(path, asdict(self))

    @classmethod
    def read(cls, path: Path) -> Validation:
        """Read what :meth:`write` wrote.

        Raises
        ------
        InputError
            The file is missing or does not hold a validation.
        """
        with reading(path, "a validation"):
            return _ADAPTER.validate_json(path.read_bytes())

    @property
    def test_r2(self) -> dict[str, Any]:
        """Spread of the test R2 and the number of splits, per kind of split."""
        studies = {"random": self.random, "grouped": self.grouped}
        return {
            kind: {"splits": study.splits, **asdict(study.test_r2)}
            for kind, study in studies.items()
            if study is not None
        }

    def table(self) -> list[dict[str, Any]]:
        """One row per kind of split, as in ``surrogates/comparison.csv``."""
        ceiling = self.noise_ceiling
        return [
            {
                "property": self.property_name,
                "split": kind,
                "method": self.method,
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
            for kind, study in (("random", self.random), ("grouped", self.grouped))
            if study is not None
        ]

    @property
    def interval(self) -> Interval:
        """95 % interval of a new electrode around its prediction.

        From the grouped splits where there are any: a recipe to predict is mostly a new slurry.
        """
        return (self.grouped or self.random).interval


def validate(
    surrogate: Surrogate,
    table: pd.DataFrame,
    *,
    splits: int = 75,
    box_pct: Mapping[str, tuple[float, float]] | None = None,
) -> Validation:
    """Fit the surrogate's method again on many splits of its dataset.

    The splits depend on the surrogate's seed, its share of test rows and the rows only, so that
    two methods are compared on the same ones.

    Parameters
    ----------
    surrogate
        Gives property, method, settings, seed and share of test rows.
    table
        The dataset it was fitted to.
    splits
        How many of each kind.
    box_pct
        As for :func:`mesocast.surrogates.surrogate.fit_surrogate`.

    Raises
    ------
    InputError
        The table is not the surrogate's dataset, or no split can be fitted.
    """
    rows = Rows.from_table(table, surrogate.property_name, surrogate.inputs, surrogate.words)
    if rows.condition_ids != [pair["condition_id"] for pair in surrogate.pairs]:
        raise InputError(
            f"validation of {surrogate.property_name}: the surrogate was fitted to other rows than "
            "the dataset holds now; fit it again"
        )
    box = rows.box(box_pct)
    share, seed = surrogate.test_share, surrogate.seed
    return Validation(
        property_name=surrogate.property_name,
        unit=surrogate.unit,
        method=surrogate.method,
        settings=surrogate.settings,
        seed=seed,
        test_share=share,
        random=study_splits(surrogate, rows, box, random_splits(len(rows.y), splits, share, seed)),
        grouped=_study_groups(surrogate, rows, box, splits),
        noise_ceiling=noise_ceiling(rows.x, rows.y, rows.slurries),
        rows=diagnose(surrogate, rows),
    )


def _study_groups(
    surrogate: Surrogate, rows: Rows, box: tuple[tuple[float, float], ...], splits: int
) -> SplitStudy | None:
    mixtures = rows.mixtures
    if mixtures is None or len(set(mixtures)) < 2:
        return None
    groups = grouped_splits(mixtures, splits, surrogate.test_share, surrogate.seed)
    try:
        return study_splits(surrogate, rows, box, groups)
    except InputError as error:
        _LOGGER.warning("new slurries cannot be tested: %s", error)
        return None


_ADAPTER = TypeAdapter(Validation)
