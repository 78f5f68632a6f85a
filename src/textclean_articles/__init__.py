"""A word for those whose `textclean` is somebody else's.

The distribution is called textclean-articles and is imported as `textclean`. On PyPI, the name textclean belongs to another project, whose
files go into the same folder. Where both are installed, whichever came last has overwritten `textclean/__init__.py`, so what explains that
has to stand outside of it: here. The command ``textclean`` starts in `textclean_articles.launcher`.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def neighbour() -> str | None:
    """Says that the other distribution called textclean is installed as well, and what to do; None if it is not."""
    try:
        found = version("textclean")
    except PackageNotFoundError:
        return None
    return (
        f"the package textclean {found} of somebody else is installed in the same folder: run `pip uninstall textclean`, then"
        " `pip install --force-reinstall textclean-articles`"
    )
