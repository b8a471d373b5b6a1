"""What each kind of result says in words, one module per family of questions; told.py finds the right one."""
