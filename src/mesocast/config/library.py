"""The library of active materials: those that Mesocast ships, and those of packages beside it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from mesocast.config.kinds import PlainMaterial
from mesocast.config.materials import ActiveMaterial
from mesocast.config.yaml_file import first_error, read_yaml
from mesocast.errors import InputError

#: Group of entry points by which another package adds a material: the path of its YAML, or what
#: that would hold.
MATERIALS_GROUP = "mesocast.materials"

#: What a material says the sources of.
SOURCES = ("density", "sizes", "conductivity")
_SIZES = ("size_modes", "diameters_um", "number_fractions")
_FOLDER = files("mesocast.config") / "materials"


class LibraryMaterial(PlainMaterial):
    """A material of the library, with where each value is from."""

    description: str = Field("", description="What the material is.")
    sources: dict[str, str] = Field(
        {}, description="Where the values are from: density, sizes, conductivity."
    )

    @model_validator(mode="after")
    def _known_sources(self) -> Self:
        unknown = [name for name in self.sources if name not in SOURCES]
        if unknown:
            raise ValueError(f"sources.{unknown[0]}: unknown key; allowed: {', '.join(SOURCES)}")
        return self

    def active_material(self) -> ActiveMaterial:
        """Its active material, with its size classes."""
        return ActiveMaterial.model_validate(self.keys())


def material_names() -> tuple[str, ...]:
    """Names of all materials that are found, in the library's order."""
    shipped = sorted(
        (place.name.removesuffix(".yaml") for place in _FOLDER.iterdir()), key=str.casefold
    )
    added = (point.name for point in entry_points(group=MATERIALS_GROUP))
    return tuple(dict.fromkeys((*shipped, *added)))


def find_material(named: str) -> LibraryMaterial:
    """Find a material by its name in the library or by the path of its YAML.

    Raises
    ------
    InputError
        There is none, or its file is wrong.
    """
    if named.endswith((".yaml", ".yml")):
        return _checked(_read(Path(named)), named)
    shipped = _FOLDER / f"{named}.yaml"
    if named in material_names() and shipped.is_file():
        return _checked(_read(Path(str(shipped))), named)
    for point in entry_points(group=MATERIALS_GROUP):
        if point.name == named:
            found = point.load()
            content = dict(found) if isinstance(found, Mapping) else _read(Path(str(found)))
            return _checked(content, named)
    raise InputError(
        f"{named!r}: unknown material; allowed: {', '.join(material_names())}, or the path of a "
        "YAML of one's own"
    )


def _read(path: Path) -> dict[str, Any]:
    return read_yaml(
        path,
        what="the path of a material's YAML",
        holds="keys and values as in docs/how-to/material.md",
    )


def _checked(content: dict[str, Any], where: str) -> LibraryMaterial:
    try:
        return LibraryMaterial.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{where}: {first_error(error, LibraryMaterial)}") from error


def with_material(content: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the materials that a section ``materials.active_material`` names under it.

    Parameters
    ----------
    content
        What a config holds in that section.

    Returns
    -------
    dict
        The section, with the material's keys where it gives none itself.

    Raises
    ------
    ValueError
        A material is not found, or the config gives something twice.
    """
    if ActiveMaterial.model_fields.keys() <= content.keys():
        return dict(content)  # a resolved config, which needs no library
    where = "materials.active_material"
    kinds = content.get("kinds")
    if kinds and len(content) > 1:
        other = next(name for name in content if name != "kinds")
        raise ValueError(f"{where}: kinds and {other} are both given; allowed: one of them")
    if isinstance(kinds, (list, tuple)):
        laid = [
            _laid(kind, f"{where}.kinds.{number}") if isinstance(kind, Mapping) else kind
            for number, kind in enumerate(kinds)
        ]
        return {**content, "kinds": laid}
    return _laid(content, where)


def _laid(content: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Lay the material that a section names under it."""
    if content.get("size_modes") and content.get("diameters_um"):
        raise ValueError(
            f"{where}: diameters_um and size_modes are both given; allowed: one of them"
        )
    named = content.get("material")
    if not isinstance(named, str):
        return dict(content)
    try:
        below = find_material(named).keys()
    except InputError as error:
        raise ValueError(f"{where}.material = {error}") from error
    if any(content.get(name) for name in _SIZES):
        below = {name: value for name, value in below.items() if name not in _SIZES}
    return {**below, **content}
