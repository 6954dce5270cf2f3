-- What the code keeps for its own questions moves out of the way, with all its rows:
-- `read` is for analysts from here on, and holds nothing but what is said to them.
alter schema read rename to models;
alter schema read_next rename to models_next;
alter schema read_old rename to models_old;
create schema read;

-- What an analyst's day depends on: the shop's own clock on the wall.
create table models.shop (
    book      int  primary key,
    time_zone text not null check (length(time_zone) between 1 and 100)
);

comment on schema read is
    'What analysts see of this shop, in its own words; select * from read.about says up to which fact.';
