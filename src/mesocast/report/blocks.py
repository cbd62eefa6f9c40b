"""What a section of the report is made of; the template draws each kind.

A further kind of content is one more dataclass here and one more branch in ``template.html``.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from mesocast.report.alternatives import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    import plotly.graph_objects as go


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    kind: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True)
class Headline:
    """One sentence in large type: what the section says."""

    kind: ClassVar[str] = "headline"
    text: str


@dataclass(frozen=True)
class Notice:
    """Remarks that must not be overlooked."""

    kind: ClassVar[str] = "notice"
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Tile:
    """One number in large type."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Tiles:
    """Numbers in large type, side by side."""

    kind: ClassVar[str] = "tiles"
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Figure:
    """An interactive figure.

    Parameters
    ----------
    name
        Identifier within the page; also the name of the file when it is saved.
    title, caption
        What is drawn, and what to see in it.
    source
        File of the results folder that holds the numbers.
    figure
        The Plotly figure.
    height_px
        Height on the page; the width follows the window.
    """

    kind: ClassVar[str] = "figure"
    name: str
    title: str
    caption: str
    source: str
    figure: go.Figure
    height_px: int = 380

    @property
    def has_table(self) -> bool:
        """Whether what is drawn are numbers that a table can hold; a surface is not."""
        return all(trace.type != "mesh3d" for trace in self.figure.data)

    @property
    def alternative(self) -> str:
        """What it shows, for those who do not see it."""
        return describe(self.title, self.figure)


@dataclass(frozen=True)
class Picture:
    """A PNG, kept inside the page."""

    kind: ClassVar[str] = "picture"
    title: str
    caption: str
    source: str
    png: bytes

    @property
    def data_uri(self) -> str:
        """Address that holds the picture itself."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}"


@dataclass(frozen=True)
class Table:
    """A table of text.

    Parameters
    ----------
    title, caption, source
        As for a figure.
    header, rows
        Cells; all rows are as long as the header.
    numeric
        Whether columns after the first are aligned as numbers.
    """

    kind: ClassVar[str] = "table"
    title: str
    caption: str
    source: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: bool = True


@dataclass(frozen=True)
class Formula:
    """An equation in MathML, with its text for a paper and for a program."""

    kind: ClassVar[str] = "formula"
    title: str
    mathml: str
    caption: str
    source: str
    latex: str
    python: str


@dataclass(frozen=True)
class Listing:
    """Text to be unfolded, such as the config."""

    kind: ClassVar[str] = "listing"
    title: str
    text: str


@dataclass(frozen=True)
class Row:
    """Blocks side by side where the window is wide enough."""

    kind: ClassVar[str] = "row"
    blocks: tuple[Figure | Formula | Picture | Table, ...]


@dataclass(frozen=True)
class Field:
    """A number that the reader may set.

    Parameters
    ----------
    name, label
        Its column, and what people call it.
    value
        At the start; None where there is none to set.
    low, high, step
        Bounds and step of its slider, in the unit of the column.
    unit
        That unit behind a number, with a space before it; empty without one.
    """

    name: str
    label: str
    value: float | None
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    unit: str = ""


@dataclass(frozen=True)
class Choice:
    """A word that the reader may choose.

    Parameters
    ----------
    name, label
        Its column, and what people call it.
    words, start
        What can be chosen, and the place of what is chosen at the start.
    """

    name: str
    label: str
    words: tuple[str, ...]
    start: int


@dataclass(frozen=True)
class WhatIf:
    """The recipe under sliders, and what the equations say of it.

    Parameters
    ----------
    parameters, properties
        Rows to set: the recipe's parameters, and the properties with their weights.
    script
        JavaScript that defines ``whatIf``: the numbers and equations that the page evaluates.
    choices
        Words to choose, beside those rows.
    """

    kind: ClassVar[str] = "whatif"
    parameters: tuple[Field, ...]
    properties: tuple[Field, ...]
    script: str
    choices: tuple[Choice, ...] = ()


Block = (
    Text | Headline | Notice | Tiles | Figure | Picture | Table | Formula | Listing | Row | WhatIf
)


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    name: str
    title: str
    blocks: list[Block] = field(default_factory=list)

    def single(self) -> Iterator[Block]:
        """Its blocks, those of a row one by one."""
        for block in self.blocks:
            yield from block.blocks if isinstance(block, Row) else (block,)

    def figures(self) -> list[Figure]:
        """All figures of the section, in their order."""
        return [block for block in self.single() if isinstance(block, Figure)]

    def specifications(self) -> dict[str, Any]:
        """Give Plotly's data and layout of each figure, without its template."""
        found = {}
        for block in self.figures():
            content = block.figure.to_plotly_json()
            content["layout"].pop("template", None)
            found[block.name] = content
        return found
