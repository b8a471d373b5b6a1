"""Parts that only the research page has: the protocol, what is assumed, what the unmeasured could do, guidelines."""
