"""The visited points of an optimization, saved one by one."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from mesocast.storage.files import replacing

if TYPE_CHECKING:
    from pathlib import Path

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Visit:
    """One evaluation, and what led to it.

    Parameters
    ----------
    point
        Where the function was evaluated.
    value
        Its value there.
    acquisition
        Which acquisition function proposed the point, or ``"initial"``.
    candidates
        The proposal of every acquisition function; empty for initial points.
    gains, probabilities
        Of every acquisition function when it was chosen; empty for initial points.
    """

    point: tuple[float, ...]
    value: float
    acquisition: str = "initial"
    candidates: tuple[tuple[float, ...], ...] = ()
    gains: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = ()


_ADAPTER = TypeAdapter(Visit)


class TraceFile:
    """A trace as JSON lines: what was asked for, then one visit per line.

    A killed process can leave half a line, a broken disk worse. What follows the first line that
    is not a visit is dropped; a trace of another request is dropped as a whole.

    Parameters
    ----------
    path
        The file; its folder must exist.
    request
        Plain numbers and strings that determine the trace.
    """

    def __init__(self, path: Path, request: dict[str, Any]) -> None:
        self._path = path
        self._request = json.dumps(request)

    def read(self) -> list[Visit]:
        """Read the visits that the file holds for this request, in their order."""
        if not self._path.exists():
            return []
        # The last piece is empty if the file ends with a line end, and otherwise incomplete.
        request, *lines = self._path.read_bytes().split(b"\n")[:-1] or [b""]
        if request != self._request.encode():
            _LOGGER.warning("%s: holds the trace of another request; starting again", self._path)
            return []
        visits: list[Visit] = []
        for line in lines:
            try:
                visits.append(_ADAPTER.validate_json(line))
            except ValidationError:
                _LOGGER.warning("%s: line %d is not a visit", self._path, len(visits) + 2)
                break
        return visits

    def write(self, visits: list[Visit]) -> None:
        """Replace the file by these visits, atomically."""
        lines = [self._request, *(_line(visit) for visit in visits)]
        with replacing(self._path) as temporary:
            temporary.write_text("".join(f"{line}\n" for line in lines))

    def append(self, visit: Visit) -> None:
        """Add one visit at the end."""
        with self._path.open("a") as stream:
            stream.write(f"{_line(visit)}\n")


def _line(visit: Visit) -> str:
    return json.dumps(asdict(visit))
