"""A collector that is away costs spans and one log line a minute, and keeps nobody waiting."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from src import trace_export, tracing
from src.settings import Settings, SettingsError
from src.trace_export import Patient, exported

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
GIVE_UP_SECONDS = 30.0
"""A sender that has not given up by then never will."""


class Collector(BaseHTTPRequestHandler):
    """Takes what is sent, and remembers it."""

    taken: list[tuple[str, bytes, str | None]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((self.path, body, self.headers["Authorization"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as there
        """Say nothing."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, bytes, str | None]]]:
    Collector.taken = []
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{server.server_port}")
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield Collector.taken
        server.shutdown()
        serving.join()


def test_spans_arrive_with_the_names_and_headers_of_the_environment(
    collector: list[tuple[str, bytes, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "tea-shop")
    with exported("api"), tracing.answer("request", None) as span:
        span.rename("GET /carts/{cart_id}")
    ((path, body, authorization),) = collector
    assert (path, authorization) == ("/v1/traces", "Bearer abc")
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    said = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert (said["service.name"], said["khata.part"]) == ("tea-shop", "api")
    assert resource.scope_spans[0].spans[0].name == "GET /carts/{cart_id}"
    assert not tracing.is_on()


def test_a_collector_that_is_away_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, log: StringIO
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setattr(trace_export, "FLUSH_SECONDS", 0.0)
        before = set(threading.enumerate())
        with exported("api"):
            for _ in range(10):
                with tracing.answer("request", None):
                    pass
        _gone(set(threading.enumerate()) - before)  # what it says late is for this test
    assert all(json.loads(line)["part"] == "tracing" for line in log.getvalue().splitlines())


def _gone(threads: set[threading.Thread]) -> None:
    for thread in threads:
        thread.join(GIVE_UP_SECONDS)
    assert not any(thread.is_alive() for thread in threads)


class Away(SpanExporter):
    def export(self, spans: object) -> SpanExportResult:
        del spans
        raise ConnectionError("asha@example.com")


def test_it_is_complained_of_once_a_minute(monkeypatch: pytest.MonkeyPatch, log: StringIO) -> None:
    seconds = iter((0.0, 1.0, 59.0, 60.0, 61.0))
    monkeypatch.setattr(trace_export, "monotonic", lambda: next(seconds))
    patient = Patient(Away())
    results = [patient.export([]) for _ in range(5)]
    assert set(results) == {SpanExportResult.FAILURE}
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["nobody takes the traces"] * 2
    assert "asha" not in log.getvalue()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (ENDPOINT, "collector:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "grpc://collector"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_TRACES_SAMPLER_ARG", "nan"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ("OTEL_TRACES_SAMPLER_ARG", "half"),
    ],
)
def test_what_the_library_would_only_warn_of_is_refused_by_name(
    variable: str, value: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environ({"KHATA_HOME": str(tmp_path), variable: value})
    (problem,) = refused.value.problems
    assert problem.startswith(f"{variable} must be ")


def test_traces_are_off_unless_there_is_somewhere_to_send_them(tmp_path: Path) -> None:
    def url(**more: str) -> str | None:
        return Settings.from_environ({"KHATA_HOME": str(tmp_path), **more}).traces_url

    here = {ENDPOINT: "http://127.0.0.1:4318"}
    assert url() is None
    assert url(**here) == here[ENDPOINT]
    assert url(**here, OTEL_SDK_DISABLED="true") is None
    assert url(**here, OTEL_TRACES_EXPORTER="none") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_BSP_SCHEDULE_DELAY", "-1"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "10"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "many"),
    ],
)
def test_a_number_that_the_library_cannot_use_costs_the_traces_and_no_shop(
    collector: list[tuple[str, bytes, str | None]],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    with exported("api"), tracing.answer("GET /carts", None) as span:
        assert span.context is None
    assert not collector
