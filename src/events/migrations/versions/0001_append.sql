-- The append, in three parts: write puts rows at dense positions, sieve tells
-- what fits from what has moved, append locks the head and decides between them.
--
-- A step is one stream that one entry read: the version it expects and how many
-- events it adds. `streams` names each stream once, and steps point into it.

-- Insert events at dense positions; return the root over their leaves and the sum
-- of their versions. The layout of a leaf stands in src/events/leaf.py, which
-- recomputes it: numbers and ids, the lengths of the texts, the texts, the payload.
create function khata.write(
    which_book int, after_position bigint, at timestamptz,
    event_streams text[], versions int[], types text[], schema_versions smallint[], event_ids uuid[],
    command_ids uuid[], correlation_ids uuid[], causation_ids uuid[], actors text[], payloads json[],
    out root bytea, out version_sum bigint
)
language plpgsql volatile as $$
declare
    opened constant bytea := '\x00'::bytea || int4send(which_book)
        || int8send((extract(epoch from at) * 1000000)::bigint);
begin
    with inserted as (
        insert into khata.events (
            book, position, stream, version, type, schema_version, event_id, recorded_at,
            command_id, correlation_id, causation_id, actor, payload, leaf)
        select which_book, after_position + n, stream, version, type, schema_version, event_id, at,
               command_id, correlation_id, causation_id, actor, payload,
               sha256(opened || int8send(after_position + n) || int4send(version)
                   || int2send(schema_version) || uuid_send(event_id)
                   || uuid_send(command_id) || uuid_send(correlation_id)
                   || coalesce('\x00000010'::bytea || uuid_send(causation_id), '\xffffffff'::bytea)
                   || int4send(octet_length(stream)) || int4send(octet_length(type))
                   || int4send(octet_length(actor))
                   || convert_to(stream || type || actor || payload::text, 'UTF8'))
        from unnest(event_streams, versions, types, schema_versions, event_ids,
                    command_ids, correlation_ids, causation_ids, actors, payloads)
            with ordinality as fresh(stream, version, type, schema_version, event_id,
                    command_id, correlation_id, causation_id, actor, payload, n)
        returning position, version, leaf
    )
    select sha256(string_agg(leaf, ''::bytea order by position)), sum(version)
        into root, version_sum from inserted;
end $$;

-- Tell whether an entry stands in the book already, event for event.
create function khata.find(
    which_book int, event_streams text[], versions int[], event_ids uuid[], first_event int, last_event int,
    out found_position bigint, out found_time timestamptz
)
language sql stable
begin atomic
    select max(stored.position), max(stored.recorded_at)
    from generate_series(first_event, last_event) as n
    join khata.events as stored
        on stored.book = which_book and stored.stream = event_streams[n]
        and stored.version = versions[n] and stored.event_id = event_ids[n]
    having count(*) = last_event - first_event + 1 and count(*) > 0;
end;

-- Go through the entries in order with a running map of versions. An entry that
-- moved is skipped, and so is whatever was built on it: an expectation of a
-- version that a skipped entry would have written (`spoilt`), even if somebody
-- else has written that version since. What was built on an entry that is already
-- written is skipped too: it was decided on the facts of this append, and the
-- book may hold others of the same command.
create function khata.sieve(
    head khata.books, at timestamptz, currents int[],
    step_streams int[], step_versions int[], step_adds int[], steps_by_entry int[], events_by_entry int[],
    event_streams text[], versions int[], event_ids uuid[],
    out outcomes text[], out positions bigint[], out times timestamptz[],
    out kept int[], out kept_version_sum bigint, out missed int[]
)
language plpgsql volatile as $$
declare
    spoilt_from int[] := array_fill(2147483647, array[cardinality(currents)]);
    spoilt_to   int[] := array_fill(0, array[cardinality(currents)]);
    places int[] := array_fill(0, array[cardinality(event_ids)]);
    step   int := 0;
    event  int := 0;
    s      int;
    fits   boolean;
    found_position bigint;
    found_time     timestamptz;
begin
    kept := '{}';
    kept_version_sum := 0;
    missed := array_fill(null::int, array[cardinality(currents)]);
    for entry in 1 .. cardinality(steps_by_entry) loop
        fits := true;
        for i in step + 1 .. step + steps_by_entry[entry] loop
            s := step_streams[i];
            fits := fits and step_versions[i] = currents[s]
                and step_versions[i] not between spoilt_from[s] and spoilt_to[s];
        end loop;

        if fits then
            for i in step + 1 .. step + steps_by_entry[entry] loop
                s := step_streams[i];
                currents[s] := currents[s] + step_adds[i];
                kept_version_sum := kept_version_sum
                    + step_adds[i] * (2::bigint * step_versions[i] + step_adds[i] + 1) / 2;
            end loop;
            for i in event + 1 .. event + events_by_entry[entry] loop
                kept := kept || i;
                places[i] := cardinality(kept);
            end loop;
            outcomes[entry] := 'written';
            positions[entry] := head.position + cardinality(kept);
            times[entry] := case when cardinality(kept) = 0 then head.recorded_at else at end;
        else
            select already.found_position, already.found_time into found_position, found_time
                from khata.find(head.book, event_streams, versions, event_ids,
                                event + 1, event + events_by_entry[entry]) as already;
            if found_position is null then
                -- The same entry may stand earlier in this very append.
                select head.position + max(places[array_position(event_ids, event_ids[n])]), at
                    into found_position, found_time
                    from generate_series(event + 1, event + events_by_entry[entry]) as n
                    having bool_and(places[array_position(event_ids, event_ids[n])] > 0);
            end if;
            positions[entry] := found_position;
            times[entry] := found_time;
            outcomes[entry] := case when found_position is null then 'moved' else 'already written' end;
            for i in step + 1 .. step + steps_by_entry[entry] loop
                s := step_streams[i];
                if found_position is null then
                    missed[s] := least(missed[s], step_versions[i]);
                end if;
                if step_adds[i] > 0 then
                    spoilt_from[s] := least(spoilt_from[s], step_versions[i] + 1);
                    spoilt_to[s] := greatest(spoilt_to[s], step_versions[i] + step_adds[i]);
                end if;
            end loop;
        end if;
        step := step + steps_by_entry[entry];
        event := event + events_by_entry[entry];
    end loop;
