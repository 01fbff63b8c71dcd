"""Run records on disk: execution.json, summary.md, events.jsonl."""
