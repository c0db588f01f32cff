"""One suite on several machines: who runs what, and the proof that nothing was lost on the way."""
