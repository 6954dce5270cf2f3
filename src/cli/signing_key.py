"""`khata keys sign-anew`: another key for tokens, while the shop sells."""

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from src.cli.complaint import Complaint
from src.http.signing_keys import SigningKeys, UnusableKeyError, add_key
from src.http.tokens import KEYS_LOOK_SECONDS, REFRESH_LIFETIME
from src.settings import Settings


def new_signing_key(settings: Settings) -> None:
    """Put a new key beside the old ones, and say what becomes of them."""
    place = settings.signing_keys_dir
    try:
        # A directory with a damaged file in it is mended first.
        SigningKeys(place)
        path, key = add_key(place, Ed25519PrivateKey.generate)
    except (OSError, UnusableKeyError) as error:
        raise Complaint(f"KHATA_SIGNING_KEYS_DIR: {error}.") from error
    seconds, days = f"{KEYS_LOOK_SECONDS:.0f}", REFRESH_LIFETIME.days
    typer.echo(f"{path} is the new signing key {key.kid}")
    typer.echo(
        f"running processes sign with it within {seconds} seconds, the old keys still verify"
    )
    typer.echo(f"in {days} days no token of an old key is left: then remove its file")
    typer.echo("a key that somebody stole is removed at once: everybody whom it signed in, logs in")
