"""Move to `src/` what was defined in step notebooks later."""
