"""Which columns hold identifiers: those of ours are refused, the others dropped and told; a study may vouch for one."""
