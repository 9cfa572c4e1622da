"""The same model on Spark, in local mode: the same data, the same results to the last proposal."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.link.copy_register import copy_register
from issuer.link.duckdb_engine import DuckDbEngine
from issuer.link.engine import compare_all, results
from issuer.link.model import LinkResult
from issuer.link.weights import shipped_weights
from issuer.people import load_people
from specs.names import lossless_key, merge_i_y
from tests.conftest import MISSING_PART
from tests.country import make_commune
from tests.dose_lists import NOW, cleaned, take

pyspark_sql = pytest.importorskip("pyspark.sql", reason=f"{MISSING_PART}pyspark")
WEIGHTS = shipped_weights()


@pytest.fixture(scope="module")
def spark(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    folder = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"),
        "spark.log.level": "ERROR",
    }
    builder = pyspark_sql.SparkSession.builder.master("local[2]").appName("link")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.mark.filterwarnings("ignore")  # of pyspark and py4j themselves
def test_spark_finds_what_duckdb_finds(spark: object, sqlite_register: sa.Engine, tmp_path: Path) -> None:
    from issuer.link.spark_engine import SparkEngine

    make_commune(tmp_path / "land", people=400, rows=800, seed=11)
    load_people(sqlite_register, tmp_path / "land" / "people.csv", now=NOW, actor="test")
    for path in sorted((tmp_path / "land" / "doses").iterdir()):
        take(sqlite_register, path)
    cleaned(sqlite_register)
    found: list[list[LinkResult]] = []
    on_spark = SparkEngine(spark)  # type: ignore[arg-type]
    with DuckDbEngine(tmp_path, threads=1, memory="256MB") as duck:
        for engine in (duck, on_spark):
            copy_register(sqlite_register, engine, tmp_path, [])
            engine.make("doses", "SELECT * FROM all_doses")
            compare_all(engine, WEIGHTS)
            found.append(list(results(engine, WEIGHTS)))
    assert found[0] == found[1]
    assert len({one.link_class for one in found[0]}) >= 5
    assert sum(bool(one.proposals) for one in found[0]) > 20

    names = ["Lý Quý Mỹ", "Y Mây Thủy", "ly y quy", "Bùi Thúy Vy", "Hy"]
    rows = " UNION ALL ".join(f"SELECT {at} AS at, '{lossless_key(name)}' AS key" for at, name in enumerate(names))
    merged = [
        row[0] for chunk in on_spark.rows(f"SELECT merge_i_y(key), at FROM ({rows}) x ORDER BY at") for row in chunk
    ]
    assert merged == [merge_i_y(name) for name in names]
    on_spark.close()
