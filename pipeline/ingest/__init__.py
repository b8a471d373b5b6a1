"""Raw files into checked staging tables; what cannot be trusted is refused or set apart, and counted."""
