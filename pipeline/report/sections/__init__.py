"""The parts of pages: released rows in, one Fragment of HTML out, which knows the rows it used."""
