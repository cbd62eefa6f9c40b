"""What is measured on a line, beside a campaign's results."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mesocast.dataset.design_columns import DesignColumns
from mesocast.dataset.measured import NAMES
from mesocast.optimization.laboratory.jobs import all_measured, run_ask, run_tell
from mesocast.storage.layout import Layout
from mesocast.storage.tables import read_table
from mesocast.surrogates.measured.table import measured_table, read_measured
from mesocast.verification.jobs import compare_with_measured

if TYPE_CHECKING:
    from mesocast.config.campaign import Campaign
    from mesocast.optimization.laboratory.state import Told
    from mesocast.verification.measured import MeasuredComparison


class WithMeasurements:
    """The part of a campaign's results that knows of a line."""

    campaign: Campaign
    folder: Path

    def compare(self, measured: pd.DataFrame | Path | str) -> MeasuredComparison:
        """Lay measured electrodes beside simulated ones, and correct what simulations predict.

        Parameters
        ----------
        measured
            A table, or its file: recipes, any columns of the dataset, and their standard
            deviations in columns with ``_std`` behind the name.

        Raises
        ------
        InputError
            One line that says which row and column is wrong, or what is not there yet.

        Examples
        --------
        >>> import mesocast as mc
        >>> found = mc.open("results/demo").compare("coupons.csv")  # doctest: +SKIP
        >>> found.corrected.recipe  # doctest: +SKIP
        Recipe(am_pct=93.5, sc_pct=61.0, cr_pct=18.2)
        """
        design = DesignColumns.of(self.campaign)
        table = (
            measured_table(measured, design=design)
            if isinstance(measured, pd.DataFrame)
            else read_measured(Path(measured), design)
        )
        return compare_with_measured(self.campaign, self.folder, table)

    @cached_property
    def measured(self) -> MeasuredComparison | None:
        """What the config's table and the laboratory say; None where nothing was measured."""
        table = all_measured(self.campaign, self.folder)
        return None if table is None else compare_with_measured(self.campaign, self.folder, table)

    def ask(self) -> pd.DataFrame:
        """Give the next electrodes to make on the line, which are then pending.

        Returns
        -------
        DataFrame
            ``name``, ``slurry``, ``ask``, ``status`` and the recipe of each.

        Raises
        ------
        InputError
            Dataset or surrogates are not there yet, or ``laboratory.csv`` is broken.
        """
        return run_ask(self.campaign, self.folder)

    def tell(self, measured: pd.DataFrame | Path | str, *, replace: bool = False) -> Told:
        """Take what was measured, into ``laboratory.csv`` and the page, if there is one.

        Parameters
        ----------
        measured
            A table or its file, as for `compare`. An electrode that was asked for is known by its
            ``name`` and needs no recipe then. Telling twice changes nothing.
        replace
            Take another value for what was told before.

        Raises
        ------
        InputError
            The table is wrong, or tells another value for what was told before.
        """
        if isinstance(measured, pd.DataFrame):
            table, where = measured, "measured"
        else:
            table, where = read_table(Path(measured), texts=NAMES), str(measured)
        told = run_tell(self.campaign, self.folder, table, where, replace=replace)
        vars(self).pop("measured", None)
        if (told.new or told.changed) and Layout(self.folder).report.exists():
            from mesocast.report.page import write_report

            write_report(self.campaign, self.folder)
        return told
