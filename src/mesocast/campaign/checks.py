"""What is wrong with a campaign beyond its single keys, found before any job starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesocast.columns.variables import words_of
from mesocast.config.reading import check_content, read_config, with_coefficients
from mesocast.errors import InputError
from mesocast.storage.files import read_record
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign


# From fewer, nothing tells a choice from the chance of a single slurry.
_LEAST_OF_A_CHOICE = 2


def load(config: Path | str | Mapping[str, Any]) -> Campaign:
    """Read a config and check it whole: its keys, its films, its dataset, its methods.

    Parameters
    ----------
    config
        Path of a campaign's YAML, or what one would hold.

    Raises
    ------
    InputError
        One line that names file, key, value and what is allowed.

    Examples
    --------
    >>> campaign = load({"campaign": "mine", "electrode": {"mass_ug": 0.02}})
    >>> campaign.electrode.mass_ug
    0.02
    """
    if isinstance(config, Mapping):
        path = Path("config")
        campaign = check_content(with_coefficients(dict(config), "config"), "config")
    else:
        path = Path(config)
        campaign = read_config(path)
    if campaign.design.dataset is not None:
        from mesocast.campaign.feasible import check_dataset

        try:
            check_dataset(campaign)
        except InputError as error:
            raise InputError(f"{path}: design.dataset: {error}") from error
    _check_variables(campaign, path)
    if campaign.verification.measured is not None:
        from mesocast.dataset.design_columns import DesignColumns
        from mesocast.surrogates.measured.table import read_measured

        try:
            read_measured(Path(campaign.verification.measured), DesignColumns.of(campaign))
        except InputError as error:
            raise InputError(f"{path}: verification.measured: {error}") from error
    _check_films(campaign, path)
    _check_rates(campaign, path)
    _check_coefficients(campaign, path)
    _check_methods(campaign, path)
    if campaign.cell.enabled:
        _check_cells(campaign, path)
    if "pysr" in campaign.surrogate_methods:
        _check_pysr(path)
    if "infiltration" in campaign.characterization.measurements and find_spec("porespy") is None:
        raise InputError(
            f"{path}: characterization.measurements = infiltration, but porespy is not installed; "
            "allowed: pip install 'mesocast[cell]' with Python below 3.14, or none"
        )
    return campaign


def _check_variables(campaign: Campaign, path: Path) -> None:
    """Refuse design variables and formulas of the campaign's own that cannot be simulated."""
    from mesocast.config.derived import check_variables

    try:
        check_variables(campaign)
        _check_choices(campaign)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _check_choices(campaign: Campaign) -> None:
    """Refuse choices of which too few slurries, or electrodes, tell what each does.

    Raises
    ------
    InputError
        A choice is that of fewer than two of them.
    """
    from mesocast.design.plan import make_plan

    words = words_of(campaign.box_pct)
    if not words or campaign.design.dataset is not None:
        return
    plan = make_plan(campaign)
    for name, choices in words.items():
        told = [one.further for one in plan.slurries if name in one.further]
        made = "slurries" if told else "electrodes"
        found = [one[name] for one in told or [c.further for c in plan.conditions]]
        for choice in choices:
            if (count := found.count(choice)) < _LEAST_OF_A_CHOICE:
                raise InputError(
                    f"design.variables.{name}: {choice} is that of {count} {made} of "
                    f"{len(found)}; allowed: at least {_LEAST_OF_A_CHOICE} of each choice (more "
                    f"{made}, or fewer choices)"
                )


def _check_rates(campaign: Campaign, path: Path) -> None:
    """Refuse a design that varies the compression rate where films are pressed to something else.

    Calibration is left out: measured electrodes tell what they were pressed to.
    """
    design = campaign.design
    if campaign.calendering.to is None or design.dataset is not None:
        return
    rates = {rate for recipe in design.recipes for rate in recipe.cr_pct}
    is_varied = len(rates) > 1 if design.recipes else design.cr_pct.fixed is None
    if is_varied and not campaign.calibration.coefficients:
        raise InputError(
            f"{path}: calendering.to takes the place of cr_pct, which the design varies; allowed: "
            "design.cr_pct.fixed, design.recipes with one cr_pct, or no calendering.to"
        )


