"""What the command line ends with."""

DONE, FAILED, QUARANTINED = 0, 1, 3  # 2 is said by whoever parses the command
