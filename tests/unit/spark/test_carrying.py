"""A table on its way to Spark keeps the types of its columns, with rows or without."""

import duckdb

from pipeline.spark.carrying import shape_of


def test_a_table_without_rows_says_its_columns_and_types_in_spark_s_words():
    con = duckdb.connect()
    con.execute('CREATE TABLE t (a VARCHAR, "window" VARCHAR, n INTEGER, f DOUBLE, b BOOLEAN, k BIGINT)')
    assert shape_of(con, "t") == "`a` STRING, `window` STRING, `n` INT, `f` DOUBLE, `b` BOOLEAN, `k` BIGINT"
