"""Figures of the page as vector files for a paper, drawn in a Chromium without window."""

from __future__ import annotations

import asyncio
import base64
import copy
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from mesocast.errors import InputError
from mesocast.report.page import json_of
from mesocast.report.style import theme
from mesocast.storage.files import replacing, write_text

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from pathlib import Path

    from choreographer import Tab

    from mesocast.report.blocks import Figure

#: Widths of one and of two columns, as most journals have them.
WIDTHS_MM = (88, 180)
FORMATS = ("svg", "pdf")

_PX_PER_MM = 96 / 25.4
# 8 pt, as in a journal; heights on the page are for its larger text.
_FONT_PX = 8 * 96 / 72
_PAGE_FONT_PX = 13
# How low a wide figure may be for its width.
_LOWEST = 0.42
# What has three dimensions is pixels in a vector file, too: 96 dpi times this.
_PIXEL_RATIO = 4
_BACK = 1.15
_PATIENCE_S = 120.0
_DRAW = """
(async ({{ data, layout, config }}) => {{
  const plot = await Plotly.newPlot(document.createElement("div"), data, layout, config);
  const image = await Plotly.toImage(plot, {{ format: "svg", imageDataOnly: true }});
  Plotly.purge(plot);
  return image;
}})({content})
"""
_WITHOUT = "or --no-figures, which writes tables and equations"


def files_of(
    figure: Figure, widths_mm: Sequence[int] = WIDTHS_MM, formats: Sequence[str] = FORMATS
) -> list[str]:
    """Names of the files of a figure: ``NAME-88mm.svg`` and so on."""
    return [f"{figure.name}-{width}mm.{kind}" for width in widths_mm for kind in formats]


def draw(
    figures: Sequence[Figure],
    folder: Path,
    widths_mm: Sequence[int] = WIDTHS_MM,
    formats: Sequence[str] = FORMATS,
) -> None:
    """Write each figure as `files_of` says.

    Parameters
    ----------
    figures
        Of the page.
    folder
        Is made where it is not there.
    widths_mm, formats
        Which files to write; an SVG is always among them.

    Raises
    ------
    InputError
        Choreographer is not installed, or finds no browser that starts.
    """
    try:
        from choreographer.browsers import BrowserClosedError, BrowserFailedError
        from choreographer.errors import ChromeNotFoundError
    except ImportError as error:
        raise InputError(
            f"figures: {error.name} is not installed; allowed: pip install choreographer, "
            f"{_WITHOUT}"
        ) from error
    # It tells of each step.
    logging.getLogger("choreographer").setLevel(logging.ERROR)
    try:
        _run(_draw(figures, folder, widths_mm, formats))
    except ChromeNotFoundError as error:
        raise InputError(
            "figures: no Chromium or Chrome on this machine; allowed: one, also elsewhere with "
            f"BROWSER_PATH, {_WITHOUT}"
        ) from error
    except (BrowserClosedError, BrowserFailedError) as error:
        raise InputError(
            f"figures: Chromium does not start; allowed: one that does, {_WITHOUT}"
        ) from error


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run to its end, also in a notebook, whose own loop is running."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def _draw(
    figures: Sequence[Figure], folder: Path, widths_mm: Sequence[int], formats: Sequence[str]
) -> None:
    import choreographer
    from plotly.offline import get_plotlyjs

    async with choreographer.Browser() as browser:
        tab, paper = await browser.create_tab(""), await browser.create_tab("")
        # Not as a file, since a browser that is a Snap does not see those of others.
        await _evaluate(tab, f"{get_plotlyjs()};0")
        for figure in figures:
            for width_mm in widths_mm:
                content = json_of(content_of(figure, width_mm))
                svg = in_millimetres(await _evaluate(tab, _DRAW.format(content=content)), width_mm)
                path = folder / f"{figure.name}-{width_mm}mm.svg"
                write_text(path, svg)
                if "pdf" in formats:
                    with replacing(path.with_suffix(".pdf")) as pdf:
                        pdf.write_bytes(await _printed(paper, svg))


async def _evaluate(tab: Tab, script: str) -> Any:
    """Give what a script in a tab comes to."""
    words = {"expression": script, "awaitPromise": True, "returnByValue": True}
    result = await _command(tab, "Runtime.evaluate", **words)
    if "exceptionDetails" in result:
        raise RuntimeError(f"Chromium: {result['exceptionDetails']}")
    return result["result"].get("value")


async def _printed(tab: Tab, svg: str) -> bytes:
    """PDF of one page, as large as the picture."""
    size = " ".join(re.findall(r'(?:width|height)="([\d.]+mm)"', svg)[:2])
    style = f"@page {{ size: {size}; margin: 0 }} body {{ margin: 0 }} svg {{ display: block }}"
    frame = (await _command(tab, "Page.getFrameTree"))["frameTree"]["frame"]["id"]
    html = f"<!DOCTYPE html><style>{style}</style>{svg}"
    await _command(tab, "Page.setDocumentContent", frameId=frame, html=html)
    printed = await _command(
        tab, "Page.printToPDF", preferCSSPageSize=True, printBackground=True, pageRanges="1"
    )
    return base64.b64decode(printed["data"])


async def _command(tab: Tab, name: str, **words: Any) -> dict[str, Any]:
    answer = await asyncio.wait_for(tab.send_command(name, words), _PATIENCE_S)
    if "error" in answer:
        raise RuntimeError(f"Chromium: {name}: {answer['error']}")
    return dict(answer["result"])


def in_millimetres(svg: str, width_mm: float) -> str:
    """Give a picture that Plotly made the width that it is meant for."""
    width, height = (float(n) for n in re.findall(r' (?:width|height)="([\d.]+)"', svg)[:2])
    size = f' width="{width_mm:g}mm" height="{width_mm * height / width:.4g}mm"'
    return re.sub(r' width="[\d.]+" height="[\d.]+"', size, svg, count=1)


def content_of(figure: Figure, width_mm: float) -> dict[str, Any]:
    """Give Plotly's data, layout and settings of a figure on white paper, with text of 8 pt."""
    content = copy.deepcopy(figure.figure.to_plotly_json())
    width_px, scale = width_mm * _PX_PER_MM, _FONT_PX / _PAGE_FONT_PX
    height_px = max(figure.height_px * scale, _LOWEST * width_px)
    font = {"color": "black", "family": "Arial, Helvetica, sans-serif", "size": _FONT_PX}
    template = theme(text="black", grid="#d5dae0")
    template["layout"] |= {"paper_bgcolor": "white", "font": font}
    title = {"title": {"font": {"size": _FONT_PX}}}
    for letter in "xy":
        template["layout"][f"{letter}axis"] |= title
    template["data"] = {
        "contour": [{"colorbar": title}],
        **{kind: [{"marker": {"colorbar": title}}] for kind in ("scatter", "scatter3d", "splom")},
    }
    layout = content["layout"] | {
        "margin": {side: scale * px for side, px in content["layout"]["margin"].items()},
        "template": template,
        "autosize": False,
        "width": round(width_px),
        "height": round(height_px),
    }
    if "scene" in layout:
        # As the page does, so that its sides are not cut, and a bit more for titles as large.
        eye = layout["scene"]["camera"]["eye"]
        back = _BACK * max(1.0, height_px / width_px)
        eye |= {axis: back * value for axis, value in eye.items()}
        for trace in content["data"]:
            if "size" in trace.get("marker", {}):
                trace["marker"]["size"] *= scale
    settings = {"staticPlot": True, "plotGlPixelRatio": _PIXEL_RATIO}
    return {"data": content["data"], "layout": layout, "config": settings}
