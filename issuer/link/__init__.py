"""From cleaned doses and the population register to links and proposals: set-based, reproducible, never a guess.

The path: `model` says what can be found of a dose and how far apart two facts are, `compare` and `decide` carry that
out for a handful of people in plain Python, `statements` carry the same out for millions in SQL that DuckDB
(`duckdb_engine`) and Spark (`spark_engine`) both read, `weights` rank proposals, `estimate` finds the weights from
data, `words` turn evidence into sentences, `run` is the step itself. Explained in `specs/linking.md`.
"""
