"""Each question in words and pictures, one module by its stem; sentence_of.py finds the right one."""
