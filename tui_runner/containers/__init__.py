"""The program between a task and its containers: `compose(…)` and `container(…)` become command lines of it.

It runs as the process of the task, and once more as its teardown, so that the guardian can clean up alone. Standard
library only, and nothing of ours but `process.file_lock` and `process.regular_file`: it starts in milliseconds, under any interpreter settings.
Nothing imports it but its own `__main__`.

`order`          what the definition asks for       `engine_search`  which engine there is, and why none
`engine`         docker or podman, asked            `compose_engine` one of the compose programs: command lines
`foreground`     attached, with signals and polling `condition`      whether containers are healthy
`project`        names that differ per checkout     `usage`          who uses a service: locks
`found`          what was there before us           `compose_project` what to stop and to remove of a project
`compose_task`   up and down                        `container_task` run and remove
"""
