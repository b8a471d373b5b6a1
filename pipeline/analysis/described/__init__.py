"""Counts, shares and flows that describe without adjusting: scorecard, measures, retention, safety, table one."""
