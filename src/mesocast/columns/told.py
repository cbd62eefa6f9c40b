"""What the columns of a row are called, and whether a row is one."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, cast, get_args

from pydantic import ValidationError

from mesocast.columns.column import Column, ColumnType, Direction
from mesocast.columns.row import Properties
from mesocast.columns.units import refusal
from mesocast.columns.variables import is_variable, variable_label, variable_unit
from mesocast.errors import InputError


@cache  # the schema of all columns takes a quarter of a second
def column(name: str) -> Column:
    """Give all that is told of a column.

    Raises
    ------
    InputError
        There is no such column.

    Examples
    --------
    >>> column("density_g_cm3").unit
    'g/cm3'
    """
    field = Properties.model_fields.get(name)
    if is_variable(name):
        return Column(
            name, "What was set.", unit_of(name), name_of(name), symbol_of(name), None, None, None
        )
    if field is None:
        raise InputError(f"{name}: no such column; allowed: {', '.join(Properties.model_fields)}")
    schema = Properties.model_json_schema()["properties"][name]
    bounds = {k: v for part in (schema, *schema.get("anyOf", ())) for k, v in part.items()}
    return Column(
        name=name,
        description=field.description or "",
        unit=unit_of(name),
        label=name_of(name),
        symbol=symbol_of(name),
        direction=better_of(name),
        minimum=bounds.get("minimum"),
        maximum=bounds.get("maximum"),
    )


@cache
def possible(name: str) -> tuple[float, float]:
    """Lowest and highest value that a column can have; infinite where there is no bound.

    Also where there is no such column: nothing is known of it.

    Examples
    --------
    >>> possible("porosity_bulk")
    (0.0, 1.0)
    """
    if name not in Properties.model_fields:
        return -math.inf, math.inf
    told = column(name)
    return (
        -math.inf if told.minimum is None else float(told.minimum),
        math.inf if told.maximum is None else float(told.maximum),
    )


def kind_of(name: str) -> ColumnType:
    """Type of a column in the words of Frictionless Data: string, integer or number."""
    if is_variable(name):
        return "number"
    annotation = Properties.model_fields[name].annotation
    if _holds(annotation, float):
        return "number"
    return "integer" if _holds(annotation, int) else "string"


def _holds(annotation: Any, kind: type) -> bool:
    """Whether values of an annotation may be of a type."""
    return annotation is kind or any(_holds(part, kind) for part in get_args(annotation))


# Columns that hold a number where an electrode is ok.
MEASURED = tuple(
    name
    for name, field in Properties.model_fields.items()
    if field.default is None and kind_of(name) == "number"
)


def unit_of(name: str) -> str:
    """Unit of a column; empty for numbers without one."""
    return variable_unit(name) if is_variable(name) else _of(name, "unit")


def name_of(name: str) -> str:
    """Name of a column for people; the column's own where it has no other."""
    return variable_label(name) if is_variable(name) else _of(name, "label") or name


def symbol_of(name: str) -> str:
    """Letter of a column in equations and at narrow axes; its label where it has none."""
    return _of(name, "symbol") or name_of(name)


def better_of(name: str) -> Direction | None:
    """Which way a column is better where no goal says; None where that depends on the use."""
    found = _of(name, "better")
    return cast("Direction", found) if found else None


def prefix_of(name: str) -> str:
    """Give what identifiers of slurries begin with that are best in a column alone.

    Letters only, since the number of the seed follows; no two columns have the same.
    """
    letters = "".join(letter for letter in name if letter.isalpha())
    return _of(name, "prefix") or f"V{letters.upper()}"


def _of(name: str, key: str) -> str:
    """Metadata of a column; empty where it is not a column or has none."""
    field = Properties.model_fields.get(name)
    extra = field.json_schema_extra if field is not None else None
    return str(extra.get(key) or "") if isinstance(extra, dict) else ""


def check_row(content: dict[str, Any], where: str) -> Properties:
    """Check a row.

    Raises
    ------
    InputError
        A column is missing, unknown, or outside of what is possible.
    """
    try:
        return Properties.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{where}: {_in_words(error)}") from error


_KINDS: dict[ColumnType, str] = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
}


def _in_words(error: ValidationError) -> str:
    """Put pydantic's first finding in words: column, value, what is allowed."""
    finding = error.errors()[0]
    name, value, kind = ".".join(map(str, finding["loc"])), finding["input"], finding["type"]
    if kind == "value_error":  # of the row: it has a column that there is not
        return str(finding["ctx"]["error"])
    if name not in Properties.model_fields:
        column_name = name.partition(".")[0]  # what follows says of which type
        told = f"{column_name} = {value!r}; allowed: a number, or the word of a choice"
        return told if is_variable(column_name) else "is no row; allowed: values by column"
    if kind == "missing":
        return f"{name} is empty; allowed: {_KINDS[kind_of(name)]}"
    if kind.endswith(("_parsing", "_type")):
        return f"{name} = {value!r}; allowed: {_KINDS[kind_of(name)]}"
    if kind.startswith(("greater_than", "less_than")):
        return f"{name} = {value:g}: {refusal(value, *possible(name), unit_of(name))}"
    return f"{name}: {finding['msg']}"


_UNITS = {
    "um": "µm",
    "um2": "µm²",
    "mm/s^0.5": "mm/√s",
    "g/cm3": "g/cm³",
    "mg/cm2": "mg/cm²",
    "1/um": "1/µm",
}


def unit_text(column: str) -> str:
    """Unit of a column with its proper signs; empty for numbers without one."""
    unit = unit_of(column)
    return _UNITS.get(unit, unit)


def with_unit(column: str, name: str | None = None) -> str:
    """Name of a column, or another one for it, with the column's unit, as for an axis."""
    unit = unit_text(column)
    name = name or name_of(column)
    return f"{name} ({unit})" if unit else name
