"""Ready-made input resolvers: what a package depends on, out of the lock file of its package manager.

    npm.py, pnpm.py, uv.py, pip.py      the factories users call; light, the readers are imported when a task is about to run
    npm_lock.py, pnpm_lock.py …         one lock file as data, and what a package in it depends on
    lock_file.py, search_path.py …      what they share

Each returns the package's manifest as a file, and what it depends on as virtual inputs: `dependencies`, the package with
all it needs directly and indirectly, and, for a member of a workspace, `workspace root`, the same of the package at the
root, whose tools are on the PATH of every task. A change of what is locked for one of them changes the input; changes of
other members, of packages only they need, of order and of layout do not. Members of the workspace and local directories
that are reached count with everything they declare, also for development; of a registry's package only what it needs.
Sources of such members are no part of it: give them as artifacts or files.

Everything that can be wrong with a lock file, a missing or hostile one included, is a `ResolverError`.
"""
