"""Estimators: arrays in, frozen results out; knows no database, no file, no plot."""
