"""Compares levels of care in behavioral health from a program's own records.

raw files      as the program exported them
  ingest       read, refuse identifiers, check every rule: staging and quarantine
  warehouse    sessions, episodes, analysis set: one SQL file, one table
  analysis     which rows, which estimator, which contrast (stats: arrays in, frozen results out)
  report       one disclosure gate, then tables, figures and pages
pages          aggregates that are safe to hand over
"""
