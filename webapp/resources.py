"""One resolver for the files that travel beside the code: templates, static files, migrations."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_path(name: str) -> Path:
    """Return the folder `name` (``templates``, ``static`` or ``migrations``).

    In a checkout it stands beside the package; in an installed wheel it is inside it.
    """
    beside = _PACKAGE.parent / name
    return (
        beside
        if beside.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file()
        else _PACKAGE / "_resources" / name
    )
