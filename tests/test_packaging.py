"""What tells other tools how to install, check and find Mesocast says the same as the lock."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PINS = [
    line for line in (ROOT / "envs/requirements.txt").read_text().splitlines() if line[0] != "#"
]


def test_hooks_before_a_commit_are_the_commands_of_make_lint() -> None:
    makefile = (ROOT / "Makefile").read_text()
    recipe = makefile.split("\nlint: ", 1)[1].split("\n\n", 1)[0]
    commands = re.findall(r"^\t\$\(BIN\)/(.*)$", recipe, re.MULTILINE)
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    hooks = [hook["entry"].removeprefix(".venv/bin/") for hook in repository["hooks"]]
    assert len(commands) > 3
    assert hooks == commands
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert not hook["pass_filenames"]


def test_conda_environment_is_the_lock_and_names_no_path() -> None:
    """Snakemake creates it from a copy that lies elsewhere."""
    content = yaml.safe_load((ROOT / "envs/mesocast.yaml").read_text())
    assert content["dependencies"][-1] == {"pip": PINS}


def test_what_a_campaign_needs_brings_no_vtk_and_does_without() -> None:
    """TauFactor asks for PyVista, but never imports it."""
    assert not [pin for pin in PINS if re.match("(?i)(pyvista|vtk)", pin)]
    assert [pin for pin in PINS if pin.startswith("taufactor==")]
    script = (
        "import sys; sys.modules['pyvista'] = sys.modules['vtkmodules'] = None\n"
        "import taufactor, mesocast.characterization.transport.taufactor_method"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_workflow_catalog_finds_what_it_asks_for() -> None:
    told = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    config = re.fullmatch(r"--config campaign=(\S+)", told["mandatory-flags"]["flags"])
    assert config is not None
    assert (ROOT / config[1]).is_file()
    assert told["software-stack-deployment"] == {"conda": True}
    assert (ROOT / "config/README.md").is_file()


@pytest.mark.slow
def test_entry_of_the_catalog_is_the_workflow(tmp_path: Path) -> None:
    entry = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "workflow/Snakefile")]
    options = ["--config", f"campaign={ROOT / 'config/demo.yaml'}", "-n", "--quiet", "rules"]
    done = subprocess.run(
        [*entry, *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^calendering +32$", done.stdout + done.stderr, re.MULTILINE)


def _sections(recipe: str) -> dict[str, list[str]]:
    """Commands of each section of an Apptainer recipe."""
    parts = re.split(r"^%(\w+)\n", recipe, flags=re.MULTILINE)[1:]
    return {
        name: [line.strip() for line in text.splitlines() if line.strip()]
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.slow
def test_commands_of_the_container_work_in_a_plain_environment(tmp_path: Path) -> None:
    """As Apptainer runs them, but under another root and in place of the image's Python."""
    sections = _sections((ROOT / "envs/apptainer.def").read_text())
    root = tmp_path / "root"
    venv.create(tmp_path / "env", symlinks=True, with_pip=True)
    # What is locked is here already, so that pip finds it and loads nothing.
    (packages,) = (tmp_path / "env").glob("lib/python*/site-packages")
    here = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "dependencies.pth").write_text("\n".join(here) + "\n")
    for source, target in (line.split() for line in sections["files"]):
        place = root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((ROOT / source).read_bytes())
    environment = {
        **os.environ,
        "PATH": f"{tmp_path / 'env/bin'}:/usr/bin:/bin",
        "APPTAINER_ROOTFS": str(root),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    for section in ("setup", "post", "environment", "test", "runscript"):
        script = "\n".join(sections[section]).replace(" /opt/", f" {root}/opt/")
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", script, "sh", "init", "my"],
            cwd=ROOT if section == "setup" else tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (section, done.stdout + done.stderr)
    assert (tmp_path / "my/campaign.yaml").is_file()
    assert list(packages.glob("mesocast-*.dist-info"))
