"""What a command line can't carry out, said in one line.

::

    CommandError
    ├── SettingsError   an option, or two of them together      (settings)
    ├── LoadError       no such module, file, name, application (discovery)
    ├── TlsError        a certificate or a key                  (tls)
    ├── LoggingError    a file that is to configure logging     (logging_setup)
    ├── EnvFileError    a file with environment variables       (environment)
    └── WatchError      a folder that can't be watched          (watching)

Each says what is wrong, with what, and what to do. Errors of the application itself are none of
these: they are shown with their traceback.
"""


class CommandError(Exception):
    """A command can't be carried out; the message is for the person who gave it."""

    exit_code = 2
    """What the process ends with."""
