"""A PostgreSQL server of the test run's own, on a socket in a temporary folder: Debian's, or the one on the PATH."""

import contextlib
import getpass
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

_FLAGS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c shared_buffers=64MB -c max_connections=40"


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: the newest of Debian's, else that on the PATH."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = newest[-1] if newest else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextlib.contextmanager
def server(bin_folder: Path, flags: str = _FLAGS) -> Iterator[Callable[..., str]]:
    """A running server; calling what is yielded makes a new database and returns its URL.

    The database is empty, or a copy of the one whose URL is given (nobody may be connected to that). PostgreSQL refuses
    to run as root: there it runs as Debian's user `postgres`, who owns the folder.
    """
    is_root = os.geteuid() == 0
    user = "postgres" if is_root else getpass.getuser()
    prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if is_root else []
    # a short path of its own: a socket's path has at most 107 bytes
    with tempfile.TemporaryDirectory(prefix="hcpg") as name:
        folder = Path(name)
        if is_root:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"

        def run(*command: str) -> None:
            subprocess.run([*prefix, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=120)

        run(str(bin_folder / "initdb"), "-D", str(data), "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        run(
            *(str(bin_folder / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")),
            *("-o", f"{flags} -c unix_socket_directories={folder}", "start"),
        )
        numbers = itertools.count()

        def new_database(template_url: str = "") -> str:
            database = f"register{next(numbers)}"
            template = template_url.rpartition("@/")[2].partition("?")[0] or "template0"
            with psycopg.connect(host=str(folder), user=user, dbname="postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {database} TEMPLATE {template}")
            return f"postgresql://{user}@/{database}?host={folder}"

        try:
            yield new_database
        finally:
            run(str(bin_folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
