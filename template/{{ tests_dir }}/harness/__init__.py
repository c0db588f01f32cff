"""The test harness: owned by the template, replaced by `make harness-update`."""
