"""The documentation builds, loads nothing from elsewhere, and does what it says."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
import tifffile
import yaml

from mesocast.campaign.controller import SNAKEFILE
from mesocast.campaign.options import check
from mesocast.campaign.profiles import with_profile
from mesocast.cli.main import main, make_parser
from mesocast.config.campaign import Campaign
from mesocast.config.library import LibraryMaterial
from mesocast.storage.files import write_json
from tests.conftest import ROOT
from tests.dataset.test_beads import publish
from tests.known_laws import CAMPAIGN, write_results

if TYPE_CHECKING:
    from pathlib import Path

PAGES = sorted(ROOT.glob("docs/**/*.md"))
# Commands that end in seconds on the tiny campaign, or write nothing but a table.
QUICK = {"check", "slurry", "drying", "calendering", "characterize", "predict", "invert", "propose"}
QUICK |= {"costs", "materials", "status", "ask", "tell"}


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    language: str
    title: str
    text: str


def _blocks(paths: list[Path]) -> list[Block]:
    pattern = re.compile(
        r"^( *)```(\w*)(?: title=\"(.*?)\")?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL
    )
    found = []
    for path in paths:
        for indent, language, title, text in pattern.findall(path.read_text()):
            lines = re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)
            found.append(Block(path.name, language, title, lines))
    return found


BLOCKS = _blocks(PAGES)


def _commands(paths: list[Path], languages: set[str]) -> list[list[str]]:
    lines = [
        line
        for block in _blocks(paths)
        if block.language in languages
        for line in block.text.replace("\\\n", " ").splitlines()
    ]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


DOCUMENTED = _commands(PAGES, {"sh"})
# Other pages hold settings and what commands print, too.
README = [
    words
    for words in _commands([ROOT / "README.md", ROOT / "profiles/README.md"], {"", "sh"})
    if words[0] in ("make", "mesocast") or words[0].startswith(".venv/")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder in which a reader of the pages is: sources, a config, and its results."""
    folder = tmp_path_factory.mktemp("docs")
    for name in ("Makefile", "scripts", "profiles", "src"):
        (folder / name).symlink_to(ROOT / name)
    results = folder / "results/my"
    write_results(results)
    publish(folder / "data/my")
    (folder / "data/paper").symlink_to(ROOT / "data/paper")
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config/other.yaml").write_text("campaign: other\n")
    for block in BLOCKS:
        if block.title:
            path = folder / block.title
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text)
    # As the page says, but a film of some hundred beads.
    page = yaml.safe_load((folder / "config/my.yaml").read_text())
    tiny = {**CAMPAIGN.model_dump(mode="json"), "campaign": page["campaign"]}
    tiny["rounds"] = {**tiny["rounds"], "count": 1}
    (folder / "config/my.yaml").write_text(yaml.safe_dump(tiny))
    write_json(results / "campaign.json", tiny)
    cost = {"cpu_s": 20.0, "max_rss_MB": 300.0}
    campaign = Campaign.model_validate(tiny)
    record = {"provenance": {"physics": campaign.physics("slurry")}}
    write_json(results / "slurries/S001/work/slurry-0/cost.json", cost)
    for place in ("slurries/S001", "slurries/S001/work/slurry-0"):
        write_json(results / place / "slurry.json", record)
    labels = np.random.default_rng(1).integers(0, 2, (12, 10, 10)).astype(np.uint8)
    tifffile.imwrite(folder / "tomogram.tif", 255 * labels)
    image = results / "conditions/S001-C02/microstructure.tif"
    image.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(image, np.random.default_rng(2).integers(0, 3, (8, 8, 8)).astype(np.uint8))
    return folder


def test_pages_build_without_a_warning_and_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    loading = re.compile(r"<(?:script|img|iframe)[^>]*\ssrc=\"?(\S+)|<link[^>]*\shref=\"?(\S+)")
    built = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*.html")}
    for path in PAGES:
        assert path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() in built
    for path in built.values():
        for addresses in loading.findall(path.read_text()):
            assert not any(address.startswith(("http", "//")) for address in addresses), path
    assert "electrode.mass_ug" in built["reference/config.html"].read_text()
    assert "--thickness-axis" in built["reference/commands.html"].read_text()
    assert "tortuosity_factor" in built["reference/columns.html"].read_text()


def test_there_are_commands() -> None:
    assert len(DOCUMENTED) > 15
    assert len(README) > 10


