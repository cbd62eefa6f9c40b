"""The rows of the dataset that carry a surrogate."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mesocast.cell.porous_electrode import NEEDED
from mesocast.columns import CELL_COLUMNS, PARAMETERS, in_order, is_variable, variables_of
from mesocast.columns.variables import Discrete, words_of
from mesocast.errors import InputError
from mesocast.surrogates.splits import kept_for_test
from mesocast.surrogates.training import TrainingData

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

# Of the rows that remain after the split, fewer say nothing about a function of three inputs.
_MIN_ROWS = 10


def least_rows(test_share: float, needed: int = _MIN_ROWS) -> int:
    """Fewest rows that leave enough for a fit when this share is kept for the test."""
    return next(n for n in itertools.count(needed) if n - kept_for_test(n, test_share) >= needed)


# Films of one slurry that were dried otherwise: S001D02 was mixed as S001.
_REDRIED = re.compile(r"^(S\d+)D\d+$")


def _mixed(slurry: object) -> object:
    """Slurry that a film was mixed as."""
    found = _REDRIED.match(slurry) if isinstance(slurry, str) else None
    return found[1] if found else slurry


def inputs_of(table: pd.DataFrame) -> tuple[str, ...]:
    """Design variables of a dataset: a recipe's three, or those of all its variables that vary.

    With variables of its own, a campaign may hold one of the three fixed; then that is none.
    """
    names = variables_of(table.columns)
    if names == PARAMETERS or "status" not in table:
        return names
    good = table[table["status"] == "ok"]
    return tuple(name for name in names if name in good and len(set(good[name])) > 1)


def numbers_of(
    x: NDArray[np.float64], inputs: Sequence[str], words: Mapping[str, object]
) -> NDArray[np.float64]:
    """Columns of inputs, shape (n, inputs), that are no choices."""
    return x[:, [place for place, name in enumerate(inputs) if name not in words]]


def with_places(table: pd.DataFrame, words: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Put the places of their words, from 0, for the choices of a table.

    Raises
    ------
    InputError
        A row holds another word.
    """
    for name, own in words.items():
        places = {word: float(place) for place, word in enumerate(own)}
        unknown = [one for one in table[name] if one not in places]
        if unknown:
            raise InputError(f"{name} = {unknown[0]}: is no choice; allowed: {', '.join(own)}")
        table = table.assign(**{name: table[name].map(places).astype(float)})
    return table


def _words(
    table: pd.DataFrame, inputs: Iterable[str], given: Mapping[str, tuple[str, ...]] | None
) -> dict[str, tuple[str, ...]]:
    """Words of the choices among inputs: those of their bounds, or those that the rows have."""
    if given is not None:
        return dict(given)
    told = words_of(inputs) if isinstance(inputs, Mapping) else {}
    for name in inputs:
        if name in table and name not in told:
            found = {one for one in table[name] if isinstance(one, str)}
            # A recipe's numbers are none, and a text among numbers is a slip.
            if is_variable(name) and found and len(found) == table[name].nunique():
                told[name] = tuple(sorted(found))
    return {name: told[name] for name in inputs if name in told}


