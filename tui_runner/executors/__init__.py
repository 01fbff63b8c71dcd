"""Ways to run a task's command. Here: on this machine, through the guardian."""
