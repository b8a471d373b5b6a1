"""The same tables from the same SQL, made by Spark: for records that one machine does not hold."""
