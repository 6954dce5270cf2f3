"""What libraries warn of is one line of JSON, without what they or their exceptions say."""

import io
import json
import logging

from structlog.testing import capture_logs

from src.telemetry import configure_logging, logger


def test_a_librarys_traceback_is_one_line_of_places(log: io.StringIO) -> None:
    def refuse() -> None:
        raise ConnectionRefusedError("asha@example.com")

    try:
        refuse()
    except ConnectionRefusedError:
        logging.getLogger("asyncpg.pool").warning("Failed; retrying", exc_info=True)
    (line,) = map(json.loads, log.getvalue().splitlines())
    assert (line["part"], line["level"], line["said"]) == (
        "asyncpg.pool",
        "warning",
        "Failed; retrying",
    )
    assert line["error"] == "ConnectionRefusedError"
    assert "test_a_librarys_traceback" in line["places"][1]
    assert "asha" not in log.getvalue()


def test_what_fills_a_template_stays_out_and_chatter_too(log: io.StringIO) -> None:
    logging.getLogger("asyncio").error("no answer from %s", "asha@example.com")
    logging.getLogger("asyncio").info("chatter")
    (line,) = map(json.loads, log.getvalue().splitlines())
    assert (line["level"], line["said"]) == ("error", "no answer from %s")


def test_configuring_it_twice_writes_it_once(log: io.StringIO) -> None:
    configure_logging(file=log)
    logging.getLogger("asyncpg").warning("once")
    assert len(log.getvalue().splitlines()) == 1


def test_whoever_listens_in_hears_a_logger_that_was_used_under_an_earlier_configuration(
    log: io.StringIO,
) -> None:
    used = logger("test")
    used.info("before")
    configure_logging(file=log)
    with capture_logs() as heard:
        used.info("within")
    used.info("after")
    assert [line["event"] for line in heard] == ["within"]
    assert [json.loads(line)["event"] for line in log.getvalue().splitlines()] == [
        "before",
        "after",
    ]
