"""The suite under the lamp: what its tests are, and how its runs went."""
