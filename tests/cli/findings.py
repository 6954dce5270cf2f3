"""What `khata doctor` says is wrong, as a test reads it."""

import pytest

from src.cli.doctor import examine


def wrong(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return what the doctor says is wrong, by what it is about; each is said how to mend."""
    status = examine(environ)
    lines = capsys.readouterr().out.splitlines()
    assert "hunter2" not in "".join(lines)
    found: dict[str, str] = {}
    for number, line in enumerate(lines):
        if line.startswith("WRONG"):
            name, _, says = line.removeprefix("WRONG ").partition(": ")
            assert lines[number + 1].startswith("      "), "how to mend it"
            if name == "settings":
                name = says.split()[0].rstrip(":")
            found[name] = f"{says} | {lines[number + 1].strip()}"
    assert status == bool(found)
    return found
