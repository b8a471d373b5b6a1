"""The tables that a program would export of these people, and the faults planted in them."""
