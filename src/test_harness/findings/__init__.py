"""What harness.toml says, looked at in the running application: one test a finding."""
