"""The choices of a study, section by section; every default stands beside its reason."""
