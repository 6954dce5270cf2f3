"""The import root is called src: these rails keep that harmless."""

import http
import os
import sys
import zipfile
from pathlib import Path

import pytest
import uv_build

from tests.architecture.tree import ROOT, SRC, files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as anybody would build it; the backend needs no network."""
    place = tmp_path_factory.mktemp("wheel")
    backend = str(Path(sys.executable).parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", backend, prepend=os.pathsep)
        patch.chdir(ROOT)
        return place / uv_build.build_wheel(str(place))


def test_http_is_the_standard_librarys() -> None:
    assert not Path(http.__file__).is_relative_to(ROOT)


def test_src_is_a_package_and_never_a_place_to_import_from() -> None:
    assert SRC not in [Path(entry).resolve() for entry in sys.path]


def test_every_file_of_src_is_in_the_wheel(wheel: Path) -> None:
    shipped = set(zipfile.ZipFile(wheel).namelist())
    ours = {path.relative_to(ROOT).as_posix() for path in files(SRC)}
    assert "src/py.typed" in ours
    assert ours - shipped == set()


def test_nothing_but_src_is_in_the_wheel(wheel: Path) -> None:
    tops = {entry.split("/")[0] for entry in zipfile.ZipFile(wheel).namelist()}
    assert [top for top in tops if not top.endswith(".dist-info")] == ["src"]
