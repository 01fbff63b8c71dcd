"""The control socket: protocol, server, client, and the supervisor as a process of its own."""
