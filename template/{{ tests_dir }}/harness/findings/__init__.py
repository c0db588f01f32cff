"""Looks at whether what harness.toml says is true, for `make harness-check`: one test a finding."""
