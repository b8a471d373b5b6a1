"""Time until leaving, an event or a first improvement: curves, incidence and restricted means."""
