"""The register: the only place that holds SQL. SQLite and PostgreSQL by one URL."""
