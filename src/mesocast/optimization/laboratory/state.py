"""What a laboratory was asked for and has told: one table, readable in any spreadsheet.

``laboratory.csv`` has a row per electrode: its name, slurry and number of the ask, its recipe, its
``status`` (``pending``, ``measured`` or ``failed``), and what was measured, each column with its
standard deviation in one with ``_std`` behind the name. So it is a table of measured electrodes,
too (`mesocast.surrogates.measured.table`).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mesocast.columns.variables import told_value
from mesocast.dataset.design_columns import DesignColumns
from mesocast.dataset.measured import PRESSED, name_in, number_in, with_known_names
from mesocast.errors import InputError
from mesocast.storage.files import write_text
from mesocast.storage.rows import records_of
from mesocast.storage.tables import read_table
from mesocast.surrogates.measured.table import MeasuredTable, measured_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.columns.variables import Value
    from mesocast.optimization.laboratory.ask import Asked

PENDING, MEASURED, FAILED = "pending", "measured", "failed"
STATUSES = (PENDING, MEASURED, FAILED)
_OF_THE_ASK = ("slurry", "ask", "status")
# Numbers that differ by a smaller share are one number that was written and read.
_SAME = 1e-6


@dataclass(frozen=True)
class Told:
    """What became of a table that was told.

    Parameters
    ----------
    new, changed, same
        Names of electrodes of which something is new (also that they failed), of which another
        value replaced the one before, and of which all was told before.
    remarks
        What was not taken, and why.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    remarks: tuple[str, ...] = ()


