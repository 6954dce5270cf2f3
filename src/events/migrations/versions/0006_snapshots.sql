-- A snapshot names the event that it stands at: a book that lost its end and grew
-- again has the same versions, with other facts. What was kept before is folded anew.
delete from read.snapshots;
alter table read.snapshots add column event_id uuid not null;
