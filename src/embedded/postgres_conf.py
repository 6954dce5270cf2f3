"""postgresql.conf and pg_hba.conf: written anew at every start, so these lines are the truth."""

from pathlib import Path

CONFIGURATION, HBA_FILE = "postgresql.conf", "pg_hba.conf"
HBA = "host all all 127.0.0.1/32 scram-sha-256\n"

# Two cores, little memory, one shop. The wheel is built without lz4, hence pglz.
SETTINGS = {
    "cluster_name": "khata",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "128MB",
    "huge_pages": "off",
    "synchronous_commit": "on",
    "wal_compression": "pglz",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "default_text_search_config": "pg_catalog.simple",
}

# Errors, their details and statements can carry e-mails and addresses: the log
# keeps what operators need (starts, stops, checkpoints, refused logins) and no more.
NO_PERSONAL_DATA_IN_LOGS = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] ",
}

STATISTICS = {
    "shared_preload_libraries": "pg_stat_statements",
    # Utility statements would be kept with their literals, passwords included.
    "pg_stat_statements.track_utility": "off",
}

THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def write_configuration(place: Path, *, install: Path, durable: bool) -> None:
    """Beside the cluster, not in it: root writes nothing where others may plant links."""
    settings = SETTINGS | NO_PERSONAL_DATA_IN_LOGS
    if any((install / "lib").glob("pg_stat_statements.*")):
        settings |= STATISTICS
    if not durable:
        settings |= THROW_AWAY
    lines = (f"{name} = '{value}'\n" for name, value in settings.items())
    (place / CONFIGURATION).write_text("".join(lines))
    (place / HBA_FILE).write_text(HBA)


def configured(place: Path) -> tuple[str, ...]:
    """The arguments that make a server read what was written."""
    return "-c", f"config_file={place / CONFIGURATION}", "-c", f"hba_file={place / HBA_FILE}"
