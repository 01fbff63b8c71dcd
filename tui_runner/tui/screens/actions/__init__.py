"""What the commands of the main screen do, one file per group of commands."""
