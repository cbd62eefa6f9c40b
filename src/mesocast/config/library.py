"""The library of active materials: those that Mesocast ships, and those of packages beside it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from mesocast.config.materials import ActiveMaterial
from mesocast.config.particle_sizes import SizeMode  # noqa: TC001 - pydantic reads it
from mesocast.config.section import (
    Density,
    NumberFraction,
    ParticleConductivity,
    ParticleDiameter,
    Section,
)
from mesocast.config.yaml_file import first_error, read_yaml
from mesocast.errors import InputError

#: Group of entry points by which another package adds a material: the path of its YAML, or what
#: that would hold.
MATERIALS_GROUP = "mesocast.materials"

#: What a material says the sources of.
SOURCES = ("density", "sizes", "conductivity")
_SIZES = ("size_modes", "diameters_um", "number_fractions")
_FOLDER = files("mesocast.config") / "materials"


class LibraryMaterial(Section):
    """A material of the library: what a config's section says, and where each value is from."""

    name: str = Field(min_length=1, description="Name for the report.")
    description: str = Field("", description="What the material is.")
    density_g_cm3: Density = Field(description="Density of the solid.")
    electronic_conductivity_S_m: ParticleConductivity = Field(
        description="Electronic conductivity of the solid."
    )
    size_modes: tuple[SizeMode, ...] = Field((), description="Size distributions by volume.")
    diameters_um: tuple[ParticleDiameter, ...] = Field((), description="Sharp size classes.")
    number_fractions: tuple[NumberFraction, ...] = Field((), description="By number.")
    sources: dict[str, str] = Field(
        {}, description="Where the values are from: density, sizes, conductivity."
    )

    @model_validator(mode="after")
    def _sizes(self) -> Self:
        if bool(self.size_modes) == bool(self.diameters_um):
            raise ValueError(
                "gives no sizes, or gives them twice; allowed: size_modes, or diameters_um with "
                "number_fractions"
            )
        unknown = [name for name in self.sources if name not in SOURCES]
        if unknown:
            raise ValueError(f"sources.{unknown[0]}: unknown key; allowed: {', '.join(SOURCES)}")
        ActiveMaterial.model_validate(self.keys())
        return self

    def keys(self) -> dict[str, Any]:
        """What it gives of a config's section ``materials.active_material``."""
        content = self.model_dump(mode="json", exclude={"description", "sources"})
        return {name: value for name, value in content.items() if value != []}

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
    """Lay the material that a section ``materials.active_material`` names under it.

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
        The material is not found, or the config gives sizes twice.
    """
    if ActiveMaterial.model_fields.keys() <= content.keys():
        return dict(content)  # a resolved config, which needs no library
    if content.get("size_modes") and "diameters_um" in content:
        raise ValueError(
            "materials.active_material: diameters_um and size_modes are both given; allowed: one"
        )
    named = content.get("material")
    if not isinstance(named, str):
        return dict(content)
    try:
        below = find_material(named).keys()
    except InputError as error:
        raise ValueError(f"materials.active_material.material = {error}") from error
    if any(content.get(name) for name in _SIZES):
        below = {name: value for name, value in below.items() if name not in _SIZES}
    return {**below, **content}
