"""Ready mappings of exports that many programs have: a folder each, with mapping.toml and what study.toml needs."""
