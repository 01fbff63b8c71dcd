"""Textual widgets of tui-runner. They know the model and view data only; `python -m widgets` shows a gallery."""
