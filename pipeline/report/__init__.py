"""Stored results become pages and tables; everything leaves through disclosure.release."""
