"""Random schedules of the real phone against the real server (docs/faults.md)."""
