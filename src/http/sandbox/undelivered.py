"""Which events still have somewhere to go: in memory to be found, on disk to be kept."""

from src.http.sandbox.event_table import Delivery, Event, EventTable
from src.http.sandbox.store import Store

Errand = tuple[Event, Delivery]


class Undelivered:
    def __init__(self, store: Store, events: EventTable) -> None:
        self._store, self._events = store, events
        self._all: dict[str, Event] = {}
        self._until_fetched: dict[str, Event] = {}
        """Those among them that are let go by somebody who asks."""

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, event: Event) -> bool:
        return event.id in self._all

    def find(self, event_id: str) -> Event | None:
        return self._all.get(event_id)

    def add(self, event: Event) -> None:
        self._all[event.id] = event
        if any(each.until_fetched and each.state == "held" for each in event.deliveries):
            self._until_fetched[event.id] = event

    def errands(self, endpoint_id: str | None = None) -> list[Errand]:
        """Every delivery of these events; only those to one endpoint, if one is given."""
        return [
            (event, each)
            for event in self._all.values()
            for each in event.deliveries
            if endpoint_id in (None, each.endpoint)
        ]

    def take_asked_for(self, entity_id: str) -> list[Errand]:
        """What was held until somebody asks for this order or payment, once."""
        events = [each for each in self._until_fetched.values() if each.is_about(entity_id)]
        for event in events:
            del self._until_fetched[event.id]
        return [(event, each) for event in events for each in event.deliveries
                if each.until_fetched and each.state == "held"]  # fmt: skip

    def save(self, event: Event) -> None:
        """Keep what became of it; an event that is delivered or given up is no longer here."""
        if not event.is_waiting:
            self._all.pop(event.id, None)
            self._until_fetched.pop(event.id, None)
        self._events.save(event)
        self._store.settle_soon()

    def clear(self) -> None:
        self._all.clear()
        self._until_fetched.clear()
