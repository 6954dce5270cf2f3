"""Lifts a state file of an earlier Khata to what the tables look like today."""

import sqlite3

ONE_ENDPOINT_TO_MANY = """
begin;
alter table events add column deliveries blob not null default '[]';
update events set deliveries = json_array(json_object(
    'endpoint', '', 'signature', signature, 'says_id', id, 'state', state, 'due_at', due_at));
alter table events drop column signature;
alter table events drop column due_at;
commit;
"""
STARTS_OF_ONE_SEED = """
update remembered set name = 'starts of '
    || (select cast(value as text) from remembered where name = 'seed')
    where name = 'starts' and exists (select 1 from remembered where name = 'seed')
"""


def lift(db: sqlite3.Connection) -> bool:
    """Return whether the events belong to no endpoint yet; a state of today is left alone."""
    columns = [row[1] for row in db.execute("pragma table_info(events)")]
    is_of_one_endpoint = "signature" in columns
    if is_of_one_endpoint:
        db.executescript(ONE_ENDPOINT_TO_MANY)
    db.execute(STARTS_OF_ONE_SEED)
    db.commit()
    return is_of_one_endpoint
