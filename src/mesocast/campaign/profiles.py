"""Profiles of Snakemake: the workflow's, and a person's own, which counts more."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from mesocast.campaign.options import value_of
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKFLOW_PROFILE, OWN_PROFILE = "--workflow-profile", "--profile"
_REQUESTS = "default-resources"


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
    at, after = _place(options, WORKFLOW_PROFILE)
    return [*options[:at], WORKFLOW_PROFILE, str(path), *options[after:]]


def with_own_settings(options: Sequence[str], home: Path) -> list[str]:
    """Let what stands in a person's profile count more than what the workflow's says.

    Snakemake has it the other way round, key by key: a site's account or ``jobs`` in a profile of
    one's own would be dropped without a word. Of two profiles it lets the workflow's win, so they
    change places. What is requested by default is joined name by name: an account of one's own
    leaves the workflow's memory and run time as they are.

    Parameters
    ----------
    options
        Options of Snakemake, with a workflow profile's path, as :func:`with_profile` gives them.
    home
        The folder of the Snakefile, in which ``profiles/`` is.
    """
    workflow, own = _workflow_profile(options, home), _own_profiles(options)
    if workflow is None or not own:
        return list(options)
    joined: dict[str, str] = {}
    for name in (workflow, *own):
        joined |= _requests(_content(name).get(_REQUESTS))
    left = _without(_without(options, WORKFLOW_PROFILE), OWN_PROFILE)
    asked = value_of(options, f"--{_REQUESTS}") is not None
    # First: it takes all words that follow it, up to an option.
    words = [] if asked or not joined else [f"--{_REQUESTS}", *joined.values()]
    for name in (workflow, *own[:-1]):
        words += [OWN_PROFILE, name]
    return [*words, WORKFLOW_PROFILE, own[-1], *left]


def setting_of(options: Sequence[str], key: str) -> str | None:
    """Value of an option of Snakemake, given as an option or in a profile; None if it is in none.

    Parameters
    ----------
    options
        Options of Snakemake, as :func:`with_own_settings` gives them.
    key
        Name of the option, without hyphens before it.
    """
    if (value := value_of(options, f"--{key}")) is not None:
        return value
    workflow = value_of(options, WORKFLOW_PROFILE)
    for name in (workflow, *reversed(_own_profiles(options))):
        if name and (value := _content(name).get(key)) is not None:
            folder = Path(name).parent if Path(name).is_file() else Path(name)
            beside = folder / str(value)  # as in Snakemake: a file beside the profile
            return str(beside if beside.is_file() else value)
    return None


def executor_of(options: Sequence[str]) -> str:
    """Where Snakemake is told to run jobs, by an option or a profile; ``"local"`` if nowhere."""
    return value_of(options, "-e") or setting_of(options, "executor") or "local"


def _workflow_profile(options: Sequence[str], home: Path) -> str | None:
    """Path of the workflow's profile; that named ``default``, as in Snakemake, if none is named."""
    name = value_of(options, WORKFLOW_PROFILE)
    if name is None:
        places = (Path("profiles/default"), home / "profiles/default")
        return next((str(place) for place in places if place.is_dir()), None)
    return None if name == "none" else name


def _own_profiles(options: Sequence[str]) -> list[str]:
    """Paths of a person's profiles, the one that counts most last; none that does not exist."""
    names = _values(options, OWN_PROFILE) or [os.environ.get("SNAKEMAKE_PROFILE", "")]
    return [str(path) for name in names if (path := _path(name)) is not None]


def _values(options: Sequence[str], name: str) -> list[str]:
    """All values of an option that may be given several times."""
    found, rest = [], list(options)
    while (value := value_of(rest, name)) is not None:
        found.append(value)
        rest = rest[_place(rest, name)[1] :]
    return found


def _place(options: Sequence[str], name: str) -> tuple[int, int]:
    """Where an option with its value begins and ends."""
    at = next(i for i, word in enumerate(options) if word.partition("=")[0] == name)
    return at, at + (1 if "=" in options[at] else 2)


def _without(options: Sequence[str], name: str) -> list[str]:
    """Options without one of them and its values."""
    left = list(options)
    while value_of(left, name) is not None:
        at, after = _place(left, name)
        del left[at:after]
    return left


def _path(profile: str) -> Path | None:
    """Path of a profile: as it is, or a name that Snakemake looks up in a person's folders."""
    if profile in ("", "none"):
        return None
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = (Path(profile), home / "snakemake" / profile, Path("/etc/xdg/snakemake", profile))
    return next((place for place in places if place.exists()), None)


def _content(profile: str) -> dict[str, Any]:
    """Settings of a profile; none where Snakemake will say what is wrong with it."""
    path = Path(profile)
    files = [path] if path.is_file() else [*path.glob("config*.yaml"), *path.glob("profile*.yaml")]
    joined: dict[str, Any] = {}
    for file in files:
        try:
            content = yaml.safe_load(file.read_text())
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            continue
        joined |= content if isinstance(content, dict) else {}
    return joined


def _requests(value: Any) -> dict[str, str]:
    """Entries ``name=value`` of a setting, a mapping or a list, by name, as Snakemake reads them.

    Text that looks like a number, such as an account ``"0815"``, stays text.
    """
    if isinstance(value, dict):
        value = [f"{name}={_quoted(entry)}" for name, entry in value.items()]
    entries = [str(entry) for entry in value] if isinstance(value, list) else []
    return {entry.partition("=")[0]: entry for entry in entries}


def _quoted(value: Any) -> str:
    try:
        float(value)
    except (TypeError, ValueError):
        return str(value)
    return repr(value)
