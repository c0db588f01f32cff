"""What a run of the suite came to, for machines, for the page of CI and for later runs."""
