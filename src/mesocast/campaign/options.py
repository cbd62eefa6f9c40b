"""What a person asks of Snakemake, as far as the controller must know it."""

from __future__ import annotations

import os
import re
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKFLOW_PROFILE = "--workflow-profile"
# Snakemake answers these and runs no job: they need no lease, and touch no job of SLURM.
_ASKING = {
    *("-n", "--dry-run", "--dryrun", "-h", "--help", "-v", "--version", "--lint", "--report"),
    *("-S", "--summary", "-D", "--detailed-summary", "--dag", "--rulegraph", "--filegraph"),
    *("--d3dag", "-l", "--list", "--list-rules", "--lt", "--list-target-rules", "--containerize"),
}
_TAKEN = {
    "--config": "the campaign is the first argument; allowed: keys in its YAML",
    "-C": "the campaign is the first argument; allowed: keys in its YAML",
    "--directory": "results belong to the folder where the campaign is started; allowed: "
    "start it in another folder",
    "-d": "results belong to the folder where the campaign is started; allowed: "
    "start it in another folder",
}


def value_of(options: Sequence[str], name: str) -> str | None:
    """Value of an option, given as two words or with an equals sign; None if it is not there."""
    for word, following in zip_longest(options, options[1:], fillvalue=""):
        if word == name:
            return following
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return None


def asks_only(options: Sequence[str]) -> bool:
    """Whether Snakemake is asked what it would do, or what there is, and runs no job."""
    names = {word.partition("=")[0] for word in options}
    short = any(re.fullmatch("-[a-zA-Z]*n[a-zA-Z]*", word) for word in options)  # as in -np
    return short or not names.isdisjoint(_ASKING)


def check(options: Sequence[str]) -> None:
    """Refuse what the controller decides.

    Raises
    ------
    InputError
        The option would run another campaign, or the same one in a folder without its lease.
    """
    for word in options:
        if reason := _TAKEN.get(word.partition("=")[0]):
            raise InputError(f"{word}: {reason}")


def with_profile(options: Sequence[str], home: Path) -> list[str]:
    """Let a workflow profile that Mesocast brings be named from any folder.

    Parameters
    ----------
    options
        Options of Snakemake.
    home
        The folder of the Snakefile, in which ``profiles/`` is.

    Returns
    -------
    list of str
        The options; a profile of ours is given by its path, whether it was named ``slurm`` or
        ``profiles/slurm``.

    Raises
    ------
    InputError
        There is no such profile.
    """
    name = value_of(options, WORKFLOW_PROFILE)
    if name is None or name == "none":
        return list(options)
    for path in (Path(name), Path("profiles", name), home / name, home / "profiles" / name):
        if (path / "config.yaml").is_file() or (name and path.is_file()):
            break
    else:
        known = ", ".join(sorted(p.parent.name for p in home.glob("profiles/*/config.yaml")))
        raise InputError(
            f"{WORKFLOW_PROFILE} {name}: no such profile; allowed: a folder with a config.yaml, "
            f"or one of {known}"
        )
    at = next(i for i, w in enumerate(options) if w.partition("=")[0] == WORKFLOW_PROFILE)
    after = at + (1 if "=" in options[at] else 2)
    return [*options[:at], WORKFLOW_PROFILE, str(path), *options[after:]]


def uses_slurm(options: Sequence[str]) -> bool:
    """Whether Snakemake is told to send its jobs to SLURM, by an option or by a profile."""
    if (executor := value_of(options, "--executor") or value_of(options, "-e")) is not None:
        return executor == "slurm"
    profiles = [value_of(options, WORKFLOW_PROFILE), value_of(options, "--profile")]
    if profiles[1] is None:
        profiles[1] = os.environ.get("SNAKEMAKE_PROFILE")
    return any(_executor(file) == "slurm" for name in profiles if name for file in _files(name))


def _files(profile: str) -> list[Path]:
    """Files of a profile: a path, or a name that Snakemake looks up in a person's folders."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    for place in (Path(profile), home / "snakemake" / profile, Path("/etc/xdg/snakemake", profile)):
        if place.is_file():
            return [place]
        if place.is_dir():
            return [*place.glob("config*.yaml"), *place.glob("profile*.yaml")]
    return []


def _executor(profile: Path) -> str | None:
    try:
        content = yaml.safe_load(profile.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError):  # Snakemake says what is wrong with it
        return None
    return content.get("executor") if isinstance(content, dict) else None
