"""The app under faults (docs/faults.md): random schedules of real phones, and named cases in real browsers."""
