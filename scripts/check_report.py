"""Open a report in headless Chromium, wide and narrow, light and dark, and say what looks wrong.

    scripts/check_report.py results/demo/report.html [--screenshots FOLDER]

Every figure is drawn and looked at: nothing in it may be empty, cut or lie on something else, the
page must not be wider than the window, the console must show no error, and the buttons must give a
picture and a table. The exit status is 1 if anything is wrong. Screenshots are for your own eyes.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path
from typing import Any

from mesocast.cli.ending import ended
from mesocast.errors import InputError, reading

WIDTHS_PX = (1400, 390)
THEMES = ("light", "dark")
_WINDOW_HEIGHT_PX = 900
_SCREENSHOT_HEIGHT_PX = 30_000

_PROBE = f"<script>{Path(__file__).with_suffix('.js').read_text()}</script>"
# As for a printer: all figures at once, where a slow machine would end before they are in sight.
_DRAW_ALL = (
    '<script>addEventListener("load", () => dispatchEvent(new Event("beforeprint")))</script>'
)


def browser() -> str | None:
    """Path of Chromium or Chrome; None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def _open(page: Path, width_px: int, height_px: int, theme: str, *options: str) -> tuple[str, str]:
    """Open a page in a frame of the width (windows have a least one); give its DOM and log."""
    frame = page.with_name(f"frame-{page.name}")
    frame.write_text(
        f'<body style="margin: 0"><iframe src="{page.name}" '
        f'style="border: 0; width: {width_px}px; height: {height_px}px"></iframe>'
    )
    command = [
        *(str(browser()), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *("--allow-file-access-from-files", "--enable-logging=stderr"),
        *("--virtual-time-budget=30000", f"--window-size={max(width_px, 500)},{height_px}"),
        *(["--blink-settings=preferredColorScheme=0"] if theme == "dark" else []),
        *options,
        frame.absolute().as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return done.stdout, done.stderr


def _with_script(report: Path, script: str, folder: Path) -> Path:
    page = folder / "report.html"
    page.write_text(report.read_text().replace("<head>", f"<head>{script}", 1))
    return page


def check(report: Path, width_px: int, theme: str) -> dict[str, Any]:
    """Look at a report.

    Returns
    -------
    ``width``, ``figures``, ``tables`` (how many there are) and ``problems`` (one line each).
    """
    with tempfile.TemporaryDirectory() as folder:
        page = _with_script(report, _PROBE, Path(folder))
        dom, log = _open(page, width_px, _WINDOW_HEIGHT_PX, theme, "--dump-dom")
    text = re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)
    if text is None:
        return {"width": width_px, "figures": 0, "tables": 0, "problems": ["not drawn in time"]}
    found: dict[str, Any] = json.loads(unescape(text[1]))
    found["problems"] += [line for line in log.splitlines() if ":ERROR:CONSOLE" in line]
    return found


def screenshot(report: Path, width_px: int, theme: str, picture: Path) -> None:
    """Write a PNG of the whole page."""
    with tempfile.TemporaryDirectory() as folder:
        page = _with_script(report, _DRAW_ALL, Path(folder))
        _open(page, width_px, _SCREENSHOT_HEIGHT_PX, theme, f"--screenshot={picture.absolute()}")


def main() -> int:
    """Read the words and check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("report", type=Path)
    parser.add_argument("--screenshots", type=Path, help="write PNGs into this folder")
    arguments = parser.parse_args()
    wrong = False

    def look() -> None:
        nonlocal wrong
        wrong = _check_all(arguments.report, arguments.screenshots)

    return ended(look) or int(wrong)


def _check_all(report: Path, screenshots: Path | None) -> bool:
    """Check all widths and themes, and say whether something is wrong."""
    with reading(report, "a page"):
        text = report.read_text(encoding="utf-8")
    if "<head>" not in text:
        raise InputError(f"{report}: is no page; allowed: the report.html of a campaign")
    if browser() is None:
        raise InputError("no Chromium here; allowed: a machine with chromium or google-chrome")
    wrong = False
    for width_px in WIDTHS_PX:
        for theme in THEMES:
            found = check(report, width_px, theme)
            wrong |= bool(found["problems"])
            print(
                f"{width_px} px, {theme}: {found['figures']} figures, {found['tables']} tables, "
                f"{len(found['problems'])} problems",
                *found["problems"],
                sep="\n  ",
            )
            if screenshots:
                screenshots.mkdir(parents=True, exist_ok=True)
                picture = screenshots / f"{width_px}-{theme}.png"
                screenshot(report, width_px, theme, picture)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
