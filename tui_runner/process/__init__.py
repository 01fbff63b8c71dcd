"""Everything that touches the operating system's processes: guardian, argv and environment, ptys, log files, sampling."""
