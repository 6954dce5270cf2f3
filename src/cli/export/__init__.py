"""`khata export`: tables and the book as files for analysts."""