def _check_told(table: pd.DataFrame, varied: Iterable[str], inputs: tuple[str, ...]) -> None:
    """Refuse a dataset in which something varies that is no input."""
    for name in varied:
        if name not in inputs and name in table and len(set(table[name])) > 1:
            raise InputError(
                f"box_pct: {name} is missing, which varies in the dataset; needed: bounds of it"
            )


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows with a result, in an order that does not depend on the table's.

    Parameters
    ----------
    property_name
        Column of the dataset.
    inputs
        Columns of design variables, those of ``x``.
    condition_ids
        One per row, ascending.
    x, y
        Inputs in the unit of their columns, shape (rows, inputs), and the property, shape (rows,).
    slurries
        Slurry of each row, shape (rows,); ``None`` when the dataset does not say.
    left_out
        Rows that were dropped: ``status`` (not ok), ``not_finite``, ``duplicate``.
    microstructure
        For a column of the cell, those of the columns that a cell takes which the dataset has,
        each of shape (rows,).
    words
        Of inputs that are choices, by column: ``x`` has their places, from 0.
    """

    property_name: str
    inputs: tuple[str, ...]
    condition_ids: list[str]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    slurries: NDArray[np.object_] | None
    left_out: dict[str, int]
    microstructure: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_table(
        cls,
        table: pd.DataFrame,
        property_name: str,
        inputs: Iterable[str] | None = None,
        words: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Rows:
        """Drop and count rows without a result.

        ``inputs`` are the design variables to look at (bounds by name will do); ``None``: those of
        the table (`inputs_of`). ``words`` are those of choices; ``None``: those of the bounds, or
        of the rows in the order of the alphabet.

        Raises
        ------
        InputError
            A column is missing or not numeric.
        """
        varied = inputs_of(table)
        asked = varied if inputs is None else inputs
        inputs = in_order(asked)
        _check_told(table, varied, inputs)
        numeric = [*inputs, property_name]
        through = [n for n in NEEDED if n in table.columns and property_name in CELL_COLUMNS]
        for name in ("condition_id", "status", *numeric):
            if name not in table.columns:
                raise InputError(
                    f"dataset: column {name!r} is missing; found {', '.join(table.columns)}"
                )
        is_ok = table["status"] == "ok"
        rows = table[is_ok]
        words = _words(rows, asked, words)
        rows = with_places(rows, words)
        try:
            values = rows[[*numeric, *through]].to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError) as error:
            names = ", ".join([*numeric, *through])
            raise InputError(f"dataset: a column of {names} is not numeric") from error
        is_finite = np.isfinite(values).all(axis=1)
        finite = rows[is_finite]
        # Sorted first, so that which one of several equal ones stays does not depend on the table.
        ordered = finite.sort_values("condition_id", kind="stable")
        unique = ordered.drop_duplicates(subset=numeric)
        return cls(
            property_name=property_name,
            inputs=inputs,
            condition_ids=unique["condition_id"].astype(str).tolist(),
            x=unique[list(inputs)].to_numpy(dtype=np.float64),
            y=unique[property_name].to_numpy(dtype=np.float64),
            slurries=(
                unique["slurry_id"].to_numpy(dtype=object) if "slurry_id" in unique else None
            ),
            left_out={
                "status": int((~is_ok).sum()),
                "not_finite": int((~is_finite).sum()),
                "duplicate": len(finite) - len(unique),
            },
            microstructure={n: unique[n].to_numpy(dtype=np.float64) for n in through},
            words=words,
        )

    @property
    def mixtures(self) -> NDArray[np.object_] | None:
        """Slurry recipe of each row, named by the first slurry that has it, shape (rows,).

        Films of one slurry recipe made with several seeds are nothing new to a surrogate, so a
        test that holds out slurries holds out all of them.
        """
        if self.slurries is None:
            return None
        first: dict[tuple[float, ...], object] = {}
        mixed = np.array([_mixed(name) for name in self.slurries], dtype=object)
        pairs = [tuple(pair) for pair in self.x[:, self._of_slurry(mixed)].tolist()]
        for pair, slurry in sorted(zip(pairs, mixed, strict=True), key=lambda two: two[1]):
            first.setdefault(pair, slurry)
        return np.array([first[pair] for pair in pairs], dtype=object)

    def _of_slurry(self, slurries: NDArray[np.object_]) -> list[int]:
        """Numbers of the inputs that a slurry is mixed by.

        Of a recipe's three numbers the first two; of the others those that are the same in all
        electrodes of each slurry.
        """
        found = []
        for number, name in enumerate(self.inputs):
            if name in PARAMETERS:
                if name in PARAMETERS[:2]:
                    found.append(number)
                continue
            seen: dict[object, set[float]] = {}
            for slurry, value in zip(slurries, self.x[:, number].tolist(), strict=True):
                seen.setdefault(slurry, set()).add(value)
            if all(len(values) == 1 for values in seen.values()):
                found.append(number)
        return found

    def training_data(
        self,
        train: NDArray[np.intp],
        test: NDArray[np.intp],
        *,
        box: tuple[tuple[float, float], ...],
        unit: str,
        seed: int,
    ) -> TrainingData:
        """Give the rows that a method may see.

        Raises
        ------
        InputError
            Too few rows are left, a column does not vary, or a word of a choice has no row.
        """
        if len(train) < _MIN_ROWS:
            raise InputError(
                f"dataset: {len(self.y)} usable rows for {self.property_name} leave {len(train)} "
                f"for training; at least {_MIN_ROWS} are needed"
            )
        columns = (*zip(self.inputs, self.x.T, strict=True), (self.property_name, self.y))
        for name, column in columns:
            is_target = name == self.property_name
            if np.ptp(column[train]) == 0 or (is_target and np.ptp(column[test]) == 0):
                raise InputError(f"dataset: {name} is constant ({column[0]:g}); it must vary")
        for name, words in self.words.items():
            seen = set(np.rint(self.x[train, self.inputs.index(name)]).tolist())
            unseen = [word for place, word in enumerate(words) if place not in seen]
            if unseen:
                raise InputError(
                    f"dataset: {self.property_name}: no row with {name} = {unseen[0]} is there to "
                    "fit; allowed: some of every choice"
                )
        return TrainingData(
            property_name=self.property_name,
            inputs=self.inputs,
            unit=unit,
            box=box,
            x=self.x[train],
            y=self.y[train],
            slurries=None if (mixtures := self.mixtures) is None else mixtures[train],
            seed=seed,
            microstructure={name: values[train] for name, values in self.microstructure.items()},
            words=self.words,
        )

    def box(
        self, box_pct: Mapping[str, tuple[float, float]] | None
    ) -> tuple[tuple[float, float], ...]:
        """Check bounds against the rows; ``None``: the bounds of the rows.

        Raises
        ------
        InputError
            There is no row, an input has no bounds, or rows lie outside of them.
        """
        if len(self.y) == 0:
            raise InputError(
                f"dataset: 0 usable rows for {self.property_name}; at least {_MIN_ROWS} are needed"
            )
        lows, highs = self.x.min(axis=0).tolist(), self.x.max(axis=0).tolist()
        if box_pct is None:
            found = dict(zip(self.inputs, zip(lows, highs, strict=True), strict=True))
            found |= {name: Discrete.of_words(own) for name, own in self.words.items()}
            return tuple(found.values())
        box = []
        for name, low, high in zip(self.inputs, lows, highs, strict=True):
            if name not in box_pct:
                raise InputError(f"box_pct: {name} is missing; needed: {', '.join(self.inputs)}")
            lower, upper = map(float, box_pct[name])
            if not lower <= low <= high <= upper:
                raise InputError(
                    f"dataset: {name} runs from {low:g} to {high:g}; "
                    f"allowed: {lower:g} to {upper:g}"
                )
            box.append((lower, upper))
        return tuple(box)
