"""How this command is called here, for lines that a person copies into a terminal."""

import shlex
import shutil
import sys
from pathlib import Path

NAME = "khata"


def own_name() -> str:
    """The name alone where the shell finds it, else the path from the working directory."""
    said = Path(sys.argv[0])
    program = said if said.name == NAME else Path(sys.executable).with_name(NAME)
    found = shutil.which(NAME)
    if not program.exists() or (found is not None and program.samefile(found)):
        return NAME
    program, here = program.absolute(), Path.cwd()
    return shlex.quote(str(program.relative_to(here) if program.is_relative_to(here) else program))