end $$;

-- Append a list of entries in one round trip. `outcomes` is null when everything
-- was written, densely from head_position + 1.
--
-- The head row stays locked until commit, so the order of positions is the order
-- of commits. That needs READ COMMITTED: with an older snapshot the versions
-- would be read as they were before the lock.
create function khata.append(
    which_book int, streams text[],
    step_streams int[], step_versions int[], step_adds int[], steps_by_entry int[], events_by_entry int[],
    event_streams text[], versions int[], types text[], schema_versions smallint[], event_ids uuid[],
    command_ids uuid[], correlation_ids uuid[], causation_ids uuid[], actors text[], payloads json[],
    tail_events_max int,
    out head_position bigint, out head_recorded_at timestamptz, out written_at timestamptz,
    out outcomes text[], out positions bigint[], out times timestamptz[], out tails khata.events[]
)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- The book may be young and without statistics; its indexes are right from the first row.
set enable_seqscan = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
    head     khata.books;
    opening  int[];
    currents int[];
    s        int;
    length   int := cardinality(event_ids);
    moved    boolean := false;
    due_sum  bigint := 0;
    written  record;
    missed   int[];
    kept     int[];
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'khata: append needs READ COMMITTED' using errcode = 'invalid_transaction_state';
    end if;
    select * into head from khata.books where book = which_book for update;
    if not found then
        raise exception 'khata: there is no book %', which_book using errcode = 'no_data_found';
    end if;
    head_position := head.position;
    head_recorded_at := head.recorded_at;
    written_at := greatest(head.recorded_at, clock_timestamp());

    opening := array(
        select coalesce((select stored.version from khata.events as stored
                         where stored.book = which_book and stored.stream = named.stream
                         order by stored.version desc limit 1), 0)
        from unnest(streams) with ordinality as named(stream, n) order by n);
    currents := opening;
    for i in 1 .. cardinality(step_streams) loop
        s := step_streams[i];
        if step_versions[i] <> currents[s] then
            moved := true;
            exit;
        end if;
        currents[s] := step_versions[i] + step_adds[i];
        due_sum := due_sum + step_adds[i] * (2::bigint * step_versions[i] + step_adds[i] + 1) / 2;
    end loop;

    if moved then
        select sieved.outcomes, sieved.positions, sieved.times,
               sieved.kept, sieved.kept_version_sum, sieved.missed
            into outcomes, positions, times, kept, due_sum, missed
            from khata.sieve(head, written_at, opening, step_streams, step_versions, step_adds,
                             steps_by_entry, events_by_entry, event_streams, versions, event_ids) as sieved;
        length := cardinality(kept);
        select array_agg(event_streams[n] order by i), array_agg(versions[n] order by i),
               array_agg(types[n] order by i), array_agg(schema_versions[n] order by i),
               array_agg(event_ids[n] order by i), array_agg(command_ids[n] order by i),
               array_agg(correlation_ids[n] order by i), array_agg(causation_ids[n] order by i),
               array_agg(actors[n] order by i), array_agg(payloads[n] order by i)
            into event_streams, versions, types, schema_versions, event_ids,
                 command_ids, correlation_ids, causation_ids, actors, payloads
            from unnest(kept) with ordinality as keep(n, i);
    end if;

    if length > 0 then
        written := khata.write(which_book, head.position, written_at,
                               event_streams, versions, types, schema_versions, event_ids,
                               command_ids, correlation_ids, causation_ids, actors, payloads);
        -- Versions are unique and none below is free, so each stream's sum is least
        -- when it is dense: the right total leaves no gap anywhere.
        if written.version_sum <> due_sum then
            raise exception 'khata: versions do not follow the ones expected'
                using errcode = 'invalid_parameter_value';
        end if;
        head.chain := sha256(head.chain || written.root
                             || int8send(head.position + 1) || int8send(head.position + length));
        insert into khata.appends (book, first_position, last_position, recorded_at, root, chain)
            values (which_book, head.position + 1, head.position + length, written_at, written.root, head.chain);
        update khata.books
            set position = head.position + length, recorded_at = written_at, chain = head.chain
            where book = which_book;
    end if;

    if moved then
        tails := array(
            select tail from unnest(streams, missed) as behind(stream, version),
                lateral (select stored from khata.events as stored
                         where stored.book = which_book and stored.stream = behind.stream
                             and stored.version > behind.version
                         order by stored.version limit tail_events_max) as missing(tail)
            where behind.version is not null
            order by (tail).position);
    end if;
end $$;
