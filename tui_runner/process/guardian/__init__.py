"""The guardian: a tiny program that is the parent of every task and outlives the supervisor.

Standard library only, and little of it (no `typing`, `signal`, `json`, `socket`): it starts in milliseconds and stays
small. It spawns, reaps, stops and sweeps; it knows no policy. When its socket ends without `bye`, the supervisor has
died, and it brings everything down in order.

`__main__`      starts it                       `frames`       messages and descriptors over the socket
`loop`          poll, signals, timers           `service`      requests and events
`activation`    what is known of a task         `spawner`      posix_spawn, environment, limits
`ladder`        ending a process group          `auxiliary`    teardowns, stop commands, probes
`process_table` who is alive (/proc)            `adoption`     escaped processes and whose they are
`takeover`      the supervisor's death          `pump`         output after it
`journal`       for those who come after us     `heritage`     what a killed guardian has left

On Linux it is a child subreaper: nothing can escape it. Elsewhere (macOS) there is neither a subreaper nor /proc:
process groups end as on Linux, but a process that moved to another session is not found. Not tested there.
"""
