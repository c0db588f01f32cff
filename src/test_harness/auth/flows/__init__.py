"""What happens around a login, step by step: signing up, verification, refreshing, resets."""
