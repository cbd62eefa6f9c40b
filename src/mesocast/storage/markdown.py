"""Tables of the pages that Mesocast writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines of a Markdown table; a bar in a cell is escaped, since it would end the cell."""
    cells = [
        [str(cell).replace("|", "\\|") for cell in row]
        for row in (header, ["---"] * len(header), *rows)
    ]
    return [f"| {' | '.join(row)} |" for row in cells]
