"""`khata serve` by itself says where it listens, and what a real account still lacks."""

import subprocess
from pathlib import Path

from tests.cli.commands import command, environment


def test_serving_a_real_account_without_its_webhook_secret_is_said_loudly(
    own_environ: dict[str, str], home: Path
) -> None:
    account = {"RAZORPAY_KEY_ID": "rzp_test_12345678901234", "RAZORPAY_KEY_SECRET": "secret"}
    with subprocess.Popen(
        command("serve"),
        env=environment(home, **own_environ | account),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            warning, place = process.stderr.readline(), process.stderr.readline()
        finally:
            process.terminate()
    assert "RAZORPAY_WEBHOOK_SECRETS is not set: every webhook will be refused" in warning
    assert place.startswith("khata: the API listens on http://127.0.0.1:")
    assert not place.endswith(":0\n")
