"""Make a campaign by an earlier commit, for the test that today's code continues it.

    earlier_campaign.py COMMIT

The commit is checked out and installed beside the packages of this interpreter, runs
tests/data/earlier/tiny.yaml (some minutes), and its results and Snakemake's records become
tests/data/earlier/COMMIT.tar.xz. To keep it small, the page and the logs are left out, and each
picture is one pixel.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests/data/earlier"
# What a campaign leaves: results, and what Snakemake knows of how they were made.
KEPT = ("results", ".snakemake/metadata")
LEFT_OUT = ("report.html", "logs")


def _run(*command: str | Path, folder: Path, **environment: str) -> None:
    subprocess.run(command, cwd=folder, env={**os.environ, **environment}, check=True)


def _environment(folder: Path, sources: Path) -> Path:
    """Install sources in an environment that sees the packages of this one; give its programs."""
    _run(sys.executable, "-m", "venv", folder, folder=sources)
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "outer.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for library in Path(sys.prefix, "lib").iterdir():  # MPI, which is no Python package
        if not library.name.startswith("python"):
            (folder / "lib" / library.name).symlink_to(library)
    _run(folder / "bin/pip", "install", "--quiet", "--no-deps", sources, folder=sources)
    return folder / "bin"


def _shrink_pictures(folder: Path) -> None:
    pixel = io.BytesIO()
    Image.new("L", (1, 1)).save(pixel, "png")
    for path in folder.glob("results/*/conditions/*/*.png"):  # in work/, each is the same file
        times = path.stat().st_atime, path.stat().st_mtime
        path.write_bytes(pixel.getvalue())
        os.utime(path, times)


def _member(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if Path(member.name).name in LEFT_OUT:
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def pack(folder: Path, archive: Path) -> None:
    """Pack a finished campaign's folder."""
    _shrink_pictures(folder)
    with tarfile.open(archive, "w:xz", preset=9) as packed:
        for part in KEPT:
            packed.add(folder / part, part, filter=_member)


def make(commit: str) -> Path:
    """Run the campaign by a commit and give the archive."""
    with tempfile.TemporaryDirectory(prefix="mesocast-earlier-") as name:
        folder, sources = Path(name, "campaign"), Path(name, "sources")
        git = ("git", "-C", str(ROOT))
        _run(*git, "worktree", "add", "--quiet", "--detach", sources, commit, folder=ROOT)
        try:
            programs = _environment(Path(name, "environment"), sources)
            folder.mkdir()
            for part in ("Snakefile", "workflow", "profiles", "envs", "scripts", "src"):
                (folder / part).symlink_to(sources / part)
            (folder / "tiny.yaml").write_text((DATA / "tiny.yaml").read_text())
            is_old = (sources / "scripts/campaign.py").exists()
            controller = ("scripts/campaign.py",) if is_old else ("-m", "mesocast", "run")
            words = (*controller, "tiny.yaml", "--cores", "2")
            _run(programs / "python", *words, folder=folder, OMP_NUM_THREADS="1")
        finally:
            _run(*git, "worktree", "remove", "--force", sources, folder=ROOT)
        archive = DATA / f"{commit}.tar.xz"
        pack(folder, archive)
        return archive


if __name__ == "__main__":
    path = make(sys.argv[1])
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
