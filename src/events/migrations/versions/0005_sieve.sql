-- An entry is the same as an earlier one of its append only where its events stand
-- on the same streams at the same versions: their ids follow from the command alone.

-- Go through the entries in order with a running map of versions. An entry that
-- moved is skipped, and so is whatever was built on it: an expectation of a
-- version that a skipped entry would have written (`spoilt`), even if somebody
-- else has written that version since. What was built on an entry that is already
-- written is skipped too: it was decided on the facts of this append, and the
-- book may hold others of the same command.
create or replace function khata.sieve(
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
                -- The same entry may stand earlier in this very append, event for event.
                select head.position + max(places[earlier.place]), at
                    into found_position, found_time
                    from generate_series(event + 1, event + events_by_entry[entry]) as n,
                        lateral (select array_position(event_ids, event_ids[n]) as place) as earlier
                    having bool_and(places[earlier.place] > 0
                                    and event_streams[earlier.place] = event_streams[n]
                                    and versions[earlier.place] = versions[n]);
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
