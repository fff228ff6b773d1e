"""A wheel built from the checkout serves as well as the checkout, with nothing of the checkout in reach."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.server import Server
from tests.tooling import ROOT

pytestmark = pytest.mark.slow

# What the checkout has beside the package, and where it is inside the wheel.
TRAVELLING = ("templates", "static", "migrations")
LEFT_BEHIND = (".d.ts", ".pyc")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = folder.glob("gandan-*.whl")
    return built


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a new environment that borrows the third parties of this one."""
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(home, with_pip=True, symlinks=os.name != "nt")
    borrowed = home / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix) / "borrowed.pth"
    # Folders that a .pth adds are not read for .pth files of their own: the checkout stays out of reach.
    borrowed.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    folder = home / Path(sysconfig.get_path("scripts")).relative_to(sys.prefix)
    pip = [str(folder / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--force-reinstall", str(wheel)], check=True)
    return folder


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
        },
        "GANDAN_DATA": str(tmp_path_factory.mktemp("data")),
    }


def run(program: Path, *arguments: str, env: Mapping[str, str]) -> str:
    """Run a program outside the checkout and return what it wrote."""
    answer = subprocess.run(
        [str(program), *arguments],
        env=env,
        cwd=env["GANDAN_DATA"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_everything_travels(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = [
        f"webapp/_resources/{path.relative_to(ROOT).as_posix()}"
        for folder in TRAVELLING
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and not path.name.endswith(LEFT_BEHIND)
    ]
    assert wanted
    assert [name for name in wanted if name not in packed] == []


def test_the_code_is_the_installed_one(bin_folder: Path, surroundings: Mapping[str, str]) -> None:
    where = run(bin_folder / "python", "-c", "import webapp; print(webapp.__file__)", env=surroundings)
    assert Path(where.strip()).is_relative_to(bin_folder.parent)


def test_it_says_its_version(bin_folder: Path, surroundings: Mapping[str, str]) -> None:
    assert "0.1.0" in run(bin_folder / "gandan", "--version", env=surroundings)


def test_it_serves(bin_folder: Path, surroundings: Mapping[str, str], tmp_path: Path) -> None:
    server = Server(
        tmp_path / "data",
        environment={"PYTHONPATH": "", "PYTHONSAFEPATH": "1"},
    )
    server.command = [str(bin_folder / "gandan"), *server.command[server.command.index("serve") :]]
    run(bin_folder / "gandan", "init", env={**surroundings, **data_of(server)})
    with server:
        for path in ("/healthz", "/readyz", "/sign-in"):
            with urlopen(server.origin + path, timeout=30) as answer:  # noqa: S310 - our own server
                assert answer.status == HTTPStatus.OK, path


def data_of(server: Server) -> Mapping[str, str]:
    """Return the settings with which another process works on the server's data."""
    server.data.mkdir(parents=True, exist_ok=True)
    return {name: server.environment[name] for name in ("DATABASE_URL", "GANDAN_DATA", "SECRET_KEY")}
