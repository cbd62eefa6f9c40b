"""How a subcommand answers: in the terminal, or as the CSV or JSON that is asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mesocast.cli.command import file_to_write
from mesocast.errors import InputError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    import pandas as pd

# No property is known better; a table of sixteen digits hides that.
_DIGITS = 6


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add ``--output``."""
    parser.add_argument(
        "--output",
        type=file_to_write,
        metavar="FILE",
        help="write .csv or .json instead of printing it",
    )


def write_table(table: pd.DataFrame, output: Path | None) -> None:
    """Print a table as CSV, or write it to the file that is asked for.

    Raises
    ------
    InputError
        The file is neither CSV nor JSON.
    """
    if _is_json(output):
        records = json.loads(table.to_json(orient="records", double_precision=15))
        _write(json.dumps(_rounded(records), indent=2, allow_nan=False) + "\n", output)
    else:
        _write(table.to_csv(index=False, float_format=f"%.{_DIGITS}g"), output)


def write_content(
    content: dict[str, Any], output: Path | None, *, rows: list[dict[str, float]]
) -> None:
    """Print content as JSON, or write it to the file that is asked for.

    Parameters
    ----------
    content
        Of plain types.
    output
        The file; None prints.
    rows
        What a CSV gets of it.

    Raises
    ------
    InputError
        The file is neither CSV nor JSON.
    """
    if output is not None and not _is_json(output):
        import pandas as pd

        write_table(pd.DataFrame(rows), output)
        return
    _write(json.dumps(_rounded(content), indent=2, allow_nan=False) + "\n", output)


def _is_json(output: Path | None) -> bool:
    if output is not None and output.suffix not in (".csv", ".json"):
        raise InputError(f"--output {output}; allowed: a file that ends on .csv or .json")
    return output is not None and output.suffix == ".json"


def _rounded(content: Any) -> Any:
    """Round all numbers to the digits that are printed."""
    if isinstance(content, float):
        return float(f"{content:.{_DIGITS}g}")
    if isinstance(content, dict):
        return {name: _rounded(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_rounded(value) for value in content]
    return content


def _write(text: str, output: Path | None) -> None:
    from mesocast.storage.files import write_text

    if output is None:
        print(text, end="")  # noqa: T201 - the command's answer
    else:
        write_text(output, text)
