"""The tests of the harness: a package, so that tools never take its modules for yours."""
