"""Models of a hazard or of visits: Cox, Fine-Gray, discrete time, proportionality, and likelihood profiles."""
