"""The command line: what may be asked, what is said, and one function a command."""
