"""Tables and equations of the page for a paper, in LaTeX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from mesocast.columns import symbol_of, unit_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.report.blocks import Table
    from mesocast.surrogates.equations.equation import Equation

_RAISED = dict(zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True))
# What people read on the page and LaTeX writes in mathematics.
_SIGNS = {
    "−": "$-$", "–": "--", "×": r"$\times$", "·": r"$\cdot$", "±": r"$\pm$", "≤": r"$\leq$",
    "≥": r"$\geq$", "µ": r"\textmu{}", "°": r"\textdegree{}", "ε": r"$\varepsilon$",
    "τ": r"$\tau$", "σ": r"$\sigma$", "ρ": r"$\rho$", "Δ": r"$\Delta$", "…": r"\ldots{}",
}  # fmt: skip
# Longer tables break over pages.
_LONGEST = 35
_HEAD = "% Needs: booktabs, graphicx, longtable.\n"


def table_source(table: Table, label: str) -> str:
    r"""Give a table with the rules of booktabs, at most as wide as the line.

    Parameters
    ----------
    table
        Of the page.
    label
        What ``\ref`` finds it by.
    """
    # Pandas formats these titles, hence the doubled braces.
    header = [re.sub(r"[{}]", r"\g<0>\g<0>", _text(title)) for title in table.header]
    cells = [[_text(cell) for cell in row] for row in table.rows]
    frame = pd.DataFrame(cells, columns=range(len(header)))
    is_long = len(frame) > _LONGEST
    styled = frame.style.hide(axis="index").relabel_index(header, axis="columns")
    source = styled.to_latex(
        hrules=True,
        column_format="l" + ("r" if table.numeric else "l") * (len(table.header) - 1),
        caption=_text(f"{table.title.rstrip('.')}. {table.caption}"),
        label=label,
        position=None if is_long else "htbp",
        position_float=None if is_long else "centering",
        environment="longtable" if is_long else None,
    )
    begin = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%" + "\n"
    source = source.replace(r"\begin{tabular}", begin + r"\begin{tabular}")
    source = source.replace(r"\end{tabular}", r"\end{tabular}}")
    if is_long:
        source = "{\\scriptsize\\setlength{\\tabcolsep}{3pt}\n" + source + "}\n"
    return _HEAD + source


def equations_source(equations: Mapping[str, Equation]) -> str:
    """Give equations, at least one, by their columns in a ``gather``."""
    lines = []
    for name, equation in equations.items():
        left = _text(symbol_of(name))
        is_sign = len(left) == 1 or re.fullmatch(r"\$[^$]*\$", left)
        left = left.strip("$") if is_sign else rf"\text{{{left}}}"
        unit = rf"\ [\text{{{_text(unit_text(name))}}}]" if unit_text(name) else ""
        lines.append(f"  {left}{unit} = {equation.latex()} \\label{{eq:{name}}}")
    first = next(iter(equations.values()))
    pairs = zip(first.symbols, first.divisors, strict=True)
    divided = [name.upper() for name, divisor in pairs if divisor != 1]
    others = [name.upper() for name in first.symbols if name.upper() not in divided]
    told = [f"{', '.join(divided)} are fractions"] if divided else []
    told += [f"{', '.join(others)} as their columns have them"] if others else []
    head = f"% Needs: amsmath. {'; '.join(told)}; as in the .py beside this file.\n"
    return head + "\\begin{gather}\n" + " \\\\\n".join(lines) + "\n\\end{gather}\n"


def _text(text: str) -> str:
    """Text of the page as LaTeX."""
    escaped = re.sub(r"([&%$#_{}])", r"\\\1", text.replace("\\", "/"))
    escaped = escaped.replace("~", r"\textasciitilde{}").replace("^", r"\textasciicircum{}")
    escaped = re.sub(r"[<>]", lambda found: f"${found[0]}$", escaped)
    raised = f"[{''.join(_RAISED)}]+"
    escaped = re.sub(
        raised, lambda found: f"$^{{{''.join(_RAISED[c] for c in found[0])}}}$", escaped
    )
    return "".join(_SIGNS.get(letter, letter) for letter in escaped)


def plain_cells(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Cells for programs: with a plain minus, and empty where the page has a dash."""
    return [["" if cell == "–" else cell.replace("−", "-") for cell in row] for row in rows]
