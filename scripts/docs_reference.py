"""Hook of MkDocs: the pages of the reference that the package itself can write."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

from mkdocs.structure.files import File

from mesocast.cli.main import make_parser
from mesocast.columns import Properties
from mesocast.dataset.package import package
from mesocast.storage.markdown import table
from write_config_reference import reference

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files


_COMMANDS = """\
Each rule of the workflow runs one of these; so can you, with `.venv/bin/mesocast`. Exit status: 0
done; 2 the input is wrong (one line says where, and what is allowed); anything else is a fault of
the run."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for name, text in pages().items():
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    return files


def pages() -> dict[str, str]:
    """Text of each generated page, by its name."""
    return {"config": reference(), "commands": commands(), "columns": columns()}


def commands() -> str:
    """Every subcommand with its arguments, from the parser."""
    parts = [
        "# Commands",
        _COMMANDS,
    ]
    for action in make_parser()._actions:  # noqa: SLF001 - argparse has no other way
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, command in action.choices.items():
                parts += [f"## {name}", _sentence(command.description), *_arguments(command)]
    return "\n\n".join(parts) + "\n"


def _sentence(text: str | None) -> str:
    return f"{(text or '')[:1].upper()}{(text or '')[1:]}."


def _arguments(command: argparse.ArgumentParser) -> list[str]:
    rows = []
    for action in command._actions:  # noqa: SLF001
        if isinstance(action, argparse._HelpAction):  # noqa: SLF001
            continue
        shown = ", ".join(action.option_strings) or str(action.metavar or action.dest)
        needed = action.required and action.option_strings
        rows.append((f"`{shown}`", f"{action.help or ''}{' (required)' if needed else ''}"))
    return ["\n".join(table(("argument", "what it is"), rows))]


def columns() -> str:
    """Every column of the dataset, as its data package describes it."""
    rows = []
    for field in package("name", Properties.model_fields)["resources"][0]["schema"]["fields"]:
        unit = "" if field["unit"] == "1" else field["unit"]
        rows.append((f"`{field['name']}`", field["description"], unit))
    return (
        "# Columns of the dataset\n\n"
        "`dataset.parquet` and `dataset.csv` have one row per electrode; `datapackage.json` "
        "describes the columns for machines. What failed or was not reached is empty, and `status` "
        "and `reason` say why.\n\n"
        + "\n".join(table(("column", "what it is", "unit"), rows))
        + "\n"
    )
