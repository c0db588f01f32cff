"""The suite as CI would run it, and what works only on this machine."""
