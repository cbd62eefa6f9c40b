"""Mesocast: from an electrode recipe to a microstructure to a better recipe."""

from importlib.metadata import version

__version__ = version("mesocast")
