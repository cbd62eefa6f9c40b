"""The first config of someone who begins."""

from __future__ import annotations

import re
import shlex
from importlib.resources import files
from typing import TYPE_CHECKING

from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

NAME = "campaign.yaml"


def write_first_config(folder: Path) -> str:
    """Write a first config, which runs in minutes, into a folder that is made if it is not there.

    Returns
    -------
    str
        What to do next.

    Raises
    ------
    InputError
        The folder holds a config already, or cannot be written.
    """
    path = folder / NAME
    name = campaign_name(folder)
    template = files("mesocast.campaign").joinpath("first.yaml").read_text(encoding="utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as stream:
            stream.write(template.replace("{campaign}", name))
    except FileExistsError as error:
        if not folder.is_dir():
            raise InputError(f"{folder}: is a file; allowed: a folder, or a new name") from error
        raise InputError(f"{path}: is there already; allowed: another folder") from error
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error}); allowed: a folder of your own"
        ) from error
    command = f"mesocast run {shlex.quote(str(path))}"
    return (
        f"{path}: written. Next:\n"
        f"  {command} --dry-run --quiet rules   what would run, and what it would cost\n"
        f"  {command}   some minutes; again after any end to go on\n"
        f"  then open results/{name}/report.html"
    )


def campaign_name(folder: Path) -> str:
    """Name a campaign after its folder, in the letters that a campaign may have."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", folder.resolve().name)
    return name.strip("-_") or "first"
