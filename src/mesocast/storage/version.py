"""Version of the package, as results record it."""

from __future__ import annotations

from importlib.metadata import version

VERSION = version("mesocast")
