"""The config of single electrodes, whose keys a campaign's own design variables set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from mesocast.columns.variables import PARAMETERS, Value, told_value, unit_ending
from mesocast.config.choices import check_choices, set_key, unchecked
from mesocast.config.formulas import calculate, names_in
from mesocast.config.keys import PHYSICS, value_at
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesocast.config.campaign import Campaign

# Stages of an electrode in their order: what changes one changes those after it.
_STAGES = ("slurry", "drying", "calendering", "characterization")
_SECTIONS = ("electrode", *PHYSICS)


def config_at(campaign: Campaign, recipe: Mapping[str, Any]) -> Campaign:
    """Config of electrodes with these values of the campaign's own design variables.

    Parameters
    ----------
    campaign
        Names the variables.
    recipe
        Values by column. Variables that it does not name stay as the config has them, and formulas
        with them are left aside.

    Returns
    -------
    Campaign
        Without design variables of its own; the campaign itself where it has none.

    Raises
    ------
    InputError
        A value, or what follows from it by a formula, is not allowed.
    """
    design = campaign.design
    if not design.variables and not design.formulas:
        return campaign
    content = campaign.model_dump(mode="json")
    changed = _changed(campaign, recipe)
    for key, value in changed.items():
        set_key(content, key, value)
    recipes = content["design"]["recipes"]
    content["design"] = {
        "dataset": design.dataset,
        "recipes": [{**one, "set": {}} for one in recipes],
    }
    try:
        return type(campaign).model_validate(content)
    except ValidationError as error:
        finding = error.errors()[0]
        where = ".".join(map(str, finding["loc"]))
        told = finding["msg"].removeprefix("Value error, ")
        values = ", ".join(f"{key} = {told_value(value)}" for key, value in changed.items())
        raise InputError(f"design.variables: with {values}: {where}: {told}") from error


def _changed(campaign: Campaign, recipe: Mapping[str, Any]) -> dict[str, Value]:
    """Values of the keys that a recipe sets, and of those that follow by formulas."""
    design = campaign.design
    keys = {name: one.key for name, one in design.variables.items() if name in recipe}
    changed: dict[str, Value] = {
        key: str(recipe[name]) if design.variables[name].choices else float(recipe[name])
        for name, key in keys.items()
    }
    for key, formula in design.formulas.items():
        if all(name in recipe for name in names_in(formula)):
            changed[key] = calculate(formula, recipe)
    return changed


def _with(place: Any, parts: list[str], value: Any) -> Any:
    """Section or list with another value, which is not checked."""
    if not parts:
        return value
    part, *further = parts
    if isinstance(place, tuple):
        values = list(place)
        values[int(part)] = _with(values[int(part)], further, value)
        return tuple(values)
    return place.model_copy(update={part: _with(getattr(place, part), further, value)})


def _roughly(campaign: Campaign, recipe: Mapping[str, Any]) -> Campaign:
    """Config of electrodes, unchecked where a formula forbids them: their stages are the same."""
    try:
        return config_at(campaign, recipe)
    except InputError:
        end: Any = campaign
        for key, value in _changed(campaign, recipe).items():
            place, held = unchecked(key, value)
            end = _with(end, place.split("."), held)
        return end  # type: ignore[no-any-return]


def middle(campaign: Campaign) -> dict[str, Value]:
    """Recipe in the middle of the design, by column."""
    free = {name: (low + high) / 2 for name, (low, high) in campaign.box_pct.items()}
    own = {name: one.at(0.5) for name, one in campaign.design.variables.items()}
    return {**free, **own, **campaign.fixed}


def stages_of(campaign: Campaign) -> dict[str, str]:
    """First stage that each own variable changes, by what the stages' identities say.

    Raises
    ------
    InputError
        A variable changes nothing that is simulated.
    """
    centre, found = middle(campaign), {}
    for name, variable in campaign.design.variables.items():
        ends = [_roughly(campaign, {**centre, name: value}) for value in variable.ends]
        stages = [stage for stage in _STAGES if len({end.physics(stage) for end in ends}) > 1]
        if not stages:
            raise InputError(
                f"design.variables.{name}: {variable.key} changes nothing that is simulated; "
                "allowed: a key of the physics"
            )
        found[name] = stages[0]
    return found


def check_variables(campaign: Campaign) -> None:
    """Refuse variables and formulas that could not be simulated.

    Raises
    ------
    InputError
        A key is unknown, holds no number, or is set twice; a name has another unit than its key; a
        formula cannot be read or knows a name that is none; a bound or the middle of the design is
        not allowed; a constraint names no design variable.
    """
    design = campaign.design
    content = campaign.model_dump(mode="json")
    numbers = [name for name, one in design.variables.items() if one.choices is None]
    known = [*PARAMETERS, *numbers]
    taken: dict[str, str] = {}
    for name, variable in design.variables.items():
        where = f"design.variables.{name}"
        if variable.choices is not None:
            check_choices(campaign, content, name, _SECTIONS)
        else:
            present = value_at(content, variable.key, f"{where}.key", _SECTIONS)
            if isinstance(present, int) and variable.levels is None:
                raise InputError(f"{where}: {variable.key} is a whole number; allowed: levels")
        if variable.key in taken:
            raise InputError(f"{where}: {variable.key} is set by {taken[variable.key]}, too")
        taken[variable.key] = name
        unit = _unit(variable.key)
        if unit != unit_ending(name):
            told = f"a name that ends on {unit}" if unit else "a name without a unit at its end"
            raise InputError(
                f"{where}: the unit of {variable.key} is not in the name; allowed: {told}"
            )
    for key, formula in design.formulas.items():
        where = f"design.formulas.{key}"
        value_at(content, key, where, _SECTIONS)
        if key in taken:
            raise InputError(f"{where}: {taken[key]} sets that key; allowed: one of the two")
        unknown = [name for name in names_in(formula) if name not in known]
        if unknown:
            raise InputError(f"{where}: {unknown[0]} is unknown; allowed: {', '.join(known)}")
    for name in campaign.optimum.constraints:
        if name in design.variables and design.variables[name].choices is not None:
            raise InputError(
                f"optimum.constraints.{name}: is a choice, which has no limits; allowed: fewer "
                f"choices in design.variables.{name}"
            )
        if name.startswith("set_") and name not in design.variables:
            raise InputError(
                f"optimum.constraints.{name}: is no variable of the design; allowed: "
                f"{', '.join(design.variables) or 'none, without design.variables'}"
            )
    _check_ends(campaign)


def _check_ends(campaign: Campaign) -> None:
    """Refuse variables that change nothing, or whose bounds are not allowed."""
    design = campaign.design
    for name in design.variables:
        campaign.stage_of(name)
    if not design.formulas:
        centre = middle(campaign)
        for name, variable in design.variables.items():
            for value in variable.ends:
                config_at(campaign, {**centre, name: value})


def _unit(key: str) -> str:
    """Unit at the end of a key's name, as design variables have it."""
    name = next(part for part in reversed(key.split(".")) if not part.isdigit())
    return unit_ending(name)
