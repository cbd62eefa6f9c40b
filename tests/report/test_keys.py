"""The page under a real mouse and a real keyboard, as Chromium gets them from its devices."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import choreographer
import pytest

import check_report
from mesocast.columns import PARAMETERS
from mesocast.report.page import render

if TYPE_CHECKING:
    from pathlib import Path

    from choreographer import Tab

    from mesocast.report.results import Results

pytestmark = pytest.mark.skipif(check_report.browser() is None, reason="no Chromium here")

# Where the table is wider than the window.
_NARROW_PX = 390
_READY = "document.readyState === 'complete' && Boolean(document.querySelector('.curve'))"
_LOOK = """({
  link: document.getElementById("whatif-link").getAttribute("href"),
  values: document.querySelector("#whatif table").innerText,
  slid: Object.fromEntries(
    [...document.querySelectorAll("#whatif input[type=range]")].map((one) => [one.id, +one.value])),
})"""
_MIDDLE = """(() => {
  scrollTo({ top: 0, behavior: "instant" });
  const one = document.getElementById("slide-am_pct");
  one.scrollIntoView({ block: "center", behavior: "instant" });
  const { x, y, width, height } = one.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
})()"""


async def _ask(tab: Tab, expression: str) -> Any:
    answer = await tab.send_command(
        "Runtime.evaluate", {"expression": expression, "returnByValue": True}
    )
    assert "exceptionDetails" not in answer["result"], answer
    return answer["result"]["result"].get("value")


async def _press(tab: Tab, key: str) -> None:
    codes = {"ArrowRight": 39, "ArrowLeft": 37, "End": 35, "Tab": 9}
    for kind in ("rawKeyDown", "keyUp"):
        await tab.send_command(
            "Input.dispatchKeyEvent",
            {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": codes[key]},
        )


async def _click(tab: Tab, x: float, y: float) -> None:
    for kind in ("mousePressed", "mouseReleased"):
        await tab.send_command(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1},
        )


async def _use(page: Path, width_px: int, theme: str) -> dict[str, Any]:
    """Move each slider by keys, and one by the mouse; say what the page shows after each."""
    seen = {}
    async with choreographer.Browser(path=check_report.browser()) as browser:
        tab = await browser.create_tab("")
        screen = {"width": width_px, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        scheme = {"name": "prefers-color-scheme", "value": theme}
        await tab.send_command("Emulation.setDeviceMetricsOverride", screen)
        await tab.send_command("Emulation.setEmulatedMedia", {"features": [scheme]})
        await tab.send_command("Page.navigate", {"url": page.absolute().as_uri()})
        while not await _ask(tab, _READY):
            await asyncio.sleep(0.1)
        seen["start"] = await _ask(tab, _LOOK)
        for name in PARAMETERS:
            await _ask(tab, f"document.getElementById('slide-{name}').focus()")
            for _ in range(3):
                await _press(tab, "ArrowLeft")
            seen[name] = await _ask(tab, _LOOK)
        await _press(tab, "End")
        seen["End"] = await _ask(tab, _LOOK)
        await _press(tab, "Tab")
        seen["next"] = await _ask(tab, "document.activeElement.id")
        # What is above may still change its height on a busy machine, and the slider its place.
        for _ in range(20):
            place = await _ask(tab, _MIDDLE)
            await _click(tab, place["x"], place["y"])
            seen["mouse"] = await _ask(tab, _LOOK)
            if seen["mouse"]["slid"]["slide-am_pct"] != seen["End"]["slid"]["slide-am_pct"]:
                break
            await asyncio.sleep(0.1)
        table = "[...document.querySelectorAll('#answer .scroll')].at(-1)"
        await _ask(tab, f"{table}.focus(); {table}.scrollLeft = 0")
        await _press(tab, "ArrowRight")
        # It scrolls smoothly, and later on a busy machine; a table that fits never does.
        for _ in range(100 if width_px == _NARROW_PX else 1):
            await asyncio.sleep(0.1)
            seen["scrolled"] = await _ask(tab, f"{table}.scrollLeft")
            if seen["scrolled"]:
                break
    return seen


@pytest.mark.parametrize(("width_px", "theme"), [(1400, "light"), (_NARROW_PX, "dark")])
def test_sliders_and_tables_move_by_keys_and_mouse(
    results: Results, tmp_path: Path, width_px: int, theme: str
) -> None:
    page = tmp_path / "report.html"
    page.write_text(render(results))
    seen = asyncio.run(asyncio.wait_for(_use(page, width_px, theme), 240))
    before = seen["start"]
    for name in PARAMETERS:
        after = seen[name]
        assert after["slid"][f"slide-{name}"] < before["slid"][f"slide-{name}"]
        assert after["values"] != before["values"]
        assert after["link"] != before["link"]
        before = after
    bounds = results.optimum.bounds_pct
    assert seen["End"]["slid"]["slide-cr_pct"] == bounds["cr_pct"][1]
    assert f"cr_pct={bounds['cr_pct'][1]:g}" in seen["End"]["link"]
    assert seen["next"] == "type-cr_pct"
    low, high = bounds["am_pct"]
    assert seen["mouse"]["slid"]["slide-am_pct"] == pytest.approx((low + high) / 2, abs=0.2)
    assert seen["mouse"]["values"] != seen["End"]["values"]
    assert seen["mouse"]["link"] != seen["End"]["link"]
    if width_px == _NARROW_PX:
        assert seen["scrolled"] > 0
