"""The one gate: what may leave, what is hidden, and what is hidden besides so that nothing can be worked out."""
