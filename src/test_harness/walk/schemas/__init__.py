"""What an operation takes and answers: one module for each way in which that is known."""
