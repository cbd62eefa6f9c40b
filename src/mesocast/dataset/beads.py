"""The beads of every electrode of a dataset, as dried and as pressed, in one compact table.

Whatever convention somebody prefers can then be measured anew without a simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from mesocast.electrode import Electrode
from mesocast.errors import InputError, reading
from mesocast.storage.files import replacing
from mesocast.storage.layout import CALENDERING, DRYING, Layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

#: Name of the table in a dataset's folder.
BEADS = "beads.parquet"
#: Positions are whole numbers of this.
GRID_UM = 0.01

_WORDS = ("film", "state")
State = Literal["dried", "pressed"]

#: Columns of the table, with their units and descriptions.
COLUMNS: dict[str, tuple[str, str, str]] = {
    "film": ("string", "", "Slurry (of a dried film) or electrode (of a pressed one)."),
    "state": ("string", "", "`dried`, or `pressed` and sprung back."),
    "species": ("integer", "", "1: active material, 2: CBD."),
    "x_10nm": (
        "integer",
        "10 nm",
        "Centre along x from the film's side; rounding may end half a step outside.",
    ),
    "y_10nm": ("integer", "10 nm", "Centre along y, likewise."),
    "z_10nm": (
        "integer",
        "10 nm",
        "Centre above the collector, into which beads may be pressed a little.",
    ),
    "radius_um": ("number", "um", "True (not contact) radius."),
    "mass_pg": ("number", "pg", "Mass."),
    "lateral_x_um": ("number", "um", "Period of the film along x."),
    "lateral_y_um": ("number", "um", "Period of the film along y."),
}


def beads_resource() -> dict[str, object]:
    """Describe the table for a data package."""
    fields = [
        {"name": name, "type": kind, "unit": unit, "description": description}
        for name, (kind, unit, description) in COLUMNS.items()
    ]
    return {
        "name": "beads",
        "path": BEADS,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "title": "The beads of each film, as dried and as pressed; one row group a film",
        "schema": {"fields": fields},
    }


@dataclass(frozen=True)
class Film:
    """Beads of one film.

    Parameters
    ----------
    name
        Identifier of the slurry, where `state` is ``dried``, or of the electrode.
    state
        ``dried`` or ``pressed``.
    electrode
        The beads.
    """

    name: str
    state: State
    electrode: Electrode


def films_of(results: Path, table: pd.DataFrame, earlier: Beads | None = None) -> Iterator[Film]:
    """Give the dried and the pressed film of each electrode that is ok.

    Parameters
    ----------
    results
        Folder of a campaign.
    table
        Its dataset, or a part of it.
    earlier
        Films of electrodes whose results are not at hand any more.

    Raises
    ------
    InputError
        A film is neither in the results nor among the earlier ones.
    """
    layout, good = Layout(results), table[table["status"] == "ok"]
    dried = {name: layout.slurry(name) / DRYING.film for name in good["slurry_id"]}
    pressed = {name: layout.condition(name) / CALENDERING.film for name in good["condition_id"]}
    kinds: tuple[tuple[State, dict[str, Path]], ...] = (("dried", dried), ("pressed", pressed))
    for state, paths in kinds:
        for name, path in sorted(paths.items()):
            if not path.exists() and earlier is not None:
                yield Film(name, state, earlier.read(name, state))
            else:
                yield Film(name, state, Electrode.read_dump(path))


def write_beads(films: Iterable[Film], path: Path) -> int:
    """Write films one after the other, each as a row group; give how many there are.

    Positions are rounded to ``GRID_UM``, radii and masses to single precision.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    words, single = pa.dictionary(pa.int32(), pa.string()), pa.float32()
    schema = pa.schema(
        [
            *((name, words) for name in ("film", "state")),
            ("species", pa.int8()),
            *((name, pa.int32()) for name in ("x_10nm", "y_10nm", "z_10nm")),
            *((name, single) for name in ("radius_um", "mass_pg")),
            *((name, pa.float64()) for name in ("lateral_x_um", "lateral_y_um")),
        ]
    )
    count = 0
    with (
        replacing(path) as temporary,
        ParquetWriter(temporary, schema, compression="zstd", compression_level=19) as writer,
    ):
        for film in films:
            electrode = film.electrode
            beads = len(electrode.radii_um)
            grid = np.rint(electrode.positions_um / GRID_UM).astype(np.int32)
            columns = [
                pa.array([film.name] * beads).cast(words),
                pa.array([film.state] * beads).cast(words),
                electrode.species.astype(np.int8),
                *grid.T,
                electrode.radii_um.astype(np.float32),
                electrode.masses_pg.astype(np.float32),
                *(np.full(beads, period) for period in electrode.lateral_um),
            ]
            writer.write_table(pa.table(columns, schema=schema), row_group_size=max(beads, 1))
            count += 1
    return count


class Beads:
    """The films of a table of beads, read one by one.

    Parameters
    ----------
    path
        What ``write_beads`` wrote.

    Raises
    ------
    InputError
        The file is missing, truncated or no table of beads.

    Examples
    --------
    >>> import mesocast as mc
    >>> beads = mc.Beads("data/paper/beads.parquet")  # doctest: +SKIP
    >>> pressed, dried = beads.read("S001-C01"), beads.read("S001", "dried")  # doctest: +SKIP
    >>> pressed.write_dump(Path("S001-C01.dump.gz"))  # doctest: +SKIP
    """

    def __init__(self, path: Path | str) -> None:
        from pyarrow.lib import ArrowException
        from pyarrow.parquet import ParquetFile

        self._path = path = Path(path)
        with reading(path, "a table of beads", ArrowException):
            self._file = ParquetFile(path)
        missing = [name for name in COLUMNS if name not in self._file.schema_arrow.names]
        if missing:
            raise InputError(f"{path}: is no table of beads; columns {', '.join(missing)} miss")
        self._groups: dict[tuple[str, str], int] = {}
        with reading(path, "a table of beads", ArrowException):
            for group in range(self._file.num_row_groups):
                # A group holds one film, so the least of its names is its name: no bead is read.
                columns = (self._file.metadata.row_group(group).column(i) for i in (0, 1))
                name, state = (column.statistics.min for column in columns)
                self._groups[name, state] = group

    def __len__(self) -> int:
        return len(self._groups)

    def __contains__(self, film: tuple[str, State]) -> bool:
        return film in self._groups

    def __iter__(self) -> Iterator[Film]:
        for name, state in self._groups:
            yield Film(name, state, self.read(name, state))  # type: ignore[arg-type]

    def read(self, name: str, state: State = "pressed") -> Electrode:
        """Read one film.

        Raises
        ------
        InputError
            There is no such film, or the file is broken.
        """
        from pyarrow.lib import ArrowException

        if (name, state) not in self._groups:
            raise InputError(f"{self._path}: holds no {state} film {name}; allowed: one of its own")
        with reading(self._path, "a table of beads", ArrowException):
            table = self._file.read_row_group(self._groups[name, state])
        column = {key: table.column(key).to_numpy() for key in COLUMNS if key not in _WORDS}
        return Electrode(
            positions_um=np.column_stack([column[f"{axis}_10nm"] for axis in "xyz"]) * GRID_UM,
            radii_um=column["radius_um"].astype(np.float64),
            species=column["species"].astype(np.int64),
            masses_pg=column["mass_pg"].astype(np.float64),
            lateral_um=(float(column["lateral_x_um"][0]), float(column["lateral_y_um"][0])),
        )
