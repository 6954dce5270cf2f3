"""`khata keys`: the keys that open what the book keeps sealed, and those that sign tokens."""

import os
from typing import Annotated

import typer

from src.cli.outcome import told
from src.cli.shop_place import settings_of_a_shop, settings_of_a_signer

keys = typer.Typer(help="Look after the keys of sealed data and of tokens.", no_args_is_help=True)

Prepare = Annotated[bool, typer.Option("--prepare", help="Only put the new key into the file.")]


@keys.command()
def rotate(
    prepare: Prepare = False,  # noqa: FBT002 - an option
) -> None:
    """Wrap every key with a new master key, while the shop sells.

    It may be killed at any moment, and be run again. With several machines, run it with
    --prepare, copy the file to the others, then run it on each of them without.
    """
    from src.cli.key_rotation import rotate as run  # noqa: PLC0415 - ciphers that few commands need

    told(lambda: run(settings_of_a_shop(os.environ), only_prepare=prepare))


@keys.command()
def status() -> None:
    """Count the keys under each master key."""
    from src.cli.key_rotation import show_standing  # noqa: PLC0415 - as above

    told(lambda: show_standing(settings_of_a_shop(os.environ)))


@keys.command()
def sign_anew() -> None:
    """Sign tokens with a new key from now on.

    The old ones verify until their files are removed from KHATA_SIGNING_KEYS_DIR. With
    several machines, copy the new file to the others at once, with its time (cp -p).
    """
    from src.cli.signing_key import new_signing_key as run  # noqa: PLC0415 - as above

    told(lambda: run(settings_of_a_signer(os.environ)))


@keys.command()
def reconcile() -> None:
    """Destroy again the keys of all whom the book says are erased.

    It belongs after every restore of keys; khata restore keys does it by itself.
    """
    from src.cli.reconciliation import reconcile as run  # noqa: PLC0415 - as above

    told(lambda: run(settings_of_a_shop(os.environ)))
