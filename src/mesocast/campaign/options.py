"""What a person asks of Snakemake, as far as the controller must know it."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

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
