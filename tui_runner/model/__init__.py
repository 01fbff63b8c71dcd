"""The nouns of the project as frozen data: definitions, task states, events, results, views.

Data only: nothing here starts a process, opens a file or reads a clock.
"""
