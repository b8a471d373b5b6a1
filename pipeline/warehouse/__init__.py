"""Staging becomes the tables that analyses read: one .sql file, one SELECT, one table."""
