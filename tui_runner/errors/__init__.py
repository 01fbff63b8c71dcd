"""What can go wrong and how it is told: problems, exceptions, exit codes, rendering.

The lowest layer: it imports nothing of ours. It never prints and never exits.
"""
