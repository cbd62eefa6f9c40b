"""Dataclasses as JSON files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import TypeAdapter, ValidationError

from mesocast.errors import InputError, reading
from mesocast.storage.files import replacing

if TYPE_CHECKING:
    from pathlib import Path


class Record:
    """A dataclass that is a file of the results folder."""

    def write(self, path: Path) -> None:
        """Write the file; it appears complete or not at all."""
        with replacing(path) as temporary:
            temporary.write_bytes(TypeAdapter(type(self)).dump_json(self, indent=1) + b"\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote.

        Raises
        ------
        InputError
            The file is missing or is something else.
        """
        with reading(path, f"{cls.__name__.lower()}"):
            content = path.read_bytes()
        try:
            return TypeAdapter(cls).validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "file"
            raise InputError(f"{path}: {where}: {first['msg']}") from error
