"""Has type checkers take this folder for a package, whose modules are none of yours."""
