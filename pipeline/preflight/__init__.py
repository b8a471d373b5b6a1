"""Before anything is asked: which questions these records could answer, what is missing, and whose scores are due."""
