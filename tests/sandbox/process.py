"""A sandbox that can be killed: `python -m tests.sandbox.process LISTENING_FD STATE_PATH URL`."""

import socket
import sys
from pathlib import Path

import uvicorn

from src.http.sandbox import build_sandbox
from tests.sandbox.shop import settings_for

RETRY_SCALE, RETRY_GAP_SECONDS_MAX = 0.02, 0.5


def main(listening_fd: str, state_path: str, webhook_url: str) -> None:
    settings = settings_for(
        Path(state_path),
        webhook_url,
        retry_scale=RETRY_SCALE,
        retry_gap_seconds_max=RETRY_GAP_SECONDS_MAX,
    )
    config = uvicorn.Config(build_sandbox(settings), log_level="warning", lifespan="on")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(listening_fd))])


if __name__ == "__main__":
    main(*sys.argv[1:])
