"""A whole campaign from a notebook or a script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.campaign.checks import load
from mesocast.campaign.controller import run
from mesocast.errors import MesocastError
from mesocast.report.results import Results, open_results

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_campaign(
    config: Path | str, *, cores: int | str = "all", options: Sequence[str] = ()
) -> Results:
    """Run a campaign, or go on with it, in ``results/<campaign>/`` of the current folder.

    What ``mesocast run`` does; what is done already is not simulated again.

    Parameters
    ----------
    config
        Path of the campaign's YAML.
    cores
        Cores of this machine to use.
    options
        Further options and targets of Snakemake.

    Raises
    ------
    InputError
        The config is wrong; nothing was started.
    MesocastError
        A job failed, or another controller runs this campaign; run again to go on.

    Examples
    --------
    >>> import mesocast as mc
    >>> results = mc.run("config/demo.yaml", cores=2)  # doctest: +SKIP
    >>> results.optimum.recipe  # doctest: +SKIP
    Recipe(am_pct=92.1, sc_pct=64.4, cr_pct=21.3)
    """
    folder = Path("results") / load(config).campaign
    if status := run(Path(config), ["--cores", str(cores), *options]):
        raise MesocastError(f"{config}: the campaign did not finish (exit status {status})")
    return open_results(folder)
