"""The row that describes one electrode: ``conditions/<id>/properties.json`` and ``cell.json``."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model, model_validator

from mesocast.columns.cell import CELL_NUMBERS, CELL_TEXTS
from mesocast.columns.column import (
    PROPERTIES_GROUP,
    Column,
    Direction,
    Property,
    prefix_with_digits,
)
from mesocast.columns.further import FURTHER
from mesocast.columns.line import LINE
from mesocast.columns.variables import PATTERN, is_value, is_variable
from mesocast.errors import InputError

Share = Annotated[float, Field(ge=0, le=1)]
Percentage = Annotated[float, Field(ge=0, le=100)]
MassShare = Annotated[float, Field(ge=1, le=100)]
AtLeastZero = Annotated[float, Field(ge=0)]
# Wide bounds, which find a wrong unit.
Thickness = Annotated[float, Field(ge=0, le=5000)]
Density = Annotated[float, Field(ge=0, le=25)]
Loading = Annotated[float, Field(ge=0, le=500)]
Conductivity = Annotated[float, Field(ge=0, le=1e7)]
PressureMPa = Annotated[float, Field(ge=0, le=1e5)]
Micrometres = Annotated[float, Field(ge=0, le=1000)]


def _told(unit: str, label: str, symbol: str, better: Direction | None, prefix: str) -> Any:
    """Metadata of a column; what is not given follows from its name (`name_of` and so on)."""
    given = {"label": label, "symbol": symbol, "better": better, "prefix": prefix}
    return {"unit": unit, **{key: value for key, value in given.items() if value}}


def _column(
    description: str, unit: str = "", *, label: str = "", symbol: str = "", **limits: Any
) -> Any:
    extra = _told(unit, label, symbol, None, "")
    return Field(description=description, json_schema_extra=extra, **limits)


def _measured(
    description: str,
    unit: str = "",
    *,
    label: str = "",
    symbol: str = "",
    better: Direction | None = None,
    prefix: str = "",
) -> Any:
    extra = _told(unit, label, symbol, better, prefix)
    return Field(None, description=description, json_schema_extra=extra)


def _word(text: str) -> str:
    """Refuse a text that cannot be a choice of a design variable."""
    if not is_value(text):
        raise ValueError("is no word")
    return text


class Properties(BaseModel):
    """One row of the dataset; what failed or was not reached is empty, and ``status`` says why.

    Design variables beyond the recipe's three numbers are further columns
    (`mesocast.columns.variables`).
    """

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        allow_inf_nan=False,
        json_schema_extra={
            "additionalProperties": False,
            "patternProperties": {PATTERN: {"type": ["number", "string"]}},
        },
    )

    __pydantic_extra__: dict[str, float | Annotated[str, AfterValidator(_word)]]

    condition_id: str = _column("Identifier of the electrode.")
    slurry_id: str = _column("Identifier of the slurry it was made from.")
    round: int = _column("0 for the design, then the round that proposed it.", ge=0)
    seed: int = _column("Seed of the slurry's random placement.", ge=0)
    status: str = _column("ok, or in one word what failed.")
    reason: str = _column("What failed, in one sentence with numbers; empty when ok.")
    am_pct: MassShare = _column(
        "Active material in the dry solids.", "wt %", label="Active material", symbol="AM"
    )
    sc_pct: MassShare = _column("Solids in the slurry.", "wt %", label="Solid content", symbol="SC")
    cr_pct: Percentage = _column(
        "Net compression rate asked for: how far the film is compressed under the plane, over its "
        "thickness at rest without foil.",
        "%",
        label="Compression rate",
        symbol="CR",
    )
    cr_imposed_pct: float | None = _measured(
        "Net compression rate reached: of the film itself, where the plane was lowest.",
        "%",
        label="Compression reached",
    )
    cr_gross_pct: float | None = _measured(
        "Compression rate reached, of the thickness with the collector foil.",
        "%",
        label="Compression reached, with foil",
    )
    cr_retained_pct: float | None = _measured(
        "Compression that is left after the film sprang back.", "%", label="Compression retained"
    )
    pressure_max_MPa: PressureMPa | None = _measured(
        "Largest pressure during calendering, at the config's pressure_scale; empty without one "
        "(not calibrated).",
        "MPa",
        label="Largest pressure",
    )
    pressure_model_kPa: AtLeastZero | None = _measured(
        "Largest pressure on the plane in the model, whose binder is not as hard as a real one: "
        "only ratios count.",
        "kPa",
        label="Largest pressure in the model",
    )
    inertial_number: AtLeastZero | None = _measured(
        "How dynamic the calendering was (GDR MiDi 2004); quasi-static below some 0.01.",
        label="Inertial number",
    )
    thickness_um: Thickness | None = _measured(
        "Net thickness (without foil): the height below which 99 % of the sphere volume lies, "
        "over 0.99.",
        "um",
        label="Thickness",
    )
    density_g_cm3: Density | None = _measured(
        "Known mass over area times thickness.",
        "g/cm3",
        label="Density",
        symbol="ρ",
        better="maximize",
        prefix="VD",
    )
    mass_loading_mg_cm2: Loading | None = _measured("Dry mass over area.", "mg/cm2")
    porosity_bulk: Share | None = _measured(
        "Pore share of the volume outside of the spheres; CBD counts as solid.",
        label="Bulk porosity",
        symbol="ε",
    )
    porosity_total: Share | None = _measured(
        "porosity_bulk plus the nanopores inside the CBD.", label="Total porosity"
    )
    am_fraction: Share | None = _measured("Volume share of the active material.")
    cbd_fraction: Share | None = _measured("Volume share of the CBD, nanopores included.")
    overlap_pct: float | None = _measured(
        "Volume that overlapping spheres share, of the summed sphere volume.", "%"
    )
    cut_volume_pct: float | None = _measured(
        "Sphere volume outside the thickness, which no share counts, of the summed volume.", "%"
    )
    active_surface_pct: Percentage | None = _measured(
        "Active-material surface that faces pore, of all active-material surface.",
        "%",
        label="Active surface",
        symbol="A",
        better="maximize",
        prefix="VS",
    )
    am_surface_on_cbd_pct: Percentage | None = _measured(
        "Active-material surface that CBD covers.", "%"
    )
    am_surface_on_am_pct: Percentage | None = _measured(
        "Active-material surface inside other active material.", "%"
    )
    am_surface_on_collector_pct: Percentage | None = _measured(
        "Active-material surface on the collector.", "%"
    )
    specific_active_surface_1_um: AtLeastZero | None = _measured(
        "Active surface over electrode volume.", "1/um"
    )
    active_surface_voxel_faces_pct: Percentage | None = _measured(
        "Active-material surface that faces pore, of that which faces pore or CBD, by counting "
        "faces of the voxels of microstructure.tif.",
        "%",
    )
    active_surface_marching_cubes_pct: Percentage | None = _measured(
        "The same by marching cubes.", "%"
    )
    specific_active_surface_voxel_faces_1_um: AtLeastZero | None = _measured(
        "Area between active material and pore over electrode volume, by counting faces; about "
        "1.5 times the true area.",
        "1/um",
    )
    specific_active_surface_marching_cubes_1_um: AtLeastZero | None = _measured(
        "The same by marching cubes; about 1.1 times the true area.", "1/um"
    )
    electronic_conductivity_S_m: Conductivity | None = _measured(
        "Effective electronic conductivity through the thickness.",
        "S/m",
        label="Electronic conductivity",
        symbol="σ",
        better="maximize",
        prefix="VC",
    )
    electronic_conductivity_relative: AtLeastZero | None = _measured(
        "The same over the conductivity of the CBD."
    )
    tortuosity_factor: AtLeastZero | None = _measured(
        "Tortuosity factor of the pores through the thickness: porosity over effective "
        "diffusivity, CBD impermeable.",
        label="Tortuosity factor",
        symbol="τ",
        better="minimize",
        prefix="VT",
    )
    tortuosity_factor_percolating: AtLeastZero | None = _measured(
        "The same with the porosity of the percolating pores only."
    )
    tortuosity: AtLeastZero | None = _measured("Square root of the tortuosity factor.")
    bruggeman_exponent: float | None = _measured(
        "b in: effective diffusivity = porosity_image ^ b."
    )
    pore_percolating_pct: Percentage | None = _measured(
        "Pore volume that connects collector and surface, of all pore volume.", "%"
    )
    pore_euler_1_um3: float | None = _measured(
        "Euler characteristic of the pores of microstructure.tif over its volume: separate pores "
        "minus loops; the lower, the better connected.",
        "1/um3",
    )
    porosity_image: Share | None = _measured("Pore share of the transport image.")
    mean_pore_diameter_um: Micrometres | None = _measured(
        "Mean local thickness of the pores, up to a voxel too large.", "um"
    )
    tortuosity_factor_voxel: AtLeastZero | None = _measured(
        "Tortuosity factor of the sharp voxels of microstructure.tif, as TauFactor gives it; empty "
        "where they close the pores."
    )
    tortuosity_factor_permeable_cbd: AtLeastZero | None = _measured(
        "Tortuosity factor of pores and CBD together: total porosity over effective diffusivity, "
        "with cbd_relative_diffusivity inside the CBD."
    )
    tortuosity_permeable_cbd: AtLeastZero | None = _measured(
        "Square root of tortuosity_factor_permeable_cbd."
    )
    tortuosity_resolution_error: AtLeastZero | None = _measured(
        "Relative change of tortuosity_factor when the edge of the voxels doubles."
    )
    conductivity_resolution_error: AtLeastZero | None = _measured(
        "Relative change of electronic_conductivity_S_m when the edge of the voxels doubles."
    )
    tortuosity_solver_error: AtLeastZero | None = _measured(
        "Relative error from ending the iteration, as the solver estimates it, pore transport."
    )
    conductivity_solver_error: AtLeastZero | None = _measured(
        "Relative error from ending the iteration, as the solver estimates it, conduction."
    )
    tortuosity_solver_tolerance: AtLeastZero | None = _measured(
        "tortuosity_solver_error to stop at."
    )
    conductivity_solver_tolerance: AtLeastZero | None = _measured(
        "conductivity_solver_error to stop at."
    )
    tortuosity_flux_imbalance: AtLeastZero | None = _measured(
        "Largest difference of the flux between planes over its mean, pore transport."
    )
    conductivity_flux_imbalance: AtLeastZero | None = _measured(
        "Largest difference of the flux between planes over its mean, conduction."
    )
    voxel_size_um: Micrometres | None = _measured("Voxel edge of the transport image.", "um")
    volume_voxel_size_um: Micrometres | None = _measured(
        "Voxel edge of the image for volume shares.", "um"
    )
    coverage_tolerance_um: Micrometres | None = _measured(
        "Gap to CBD below which surface counts as covered.", "um"
    )
    cbd_relative_diffusivity: AtLeastZero | None = _measured(
        "Effective diffusivity inside the CBD over that in the electrolyte."
    )
    transport_method: str | None = _measured("Method of the tortuosity factors.")
    conductivity_method: str | None = _measured("Method of the electronic conductivity.")

    @model_validator(mode="before")
    @classmethod
    def _known(cls, content: Any) -> Any:
        """Refuse a column that is neither one of these nor a design variable."""
        if isinstance(content, dict):
            for name in content:
                if name not in cls.model_fields and not is_variable(name):
                    raise ValueError(f"{name}: no such column")
        return content


def _added() -> dict[str, Property]:
    """Properties of other packages, by column."""
    found: dict[str, Property] = {}
    for point in entry_points(group=PROPERTIES_GROUP):
        added = point.load()
        if not isinstance(added, Property):
            raise InputError(
                f"{PROPERTIES_GROUP}: {point.value} is no Property of mesocast.columns"
            )
        name = added.column.name
        if name in Properties.model_fields or name in {**_CELL, **_FURTHER, **_LINE, **found}:
            raise InputError(f"{PROPERTIES_GROUP}: {point.value}: column {name} is there already")
        found[name] = added
    return found


def _field_of(column: Column, prefix: str = "") -> Any:
    extra = _told(column.unit, column.label, column.symbol, column.direction, prefix)
    return (
        float | None,
        Field(
            None,
            description=column.description,
            json_schema_extra=extra,
            ge=column.minimum,
            le=column.maximum,
        ),
    )


_CELL: dict[str, Any] = {
    **{
        column.name: (str | None, _measured(column.description, label=column.label))
        for column in CELL_TEXTS
    },
    **{column.name: _field_of(column, prefix_with_digits(column.name)) for column in CELL_NUMBERS},
}
_FURTHER: dict[str, Any] = {
    column.name: _field_of(column, prefix_with_digits(column.name))
    for columns in FURTHER.values()
    for column in columns
}
_LINE: dict[str, Any] = {
    column.name: _field_of(column, prefix_with_digits(column.name)) for column in LINE
}
#: Properties that other packages add, by column.
ADDED = _added()
if not TYPE_CHECKING:
    Properties = create_model(
        "Properties",
        __base__=Properties,
        __doc__=Properties.__doc__,
        **_FURTHER,
        **_CELL,
        **_LINE,
        **{name: _field_of(added.column) for name, added in ADDED.items()},
    )
