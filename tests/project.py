"""A clone of the sources in which tests run campaigns as a user does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import yaml

from tests.conftest import ROOT, TINY

if TYPE_CHECKING:
    from pathlib import Path

SIMULATIONS = {"slurry", "drying", "calendering"}


class Project:
    """A copy of the sources with a campaign of its own, as a user's clone is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("CITATION.cff", "Snakefile", "workflow", "profiles", "envs", "scripts", "src"):
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source,
                    folder / name,
                    symlinks=True,  # so that the copied package finds the copied Snakefile
                    # What Numba has compiled comes along: half a minute of each campaign. Files
                    # that it is just writing vanish.
                    ignore=shutil.ignore_patterns("*.pyc", "*.tmp.*", "*.egg-info"),
                )
            else:
                shutil.copy(source, folder / name)
        self.configure({})

    @property
    def results(self) -> Path:
        """The campaign's results."""
        return self.folder / "results/tiny"

    def configure(self, changes: dict[str, Any]) -> None:
        """Write the tiny campaign with changes."""
        (self.folder / "tiny.yaml").write_text(yaml.safe_dump({**TINY, **changes}))

    def start(self, *options: str, config: str = "tiny.yaml") -> subprocess.Popen[str]:
        """Start the campaign."""
        return subprocess.Popen(
            [sys.executable, "-m", "mesocast", "run", config, "--cores", "2", *options],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder / "src"), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *options: str, config: str = "tiny.yaml") -> tuple[int, str]:
        """Run the campaign to its end."""
        process = self.start(*options, config=config)
        text, _ = process.communicate(timeout=1200)
        return process.returncode, text

    def planned(self) -> list[tuple[str, str]]:
        """Jobs that the workflow would run now: subcommand, and slurry or condition."""
        status, text = self.run("--dry-run", "--printshellcmds")
        assert status == 0, text
        commands = re.findall(r"^Shell command: mesocast (\w+) (.*)$", text, re.MULTILINE)
        # Each job is one command; the table at the top counts them, so none is overlooked.
        totals = re.findall(r"^total +(\d+)$", text, re.MULTILINE)
        assert len(commands) == (int(totals[0]) - 1 if totals else 0), text
        return [
            (rule, "".join(re.findall(r"--folder results/tiny/\w+/(\S+)", options)))
            for rule, options in commands
        ]

    def counts(self) -> Counter[str]:
        """Jobs per rule, without those at the optimum, whose recipe may move."""
        return Counter(rule for rule, name in self.planned() if not name.startswith("V"))

    def edit(self, name: str, change: Any) -> None:
        """Change the text of a file."""
        path = self.folder / name
        path.write_text(change(path.read_text()))

    def simulated(self) -> dict[str, float]:
        """Each simulation that was done, with the time when it was done."""
        return {
            f"{path.parents[1].name}/{path.name}": path.stat().st_mtime
            for path in self.results.glob("*/*/work/*-*")
            if path.is_dir() and path.name.split("-")[0] in SIMULATIONS
        }
