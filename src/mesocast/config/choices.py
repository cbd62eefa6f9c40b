"""Choices of a design: which words a key may have, and what a material of the library sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.config.keys import held_at, set_value, words_at
from mesocast.config.library import find_material
from mesocast.config.materials import ActiveMaterial
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.config.campaign import Campaign
    from mesocast.config.variables import OwnVariable

#: The section that a material of the library gives, and the key that names the material.
ACTIVE = "materials.active_material"
MATERIAL = f"{ACTIVE}.material"


def set_key(content: dict[str, Any], key: str, value: Any) -> None:
    """Change what a key holds; a material of the library replaces all that another one gave."""
    if key == MATERIAL:
        set_value(content, ACTIVE, {"material": value})
    else:
        set_value(content, key, value)


def unchecked(key: str, value: Any) -> tuple[str, Any]:
    """Key and value that a choice sets in a config that is not checked any more."""
    if key != MATERIAL:
        return key, value
    return ACTIVE, ActiveMaterial.model_validate(_named(value))


def materials_of(variables: Mapping[str, OwnVariable]) -> dict[str, Any]:
    """What the materials stand for that a design chooses among, by their names."""
    chosen = (one.choices or () for one in variables.values() if one.key == MATERIAL)
    return {
        word: ActiveMaterial.model_validate(_named(word)).model_dump(mode="json")
        for words in chosen
        for word in words
    }


def check_choices(
    campaign: Campaign,
    content: dict[str, Any],
    name: str,
    sections: Sequence[str],
) -> None:
    """Refuse choices that a key cannot have, or that something else in the config contradicts.

    Parameters
    ----------
    campaign, content
        The config, and what it holds.
    name
        Of the design variable.
    sections
        Where its key may be.

    Raises
    ------
    InputError
        The key takes no word or not these, a material is not found, or is set by something else,
        too.
    """
    where, variable = f"design.variables.{name}", campaign.design.variables[name]
    key, words = variable.key, variable.choices or ()
    held_at(content, key, f"{where}.key", sections)
    if key == MATERIAL:
        for word in words:
            try:
                find_material(word)
            except InputError as error:
                raise InputError(f"{where}.choices: {error}") from error
        _check_alone(campaign, name)
        return
    allowed = words_at(type(campaign), key)
    if not allowed:
        raise InputError(
            f"{where}: {key} takes no choice; allowed: {MATERIAL}, or a key with words to choose "
            "from"
        )
    for word in words:
        if word not in allowed:
            raise InputError(f"{where}.choices: {word} is unknown; allowed: {', '.join(allowed)}")


def _check_alone(campaign: Campaign, name: str) -> None:
    """Refuse what else sets the section that a chosen material gives."""
    design, present = campaign.design, campaign.materials.active_material
    keys = {f"design.variables.{n}": one.key for n, one in design.variables.items() if n != name}
    for place, key in {**keys, **{f"design.formulas.{k}": k for k in design.formulas}}.items():
        if key.startswith(f"{ACTIVE}."):
            raise InputError(
                f"{place} sets {key}, which the materials of {name} give; allowed: one of the two"
            )
    plain = [ActiveMaterial()]
    if present.material is not None:
        plain.append(ActiveMaterial.model_validate(_named(present.material)))
    if present not in plain:
        raise InputError(
            f"{ACTIVE} gives what the materials of design.variables.{name} give; allowed: one of "
            "the two"
        )


def _named(word: str) -> dict[str, Any]:
    """Section of a material of the library."""
    return {**find_material(word).keys(), "material": word}