@pytest.mark.parametrize("words", [*DOCUMENTED, *README], ids=" ".join)
def test_command_is_one_that_works(words: list[str]) -> None:
    program, *rest = words
    if program == "make":
        done = subprocess.run(
            ["make", "--dry-run", *rest], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    elif program in (".venv/bin/mesocast", "mesocast"):
        arguments = make_parser().parse_args(rest)
        if arguments.command == "run":
            check(arguments.options)
            with_profile(arguments.options, SNAKEFILE.parent)
    elif program == ".venv/bin/python":
        told = subprocess.run(
            [sys.executable, rest[0], "--help"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "src"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stderr
        known = set(re.findall(r"--[\w-]+", told.stdout))
        assert {word.partition("=")[0] for word in rest[1:] if word.startswith("--")} <= known
    elif program == ".venv/bin/pip":  # of a package whose files the pages show
        assert rest[0] == "install"
        shown = [tomllib.loads(b.text) for b in BLOCKS if b.language == "toml"]
        assert rest[1].removeprefix("./") in {p.get("project", {}).get("name") for p in shown}
    else:
        pytest.fail(f"the test does not know {program}")


def test_quick_commands_run_in_their_order(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    ran = set()
    for program, *rest in DOCUMENTED:
        if program == ".venv/bin/mesocast" and rest[0] in QUICK:
            words = [w for word in rest for w in (sorted(map(str, folder.glob(word))) or [word])]
            assert main(words) == 0, (rest, capsys.readouterr().err)
            ran.add(rest[0])
    assert ran == QUICK
    assert "density_g_cm3" in capsys.readouterr().out


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language == "yaml"])
def test_config_in_the_text_is_valid(block: Block) -> None:
    content = yaml.safe_load(block.text)
    if "sources" in content:  # a material of one's own
        LibraryMaterial.model_validate(content)
    else:
        Campaign.model_validate({"campaign": "x", **content})


def test_python_in_the_text_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mesocast.surrogates import registry

    monkeypatch.chdir(folder)
    monkeypatch.setitem(registry.METHODS, "nearest", None)  # so that it is taken out again
    pages = {block.page for block in BLOCKS if block.language == "python"}
    assert pages == {
        "surrogate.md",
        "python.md",
        "files.md",
        "property.md",
        "cell.md",
        "measured.md",
        "dataset.md",
    }
    # What cell.md shows needs an electrode that was measured; tests/cell runs it on one.
    for page in pages - {"cell.md"}:
        text = "\n".join(b.text for b in BLOCKS if (b.page, b.language) == (page, "python"))
        exec(compile(text, page, "exec"), {"__name__": page})


_MEASURE = """
import json, sys
from pathlib import Path
import numpy as np
from mesocast.characterization.jobs import run_characterization
from mesocast.columns import Properties, column, unit_of
from mesocast.config.campaign import Campaign
from mesocast.electrode import Electrode
from mesocast.storage.layout import CALENDERING

centres_um, radii_um = np.array([[2.0, 2.0, 1.5], [2.0, 2.0, 4.0]]), np.array([1.5, 1.0])
film = Electrode(centres_um, radii_um, np.array([1, 2]), np.array([9.0, 3.0]), (4.0, 4.0))
folder = Path(sys.argv[1])
film.write_dump(folder / CALENDERING.film)
recipe = {"condition_id": "a", "slurry_id": "a", "round": 0, "seed": 1}
recipe |= {"am_pct": 90, "sc_pct": 60, "cr_pct": 0}
record = {"status": "ok", "reason": "", "recipe": recipe, "measured": {}}
(folder / CALENDERING.record).write_text(json.dumps(record))
campaign = Campaign.model_validate(
    {
        "campaign": "a",
        "characterization": {"voxel_size_um": 0.5},
        "optimum": {"goals": {"electrolyte_uL_cm2": {"direction": "minimize"}}},
    }
)
run_characterization(campaign, folder)
row = json.loads((folder / "properties.json").read_text())
assert "electrolyte_uL_cm2" in campaign.modelled
print(json.dumps([row["electrolyte_uL_cm2"], 0.1 * row["porosity_total"] * row["thickness_um"],
                  unit_of("electrolyte_uL_cm2"), column("electrolyte_uL_cm2").minimum]))
"""


def test_worked_example_of_a_property_works(tmp_path: Path) -> None:
    """Lay the page's package where Python finds it, as pip does, and measure an electrode."""
    (code,) = (b.text for b in BLOCKS if (b.page, b.language) == ("property.md", "python"))
    (project,) = (b.text for b in BLOCKS if (b.page, b.language) == ("property.md", "toml"))
    told = tomllib.loads(project)["project"]
    (tmp_path / "electrolyte.py").write_text(code)
    metadata = tmp_path / f"{told['name']}-{told['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: {told['name']}\nVersion: {told['version']}\n")
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in points.items())
        for group, points in told["entry-points"].items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    (tmp_path / "condition").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(tmp_path / "condition")],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found, expected, unit, minimum = json.loads(done.stdout)
    assert found == pytest.approx(expected)
    assert expected > 0
    assert (unit, minimum) == ("uL/cm2", 0)
