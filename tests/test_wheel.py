"""The wheel, installed in an empty environment, runs a campaign in an empty folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, TINY

pytestmark = pytest.mark.slow

HOME = "mesocast/campaign/snakemake"


def _pip(*words: str) -> None:
    pip = [sys.executable, "-m", "pip", *words, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what git lists to a folder without git, as an archive of the sources is."""
    folder = tmp_path_factory.mktemp("archive")
    git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if os.path.lexists(ROOT / name):  # and not deleted since
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    return folder


@pytest.fixture(scope="module")
def release(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the sources to a repository of their own, in which a release is tagged."""
    folder = tmp_path_factory.mktemp("release") / "sources"
    shutil.copytree(archive, folder, symlinks=True)
    someone = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    for words in (("init",), ("add", "--all"), ("commit", "-m", "x"), ("tag", "v7.8.9")):
        subprocess.run(["git", *someone, *words], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built(release, tmp_path_factory.mktemp("wheel"))


def _built(sources: Path, folder: Path) -> Path:
    # What builds is in the lock as well, so that nothing is loaded.
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(sources))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment that holds the wheel, and sees the packages it needs; give its Python."""
    folder = tmp_path_factory.mktemp("leere Umgebung ä") / "env"
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    here = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "dependencies.pth").write_text("\n".join(here) + "\n")
    for library in (Path(sys.prefix) / "lib").iterdir():  # MPI is looked up beside Python
        if not (folder / "lib" / library.name).exists():
            (folder / "lib" / library.name).symlink_to(library)
    python = folder / "bin/python"
    _pip("--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    return python


def test_wheel_holds_every_file_that_the_workflow_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {
            name.removeprefix(f"{HOME}/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith(f"{HOME}/")
        }
    files = [ROOT / "Snakefile"]
    files += [p for n in ("workflow", "profiles", "envs") for p in (ROOT / n).rglob("*")]
    expected = {p.relative_to(ROOT).as_posix(): p.read_bytes() for p in files if p.is_file()}
    assert held == expected


def test_wheel_holds_the_library_of_materials(wheel: Path) -> None:
    sources = {path.name for path in (ROOT / "src/mesocast/config/materials").glob("*.yaml")}
    with zipfile.ZipFile(wheel) as content:
        names = {Path(name) for name in content.namelist()}
    assert sources == {
        path.name for path in names if path.parent == Path("mesocast/config/materials")
    }
    assert len(sources) == 9


def test_version_is_the_tag(wheel: Path) -> None:
    assert wheel.name.startswith("mesocast-7.8.9-")


def test_sources_without_git_have_the_last_release(archive: Path, tmp_path: Path) -> None:
    changes = (ROOT / "CHANGELOG.md").read_text()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    last = settings["tool"]["setuptools_scm"]["fallback_version"]
    releases = re.findall(r"^## \[?(\d+\.\d+\.\d+)", changes, re.MULTILINE)
    assert releases[:1] in ([], [last])
    assert _built(archive, tmp_path).name.startswith(f"mesocast-{last}-")


def test_source_distribution_gives_the_same_wheel(
    release: Path, wheel: Path, tmp_path: Path
) -> None:
    build = [
        sys.executable,
        "-m",
        "build",
        "--sdist",
        "--no-isolation",
        "--outdir",
        str(tmp_path),
        str(release),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (packed,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(packed) as content:
        content.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    with zipfile.ZipFile(_built(unpacked, tmp_path)) as one, zipfile.ZipFile(wheel) as other:
        assert one.namelist() == other.namelist()
        for name in other.namelist():
            assert one.read(name) == other.read(name), name


def _started(python: Path, folder: Path, *words: str) -> str:
    # Nothing of the sources and of the surrounding environment is in reach.
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(python.parent / "mesocast"), *words],
        cwd=folder,
        env=kept | {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _shrink(config: Path) -> None:
    """Let the first config take a minute."""
    content: dict[str, Any] = yaml.safe_load(config.read_text())
    small = {k: v for k, v in TINY.items() if k not in ("campaign", "seed")}
    config.write_text(yaml.safe_dump({**content, **small, "jobs": {"conditions_per_job": 4}}))


def test_first_campaign_runs_from_the_wheel_in_an_empty_folder(
    installed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "leerer Ordner ö"
    folder.mkdir()
    assert "mesocast run my/campaign.yaml" in _started(installed, folder, "init", "my")
    _shrink(folder / "my/campaign.yaml")
    said = _started(installed, folder, "run", "my/campaign.yaml", "--cores", "2")
    assert "report: results/my/report.html" in said
    assert (folder / "results/my/report.html").stat().st_size > 0
    assert sorted(p.name for p in folder.iterdir()) == [".snakemake", "my", "results"]
    # What ran is the wheel's: rules, package and interpreter.
    assert f"Snakefile: {installed.parents[1]}/lib" in said
    again = _started(installed, folder, "run", "my/campaign.yaml")
    assert "Nothing to be done" in again
