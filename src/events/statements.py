"""How the book is asked: every statement that reads it by stream or by position."""

from src.events.batch import COLUMNS

STREAM = (
    f"select {COLUMNS} from khata.events"  # noqa: S608  # only our own constant
    " where book = $1 and stream = $2 and version > $3 and version <= $4 order by version"
)
STREAMS = (
    f"select {COLUMNS} from unnest($2::text[], $3::int[]) as wanted(of_stream, after),"  # noqa: S608  # as above
    " lateral (select * from khata.events"
    " where book = $1 and stream = of_stream and version > after order by version"
    " limit $4::int) as found"
    " order by position"
)
PAGE = (
    f"select {COLUMNS} from khata.events"  # noqa: S608  # as above
    " where book = $1 and position > $2 and position <= $3 order by position"
)
SIFTED = (
    f"select {COLUMNS} from khata.events"  # noqa: S608  # as above
    " where book = $1 and position > $2 and position <= $3"
    " and (type <> all($4::text[])"
    " or position = least($3, (select position from khata.books where book = $1)))"
    " order by position"
)
HEAD = "select position from khata.books where book = $1"
COMMAND = (
    "select max(position) from khata.events where book = $1 and stream = $2 and command_id = $3"
)
