"""What may start, restart, back off, stop and be torn down, and in which order. Events in, effects out; no clock, no files, no event loop."""