class Laboratory:
    """Electrodes that were asked for, and those that were told.

    Parameters
    ----------
    rows
        As the file has them; what is missing is None.
    design
        The columns of recipes; by default those of a recipe's three numbers.
    """

    def __init__(
        self, rows: Iterable[Mapping[str, Any]] = (), design: DesignColumns | None = None
    ) -> None:
        self.rows = {str(row["name"]): dict(row) for row in rows}
        self.design = design or DesignColumns()

    @property
    def _columns(self) -> tuple[str, ...]:
        """Columns of every row."""
        return ("name", *_OF_THE_ASK, *self.design.all)

    @classmethod
    def read(cls, path: Path, design: DesignColumns | None = None) -> Laboratory:
        """Read the file; a laboratory that was asked for nothing has none.

        Raises
        ------
        InputError
            The file is broken.
        """
        empty = cls(design=design)
        if not path.exists():
            return empty
        table = read_table(path, *empty._columns, texts=("name", "slurry", "status"))
        records = records_of(table)
        names = [record["name"] for record in records]
        for number, (record, name) in enumerate(zip(records, names, strict=True), start=1):
            where = f"{path}: row {number}"
            if name is None or names.count(name) > 1:
                raise InputError(f"{where}: name = {name}; allowed: one that no other row has")
            if record["status"] not in STATUSES:
                raise InputError(
                    f"{where}: status = {record['status']}; allowed: {', '.join(STATUSES)}"
                )
            number_in(record, "ask", where)
            for parameter in empty.design.all:
                words = empty.design.words.get(parameter)
                if words and record[parameter] not in words:
                    told = f"{where}: {parameter} = {record[parameter]}"
                    raise InputError(f"{told}; allowed: {', '.join(words)}")
                if not words and number_in(record, parameter, where) is None:
                    raise InputError(f"{where}: {parameter} is missing; allowed: the recipe")
        if MEASURED in (record["status"] for record in records):
            measured_table(table, str(path), design)
        return cls(records, design)

    def write(self, path: Path) -> None:
        """Write the file; it appears complete or not at all."""
        write_text(path, self.table.to_csv(index=False, float_format="%.10g"))

    @property
    def table(self) -> pd.DataFrame:
        """All rows, in the order in which they came."""
        columns = dict.fromkeys(
            [*self._columns, *(key for row in self.rows.values() for key in row)]
        )
        table = pd.DataFrame(list(self.rows.values()), columns=list(columns))
        numbers = [name for name in self.design.all if name not in self.design.words]
        return table.astype({"ask": "Int64", **dict.fromkeys(numbers, float)})

    @property
    def unmeasured_pct(self) -> NDArray[np.float64]:
        """Recipes that are pending or failed, shape (n, inputs): what is not asked for again."""
        recipes = [
            [self.design.number(name, row[name]) for name in self.design.inputs]
            for row in self.rows.values()
            if row["status"] != MEASURED
        ]
        return np.array(recipes).reshape(-1, len(self.design.inputs))

    def measured(self) -> MeasuredTable | None:
        """What was measured; None for nothing."""
        rows = [row for row in self.rows.values() if row["status"] == MEASURED]
        if not rows:
            return None
        table = pd.DataFrame(rows).drop(columns=list(_OF_THE_ASK))
        return measured_table(table, "laboratory", self.design)

    def with_asked(self, asked: Sequence[Asked]) -> tuple[Laboratory, pd.DataFrame]:
        """Add electrodes that are asked for, and give their rows."""
        number = 1 + max((int(row["ask"] or 0) for row in self.rows.values()), default=0)
        while any(name.startswith(f"A{number:02d}-") for name in self.rows):  # a laboratory's own
            number += 1
        rows = [
            {
                "name": f"A{number:02d}-{place}",
                "slurry": f"A{number:02d}-S{choice.slurry}",
                "ask": number,
                "status": PENDING,
                **_recipe(choice.recipe_pct, self.design),
            }
            for place, choice in enumerate(asked, start=1)
        ]
        both = Laboratory([*self.rows.values(), *rows], self.design)
        return both, pd.DataFrame(rows, columns=list(self._columns))

    def tell(
        self, told: pd.DataFrame, where: str, *, replace: bool = False
    ) -> tuple[Laboratory, Told]:
        """Add what was measured.

        Parameters
        ----------
        told
            Table of measured electrodes. One whose ``name`` was asked for needs no recipe, and
            stays pending as long as nothing is told of it; one without a name is known by its
            recipe, and by its values if it was told before. A column ``status`` may say
            ``failed``.
        where
            Its place, for the line that says what is wrong.
        replace
            Take another value for what was told before.

        Raises
        ------
        InputError
            The table is wrong, or tells another value for what was told before.
        """
        told = with_known_names(told, where, self.design, more=_OF_THE_ASK)
        records = [self._completed(record) for record in records_of(told)]
        if not records:
            raise InputError(f"{where}: holds no electrode; allowed: at least one row")
        rows = {name: dict(row) for name, row in self.rows.items()}
        kinds: dict[str, list[str]] = {"new": [], "changed": [], "same": []}
        failed = self._failed(records, where, replace=replace)
        for name in failed:
            kinds["same" if rows[name]["status"] == FAILED else "new"].append(name)
            rows[name]["status"] = FAILED
        remarks: tuple[str, ...] = ()
        if len(failed) < len(records):
            table = pd.DataFrame(records).drop(columns=list(_OF_THE_ASK), errors="ignore")
            found = measured_table(table, where, self.design)
            remarks = found.remarks
            named = {own for record in records if (own := name_in(record)) is not None}
            taken = set(named)
            for number, label in enumerate(found.names):
                recipe, values = _row(found, number, self.design)
                if label in failed or (not values and label in rows):
                    continue
                if not values:
                    raise InputError(f"{where}: {label}: nothing is measured; allowed: a value")
                name = label if label in named else self._recognised(recipe | values, taken)
                taken.add(name)
                kind = self._kind(rows.get(name, {}), recipe | values)
                if kind == "changed" and not replace:
                    raise InputError(self._refusal(f"{where}: {name}", rows[name], recipe | values))
                kinds[kind].append(name)
                if kind != "same":
                    rows[name] = self._updated(rows.get(name, {}), recipe, values) | {"name": name}
        new, changed, same = map(tuple, kinds.values())
        return Laboratory(rows.values(), self.design), Told(new, changed, same, remarks)

    def _completed(self, record: dict[str, Any]) -> dict[str, Any]:
        """Give a row that tells none of it the recipe that was asked for."""
        asked = self.rows.get(name_in(record) or "")
        if asked is None:
            return record
        is_pressed_otherwise = any(record.get(name) is not None for name in PRESSED)
        left = {"cr_pct"} if is_pressed_otherwise else set[str]()
        parameters = [name for name in self.design.all if name not in left]
        return record | {n: asked[n] for n in parameters if record.get(n) is None}

    def _failed(
        self, records: Sequence[Mapping[str, Any]], where: str, *, replace: bool
    ) -> set[str]:
        """Names of the electrodes that are told to have failed."""
        failed = set[str]()
        for number, record in enumerate(records, start=1):
            name, status = name_in(record), record.get("status")
            if status not in (None, *STATUSES):
                raise InputError(
                    f"{where}: row {number}: status = {status}; allowed: {', '.join(STATUSES)}"
                )
            if status != FAILED:
                continue
            if name not in self.rows:
                raise InputError(
                    f"{where}: row {number}: {name} failed; allowed: a name that was asked for"
                )
            if self.rows[name]["status"] == MEASURED and not replace:
                raise InputError(
                    f"{where}: {name} failed, told before as measured; allowed: the same, or "
                    "--replace"
                )
            failed.add(name)
        return failed

    def _recognised(self, told: Mapping[str, Value], taken: Collection[str]) -> str:
        """Name of an electrode that has none: by its recipe and values, else a new one."""
        for name, row in self.rows.items():
            recipe = self.design.all
            if name in taken or not all(self._is_same(p, row[p], told[p]) for p in recipe):
                continue
            if row["status"] == PENDING or self._kind(row, told) == "same":
                return name
        free = (f"M{number:03d}" for number in itertools.count(1))
        return next(name for name in free if name not in self.rows and name not in taken)

    def _is_same(self, name: str, first: Value, second: Value) -> bool:
        if name in self.design.all:
            return self.design.is_same(name, first, second)
        return math.isclose(float(first), float(second), rel_tol=_SAME)

    def _others(self, known: Mapping[str, Any], told: Mapping[str, Value]) -> list[str]:
        """Columns that were told before, with another value."""
        return [
            name
            for name, value in told.items()
            if known.get(name) is not None and not self._is_same(name, known[name], value)
        ]

    def _kind(self, known: Mapping[str, Any], told: Mapping[str, Value]) -> str:
        if known.get("status") != MEASURED:
            return "new"
        if self._others(known, told):
            return "changed"
        return "same" if all(known.get(name) is not None for name in told) else "new"

    def _refusal(self, where: str, known: Mapping[str, Any], told: Mapping[str, Value]) -> str:
        name = self._others(known, told)[0]
        now, before = told_value(told[name]), told_value(known[name])
        return f"{where}: {name} = {now}, told before as {before}; allowed: the same, or --replace"

    def _updated(
        self, known: Mapping[str, Any], recipe: Mapping[str, Value], values: Mapping[str, float]
    ) -> dict[str, Any]:
        """Row with what is told; the standard deviation of another value is another one."""
        other = {s: None for name in self._others(known, values) if (s := f"{name}_std") in known}
        asked = {name: known.get(name) for name in _OF_THE_ASK}
        return {
            **dict.fromkeys(self._columns),
            **known,
            **asked,
            **other,
            **recipe,
            **values,
            "status": MEASURED,
        }


def _recipe(numbers: Iterable[float], design: DesignColumns) -> dict[str, Value]:
    """Recipe as a row tells it, from the numbers of its inputs."""
    free = {n: design.told(n, v) for n, v in zip(design.inputs, numbers, strict=True)}
    return {name: {**design.fixed, **free}[name] for name in design.all}


def _row(
    found: MeasuredTable, number: int, design: DesignColumns
) -> tuple[dict[str, Value], dict[str, float]]:
    """Recipe, and values with their standard deviations, of an electrode of a table."""
    recipe = _recipe(found.recipes_pct[number].tolist(), design)
    values = dict[str, float]()
    for name, column in found.properties.items():
        pairs = ((name, column), (f"{name}_std", found.deviations[name]))
        values |= {n: float(v[number]) for n, v in pairs if math.isfinite(v[number])}
    return recipe, values
