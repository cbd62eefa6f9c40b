"""Coefficients from measured electrodes and films that were simulated, without a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.calibration.coefficients import Coefficients
from mesocast.calibration.infer import infer
from mesocast.calibration.plan import recipes_of
from mesocast.calibration.table import simulated_of
from mesocast.dataset.measured import NAMES, electrodes_for_calibration
from mesocast.seeds import derived_seed
from mesocast.storage.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from mesocast.calibration.answer import Calibration
    from mesocast.config.campaign import Campaign


def calibrate(
    campaign: Campaign,
    measured: pd.DataFrame | Path | str,
    films: pd.DataFrame | Path | str,
    *,
    mass_ug: float | None = None,
    report: Callable[[str], None] = lambda _line: None,
) -> Calibration:
    """Find the coefficients that measured electrodes ask for, from films that were simulated.

    What `mesocast calibrate` does once its films are made; those of a finished one are in its
    ``calibration/films.csv``, so that other data, bounds within the old ones or deviations need
    no film anew.

    Parameters
    ----------
    campaign
        Its section ``calibration`` names the coefficients and their bounds; its seed is that of the
        draws.
    measured
        Table of measured electrodes, or its path (``docs/how-to/calibrate.md`` has the columns).
    films
        Table of films, or its path: a row per film and way of pressing. Columns: each coefficient
        by its key; ``mass_ug``, ``am_pct``, ``sc_pct``, ``seed``; ``cr_pct`` or ``pressure_MPa``,
        as the electrodes of the same recipe were pressed; and what was measured of the film, by
        the names of the measured table.
    mass_ug
        Size of film that the predictions are of; None: the largest.
    report
        Told what is being done.

    Returns
    -------
    Calibration
        Coefficients with their uncertainty, and predictions.

    Raises
    ------
    InputError
        One line that says which row and column is wrong, what was found and what is allowed.

    Examples
    --------
    >>> import mesocast as mc
    >>> campaign = mc.load("config/my.yaml")  # doctest: +SKIP
    >>> films = "results/my/calibration/films.csv"
    >>> found = mc.calibrate(campaign, "measured.csv", films)  # doctest: +SKIP
    >>> found.best  # doctest: +SKIP
    {'drying.pressure_kPa': 21.7, 'force_fields.dried.hertz.friction': 0.31}
    """
    where = "measured"
    if isinstance(measured, str | Path):
        measured, where = read_table(Path(measured), texts=NAMES), str(measured)
    if isinstance(films, str | Path):
        films = read_table(Path(films), texts=("point", "film"))
    electrodes = electrodes_for_calibration(measured, where)
    return infer(
        simulated_of(campaign, electrodes, films, mass_ug=mass_ug),
        Coefficients(campaign),
        {r.recipe_id: (r.am_pct, r.sc_pct) for r in recipes_of(electrodes)},
        seed=derived_seed(campaign.seed, "calibration", "answer"),
        report=report,
    )
