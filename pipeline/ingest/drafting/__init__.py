"""`carelevels map`: a draft of mapping.toml from what lies in the raw folder; what is not sure stands commented out."""
