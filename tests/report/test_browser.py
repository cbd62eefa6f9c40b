"""The page in a browser: `scripts/check_report.py` looks at every figure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

import check_report
from mesocast.report.page import render

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.report.results import Results

pytestmark = pytest.mark.skipif(check_report.browser() is None, reason="no Chromium here")


@pytest.fixture(scope="module")
def report(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(results))
    return path


@pytest.mark.parametrize(("width_px", "theme"), [(1400, "light"), (390, "dark")])
def test_figures_are_whole_apart_and_not_empty(report: Path, width_px: int, theme: str) -> None:
    found = check_report.check(report, width_px, theme)
    assert found["problems"] == []
    assert found["width"] == width_px
    # All can be saved as a table, but for the beads.
    assert found["figures"] == found["tables"] + 1 > 20


def test_what_is_wrong_is_found(report: Path, tmp_path: Path) -> None:
    html = report.read_text()
    content = re.search(r'<script type="application/json" id="figures">(.*?)</script>', html)
    assert content
    figures = json.loads(content[1])
    figures["figures"]["radar"]["data"] = []
    figures["figures"]["radar"]["layout"]["polar"] = None
    figures["figures"]["convergence"]["layout"]["xaxis"]["title"]["text"] = 40 * "too long "
    broken = tmp_path / "broken.html"
    broken.write_text(
        html.replace(content[1], json.dumps(figures).replace("<", "\\u003c")).replace(
            "<main>", '<main><div style="width: 2000px">wide</div><script>nowhere()</script>'
        )
    )
    problems = "\n".join(check_report.check(broken, 1400, "light")["problems"])
    for expected in ("radar: empty", "convergence: cut", "wider than the window", "nowhere"):
        assert expected in problems
