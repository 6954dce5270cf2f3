"""The circuit, on a clock of its own."""

from src.events.circuit import Circuit


def test_a_closed_circuit_lets_everybody_through() -> None:
    circuit = Circuit(open_seconds=1.0)
    assert all(circuit.lets_through(now) for now in (0.0, 0.0, 5.0))


def test_after_a_failure_nobody_passes_until_the_period_is_over() -> None:
    circuit = Circuit(open_seconds=1.0)
    circuit.failed(10.0)
    assert not any(circuit.lets_through(now) for now in (10.0, 10.5, 10.99))


def test_then_one_goes_first_and_the_others_wait_for_it() -> None:
    circuit = Circuit(open_seconds=1.0)
    circuit.failed(10.0)
    assert [circuit.lets_through(11.0) for _ in range(3)] == [True, False, False]
    circuit.succeeded()
    assert circuit.lets_through(11.0)


def test_a_probe_that_fails_opens_the_circuit_again() -> None:
    circuit = Circuit(open_seconds=1.0)
    circuit.failed(10.0)
    assert circuit.lets_through(11.0)
    circuit.failed(11.2)
    assert not circuit.lets_through(12.1)
    assert circuit.lets_through(12.2)


def test_a_probe_that_gets_lost_is_followed_by_another() -> None:
    circuit = Circuit(open_seconds=1.0)
    circuit.failed(10.0)
    assert circuit.lets_through(11.0)
    assert not circuit.lets_through(11.9)
    assert circuit.lets_through(12.0)
