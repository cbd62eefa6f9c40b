"""The columns of the dataset: their names, units, labels, symbols, directions and bounds.

Another package adds a property of its own by an entry point (see `Property`).
"""

# A package that adds a property imports these two while the row is being put together.
from mesocast.columns.column import (  # isort: skip
    TARGETS,
    Column,
    ColumnType,
    Direction,
    Property,
)
from mesocast.columns.cell import CELL_COLUMNS, LOSSES, RATES
from mesocast.columns.further import FURTHER
from mesocast.columns.line import LINE
from mesocast.columns.row import ADDED, Properties
from mesocast.columns.told import (
    MEASURED,
    better_of,
    check_row,
    column,
    kind_of,
    name_of,
    possible,
    prefix_of,
    symbol_of,
    unit_of,
    unit_text,
    with_unit,
)
from mesocast.columns.variables import PARAMETERS, in_order, is_variable, variables_of

__all__ = [
    "ADDED",
    "CELL_COLUMNS",
    "FURTHER",
    "LINE",
    "LOSSES",
    "MEASURED",
    "PARAMETERS",
    "RATES",
    "TARGETS",
    "Column",
    "ColumnType",
    "Direction",
    "Properties",
    "Property",
    "better_of",
    "check_row",
    "column",
    "in_order",
    "is_variable",
    "kind_of",
    "name_of",
    "possible",
    "prefix_of",
    "symbol_of",
    "unit_of",
    "unit_text",
    "variables_of",
    "with_unit",
]
