"""From the electrode to the cell: what a battery does with a simulated electrode.

The room is also its main function: ``mesocast.cell(row)`` is ``mesocast.cell.result.cell(row)``. A
package and a function of one name cannot both be an attribute of ``mesocast``.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    """A package that can be called; what it does is imported when it is."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Put an electrode into cells; see ``mesocast.cell.result.cell``."""
        from mesocast.cell.result import cell

        return cell(*arguments, **options)


sys.modules[__name__].__class__ = _Room
room = sys.modules[__name__]
