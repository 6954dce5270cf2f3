"""Every step that the database has taken, in order; none is ever edited."""
