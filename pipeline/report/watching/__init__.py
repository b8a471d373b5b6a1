"""What a quality team watches: the course of each measure, what is new, and sites that lie apart."""
