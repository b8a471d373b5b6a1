"""Every error this project raises on purpose: what is wrong, where, and what to do next.

The command line prints the message and leaves with the error's exit code
(0 done, 1 failed, 2 usage, 3 done with quarantined rows).  Messages never hold a value from a record.
"""


class CarelevelsError(Exception):
    """The base of the family; the run failed."""

    exit_code = 1


class UsageError(CarelevelsError):
    """The command was called with words it does not know."""

    exit_code = 2


class StudyError(CarelevelsError):
    """study.toml asks for something that does not exist or cannot be."""

    exit_code = 2


class StructureError(CarelevelsError):
    """The raw files cannot be read as the tables they claim to be; nothing was replaced."""


class IdentifierError(StructureError):
    """The raw files hold what looks like a direct identifier; nothing was replaced and no value is shown."""


class BuildError(CarelevelsError):
    """A table came out with another grain than it declares, or its SQL did not run."""


class EngineError(CarelevelsError):
    """The engine that was asked for is not there, cannot be reached, or did not finish."""


class PoolError(CarelevelsError):
    """What organizations shared cannot be read, or cannot be pooled."""


class StageError(CarelevelsError):
    """A stage was asked for before the stage it reads from had run."""


class BusyError(CarelevelsError):
    """Another run holds this study."""


class DiskError(CarelevelsError):
    """The file system did not let us read or write: full, read-only, not permitted, or something else in the way."""


class DamagedError(CarelevelsError):
    """A database that the pipeline made cannot be read as this version writes it; it is built anew from raw files."""


class LedgerError(CarelevelsError):
    """The ledger cannot be read or matched.  It is never skipped: what it holds cannot be made again."""


class ChangedError(CarelevelsError):
    """Something changed while it was being read, so that what was made of it belongs to no one state; not kept."""


class DisclosureError(CarelevelsError):
    """Something would have left the gate that must not."""


class PageError(CarelevelsError):
    """A page could not be made."""


class NotEstimable(CarelevelsError):  # noqa: N818 - a finding about the data, named as the results name it
    """An estimate that these data do not support; the message says why and what would make it estimable."""