def _check_coefficients(campaign: Campaign, path: Path) -> None:
    """Refuse coefficients to be calibrated that are none, or bounds that a key does not allow."""
    if not campaign.calibration.coefficients:
        return
    from mesocast.calibration.coefficients import Coefficients

    try:
        Coefficients(campaign)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _check_methods(campaign: Campaign, path: Path) -> None:
    """Refuse surrogate methods that neither Mesocast nor a package beside it has."""
    from mesocast.surrogates.names import method_names

    known, method = method_names(), campaign.surrogate_method
    if method not in known:
        raise InputError(
            f"{path}: surrogates.method = {method!r}: unknown; allowed: {', '.join(known)}"
        )
    for place, name in enumerate(campaign.surrogates.compare):
        if name not in known:
            raise InputError(
                f"{path}: surrogates.compare.{place} = {name!r}: unknown; allowed: "
                f"{', '.join(known)}"
            )


def check_results(campaign: Campaign, results: Path) -> None:
    """Refuse results that are those of another campaign, by the config that they were begun with.

    Raises
    ------
    InputError
        The folder's ``campaign.json`` names another campaign.
    """
    path = Layout(results).campaign
    if not path.exists():
        return
    name = read_record(path, "campaign")["campaign"]
    if name != campaign.campaign:
        raise InputError(
            f"{results}: holds the campaign {name}, the config is of {campaign.campaign}; allowed: "
            "the config of these results"
        )


def _check_pysr(path: Path) -> None:
    """Refuse PySR before any job starts where it is not installed."""
    from mesocast.surrogates.methods.pysr import require_installed

    try:
        require_installed()
    except InputError as error:
        raise InputError(f"{path}: surrogates: {error}") from error


def _check_cells(campaign: Campaign, path: Path) -> None:
    """Refuse a BPX file that cannot be used, and cells where PyBaMM is not installed."""
    from mesocast.cell.blend import check_kinds
    from mesocast.cell.jobs import chemistry_of
    from mesocast.config.kinds import MOST_KINDS_IN_CELL

    if find_spec("pybamm") is None or find_spec("bpx") is None:
        raise InputError(
            f"{path}: cell.enabled = true, but pybamm and bpx are not installed; allowed: false, "
            "or pip install 'mesocast[cell]'"
        )
    kinds = [kind.name for kind in campaign.materials.active_material.kinds]
    if campaign.cell.chemistry is None and not kinds:
        return
    try:
        chemistry = chemistry_of(campaign)
        if len(kinds) <= MOST_KINDS_IN_CELL:  # of more, every electrode gets a status
            check_kinds(chemistry, kinds if len(kinds) > 1 else [])
    except InputError as error:
        raise InputError(f"{path}: cell.chemistry: {error}") from error


def _check_films(campaign: Campaign, path: Path) -> None:
    """Refuse films that cannot be built, at the corners of the design."""
    from mesocast.simulation.composition import composition_of
    from mesocast.simulation.packing import check_height

    for recipe in _corners(campaign):
        try:
            check_height(composition_of(campaign.at(recipe), recipe))
        except InputError as error:
            raise InputError(f"{path}: {error}") from error


def _corners(campaign: Campaign) -> Sequence[Mapping[str, Value]]:
    """Corners of the design in what a slurry is mixed by.

    With variables of the campaign's own the recipes of its plan, since formulas may forbid corners,
    and of ten variables there are more than can be looked at.
    """
    design = campaign.design
    if (design.variables or design.formulas) and design.dataset is None:
        from mesocast.design.plan import make_plan

        return [slurry.recipe for slurry in make_plan(campaign).slurries]
    return [
        {"am_pct": am_pct, "sc_pct": sc_pct}
        for am_pct in design.am_pct.bounds
        for sc_pct in design.sc_pct.bounds
    ]
